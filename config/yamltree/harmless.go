package yamltree

import (
	"regexp"
	"strings"

	"calbell"
)

// Vocabulary is the set of words that are never secrets, wherever they are written: the
// keys of the file, and the words that values can be.
type Vocabulary struct {
	Keys  []string
	Words map[string]bool // the keys too
}

// vocabulary returns the words that excerpts may show; none for the files from which the
// vocabulary itself is built.
func (d *Document) vocabulary() Vocabulary {
	if d.OwnWords == nil {
		return Vocabulary{}
	}
	return d.OwnWords()
}

// Harmless reports whether a word may be shown: it is in the vocabulary, or is a number, a
// time or punctuation.
func (d *Document) Harmless(word string) bool {
	return d.vocabulary().Words[word] || Plain(word) || len(word) <= 3 && strings.Trim(word, "*|>+-?&!%.") == ""
}

// nearKey reports whether a word resembles a key.
func (d *Document) nearKey(word string) bool {
	return calbell.Nearest(word, d.vocabulary().Keys) != ""
}

// plainShape matches numbers, durations, times of day and addresses. They have few digits in a row,
// because a long number may be a token.
var plainShape = regexp.MustCompile(`^[-+]?[0-9]{1,5}(?:(?:[.:/@]|(?:[wdhms]|ms)[.:/@]?)[0-9]{1,5})*(?:[wdhms]|ms|us|ns)?$`)

// maxPlain is a little longer than the longest IPv4 address with a port.
const maxPlain = 24

// Plain reports whether a text is a number, a duration, a time of day or the like, which a
// message may repeat.
func Plain(text string) bool { return len(text) <= maxPlain && plainShape.MatchString(text) }
