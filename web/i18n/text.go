package i18n

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A text is one that the program says in English, whole or with holes: an error, a hint, the
// reason why something is silent. Its key in texts/*.txt is that English, with each hole as
// what it may hold:
//
//	"{1}"  what Go quotes with %q: a name. It is shown between the quotation marks of the language.
//	{1}    a word, a number, a host: it holds no ": ", after which another text begins
//	{1+}   a text of the program itself, or a list of such, which is said in the language too;
//	       several, with colons between, where it is the end
//	{1*}   anything, such as what a server answered: it is shown as it is
//
// The texts of the languages name the holes {1}, {2} … whatever they hold. The page's English
// is the key, unless there is another: what is done with a command elsewhere is done otherwise
// on the page.
type text struct {
	key    string
	pieces []string // the literal text between the open holes, masked; one more than there are open holes
	open   []hole
	quotes []quote // what the key has between quotation marks, in order
	weight int     // how much of the text is literal: the more, the better it is known
	said   map[string]string
}

// hole is an open hole: one that is not quoted.
type hole struct {
	number string
	kind   string // "", "+" or "*"
}

// quote is something between quotation marks: a hole, or the very text.
type quote struct{ number, literal string }

// mark stands for what is between quotation marks, so that it is no literal of any text,
// whatever somebody wrote there.
const mark = "\x00"

// masked is a text with a mark in the place of each part that Go quotes.
type masked struct {
	text   string
	quoted []string // with the quotation marks
}

// mask finds what is quoted, in one pass. A quotation mark that is never closed is a letter.
func mask(s string) masked {
	var b strings.Builder
	m := masked{}
	s = strings.ReplaceAll(s, mark, "\uFFFD")
	for {
		begin := strings.IndexByte(s, '"')
		end := begin + 1
		for begin >= 0 && end < len(s) && s[end] != '"' {
			if s[end] == '\\' {
				end++
			}
			end++
		}
		if begin < 0 || end >= len(s) {
			b.WriteString(s)
			m.text = b.String()
			return m
		}
		b.WriteString(s[:begin] + mark)
		m.quoted = append(m.quoted, s[begin:end+1])
		s = s[end+1:]
	}
}

// sub is a part of a masked text.
func (m masked) sub(from, to int) masked {
	before := strings.Count(m.text[:from], mark)
	part := m.text[from:to]
	return masked{part, m.quoted[before : before+strings.Count(part, mark)]}
}

// whole is the text that was masked.
func (m masked) whole() string {
	var b strings.Builder
	rest := m.text
	for _, q := range m.quoted {
		before, after, _ := strings.Cut(rest, mark)
		b.WriteString(before + q)
		rest = after
	}
	return b.String() + rest
}

// unquoted is what was quoted. What cannot be seen stays as Go writes it: \u202e.
func unquoted(q string) string {
	plain, err := strconv.Unquote(q)
	if err != nil || strings.ContainsFunc(plain, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return q[1 : len(q)-1]
	}
	return plain
}

// loadTexts reads the texts, those with the most literal text first.
func loadTexts() ([]text, error) {
	all, err := read("texts")
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	var list []text
	for key := range all["fr"] { // English may be missing
		t := newText(key)
		for _, lang := range Languages() {
			t.said[lang] = all[lang][key]
		}
		if t.said["en"] == "" {
			t.said["en"] = english(key)
		}
		list = append(list, t)
	}
	for _, lang := range Languages() {
		for _, t := range list {
			if t.said[lang] == "" || !slices.Equal(holesOf(t.said[lang]), holesOf(t.said["en"])) {
				return nil, fmt.Errorf("read texts: %q has no text in %q with the holes of the others", t.key, lang)
			}
			delete(all[lang], t.key)
		}
		for key := range all[lang] {
			return nil, fmt.Errorf("read texts: %q is in %q, and not in all languages", key, lang)
		}
	}
	sortTexts(list)
	return list, nil
}

// sortTexts puts first what is most surely known.
func sortTexts(list []text) {
	slices.SortFunc(list, func(a, b text) int {
		if a.weight != b.weight {
			return b.weight - a.weight
		}
		return strings.Compare(a.key, b.key)
	})
}

// What is looked for in a key: holes, those between quotation marks, and apostrophes.
var (
	holePattern = regexp.MustCompile(`\{(\d)([+*]?)\}`)
)

// newText reads a key.
func newText(key string) text {
	t := text{key: key, said: map[string]string{}}
	m := mask(key)
	for _, q := range m.quoted {
		if found := holePattern.FindStringSubmatch(q); found != nil && len(q) == len(found[0])+2 {
			t.quotes = append(t.quotes, quote{number: found[1]})
		} else {
			t.quotes = append(t.quotes, quote{literal: q})
		}
	}
	at := 0
	for _, i := range holePattern.FindAllStringSubmatchIndex(m.text, -1) {
		t.pieces = append(t.pieces, m.text[at:i[0]])
		t.open = append(t.open, hole{m.text[i[2]:i[3]], m.text[i[4]:i[5]]})
		at = i[1]
	}
	t.pieces = append(t.pieces, m.text[at:])
	t.weight = len(strings.Join(t.pieces, ""))
	return t
}

// english is how the page says a key that has no other English: as it writes all its words.
func english(key string) string {
	return holePattern.ReplaceAllString(typographic(key), "{$1}")
}

// holesOf are the holes that a text of a language has, sorted.
func holesOf(said string) []string {
	set := map[string]bool{}
	for _, found := range holePattern.FindAllString(said, -1) {
		set[found] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// match reports whether a text is this one, and what its open holes hold. Each hole ends where
// what follows it comes first; so the time that it takes grows with the text alone.
func (t text) match(m masked) (holes []masked, ok bool) {
	last := len(t.pieces) - 1
	if !strings.HasPrefix(m.text, t.pieces[0]) || len(m.quoted) < len(t.quotes) {
		return nil, false
	}
	at, end := len(t.pieces[0]), len(m.text)-len(t.pieces[last])
	if last == 0 {
		end = len(m.text)
	}
	if end < at || last > 0 && !strings.HasSuffix(m.text, t.pieces[last]) || last == 0 && at != end {
		return nil, false
	}
	for i, h := range t.open {
		stop := end
		if i+1 < last {
			next := strings.Index(m.text[at:end], t.pieces[i+1])
			if next < 0 {
				return nil, false
			}
			stop = at + next
		}
		colon := h.kind == "*" || h.kind == "+" && stop == len(m.text)
		if stop == at || !colon && strings.Contains(m.text[at:stop], ": ") {
			return nil, false
		}
		holes = append(holes, m.sub(at, stop))
		at = stop + len(t.pieces[i+1])
	}
	return holes, t.literals(m, holes)
}

// literals reports whether what the key has between quotation marks is there too.
func (t text) literals(m masked, holes []masked) bool {
	names := t.named(m, holes)
	return !slices.ContainsFunc(t.quotes, func(q quote) bool {
		first := names[0]
		names = names[1:]
		return q.literal != "" && q.literal != first
	})
}

// named is what is quoted in the literal part of a text, in order.
func (t text) named(m masked, holes []masked) (names []string) {
	rest := m.quoted
	for i, p := range t.pieces {
		n := strings.Count(p, mark)
		names, rest = append(names, rest[:n]...), rest[n:]
		if i < len(holes) {
			rest = rest[len(holes[i].quoted):]
		}
	}
	return names
}

// read reads the files of a folder.
func read(folder string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for _, lang := range Languages() {
		all[lang] = map[string]string{}
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
func add(all map[string]map[string]string, content string) error {
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

// Texts returns the keys of what the program says in English, sorted.
func (c Catalogue) Texts() []string {
	var keys []string
	for _, t := range c.old {
		keys = append(keys, t.key)
	}
	slices.Sort(keys)
	return keys
}
