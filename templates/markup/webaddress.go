package markup

import (
	"net/url"
	"strings"
)

// addressStart reports whether text begins with a web address that chats make a link of.
func addressStart(text string) bool {
	for _, scheme := range []string{"https://", "http://"} {
		if len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// inWord reports whether the character at i stands between letters or digits.
func inWord(text string, i int) bool {
	return i > 0 && i+1 < len(text) && isAlnum(text[i-1]) && isAlnum(text[i+1])
}

// percent writes a character as addresses may carry any (RFC 3986 §2.1).
func (w *writer) percent(c byte) {
	const hex = "0123456789ABCDEF"
	w.b = append(w.b, '%', hex[c>>4], hex[c&15])
}

// addressPart is a text as a part of an address, whether of its path or of its query.
func addressPart(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// address writes a value in the target of a link. At its beginning it is an address, of
// which only http, https and mailto work; further on it is part of one.
func (w *writer) address(text string, sp spot) {
	if c := w.before(); c != '(' && c != '<' {
		part := addressPart(text)
		for i := range len(part) {
			if c := part[i]; c == '~' || c == '_' && !inWord(part, i) { // marks, where they end the address
				w.percent(c)
				continue
			}
			w.b = append(w.b, part[i])
		}
		return
	}
	known := addressStart(text) || strings.HasPrefix(text, "mailto:")
	if !known && w.before() == '<' {
		w.b = append(w.b, breaker...) // neither a tag nor a mention
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c <= ' ' || strings.IndexByte("()<>[]{}|\\^\"'`*~", c) >= 0 || c == '_' && !inWord(text, i):
			w.percent(c)
		case !known && strings.IndexByte(":!@#&", c) >= 0:
			w.percent(c)
		case c == '@' && !strings.HasPrefix(text, "mailto:"), c == ';' && w.markup != Mrkdwn:
			w.percent(c) // a mention, the end of an entity
		case c == '&' && w.markup == Mrkdwn:
			w.entity(c)
		default:
			w.b = append(w.b, c)
		}
	}
}

// IsWeb reports whether a text is a web address and nothing else.
func IsWeb(s string) bool {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	return !strings.ContainsAny(s, " \n\t") && err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// EndsAddress reports whether a rune cannot be part of an address in running text.
func EndsAddress(r rune) bool {
	return r <= ' ' || strings.ContainsRune("<>\"`()[]{}|\\^", r) || r == '\u00a0' || r == '»' || r == '”'
}
