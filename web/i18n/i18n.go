package i18n

import (
	"fmt"
	"strconv"
	"strings"
)

// In returns the words of a language, or of a region such as "de-CH"; those of the first
// language when there are none.
func (c Catalogue) In(locale string) Words {
	tag := tagOf(locale)
	if tag == "" {
		tag = Languages()[0]
	}
	lang, _, _ := strings.Cut(tag, "-")
	return Words{lang, tag, c.texts[tag]}
}

// Words are those of one language.
type Words struct {
	lang  string
	tag   string // of the spelling: the language, or "de-CH"
	texts forms
}

// Lang is the language's code.
func (w Words) Lang() string { return w.lang }

// LangTag returns the language's code, with the region if that has its own spelling:
// "de-CH".
func (w Words) LangTag() string { return w.tag }

// Has reports whether there is a text with this key.
func (w Words) Has(key string) bool { _, ok := w.texts[key]; return ok }

// T returns a text with its arguments in place; the key itself when there is no such text.
func (w Words) T(key string, args ...any) string {
	said, ok := w.texts[key]
	if !ok {
		return key
	}
	return fill(said[0], args)
}

// N returns a text that counts: {1} is n.
func (w Words) N(key string, n int, args ...any) string {
	form := w.texts[key][1]
	if n == 1 || n == 0 && w.lang == "fr" { // CLDR: zero is singular in French
		form = w.texts[key][0]
	}
	return fill(form, append([]any{n}, args...))
}

// fill inserts arguments into a text. Placeholders in an argument are not replaced.
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

// maxAccepted limits the languages of a browser that are considered.
const maxAccepted = 20

// Match returns the language, or "de-CH", that suits what a browser accepts (RFC 9110 §12.5.4).
func Match(accept string) string {
	best, weight := Languages()[0], 0.0
	for i, part := range strings.SplitN(accept, ",", maxAccepted+1) {
		tag, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		lang := tagOf(strings.TrimSpace(tag))
		wanted := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(q), "q="); ok {
			wanted, _ = strconv.ParseFloat(value, 64) // 0, not wanted, when it is not a number
		}
		if i < maxAccepted && wanted > weight && lang != "" {
			best, weight = lang, wanted
		}
	}
	return best
}
