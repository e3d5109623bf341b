package dav

import (
	"bufio"

	"calbell"
)

// tokenGuard hands a text to the decoder byte by byte, and fails before the decoder keeps more
// of one token than a real one has: the decoder alone collects a tag with millions of attributes
// before it returns. It needs no grammar of its own, because the decoder asks for no byte beyond
// the token that it returns, but for the "<" that ends a text.
type tokenGuard struct {
	r     *bufio.Reader
	most  int // bytes of one entry
	entry int // bytes since the latest entry ended

	size   int     // bytes of this token
	markup bool    // it began with "<"
	head   [2]byte // what follows that
	equals int     // "=" in a tag, which has at most as many attributes
	last   byte
}

// errDoctype: entities are declared in a DOCTYPE, and grow.
var errDoctype = calbell.Errorf("caldav:doctype-which-no-calendar", "it has a DOCTYPE, which no calendar server needs")

// nextToken begins a new token: the decoder has returned the one before.
func (g *tokenGuard) nextToken() {
	g.size, g.markup, g.equals, g.head = 0, g.last == '<', 0, [2]byte{}
	if g.markup {
		g.size = 1
	}
}

// nextEntry begins a new entry.
func (g *tokenGuard) nextEntry() { g.entry = 0 }

// ReadByte implements io.ByteReader: with it, the decoder has no buffer of its own.
func (g *tokenGuard) ReadByte() (byte, error) {
	c, err := g.r.ReadByte()
	if err != nil {
		return 0, err
	}
	return c, g.count(c)
}

// Read implements io.Reader, which the decoder wants when it learns the encoding.
func (g *tokenGuard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := g.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

func (g *tokenGuard) count(c byte) error {
	g.size++
	g.entry++
	g.last = c
	switch {
	case g.entry > g.most:
		return calbell.Errorf("caldav:one-entry-larger-than", "one entry is larger than %d kB", g.most>>10)
	case !g.markup:
		g.markup = c == '<' && g.size == 1
		return nil
	case g.size <= 1+len(g.head):
		g.head[g.size-2] = c
	}
	return g.judgeMarkup(c)
}

// judgeMarkup limits what is not text.
func (g *tokenGuard) judgeMarkup(c byte) error {
	switch {
	case g.head[0] == '!' && g.head[1] == '[': // CDATA is text
		return nil
	case g.size > calbell.MaxXMLTag:
		return calbell.Errorf("caldav:one-tag-larger-than", "one tag is larger than %d kB", calbell.MaxXMLTag>>10)
	case g.head[0] == '!' && g.size == 3 && g.head[1] != '-':
		return errDoctype
	case c != '=' || g.head[0] == '!' || g.head[0] == '?':
		return nil
	}
	if g.equals++; g.equals > calbell.MaxXMLAttributes {
		return calbell.Errorf("caldav:one-tag-more-than", "one tag has more than %d attributes", calbell.MaxXMLAttributes)
	}
	return nil
}
