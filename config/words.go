package config

import (
	"regexp"
	"strings"
	"sync"

	"calbell"
)

// vocabulary are the words of the file that are no secret, whoever writes them where: its
// keys, and the words that values can be.
type vocabulary struct {
	keys  []string
	words map[string]bool // the keys too
}

// ownWords returns the vocabulary. It is made once, when a file is first found wrong: it is
// the same for each, and takes longer than to read one.
var ownWords = sync.OnceValue(newVocabulary)

// newVocabulary takes the vocabulary from the table of keys.
func newVocabulary() vocabulary {
	v := vocabulary{words: map[string]bool{}}
	for _, word := range []string{"true", "false", "yes", "no", "on", "off", "null", "~", "<<"} {
		v.words[word] = true
	}
	s, err := newSchema()
	if err != nil {
		return v // without a working folder; then fewer words are shown
	}
	for _, fs := range s.known {
		for key, f := range fs {
			if !v.words[key] {
				v.keys = append(v.keys, key)
			}
			v.words[key] = true
			v.add(f.shape)
		}
	}
	return v
}

// add adds the words that a shape allows.
func (v vocabulary) add(s shape) {
	words, _ := s["enum"].([]string)
	for _, word := range words {
		v.words[word] = true
	}
	if items, ok := s["items"].(shape); ok {
		v.add(items)
	}
	shapes, _ := s["anyOf"].([]shape)
	for _, one := range shapes {
		v.add(one)
	}
}

// vocabulary returns the words that the file may show; none for the files of which the
// vocabulary itself is made.
func (d *document) vocabulary() vocabulary {
	if d.own == nil {
		return vocabulary{}
	}
	return d.own()
}

// harmless reports whether a word of the file tells nothing: it is one of Calbell's own, a
// number or a time, or punctuation.
func (d *document) harmless(word string) bool {
	return d.vocabulary().words[word] || plain(word) || len(word) <= 3 && strings.Trim(word, "*|>+-?&!%.") == ""
}

// nearKey reports whether a word is spelt nearly like a key.
func (d *document) nearKey(word string) bool {
	return calbell.Nearest(word, d.vocabulary().keys) != ""
}

// plainShape is that of numbers, lengths of time, times of day and addresses: few digits in
// a row, for a long number may be a token.
var plainShape = regexp.MustCompile(`^[-+]?[0-9]{1,5}(?:(?:[.:/@]|(?:[wdhms]|ms)[.:/@]?)[0-9]{1,5})*(?:[wdhms]|ms|us|ns)?$`)

// maxPlain is the length of the longest address and port, and then some.
const maxPlain = 24

// plain reports whether a text is a number, a length of time, a time of day or the like,
// which a message may repeat.
func plain(text string) bool { return len(text) <= maxPlain && plainShape.MatchString(text) }

// invalid is what is wrong with a value. It is repeated only if it is plain: anything else
// may be a secret that slipped out of its place.
func invalid(hint, what, text string) *Error {
	if !plain(text) {
		return &Error{Msg: what, Hint: hint}
	}
	return fault(hint, "%s %q", what, text).asShown()
}

// asShown lets the excerpt show the value, which the message repeats.
func (e *Error) asShown() *Error {
	e.shown = true
	return e
}

// outOfRange is what is wrong with a number or length of time beyond its bounds.
func outOfRange(text string, least, most any) *Error {
	if !plain(text) {
		return fault("", "out of range: from %v to %v", least, most)
	}
	return fault("", "%s is out of range: from %v to %v", text, least, most).asShown()
}

// unknown is what is wrong with a value that is none of some words: what, and the value itself
// if one of the words is near.
func unknown(hint, what, text string, words []string) *Error {
	if calbell.Nearest(text, words) != "" {
		return fault(hint, "%s %q%s", what, text, didYouMean(text, words)).asShown()
	}
	return &Error{Msg: what, Hint: hint}
}
