package markup

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Addresses tells whose addresses a text has.
type Addresses struct {
	Any    bool // there are some
	Value  bool // there are some of values
	Leader bool // the first one is of a value
}

// stretch is a part of what was written that a value made.
type stretch struct{ from, to int }

// Addresses surveys what was written. Of an address whose host a value writes, the value is the
// author. A chat without markup makes no link of any.
func (t Text) Addresses() Addresses {
	var a Addresses
	w := t.w
	if w == nil || w.to.Markup == None {
		return a
	}
	for i := range w.b {
		from, to := beginsAddress(w.b, i)
		if to == 0 {
			continue
		}
		theirs := w.byValue(from, to+1)
		a.Leader = a.Leader || theirs && !a.Any
		a.Any, a.Value = true, a.Value || theirs
	}
	for _, v := range w.written {
		a.Value = a.Value || w.to.Markup == Mrkdwn && hasName(w.b[v.from:v.to])
	}
	// The server looks for no address in code: one of the template there takes no place.
	a.Leader = a.Leader || a.Value && w.survey != nil && w.literal['`'] > 0
	return a
}

// beginsAddress returns where the beginning of an address stands, up to its host, whose colon or
// first letter is text[i]: a scheme, or "www" with up to three digits. to is 0 when there is none.
func beginsAddress(text []byte, i int) (from, to int) {
	switch {
	case text[i] == ':' && bytes.HasPrefix(text[i:], []byte("://")):
		for _, scheme := range []string{"https", "http", "ftp"} {
			if n := len(scheme); i >= n && strings.EqualFold(string(text[i-n:i]), scheme) {
				return i - n, i + len("://")
			}
		}
	case text[i] == 'w' && bytes.HasPrefix(text[i:], []byte("www")) && (i == 0 || !isAlnum(text[i-1])):
		const most = 3
		n := i + len("www")
		if n += min(most, digits(string(text[n:min(n+most, len(text))]))); n < len(text) && text[n] == '.' {
			return i, n + 1
		}
	}
	return 0, 0
}

// hasName reports whether a text has what could be the name of a host, of which Slack makes a
// link without a scheme too: a dot between a word and a letter.
func hasName(text []byte) bool {
	for i := 1; i+2 < len(text); i++ {
		if text[i] == '.' && text[i-1] > ' ' && isLetter(text[i+1]) && isLetter(text[i+2]) {
			return true
		}
	}
	return false
}

// isLetter takes what is not ASCII for a letter.
func isLetter(c byte) bool { return isASCIILetter(c) || c >= utf8.RuneSelf }

// byValue reports whether a value made a part of what stands from one place to the other.
func (w *writer) byValue(from, to int) bool {
	return slices.ContainsFunc(w.written, func(v stretch) bool { return from < v.to && to > v.from })
}
