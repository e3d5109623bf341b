package i18n

import "strings"

// swiss is Swiss German, which has no ß and quotes with guillemets.
const swiss = "de-CH"

// spelling returns a function that converts texts to the typography of a language. The
// files contain what is easy to type: ordinary blanks before French punctuation, and in
// German both ß and guillemets.
func spelling(tag string) func(text string) string {
	switch tag {
	case "fr": // non-breaking, so that no line begins with a colon
		return strings.NewReplacer(" :", "\u202f:", " ;", "\u202f;", " ?", "\u202f?", " !", "\u202f!", "« ", "«\u202f", " »", "\u202f»").Replace
	case "de":
		return strings.NewReplacer("«", "„", "»", "“").Replace
	case swiss:
		return func(text string) string { return strings.ReplaceAll(text, "ß", "ss") }
	}
	return func(text string) string { return text }
}

// spell converts all texts, and adds those of Switzerland.
func (c Catalogue) spell() {
	c.texts[swiss] = spelledForms(swiss, c.texts["de"])
	for _, lang := range Languages() {
		c.texts[lang] = spelledForms(lang, c.texts[lang])
	}
}

// spelledForms returns texts in their language's typography.
func spelledForms(tag string, all forms) forms {
	out, spelled := make(forms, len(all)), spelling(tag)
	for key, form := range all {
		out[key] = [2]string{spelled(form[0]), spelled(form[1])}
	}
	return out
}

// tagOf returns the key of the words for a language or region, such as "de-CH" or
// "de_CH.UTF-8"; "" when there are none.
func tagOf(locale string) string {
	locale, _, _ = strings.Cut(locale, ".")
	lang, region, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	lang, region = strings.ToLower(lang), strings.ToUpper(region)
	if lang == "de" && (region == "CH" || region == "LI") {
		return swiss
	}
	for _, known := range Languages() {
		if lang == known {
			return lang
		}
	}
	return ""
}
