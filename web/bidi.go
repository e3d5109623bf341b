package web

import (
	"bytes"
	"strings"
)

// turns are the controls that turn the direction of what follows them (UAX #9): embeddings,
// overrides and isolates. Marks, which stand for a letter that cannot be seen, are none.
const turns = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

// withoutTurns leaves turns out of what a page shows: what one event's title begins would reach
// beyond it, and no style sheet ends it. Attributes and text areas keep them: they are what forms
// send, and nothing reaches out of them. In attributes templates write no ">".
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
		if len(tag) == 0 { // the end, or a "<" that begins no tag
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
