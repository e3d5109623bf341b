package templates

import "calbell/templates/dates"

// locale is a locale of messages: how dates are written, and our own words.
type locale struct {
	*dates.Locale
	*words
}

// locales finds a locale by its canonical name. It is never written after start.
var locales = indexLocales()

func indexLocales() map[string]*locale {
	index := make(map[string]*locale)
	for _, name := range dates.Locales() {
		l, _ := dates.Find(name)
		index[name] = &locale{l, wordsOf(l.Lang)}
	}
	return index
}

// Locales lists the locales that messages are written in.
func Locales() []string { return dates.Locales() }

// KnownLocale reports whether messages can be written in a locale: one of [Locales], or a
// variant of its language.
func KnownLocale(name string) bool {
	_, ok := exactLocale(name)
	return ok
}

// exactLocale finds a locale by name or language.
func exactLocale(name string) (*locale, bool) {
	l, ok := dates.Find(name)
	if !ok {
		return nil, false
	}
	return locales[l.Name], true
}

// findLocale falls back to English.
func findLocale(name string) *locale {
	if l, ok := exactLocale(name); ok {
		return l
	}
	return locales["en"]
}
