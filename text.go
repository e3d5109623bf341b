package calbell

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Text is a sentence that can be translated for people: an error, a hint, a reason. Its key and
// arguments let web/i18n find the translation. Its English is the default text, which the log,
// the command line and the API show. The zero Text is empty. Texts are comparable.
type Text struct {
	// Key identifies the sentence: "caldav.too-slow". "" marks words that are not translated: a
	// name, a number, a server's answer.
	Key string
	// English is the complete English sentence with its arguments.
	English string
	// args is a JSON array of the arguments in stored form, which keeps texts comparable.
	args string
}

// T returns the text of a key. The format is its English, as for [fmt.Sprintf]. Key and format
// are literals at every call, because `make words` collects them for translators. An argument
// that is a Text or an error is translated with the text. Any other argument is shown as its
// verb prints it, except the quotation marks of %q: each language has its own.
func T(key, format string, args ...any) Text {
	return newText(key, fmt.Sprintf(format, args...), format, args)
}

// English returns a text without a key, for output that is always English: the command line and
// the log. The format is as for [fmt.Sprintf].
func English(format string, args ...any) Text { return Plain(fmt.Sprintf(format, args...)) }

// Plain returns a text that is not translated.
func Plain(words string) Text { return Text{English: words} }

// String returns the English text.
func (t Text) String() string { return t.English }

// IsZero reports whether the text is empty.
func (t Text) IsZero() bool { return t.English == "" }

// Equal reports whether two texts are the same in every language, as == does.
func (t Text) Equal(other Text) bool { return t == other }

// Args returns the arguments in the order of the English text; nil when it has none.
func (t Text) Args() []Text {
	var stored []json.RawMessage
	if t.args == "" || json.Unmarshal([]byte(t.args), &stored) != nil {
		return nil
	}
	list := make([]Text, len(stored))
	for i, s := range stored {
		var plain string
		if json.Unmarshal(s, &plain) != nil {
			list[i] = TextOf(string(s))
			continue
		}
		list[i] = Plain(plain)
	}
	return list
}

// MarshalText returns the English text: the API is in English.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.English), nil }

// UnmarshalText reads a text without a key.
func (t *Text) UnmarshalText(b []byte) error {
	*t = Plain(string(b))
	return nil
}

// Hide returns the text with secrets hidden. It applies sentence to its English and to the
// arguments that are texts with a key, and word to the other arguments.
func (t Text) Hide(sentence, word func(string) string) Text {
	args, changed := t.Args(), false
	var all strings.Builder // a secret may be spread over several arguments
	for i, a := range args {
		if a.Key == "" {
			args[i].English = word(a.English)
		} else {
			args[i] = a.Hide(sentence, word)
		}
		changed = changed || args[i] != a
		all.WriteString(args[i].English)
	}
	english := sentence(t.English)
	if english != t.English && !changed || sentence(all.String()) != all.String() { // a translation would show the secret
		return Plain(english)
	}
	return Text{t.Key, english, storedArgs(args)}
}

// Substitute returns the text with arguments replaced, at any depth: replace returns what takes the
// place of one, and whether anything does.
func (t Text) Substitute(replace func(Text) (Text, bool)) Text {
	if with, ok := replace(t); ok {
		return with
	}
	args := t.Args()
	for i, a := range args {
		args[i] = a.Substitute(replace)
		if args[i] != a {
			t.English = strings.ReplaceAll(t.English, a.English, args[i].English)
		}
	}
	t.args = storedArgs(args)
	return t
}

// Stored returns the text for a database, with key and arguments. [TextOf] reads it back.
func (t Text) Stored() string {
	if t.Key == "" && !strings.HasPrefix(t.English, "{") {
		return t.English
	}
	b, _ := json.Marshal(storedText{t.Key, t.English, json.RawMessage(t.args)}) // cannot fail: strings only
	return string(b)
}

// TextOf parses the result of [Text.Stored]. Texts stored before texts had keys become plain
// words.
func TextOf(stored string) Text {
	var s storedText
	if !strings.HasPrefix(stored, "{") || json.Unmarshal([]byte(stored), &s) != nil || s.English == "" {
		return Plain(stored)
	}
	return Text{s.Key, s.English, string(s.Args)}
}

// storedText is the stored form of a text with a key.
type storedText struct {
	Key     string          `json:"k,omitempty"`
	English string          `json:"t"`
	Args    json.RawMessage `json:"a,omitempty"` // strings, and storedText objects
}

// newText returns a text with its arguments in stored form.
func newText(key, english, format string, args []any) Text {
	if len(args) == 0 {
		return Text{Key: key, English: english}
	}
	texts := make([]Text, len(args))
	verbs := verbsOf(format)
	for i, a := range args {
		verb := "%v"
		if i < len(verbs) {
			verb = verbs[i]
		}
		texts[i] = argument(verb, a)
	}
	return Text{key, english, storedArgs(texts)}
}

// storedArgs returns arguments in stored form; "" for none.
func storedArgs(args []Text) string {
	if len(args) == 0 {
		return ""
	}
	stored := make([]any, len(args))
	for i, t := range args {
		stored[i] = storedText{t.Key, t.English, json.RawMessage(t.args)}
		if t.Key == "" {
			stored[i] = t.English
		}
	}
	b, _ := json.Marshal(stored) // cannot fail: strings only
	return string(b)
}

// argument converts an argument to a text. It removes the quotation marks of quoted names, but
// keeps invisible characters escaped, as %q writes them.
func argument(verb string, a any) Text {
	switch a := a.(type) {
	case Text:
		return a
	case error:
		return TextOfError(a)
	}
	if verb == "%w" {
		verb = "%v"
	}
	printed := fmt.Sprintf(verb, a)
	if strings.HasSuffix(verb, "q") {
		return Plain(unquoted(printed))
	}
	return Plain(printed)
}

// unquoted removes quotation marks. Invisible characters stay escaped: \u202e.
func unquoted(q string) string {
	plain, err := strconv.Unquote(q)
	if err != nil || strings.ContainsFunc(plain, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strings.Trim(q, `"`)
	}
	return plain
}

// verbsOf returns the verbs of a format, one for each argument. `make words` rejects formats
// with explicit indexes.
func verbsOf(format string) (verbs []string) {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		end := i + 1
		for end < len(format) && strings.IndexByte("+-# 0123456789.", format[end]) >= 0 {
			end++
		}
		if end < len(format) && format[end] != '%' {
			verbs = append(verbs, format[i:end+1])
		}
		i = end
	}
	return verbs
}

// textError is an error with a text.
type textError struct {
	text Text
	err  error // as fmt.Errorf made it, for errors.Is and errors.As
}

// Errorf returns an error with a text; see [T]. Like [fmt.Errorf] it wraps the operands of %w.
func Errorf(key, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &textError{newText(key, err.Error(), format, args), err}
}

func (e *textError) Error() string { return e.text.English }

// Unwrap returns the wrapped error.
func (e *textError) Unwrap() error { return e.err }

// Text returns the error's text.
func (e *textError) Text() Text { return e.text }

// Text returns What and the cause, without the hint.
func (e *Error) Text() Text {
	switch {
	case e.Err == nil:
		return e.What
	case e.What.IsZero():
		return TextOfError(e.Err)
	}
	return Chain(e.What, TextOfError(e.Err))
}

// Chain returns a text followed by its cause or details after a colon.
func Chain(first, second Text) Text { return T("chain", "%s: %s", first, second) }

// List joins texts with commas; it returns the zero Text for none.
func List(texts ...Text) Text {
	if len(texts) == 0 {
		return Text{}
	}
	all := texts[0]
	for _, t := range texts[1:] {
		all = T("list", "%s, %s", all, t)
	}
	return all
}

// TextOfError returns the text of an error: its own, that of a known system error, or its
// English as plain words. When an error without a text wraps another one, as fmt.Errorf does,
// the wrapped error's text follows the words before it. For nil it returns the zero Text.
func TextOfError(err error) Text {
	if err == nil {
		return Text{}
	}
	if e, ok := err.(interface{ Text() Text }); ok { // not errors.As: a wrapper adds its own words
		return e.Text()
	}
	if e, ok := err.(interface {
		Keyed() (key, format string, args []any)
	}); ok { // from a package that does not import this one
		key, format, args := e.Keyed()
		return newText(key, err.Error(), format, args)
	}
	if t := systemText(err); !t.IsZero() {
		return t
	}
	inner := errors.Unwrap(err)
	if inner == nil {
		return Plain(err.Error())
	}
	cause := TextOfError(inner)
	before, ok := strings.CutSuffix(err.Error(), inner.Error())
	switch {
	case !ok || cause.Key == "":
		return Plain(err.Error())
	case before == "":
		return cause
	case strings.HasSuffix(before, ": "):
		return Chain(Plain(strings.TrimSuffix(before, ": ")), cause)
	}
	return Plain(err.Error())
}
