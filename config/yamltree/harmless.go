package yamltree

import (
	"regexp"
	"strings"

	"calbell"
)

// Vocabulary are the words of the file that are no secret, whoever writes them where: its
// keys, and the words that values can be.
type Vocabulary struct {
	Keys  []string
	Words map[string]bool // the keys too
}

// vocabulary returns the words that the file may show; none for the files of which the
// vocabulary itself is made.
func (d *Document) vocabulary() Vocabulary {
	if d.OwnWords == nil {
		return Vocabulary{}
	}
	return d.OwnWords()
}

// Harmless reports whether a word of the file tells nothing: it is one of Calbell's own, a
// number or a time, or punctuation.
func (d *Document) Harmless(word string) bool {
	return d.vocabulary().Words[word] || Plain(word) || len(word) <= 3 && strings.Trim(word, "*|>+-?&!%.") == ""
}

// nearKey reports whether a word is spelt nearly like a key.
func (d *Document) nearKey(word string) bool {
	return calbell.Nearest(word, d.vocabulary().Keys) != ""
}

// plainShape is that of numbers, lengths of time, times of day and addresses: few digits in
// a row, for a long number may be a token.
var plainShape = regexp.MustCompile(`^[-+]?[0-9]{1,5}(?:(?:[.:/@]|(?:[wdhms]|ms)[.:/@]?)[0-9]{1,5})*(?:[wdhms]|ms|us|ns)?$`)

// maxPlain is the length of the longest address and port, and then some.
const maxPlain = 24

// Plain reports whether a text is a number, a length of time, a time of day or the like,
// which a message may repeat.
func Plain(text string) bool { return len(text) <= maxPlain && plainShape.MatchString(text) }
