package markup

import (
	"strings"
	"unicode/utf8"
)

// breaker is a zero-width space. Chats find mentions in running text, where no escape
// character is known to them; it parts the sign from the name and cannot be seen.
const breaker = "\u200b"

// before is the last character written.
func (w *writer) before() byte {
	if len(w.b) == 0 {
		return 0
	}
	return w.b[len(w.b)-1]
}

// code writes text in a code span or block, where escapes do not work: backticks that
// would end it become apostrophes.
func (w *writer) code(text string, sp spot) {
	for i := 0; i < len(text); {
		c := text[i]
		n := 1
		switch {
		case c == '`' || c == '~' && sp.place == inBlock:
			n = run(text[i:], c)
			w.ticks(c, n, sp.place == inCode || n >= 3 || i == 0 || i+n == len(text))
		case c == '\n':
			w.b = append(append(w.b, c), sp.prefix...)
		case w.markup == Mrkdwn && (c == '&' || c == '<' || c == '>'):
			w.entity(c)
		case c == '<' && w.slackForm(text[i+1:]):
			w.b = append(w.b, "‹"...)
		case c == '>' && w.literal['<'] > 0 && w.markup != Mrkdwn:
			w.b = append(w.b, "›"...)
		case c == '|' && w.markup != Mrkdwn && (w.hasTable || w.hideBars || w.literal['<'] > 0):
			w.b = append(w.b, "¦"...)
		case c == '@' && isGroupMention(text[i+1:]), c == ']' && strings.HasPrefix(text[i+1:], ":") && w.literal['['] > w.literal[c]:
			// A link is defined by brackets and a colon before anyone looks for code.
			w.b = append(append(w.b, c), breaker...)
		default:
			w.b = append(w.b, c)
		}
		i += n
	}
}

// ticks writes a run of fence characters, or what looks like them.
func (w *writer) ticks(c byte, n int, defuse bool) {
	s := string(c)
	switch {
	case defuse && c == '`':
		s = "'"
	case defuse && n >= 3:
		s = "∼"
	}
	w.b = append(w.b, strings.Repeat(s, n)...)
}

// slackForm reports whether an opening angle bracket, followed by rest, could begin one of
// Slack's forms (<!channel>, <@id>, <address|words>), which Mattermost reads as well,
// before anything else and also in code.
func (w *writer) slackForm(rest string) bool {
	if rest == "" {
		return true
	}
	return strings.IndexByte("!@#", rest[0]) >= 0 || w.all['|'] > 0 && w.all['>'] > 0
}

// entity writes one of the three characters that Slack and Markdown name alike.
func (w *writer) entity(c byte) {
	switch c {
	case '&':
		w.b = append(w.b, "&amp;"...)
	case '<':
		w.b = append(w.b, "&lt;"...)
	case '>':
		w.b = append(w.b, "&gt;"...)
	}
}

// breakMention parts a value from a sign before it that would make a mention of it.
func (w *writer) breakMention(text string) {
	if w.all['@'] == 0 || text == "" || !isNameByte(text[0]) {
		return
	}
	i := len(w.b)
	for i > 0 && isNameByte(w.b[i-1]) {
		i--
	}
	if i > 0 && w.b[i-1] == '@' {
		w.b = append(w.b, breaker...)
	}
}

// breakEscape parts a value from a backslash of the template, which would undo the escape
// of its first character.
func (w *writer) breakEscape() {
	if trailing(w.b, '\\')%2 == 1 {
		w.b = append(w.b, breaker...)
	}
}

// isNameByte reports whether a character may be part of a user's name.
func isNameByte(c byte) bool { return isAlnum(c) || c == '.' || c == '-' || c == '_' }

// run counts how often c stands at the beginning of s.
func run[T string | []byte](s T, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

// isASCIILetter reports whether c is a letter from A to Z.
func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// isAlnum knows ASCII only, as the word boundaries of the chats do.
func isAlnum(c byte) bool { return isASCIILetter(c) || c >= '0' && c <= '9' }

// isGroupMention reports whether the text after an at sign names everybody.
func isGroupMention(s string) bool {
	for _, name := range []string{"channel", "all", "here", "everyone"} {
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			return len(s) == len(name) || !isAlnum(s[len(name)])
		}
	}
	return false
}

// mentions reports whether the at sign at i begins a mention. In an address
// ("anna@example.org") it does not.
func (w *writer) mentions(text string, i int) bool {
	rest := text[i+1:]
	if rest == "" {
		return w.after > ' '
	}
	if !isNameByte(rest[0]) && rest[0] < utf8.RuneSelf {
		return false
	}
	if i == 0 || !isAlnum(text[i-1]) {
		return true
	}
	if !isGroupMention(rest) {
		return false
	}
	// "anna@here.example.org" is an address, "anna@here" is not.
	dot := strings.IndexByte(rest, '.')
	return dot < 0 || dot+1 == len(rest) || !isAlnum(rest[dot+1])
}
