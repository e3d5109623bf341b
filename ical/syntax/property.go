package syntax

import (
	"strings"

	"calbell"
)

// Properties of Calbell's own.
const (
	PropWebhook = "X-CALBELL-WEBHOOK" // names webhooks, of an event or an alarm
	PropBinding = "X-CALBELL-BINDING" // names the binding that an alarm was written for
)

// Property is a content line taken apart: name, parameters as written, value.
type Property struct {
	Name   string // upper-case
	Params string // ";A=b;C=d" as written, "" when there are none
	Value  string
	Num    int // line number
}

// Name returns the property name of a line in upper case without taking it apart; ""
// when the line is no property.
func (l Line) Name() string {
	s := l.Raw
	i := strings.IndexAny(s, ":;\n")
	if i >= 0 && s[i] == '\n' { // folded inside its name
		s = l.Whole()
		i = strings.IndexAny(s, ":;")
	}
	if i <= 0 || i > maxName {
		return ""
	}
	return upperName(s[:i])
}

// maxName bounds the names of properties and parameters; real ones stay below 64.
const maxName = 128

// upperName returns a name in upper case, "" when it has characters that no name has.
func upperName(s string) string {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z', c == '-', '0' <= c && c <= '9', c == '_', c == '.', c == '/':
		case 'a' <= c && c <= 'z':
			return upperName(strings.ToUpper(s))
		default:
			return ""
		}
	}
	return s
}

// Property takes a line apart; false when it is garbage (D1).
func (l Line) Property() (Property, bool) {
	s := l.Whole()
	i := strings.IndexAny(s, ":;")
	if i <= 0 || i > maxName {
		return Property{}, false
	}
	p := Property{Name: upperName(s[:i]), Num: l.Num}
	end := i
	if s[i] == ';' {
		end = EndOfParams(s, i)
	}
	if p.Name == "" || end < 0 || end-i > calbell.MaxParamBytes {
		return Property{}, false
	}
	p.Params, p.Value = s[i:end], s[end+1:]
	return p, true
}

// EndOfParams returns the position of the colon before the value, -1 when there is none.
// A quote that is never closed quotes nothing.
func EndOfParams(s string, from int) int {
	quoted := false
	for i := from; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ':' && !quoted:
			return i
		}
	}
	if i := strings.IndexByte(s[from:], ':'); i >= 0 {
		return from + i
	}
	return -1
}

// Param returns the value of a parameter as written, without its quotes; "" when absent.
func (p Property) Param(name string) string {
	rest := p.Params
	for rest != "" {
		var one string
		one, rest = cutParam(rest[1:])
		if len(one) > len(name) && one[len(name)] == '=' && strings.EqualFold(one[:len(name)], name) {
			return strings.Trim(one[len(name)+1:], `"`)
		}
	}
	return ""
}

// cutParam cuts the first parameter off: "A=b;C=d" gives "A=b" and ";C=d".
func cutParam(s string) (one, rest string) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// Unescape undoes the escapes of a TEXT value (RFC 5545 §3.3.11). Escapes that the RFC
// does not know stay as they are.
func Unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		b.WriteString(s[:i])
		if i+1 == len(s) {
			s = s[i:]
			break
		}
		switch c := s[i+1]; c {
		case 'n', 'N':
			b.WriteByte('\n')
		case '\\', ';', ',':
			b.WriteByte(c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
		s = s[i+2:]
	}
	b.WriteString(s)
	return b.String()
}

// TextList splits a list of TEXT values at its commas and undoes their escapes.
func TextList(s string) []string {
	var list []string
	from := 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ',':
			if one := strings.TrimSpace(Unescape(s[from:i])); one != "" {
				list = append(list, one)
			}
			from = i + 1
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
	}
	return list
}

// Uncaret undoes the escapes of a parameter value (RFC 6868).
func Uncaret(s string) string {
	if !strings.Contains(s, "^") {
		return s
	}
	return strings.NewReplacer("^^", "^", "^n", "\n", "^'", `"`).Replace(s)
}
