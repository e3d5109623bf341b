package words

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"calbell"
	"calbell/web/i18n"
)

// Reader is the language and the clock of the person who reads a page.
type Reader struct {
	i18n.Words
	Now  time.Time      // in Zone
	Zone *time.Location // the reader's
}

// Say returns a text, or the text of an error, in the reader's language.
func (r Reader) Say(said any) string { return r.Words.Say(textOf(said), r.moment) }

// textOf returns the text of a text, a string or an error.
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

// moment formats a word that is an instant on the reader's clock; other words stay as they
// are.
func (r Reader) moment(word string) string {
	if t, err := time.Parse(time.RFC3339, word); err == nil {
		return r.Moment(t.In(r.Zone), r.Now)
	}
	return word
}

// Sentence is Say for a text that stands alone: it begins with a capital letter.
func (r Reader) Sentence(said any) string {
	return UpperFirst(cut(r.Say(said)))
}

// Warning describes, in the reader's language, what was read differently from what it says.
func (r Reader) Warning(w calbell.Warning) string {
	key := "warning." + string(w.Code)
	if !r.Has(key) { // stored by a newer program
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

// maxSaid limits a text, in runes, since it may contain texts that anybody wrote.
const maxSaid = 1000

func cut(text string) string {
	if all := []rune(text); len(all) > maxSaid {
		return string(all[:maxSaid/2]) + " … " + string(all[len(all)-maxSaid/2:])
	}
	return text
}

// UpperFirst returns a text with a capital first letter.
func UpperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Multiline reports whether a text has several lines, such as an excerpt of a file with its
// error. It is not called Lines, because that would hide a field of the pages.
func (r Reader) Multiline(text string) bool { return strings.Contains(text, "\n") }

// Misses returns the label of the condition of a rule that does not match.
func (r Reader) Misses(key string) string {
	if r.Has("rule." + key) {
		return r.T("rule." + key)
	}
	return r.Say(key)
}
