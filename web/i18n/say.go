package i18n

import (
	"strings"
)

const (
	// maxSaid bounds a text that is looked up: what the program says is far shorter, and what
	// is longer is somebody else's.
	maxSaid = 8 << 10
	// maxDepth bounds how deep texts stand in texts, maxColons at how many places of one
	// another may begin.
	maxDepth, maxColons = 6, 8
)

// Recognise says in this language what the program says in English: an error, a hint, a reason, also
// several with a colon between, as a cause follows what it caused. What is not known stays as
// it is. data puts a word for who reads it, such as a time; nil: words stay as they are.
//
// What is in the text is text, and is to be escaped like any other.
func (w Words) Recognise(text string, data func(string) string) string {
	if len(text) > maxSaid {
		return text
	}
	lines := strings.SplitAfter(text, "\n") // a file is shown with what is wrong in it
	for i, line := range lines {
		inner := strings.TrimSpace(line)
		if strings.HasPrefix(inner, "> ") { // a line of the file
			continue
		}
		if said, known := (speaker{w, data}).say(mask(inner), maxDepth); known {
			lines[i] = strings.Replace(line, inner, said, 1)
		}
	}
	return strings.Join(lines, "")
}

// speaker is who says something.
type speaker struct {
	Words
	data func(string) string
}

// say says a text; known is false when nothing of it is known, or it is said so here too.
func (s speaker) say(m masked, depth int) (said string, known bool) {
	if depth == 0 || m.text == "" {
		return m.whole(), false
	}
	if said, known = s.known(m, depth); !known {
		said, known = s.chain(m, depth)
	}
	if !known {
		said, known = s.bracketed(m, depth)
	}
	return said, known
}

// known says a text that is one as a whole. The first that fits is the one of which the most
// is literal.
func (s speaker) known(m masked, depth int) (string, bool) {
	for _, t := range s.old {
		holes, ok := t.match(m)
		if !ok {
			continue
		}
		var pairs []string
		for i, h := range t.open {
			pairs = append(pairs, "{"+h.number+"}", s.hole(h, holes[i], depth))
		}
		for i, name := range t.named(m, holes) {
			if t.quotes[i].literal == "" {
				pairs = append(pairs, "{"+t.quotes[i].number+"}", unquoted(name))
			}
		}
		if said := strings.NewReplacer(pairs...).Replace(t.said[s.tag]); said != m.whole() {
			return said, true
		}
	}
	return "", false
}

// hole says what is in a hole.
func (s speaker) hole(h hole, m masked, depth int) string {
	switch {
	case h.kind == "+":
		return s.list(m, depth-1)
	case h.kind == "" && m.text == mark:
		return s.T("quoted", unquoted(m.quoted[0]))
	case h.kind == "" && s.data != nil:
		return s.data(m.whole())
	}
	return m.whole()
}

// list says a text, or each of those that commas part.
func (s speaker) list(m masked, depth int) string {
	said, known := s.say(m, depth)
	if known || !strings.Contains(m.text, ", ") {
		return said
	}
	var all []string
	for at := 0; at <= len(m.text); {
		end := len(m.text)
		if comma := strings.Index(m.text[at:], ", "); comma >= 0 && len(all) < maxColons {
			end = at + comma
		}
		said, _ := s.say(m.sub(at, end), depth-1)
		all = append(all, said)
		at = end + len(", ")
	}
	return strings.Join(all, ", ")
}

// bracketed says a text with another one in brackets behind it, as a hint follows an error.
func (s speaker) bracketed(m masked, depth int) (string, bool) {
	open, end := strings.Index(m.text, " ("), len(m.text)-len(")")
	if open < 0 || !strings.HasSuffix(m.text, ")") {
		return m.whole(), false
	}
	text, first := s.say(m.sub(0, open), depth-1)
	inner, second := s.say(m.sub(open+len(" ("), end), depth-1)
	return text + " (" + inner + ")", first || second
}

// chain says texts that colons part: as long a first one as is known, then the others.
func (s speaker) chain(m masked, depth int) (string, bool) {
	var colons []int
	for at := 0; len(colons) < maxColons; {
		next := strings.Index(m.text[at:], ": ")
		if next < 0 {
			break
		}
		colons = append(colons, at+next)
		at += next + len(": ")
	}
	for i := len(colons) - 1; i >= 0; i-- {
		if first, ok := s.known(m.sub(0, colons[i]), depth); ok {
			rest, _ := s.say(m.sub(colons[i]+len(": "), len(m.text)), depth-1)
			return s.T("colon", first, rest), true
		}
	}
	if len(colons) > 0 {
		if rest, ok := s.say(m.sub(colons[0]+len(": "), len(m.text)), depth-1); ok {
			return s.T("colon", m.sub(0, colons[0]).whole(), rest), true
		}
	}
	return m.whole(), false
}
