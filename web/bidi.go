package web

import (
	"bytes"
	"strings"
)

// turns are the characters that change the direction of the following text (UAX #9): embeddings, overrides
// and isolates. Implicit marks such as U+200E are not among them.
const turns = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

// withoutTurns removes turns from the text of a page: one in an event's title would affect
// the text after it, and no style sheet ends it. Attributes and text areas keep them,
// because forms send these back, and they have no effect outside. Attributes in our
// templates contain no ">".
func withoutTurns(page []byte) []byte {
	if !bytes.ContainsAny(page, turns) {
		return page
	}
	var out bytes.Buffer
	area := false
	for len(page) > 0 {
		end := bytes.IndexByte(page, '<')
		if end < 0 {
			end = len(page)
		}
		shown := page[:end]
		if !area {
			shown = bytes.Map(func(r rune) rune {
				if strings.ContainsRune(turns, r) {
					return -1
				}
				return r
			}, shown)
		}
		out.Write(shown)
		page = page[end:]
		tag := page[:bytes.IndexByte(page, '>')+1]
		if len(tag) == 0 { // the end, or a "<" that does not begin a tag
			tag = page
		}
		switch {
		case bytes.HasPrefix(tag, []byte("<textarea")):
			area = true
		case bytes.HasPrefix(tag, []byte("</textarea")):
			area = false
		}
		out.Write(tag)
		page = page[len(tag):]
	}
	return out.Bytes()
}
