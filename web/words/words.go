package words

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"calbell"
	"calbell/web/i18n"
)

// Reader is somebody who reads a page: in a language, and by a clock.
type Reader struct {
	i18n.Words
	Now  time.Time      // in Zone
	Zone *time.Location // of who reads
}

// Say returns a text, or that of an error, in the reader's language.
func (r Reader) Say(said any) string { return r.Words.Say(textOf(said), r.moment) }

// textOf returns the text of what is said.
func textOf(said any) calbell.Text {
	switch said := said.(type) {
	case calbell.Text:
		return said
	case error:
		return calbell.TextOfError(said)
	case string:
		return calbell.Plain(said)
	}
	return calbell.Text{}
}

// moment is an instant of a text by the reader's clock; any other word stays as it is.
func (r Reader) moment(word string) string {
	if t, err := time.Parse(time.RFC3339, word); err == nil {
		return r.Moment(t.In(r.Zone), r.Now)
	}
	return word
}

// Sentence is Say for a text that stands alone.
func (r Reader) Sentence(said any) string {
	return UpperFirst(cut(r.Say(said)))
}

// Warning says in the reader's language what was read otherwise than it is written.
func (r Reader) Warning(w calbell.Warning) string {
	key := "warning." + string(w.Code)
	if !r.Has(key) { // of a newer program
		return r.Sentence(w.String())
	}
	args := make([]any, len(w.Args))
	for i, a := range w.Args {
		args[i] = cut(a)
	}
	if n := len(args); n > 0 && !w.Reason.IsZero() {
		args[n-1] = cut(r.Say(w.Reason))
	}
	return UpperFirst(r.T(key, args...))
}

// maxSaid bounds a text that is told, in runes: what somebody wrote may be part of it.
const maxSaid = 1000

func cut(text string) string {
	if all := []rune(text); len(all) > maxSaid {
		return string(all[:maxSaid/2]) + " … " + string(all[len(all)-maxSaid/2:])
	}
	return text
}

// UpperFirst begins a text with a capital letter.
func UpperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Multiline reports whether a text has more than one line: a file is shown with what is wrong
// in it. Pages have a field Lines, which would hide a method of that name.
func (r Reader) Multiline(text string) bool { return strings.Contains(text, "\n") }

// Misses says what of a rule does not hold: its key, as a form calls it.
func (r Reader) Misses(key string) string {
	if r.Has("rule." + key) {
		return r.T("rule." + key)
	}
	return r.Say(key)
}
