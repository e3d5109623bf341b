package templates

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/templates/dates"
	"calbell/templates/markup"
)

// Modifier describes a modifier for help and suggestions.
type Modifier struct {
	Name    string
	Meaning string
	Example string // how it is written
}

// Modifiers lists the modifiers.
func Modifiers() []Modifier {
	return []Modifier{
		{"short", "a day and time in the short form of the locale", "%start|short%"},
		{"medium", "the same, medium", "%start|medium%"},
		{"long", "the same, with the month's name", "%start|long%"},
		{"full", "the same, with the weekday", "%start|full%"},
		{"format", "a day and time by a CLDR pattern", "%start|format:EEEE d MMMM y, HH:mm%"},
		{"relative", "a day and time as seen from now", "%end|relative%"},
		{"tz", "a day and time in this zone, which is then named", "%start|tz:America/New_York%"},
		{"locale", "in this language", "%date|locale:fr-CH%"},
		{"upper", "in capitals", "%subject|upper%"},
		{"lower", "in small letters", "%subject|lower%"},
		{"max", "at most so many characters", "%description|max:200%"},
		{"first-line", "the first line that is not empty", "%description|first-line%"},
		{"plain", "HTML made readable", "%description|plain%"},
		{"default", "this text when there is nothing", "%location|default:no room%"},
		{"code", "as code", "%uid|code%"},
		{"quote", "as a quotation", "%description|quote%"},
		{"bold", "in bold", "%subject|bold%"},
		{"link", "a link with this text, for a URL", "%link|link:Join%"},
	}
}

// modifierHints are words that people try for modifiers.
var modifierHints = map[string]string{
	"uppercase": "upper", "lowercase": "lower", "truncate": "max", "limit": "max", "zone": "tz", "timezone": "tz",
	"time_zone": "tz", "lang": "locale", "language": "locale", "strong": "bold", "else": "default", "or": "default",
	"firstline": "first-line", "blockquote": "quote", "date": "format", "text": "plain",
}

// modification is a modifier with its argument read.
type modification struct {
	name   string
	arg    string
	max    int
	zone   *time.Location
	locale *locale
}

// fitsOnly says which shapes a modifier is limited to; absent: all.
var fitsOnly = map[string][]shape{
	"short": {moments}, "medium": {moments}, "long": {moments}, "full": {moments},
	"format": {moments}, "relative": {moments}, "tz": {moments},
	"locale": {moments, localised}, "link": {address},
}

// fits reports whether a modifier has something to do at a variable.
func fits(name string, v *variable) bool {
	only, ok := fitsOnly[name]
	return !ok || slices.Contains(only, v.shape) || name == "tz" && v.Name == "when"
}

// newModification reads "name" or "name:argument" for a variable.
func newModification(word string, v *variable) (modification, *SyntaxError) {
	name, arg, hasArg := strings.Cut(word, ":")
	m := modification{name: name, arg: arg}
	if !isModifier(name) {
		return m, &SyntaxError{Reason: calbell.T("templates:unknown-modifier", "unknown modifier %q", name), Suggestion: suggest(name, modifierNames(), modifierHints)}
	}
	if !fits(name, v) {
		return m, &SyntaxError{Reason: calbell.T("templates:no-use-for-modifier", "%%%s%% has no use for the modifier %q", v.Name, name)}
	}
	if takesArgument := slices.Contains([]string{"format", "tz", "locale", "max", "default", "link"}, name); takesArgument != hasArg {
		if hasArg {
			return m, &SyntaxError{Reason: calbell.T("templates:no-argument", "no argument is taken by the modifier %q", name)}
		}
		return m, &SyntaxError{Reason: calbell.T("templates:argument-missing", "an argument (%q) is missing at the modifier %q", name+":…", name)}
	}
	return m, m.readArgument()
}

// readArgument checks the argument and keeps what it stands for.
func (m *modification) readArgument() *SyntaxError {
	switch m.name {
	case "max":
		n, err := strconv.Atoi(m.arg)
		if err != nil || n < 1 {
			return &SyntaxError{Reason: calbell.T("templates:max-takes-number", "max takes a number from 1 on, not %q", m.arg)}
		}
		m.max = n
	case "tz":
		zone, err := time.LoadLocation(m.arg)
		if err != nil || m.arg == "" || m.arg == "Local" {
			return &SyntaxError{Reason: calbell.T("templates:unknown-time-zone", "unknown time zone %q", m.arg)}
		}
		m.zone = zone
	case "locale":
		loc, ok := exactLocale(m.arg)
		if !ok {
			return &SyntaxError{Reason: calbell.T("service:unknown-locale", "unknown locale %q", m.arg), Suggestion: suggest(m.arg, Locales(), nil)}
		}
		m.locale = loc
	case "format":
		if wrong := dates.CheckPattern(m.arg); !wrong.IsZero() {
			return &SyntaxError{Reason: wrong}
		}
	}
	return nil
}

// wrapsOf returns what the modifiers put around a value.
func wrapsOf(mods []modification) (wraps []markup.Wrap) {
	for _, m := range mods {
		w := markup.Wrap{Words: m.arg}
		switch m.name {
		case "bold":
			w.Kind = markup.Bold
		case "code":
			w.Kind = markup.Code
		case "quote":
			w.Kind = markup.Quote
		case "link":
			w.Kind = markup.Link
		default:
			continue
		}
		wraps = append(wraps, w)
	}
	return wraps
}

// isModifier reports whether a word names a modifier.
func isModifier(name string) bool {
	_, ok := modifierIndex[name]
	return ok
}

// modifierIndex finds a modifier by name. It is never written after start.
var modifierIndex = indexModifiers()

// indexModifiers makes the one table that help, suggestions and parser share.
func indexModifiers() map[string]Modifier {
	index := make(map[string]Modifier)
	for _, m := range Modifiers() {
		index[m.Name] = m
	}
	return index
}

// modifierNames lists the names in a stable order, so that suggestions are stable too.
func modifierNames() []string { return slices.Sorted(maps.Keys(modifierIndex)) }
