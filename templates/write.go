package templates

import "strings"

// write joins pieces.
func (s *scope) write(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.lit)
		b.WriteString(p.val)
	}
	return strings.Trim(trimLines(b.String()), "\n")
}
