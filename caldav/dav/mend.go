package dav

import (
	"bufio"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"calbell"
)

// windows1252 are the characters that its bytes 0x80 to 0x9f stand for; what calls itself
// Latin-1 means them, too.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// mender makes UTF-8 that XML allows of an answer. One title with a byte from another time, or
// a control character that somebody pasted, would otherwise take the whole answer along: each
// becomes U+FFFD.
type mender struct {
	r    *bufio.Reader
	high []rune // what the bytes 0x80 to 0x9f are; nil: the text is UTF-8
}

// newMender reads what encoding the text's first line declares.
func newMender(r *bufio.Reader) *mender {
	head, _ := r.Peek(128) // a shorter text has a shorter head
	declared := regexp.MustCompile(`^<\?xml[^>]*encoding=["']([^"']*)["']`).FindSubmatch(head)
	m := &mender{r: r}
	if declared != nil && isLatin(string(declared[1])) {
		m.high = []rune(windows1252)
	}
	return m
}

func isLatin(label string) bool {
	switch strings.ToLower(label) {
	case "iso-8859-1", "latin1", "windows-1252", "cp1252", "us-ascii", "ascii":
		return true
	}
	return false
}

// charset is an [xml.Decoder]'s CharsetReader behind a mender.
func charset(label string, input io.Reader) (io.Reader, error) {
	if !isLatin(label) && !strings.EqualFold(label, "utf8") {
		return nil, calbell.Errorf("caldav:encoding-not-known", "the encoding %q is not known", label)
	}
	return input, nil
}

func (m *mender) Read(p []byte) (n int, err error) {
	if len(p) < utf8.UTFMax {
		return 0, io.ErrShortBuffer
	}
	// What was read is handed over before more is waited for.
	for n+utf8.UTFMax <= len(p) && (n == 0 || m.r.Buffered() > 0) {
		c, err := m.next()
		if err != nil {
			return n, err
		}
		n += utf8.EncodeRune(p[n:], c)
	}
	return n, nil
}

// next returns the next character.
func (m *mender) next() (rune, error) {
	c, size, err := m.r.ReadRune()
	if err != nil {
		return 0, err
	}
	if m.high != nil && c >= utf8.RuneSelf {
		// As it is one byte each, what looks like UTF-8 is read again byte by byte.
		if err := m.r.UnreadRune(); err != nil {
			return 0, err
		}
		b, err := m.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c = rune(b); int(b)-0x80 < len(m.high) {
			c = m.high[b-0x80]
		}
		return c, nil
	}
	if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == '\ufffe' || c == '\uffff' || c == utf8.RuneError && size == 1 {
		return utf8.RuneError, nil
	}
	return c, nil
}
