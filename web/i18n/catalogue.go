package i18n

import (
	"embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"

	"github.com/leonelquinteros/gotext"
)

// files holds what translators work on, as gettext's tools read and write it: two templates with the
// English, and a file for each other language. An entry's context (msgctxt) is its key. {1} is the
// first argument; a text that counts has a plural.
//
//	po/page.pot     the words of the pages, written by hand
//	po/program.pot  what the rest of the program says, collected from the sources by `make words`
//	po/en.po        what the page says otherwise than the program does, such as where to click
//
//go:embed po
var files embed.FS

// Languages returns the languages of the page by their ISO 639 codes. The first is for readers who
// want none of them.
func Languages() []string { return []string{"en", "fr", "de", "it"} }

// Catalogue is all texts in all languages. It does not change.
type Catalogue struct {
	page, program []string         // the keys of the pages' words and of the program's texts, sorted
	texts         map[string]forms // by language and spelling
}

// forms are the texts of one language by their keys: the singular or only form, and the plural.
type forms map[string][2]string

// Load returns the texts of the embedded files, which are read once. What lacks a translation is in English.
func Load() (Catalogue, error) { return embedded() }

// embedded reads the files at the first call: it takes a tenth of a second, and several parts ask.
var embedded = sync.OnceValues(read)

func read() (Catalogue, error) {
	page, err := template("po/page.pot")
	if err != nil {
		return Catalogue{}, err
	}
	english, err := template("po/program.pot")
	if err != nil {
		return Catalogue{}, err
	}
	for key, form := range english {
		english[key] = [2]string{typographic(form[0]), typographic(form[1])}
	}
	c := Catalogue{slices.Sorted(maps.Keys(page)), slices.Sorted(maps.Keys(english)), map[string]forms{}}
	maps.Copy(english, page)
	for _, lang := range Languages() {
		translated, err := translations("po/" + lang + ".po")
		if err != nil {
			return Catalogue{}, err
		}
		all := maps.Clone(english)
		maps.Copy(all, translated)
		c.texts[lang] = all
	}
	c.spell()
	return c, nil
}

// parse reads a file; its entries are by context.
func parse(name string) (map[string]*gotext.Translation, error) {
	content, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	po := gotext.NewPo()
	po.Parse(content)
	all := map[string]*gotext.Translation{}
	for key, texts := range po.GetDomain().GetCtxTranslations() {
		for english, t := range texts {
			if english != "" { // the parser adds an empty one to each context
				all[key] = t
			}
		}
	}
	return all, nil
}

// template reads a template: keys with their English.
func template(name string) (forms, error) {
	entries, err := parse(name)
	all := forms{}
	for key, t := range entries {
		all[key] = [2]string{t.ID, t.PluralID}
	}
	return all, err
}

// translations reads the translations of a language that there are.
func translations(name string) (forms, error) {
	entries, err := parse(name)
	all := forms{}
	for key, t := range entries {
		if t.Trs[0] != "" {
			all[key] = [2]string{t.Trs[0], t.Trs[1]}
		}
	}
	return all, err
}

// Keys returns the keys of the pages' words, sorted.
func (c Catalogue) Keys() []string { return c.page }

// Texts returns the keys of the texts of the rest of the program, sorted.
func (c Catalogue) Texts() []string { return c.program }

// What the program types and a page prints.
var (
	quotedHole = regexp.MustCompile(`"(\{\d\})"`)
	apostrophe = regexp.MustCompile(`(\pL|\})'(\pL| )`)
)

// typographic returns an English text of the program with the quotation marks and apostrophes of
// the pages.
func typographic(text string) string {
	text = quotedHole.ReplaceAllString(text, "“$1”")
	return apostrophe.ReplaceAllString(text, "$1’$2")
}
