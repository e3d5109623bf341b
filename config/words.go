package config

import (
	"sync"

	"calbell/config/yamltree"

	"calbell"
)

// ownWords returns the vocabulary. It is built once, for the first invalid file, because building it
// takes longer than reading a file.
var ownWords = sync.OnceValue(newVocabulary)

// newVocabulary builds the vocabulary from the table of keys.
func newVocabulary() yamltree.Vocabulary {
	v := yamltree.Vocabulary{Words: map[string]bool{}}
	for _, word := range []string{"true", "false", "yes", "no", "on", "off", "null", "~", "<<"} {
		v.Words[word] = true
	}
	s, err := newSchema()
	if err != nil {
		return v // without a working directory; fewer words are shown then
	}
	for _, fs := range s.known {
		for key, f := range fs {
			if !v.Words[key] {
				v.Keys = append(v.Keys, key)
			}
			v.Words[key] = true
			addWords(v, f.shape)
		}
	}
	return v
}

// addWords adds the words that a shape allows.
func addWords(v yamltree.Vocabulary, s shape) {
	words, _ := s["enum"].([]string)
	for _, word := range words {
		v.Words[word] = true
	}
	if items, ok := s["items"].(shape); ok {
		addWords(v, items)
	}
	shapes, _ := s["anyOf"].([]shape)
	for _, one := range shapes {
		addWords(v, one)
	}
}

// invalid returns the error for an invalid value. The value is quoted only if it is plain:
// anything else may be a misplaced secret.
func invalid(what calbell.Text, text string, hint calbell.Text) *yamltree.Error {
	if !yamltree.Plain(text) {
		return fault(what, hint)
	}
	return fault(calbell.T("config:with-value", "%s %q", what, text), hint).AsShown()
}

// outOfRange returns the error for a number or duration outside its limits.
func outOfRange(text string, least, most any) *yamltree.Error {
	if !yamltree.Plain(text) {
		return fault(calbell.T("config:out-of-range", "out of range: from %v to %v", least, most), calbell.Text{})
	}
	return fault(calbell.T("config:value-out-of-range", "%s is out of range: from %v to %v", text, least, most), calbell.Text{}).AsShown()
}

// unknown returns the error for a value that is not one of several words. The value is
// quoted only if one of the words is close.
func unknown(what calbell.Text, text string, words []string, hint calbell.Text) *yamltree.Error {
	if near := calbell.Nearest(text, words); near != "" {
		return fault(calbell.T("config:did-you-mean", "%s %q, did you mean %q?", what, text, near), hint).AsShown()
	}
	return fault(what, hint)
}
