package web

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"calbell"
)

// Say says in the viewer's language what the program says in English: a reason, an error, a
// hint. What is not known stays as it is.
func (v *view) Say(text string) string { return v.Words.Say(text, v.moment) }

// moment is an instant of a text by the viewer's clock; any other word stays as it is.
func (v *view) moment(word string) string {
	if t, err := time.Parse(time.RFC3339, word); err == nil {
		return v.Moment(t.In(v.Zone), v.Now)
	}
	return word
}

// Sentence is Say for a text that stands alone.
func (v *view) Sentence(text string) string {
	return upperFirst(v.Say(cut(text)))
}

// Warning says in the page's language what was read otherwise than it is written.
func (v *view) Warning(w calbell.Warning) string {
	key := "warning." + string(w.Code)
	if !v.Has(key) { // of a newer program
		return v.Sentence(w.String())
	}
	args := make([]any, len(w.Args))
	for i, a := range w.Args {
		args[i] = cut(a)
	}
	if n := len(args); n > 0 && (w.Code == calbell.WarnNoRule || w.Code == calbell.WarnNoDuration || w.Code == calbell.WarnTimeZone) {
		args[n-1] = v.Say(w.Args[n-1]) // what the program says itself
	}
	return upperFirst(v.T(key, args...))
}

// maxSaid bounds a text that is told, in runes: what somebody wrote may be part of it.
const maxSaid = 1000

func cut(text string) string {
	if r := []rune(text); len(r) > maxSaid {
		return string(r[:maxSaid/2]) + " … " + string(r[len(r)-maxSaid/2:])
	}
	return text
}

// upperFirst begins a text with a capital letter.
func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Multiline reports whether a text has more than one line: a file is shown with what is wrong
// in it. Pages have a field Lines, which would hide a method of that name.
func (v *view) Multiline(text string) bool { return strings.Contains(text, "\n") }

// Misses says what of a rule does not hold: its key, as a form calls it.
func (v *view) Misses(key string) string {
	if v.Has("rule." + key) {
		return v.T("rule." + key)
	}
	return v.Say(key)
}
