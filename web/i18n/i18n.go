// Package i18n holds the words of the page in its languages, and writes dates as each of them
// does. It is pure: no clock, no I/O but its own embedded files.
package i18n

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// words holds a file for each part of the page. A text is a line with its key, then a line
// for each language, indented: the language, a space and the text. {1} is its first argument;
// a text that counts has two forms, for one and for many, with a | between.
//
//go:embed words/*.txt
var words embed.FS

// Languages are those of the page, by their ISO 639 codes. The first is for who wants none of
// them.
func Languages() []string { return []string{"en", "fr", "de", "it"} }

// Catalogue is all words. It does not change.
type Catalogue map[string]map[string]string // language → key → text

// Load reads the embedded words; an error says where they are wrong.
func Load() (Catalogue, error) {
	c := Catalogue{}
	for _, lang := range Languages() {
		c[lang] = map[string]string{}
	}
	files, err := words.ReadDir("words")
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	for _, f := range files {
		text, err := words.ReadFile("words/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read words: %w", err)
		}
		if err := c.add(f.Name(), string(text)); err != nil {
			return nil, err
		}
	}
	return c, c.whole()
}

// add reads one file.
func (c Catalogue) add(file, text string) error {
	key, number := "", 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "", strings.HasPrefix(line, "#"):
		case line[0] != ' ' && line[0] != '\t':
			key = trimmed
		default:
			lang, said, _ := strings.Cut(trimmed, " ")
			if c[lang] == nil || key == "" || said == "" || c[lang][key] != "" {
				return fmt.Errorf("read words: %s:%d: %q is no text of a language that key %q lacks", file, number, trimmed, key)
			}
			c[lang][key] = said
		}
	}
	return nil
}

// whole says which key lacks a language.
func (c Catalogue) whole() error {
	for _, lang := range Languages() {
		for _, other := range Languages() {
			for key := range c[lang] {
				if c[other][key] == "" {
					return fmt.Errorf("read words: key %q has no text in %q", key, other)
				}
			}
		}
	}
	return nil
}

// Keys are all keys, sorted.
func (c Catalogue) Keys() []string {
	var keys []string
	for key := range c[Languages()[0]] {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// In returns the words of a language; those of the first when there is no such one.
func (c Catalogue) In(lang string) Words {
	if c[lang] == nil {
		lang = Languages()[0]
	}
	return Words{lang, c[lang]}
}

// Words are those of one language.
type Words struct {
	lang  string
	texts map[string]string
}

// Lang is the language's code.
func (w Words) Lang() string { return w.lang }

// Has says whether there is a text of that key.
func (w Words) Has(key string) bool { return w.texts[key] != "" }

// T returns a text with its arguments in place; the key itself when there is no such text.
func (w Words) T(key string, args ...any) string {
	text, ok := w.texts[key]
	if !ok {
		return key
	}
	return fill(text, args)
}

// N returns a text that counts: {1} is n.
func (w Words) N(key string, n int, args ...any) string {
	one, many, _ := strings.Cut(w.texts[key], "|")
	if n == 1 || n == 0 && w.lang == "fr" { // CLDR: French counts none as one
		many = one
	}
	return fill(many, append([]any{n}, args...))
}

// fill puts arguments into a text. What is in an argument is not looked at again.
func fill(text string, args []any) string {
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", fmt.Sprint(a))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// maxAccepted bounds how many languages of a browser are looked at.
const maxAccepted = 20

// Match returns the language that suits what a browser accepts (RFC 9110 §12.5.4).
func Match(accept string) string {
	best, weight := Languages()[0], 0.0
	for i, part := range strings.SplitN(accept, ",", maxAccepted+1) {
		tag, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		wanted := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(q), "q="); ok {
			wanted, _ = strconv.ParseFloat(value, 64) // what is no number is not wanted
		}
		if i < maxAccepted && wanted > weight && slices.Contains(Languages(), lang) {
			best, weight = lang, wanted
		}
	}
	return best
}
