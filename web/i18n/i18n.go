package i18n

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// words holds a file for each part of the page. A text is a line with its key, then a line
// for each language, indented: the language, a space and the text. {1} is its first argument;
// a text that counts has two forms, for one and for many, with a | between.
//
//go:embed words/*.txt texts/*.txt
var files embed.FS

// Languages are those of the page, by their ISO 639 codes. The first is for who wants none of
// them.
func Languages() []string { return []string{"en", "fr", "de", "it"} }

// Catalogue is all words, and all texts of the program. It does not change.
type Catalogue struct {
	words map[string]forms // by language
	texts []text
}

// forms are texts of one language, by their keys.
type forms map[string]string

// Load reads the embedded files; an error says where they are wrong.
func Load() (Catalogue, error) {
	words, err := read("words")
	if err == nil {
		err = whole(words)
	}
	if err != nil {
		return Catalogue{}, fmt.Errorf("read words: %w", err)
	}
	spellWords(words)
	texts, err := loadTexts()
	spellTexts(texts)
	return Catalogue{words, texts}, err
}

// read reads the files of a folder.
func read(folder string) (map[string]forms, error) {
	all := map[string]forms{}
	for _, lang := range Languages() {
		all[lang] = forms{}
	}
	list, err := files.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		content, err := files.ReadFile(folder + "/" + f.Name())
		if err != nil {
			return nil, err
		}
		if err := add(all, string(content)); err != nil {
			return nil, fmt.Errorf("%s:%w", f.Name(), err)
		}
	}
	return all, nil
}

// add reads one file.
func add(all map[string]forms, content string) error {
	key, number := "", 0
	for line := range strings.Lines(content) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "", strings.HasPrefix(line, "#"):
		case line[0] != ' ' && line[0] != '\t':
			key = trimmed
		default:
			lang, said, _ := strings.Cut(trimmed, " ")
			if all[lang] == nil || key == "" || said == "" || all[lang][key] != "" {
				return fmt.Errorf("%d: %q is no text of a language that key %q lacks", number, trimmed, key)
			}
			all[lang][key] = said
		}
	}
	return nil
}

// whole says which key lacks a language.
func whole(all map[string]forms) error {
	for _, lang := range Languages() {
		for _, other := range Languages() {
			for key := range all[lang] {
				if all[other][key] == "" {
					return fmt.Errorf("key %q has no text in %q", key, other)
				}
			}
		}
	}
	return nil
}

// Keys are all keys, sorted.
func (c Catalogue) Keys() []string {
	return slices.Sorted(maps.Keys(c.words[Languages()[0]]))
}

// Texts are the keys of what the program says in English, sorted.
func (c Catalogue) Texts() []string {
	var keys []string
	for _, t := range c.texts {
		keys = append(keys, t.key)
	}
	slices.Sort(keys)
	return keys
}

// In returns the words of a language, or of a region: "de-CH"; those of the first when there is
// no such one.
func (c Catalogue) In(locale string) Words {
	tag := tagOf(locale)
	if tag == "" {
		tag = Languages()[0]
	}
	lang, _, _ := strings.Cut(tag, "-")
	return Words{lang, tag, c.words[tag], c.texts}
}

// Words are those of one language.
type Words struct {
	lang  string
	tag   string // of the spelling: the language, or "de-CH"
	words forms
	texts []text
}

// Lang is the language's code.
func (w Words) Lang() string { return w.lang }

// LangTag is the language's code with the region, where that has a spelling of its own: "de-CH".
func (w Words) LangTag() string { return w.tag }

// Has reports whether there is a text of that key.
func (w Words) Has(key string) bool { return w.words[key] != "" }

// T returns a text with its arguments in place; the key itself when there is no such text.
func (w Words) T(key string, args ...any) string {
	said, ok := w.words[key]
	if !ok {
		return key
	}
	return fill(said, args)
}

// N returns a text that counts: {1} is n.
func (w Words) N(key string, n int, args ...any) string {
	one, many, _ := strings.Cut(w.words[key], "|")
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

// Match returns the language, or "de-CH", that suits what a browser accepts (RFC 9110 §12.5.4).
func Match(accept string) string {
	best, weight := Languages()[0], 0.0
	for i, part := range strings.SplitN(accept, ",", maxAccepted+1) {
		tag, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang := tagOf(strings.TrimSpace(tag))
		wanted := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(q), "q="); ok {
			wanted, _ = strconv.ParseFloat(value, 64) // what is no number is not wanted
		}
		if i < maxAccepted && wanted > weight && lang != "" {
			best, weight = lang, wanted
		}
	}
	return best
}
