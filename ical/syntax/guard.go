package syntax

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"calbell"
)

// Clean returns the text as the reader wants it: no BOM, no NUL, lines that end in LF or
// CRLF. Bytes that are no UTF-8 stay: a character may be split over a folded line, so
// they are looked at when the line is whole.
func Clean(raw []byte) (string, error) {
	if len(raw) > calbell.MaxFileBytes {
		return "", calbell.Errorf("ical:read-calendar-mb-more", "read calendar: %d MB is more than the %d MB that a file may have", len(raw)>>20, calbell.MaxFileBytes>>20)
	}
	if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) {
		raw = fromUTF16(raw)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(raw, 0) >= 0 {
		raw = bytes.ReplaceAll(raw, []byte{0}, nil)
	}
	if bareCR(raw) {
		raw = endLines(raw)
	}
	return string(raw), nil
}

// fromUTF16 decodes a text that begins with a UTF-16 byte order mark.
func fromUTF16(raw []byte) []byte {
	big := raw[0] == 0xfe
	units := make([]uint16, 0, len(raw)/2)
	for i := 2; i+1 < len(raw); i += 2 {
		u := uint16(raw[i]) | uint16(raw[i+1])<<8
		if big {
			u = u<<8 | u>>8
		}
		units = append(units, u)
	}
	return []byte(string(utf16.Decode(units)))
}

// bareCR reports whether a CR stands anywhere but before an LF.
func bareCR(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\r')
		if i < 0 {
			return false
		}
		if i+1 == len(raw) || raw[i+1] != '\n' {
			return true
		}
		raw = raw[i+2:]
	}
}

// endLines makes every line end in LF: CR, CRLF and the CRCRLF of a text sent twice
// through a converter.
func endLines(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\r' {
			out = append(out, raw[i])
			continue
		}
		for i+1 < len(raw) && raw[i+1] == '\r' {
			i++
		}
		if i+1 < len(raw) && raw[i+1] == '\n' {
			i++
		}
		out = append(out, '\n')
	}
	return out
}

// Lines walks the content lines of a text (RFC 5545 §3.1).
type Lines struct {
	text string
	pos  int // where the next line begins
	next int // number of the next physical line
	skip []Span
}

// Body is the content of a component: what stands between its BEGIN and its END.
type Body struct {
	text  string // the text as far as the content goes
	from  int32  // where it begins in the text; no text has 2 GB, and a file has many bodies
	first int32  // number of its first line
	skip  []Span // the components in it, merged when they touch
}

// Lines walks the lines of the component itself, without those of components in it.
func (b Body) Lines() Lines {
	return Lines{text: b.text, pos: int(b.from), next: int(b.first), skip: b.skip}
}

// All walks the lines of the component and of those in it.
func (b Body) All() Lines {
	b.skip = nil
	return b.Lines()
}

// Span returns where the content stands in the text.
func (b Body) Span() Span { return Span{int(b.from), len(b.text)} }

// Value returns the first value of a TEXT property of the component that is not empty; "" when
// it has none.
func (b Body) Value(name string) string {
	for walk := b.Lines(); ; {
		l, ok := walk.Scan()
		if !ok {
			return ""
		}
		if l.Name() != name {
			continue
		}
		if p, ok := l.Property(); ok && strings.TrimSpace(p.Value) != "" {
			return strings.TrimSpace(Unescape(p.Value))
		}
	}
}

// Line is one content line as it stands in the text, folds included.
type Line struct {
	Raw    string // without the end of its last physical line
	at     int    // offset of its first byte
	Num    int    // number of its first physical line
	folded bool
}

// Scan returns the next line that is not empty.
func (l *Lines) Scan() (Line, bool) {
	for l.pos < len(l.text) {
		if len(l.skip) > 0 && l.pos >= l.skip[0].From {
			l.next += strings.Count(l.text[l.pos:l.skip[0].To], "\n")
			l.pos, l.skip = l.skip[0].To, l.skip[1:]
			continue
		}
		out := Line{at: l.pos, Num: l.next}
		end := l.endOfLine()
		for l.pos < len(l.text) && (l.text[l.pos] == ' ' || l.text[l.pos] == '\t') {
			out.folded = true
			end = l.endOfLine()
		}
		if end > out.at {
			out.Raw = l.text[out.at:end]
			return out, true
		}
	}
	return Line{}, false
}

// endOfLine moves behind the physical line and returns where its content ends.
func (l *Lines) endOfLine() int {
	l.next++
	i := strings.IndexByte(l.text[l.pos:], '\n')
	if i < 0 {
		l.pos = len(l.text)
		return l.pos
	}
	end := l.pos + i
	l.pos = end + 1
	if i > 0 && l.text[end-1] == '\r' {
		end--
	}
	return end
}

// Whole returns the line unfolded and valid UTF-8, cut at MaxLineBytes. Lists of dates are
// as long as a component may be: their number is bounded where they are read.
func (l Line) Whole() string {
	most := calbell.MaxLineBytes
	if len(l.Raw) > most && dateList(l) {
		most = calbell.MaxObjectBytes
	}
	s := l.Raw
	if l.folded {
		s = unfold(s, most)
	}
	if len(s) > most {
		s = cutAt(s, most)
	}
	if !utf8.ValidString(s) {
		s = decoded(s)
	}
	return s
}

// dateList reports whether a line begins as an RDATE or EXDATE does.
func dateList(l Line) bool {
	const enough = 64 // bytes for the name, also when it is folded at each
	name := strings.ToUpper(unfold(l.Raw[:min(len(l.Raw), enough)], enough))
	return strings.HasPrefix(name, "RDATE") || strings.HasPrefix(name, "EXDATE")
}

// unfold joins the physical lines of a content line, as far as most bytes.
func unfold(s string, most int) string {
	var b strings.Builder
	b.Grow(min(len(s), most+1))
	for first := true; s != "" && b.Len() <= most; first = false {
		var part string
		part, s, _ = strings.Cut(s, "\n")
		if !first {
			part = part[1:]
		}
		part = strings.TrimSuffix(part, "\r")
		b.WriteString(part[:min(len(part), most+1-b.Len())])
	}
	return b.String()
}
