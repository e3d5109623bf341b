package dav

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"calbell"
)

// Element and property names, as "namespace|local".
const (
	nMultistatus = "DAV:|multistatus"
	nResponse    = "DAV:|response"
	nHref        = "DAV:|href"
	nStatus      = "DAV:|status"
	nPropstat    = "DAV:|propstat"
	nProp        = "DAV:|prop"
	nError       = "DAV:|error"

	// What servers say in words beside a DAV:error: sabre/dav (Nextcloud, Baïkal), Apple's.
	nSabreMessage = "http://sabredav.org/ns|message"
	nAppleMessage = "http://twistedmatrix.com/xml_namespace/dav/|error-description"
	nSyncToken    = "DAV:|sync-token"
)

const (
	// maxNodes bounds the elements of one entry; real ones have fewer than 200.
	maxNodes = 20_000
	// maxXMLName bounds a name with its namespace; real ones have fewer than 60. A namespace
	// is written once and belongs to every name below it.
	maxXMLName = 256
	// maxNames bounds the names that a reader remembers, so that one is made once and not with
	// each element.
	maxNames = 1000
	// entryCost is how many times its own size an entry takes in memory while it is read: in
	// the decoder, as a text that grows, and as a whole.
	entryCost = 4
	// readBuffer is read ahead of the decoder.
	readBuffer = 32 << 10
)

// Bounds limit what one answer may cost.
type Bounds struct {
	entry  int // bytes of one entry
	pieces int // elements, attributes, comments and instructions of the whole answer
}

// BoundsOfProps are those of an answer about a few resources.
func BoundsOfProps() Bounds { return Bounds{calbell.MaxXMLEntry, calbell.MaxXMLPieces / 10} }

// BoundsOfListing are those of a listing of a whole calendar.
func BoundsOfListing() Bounds { return Bounds{calbell.MaxXMLEntry, calbell.MaxXMLPieces} }

// BoundsOfTexts are those of an answer that holds objects, with room for escapes.
func BoundsOfTexts() Bounds { return Bounds{2 * calbell.MaxObjectBytes, calbell.MaxXMLPieces / 10} }

// Node is an XML element, without what WebDAV does not use.
type Node struct {
	Name string // "namespace|local"
	Attr string // value of the attribute "name"
	text string // as it was; "" when there are kids
	Kids []*Node
}

// Kid returns the first child of a name; nil when there is none. A nil node has none.
func (n *Node) Kid(name string) *Node {
	if n == nil {
		return nil
	}
	for _, k := range n.Kids {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Value returns the text of a node without space around it; "" of a nil one.
func (n *Node) Value() string { return strings.TrimSpace(n.Raw()) }

// Raw returns the text of a node as it was; "" of a nil one.
func (n *Node) Raw() string {
	if n == nil {
		return ""
	}
	return n.text
}

// Hrefs returns the texts of the children that are hrefs.
func (n *Node) Hrefs() []string {
	var out []string
	if n != nil {
		for _, k := range n.Kids {
			if href := k.Value(); k.Name == nHref && href != "" {
				out = append(out, href)
			}
		}
	}
	return out
}

// reader turns an XML text into nodes, within limits: encoding/xml alone would follow any
// depth, and hold any number of attributes.
type reader struct {
	d      *xml.Decoder
	guard  *tokenGuard
	bounds Bounds
	reach  func(bytes int) error // counts the memory of the largest entry; nil: nobody counts
	stack  []*Node
	texts  [][]byte // of the open elements
	nodes  int      // of this entry
	pieces int      // of the answer
	names  map[xml.Name]string
	root   *Node
	stray  bool // there is text beside the root
	// each takes the root's children named DAV:response as they end; nil keeps them.
	each func(*Node) error
}

// readXML reads one document within bounds and returns its root without what each took.
func readXML(r io.Reader, b Bounds, reach func(int) error, each func(*Node) error) (*Node, error) {
	buf := bufio.NewReaderSize(r, readBuffer)
	if head, _ := buf.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = buf.Discard(3) // a BOM; it was just read
	}
	guard := &tokenGuard{r: bufio.NewReader(newMender(buf)), most: b.entry}
	x := &reader{d: xml.NewDecoder(guard), guard: guard, bounds: b, reach: reach, each: each, names: map[xml.Name]string{}}
	x.d.CharsetReader = charset
	for {
		guard.nextToken()
		t, err := x.d.Token()
		switch {
		case err == io.EOF && x.root != nil:
			return x.root, nil
		case x.stray && (err == io.EOF || isSyntax(err)):
			return nil, ErrText
		case err == io.EOF:
			return nil, calbell.Errorf("caldav:answer-empty", "the answer is empty")
		case err != nil:
			return nil, cutShort(err)
		}
		if err := x.take(t); err != nil {
			return nil, err
		}
	}
}

// RootError says that an answer in XML is no multistatus. It is the name of its root.
type RootError string

// Error names the root.
func (e RootError) Error() string { return e.Text().English }

// Text returns the same with its key.
func (e RootError) Text() calbell.Text {
	return calbell.T("dav:begins-with", "it begins with <%s>", string(e))
}

// ErrText marks an answer that has text, and no XML.
var ErrText = calbell.Errorf("dav:no-xml", "it is no XML")

func isSyntax(err error) bool {
	var syntax *xml.SyntaxError
	return errors.As(err, &syntax)
}

// cutShort says of a document without its end that it has none.
func cutShort(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) && syntax.Msg == "unexpected EOF" {
		return calbell.Errorf("caldav:ends-middle", "it ends in the middle")
	}
	return err
}

func (x *reader) take(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return x.open(t)
	case xml.EndElement:
		return x.close()
	case xml.CharData:
		if n := len(x.texts); n > 0 {
			x.texts[n-1] = append(x.texts[n-1], t...)
		} else if len(bytes.TrimSpace(t)) > 0 {
			x.stray = true
		}
		if x.reach != nil {
			return x.reach(entryCost * x.guard.entry)
		}
		return nil
	}
	return x.count(1) // comments and instructions say nothing
}

// count counts pieces of the answer.
func (x *reader) count(n int) error {
	if x.pieces += n; x.pieces > x.bounds.pieces {
		return calbell.Errorf("caldav:more-than-elements", "it has more than %d elements", x.bounds.pieces)
	}
	return nil
}

// nameOf returns a name as "namespace|local".
func (x *reader) nameOf(n xml.Name) (string, error) {
	if name, ok := x.names[n]; ok {
		return name, nil
	}
	if len(n.Space)+len(n.Local) > maxXMLName {
		return "", calbell.Errorf("caldav:element-name-more-than", "an element's name has more than %d bytes", maxXMLName)
	}
	name := n.Space + "|" + n.Local
	if len(x.names) < maxNames {
		x.names[n] = name
	}
	return name, nil
}

func (x *reader) open(t xml.StartElement) error {
	if len(x.stack) >= calbell.MaxXMLDepth {
		return calbell.Errorf("caldav:elements-nested-deeper-than", "elements are nested deeper than %d", calbell.MaxXMLDepth)
	}
	if x.nodes++; x.nodes > maxNodes {
		return calbell.Errorf("caldav:one-entry-more-than", "one entry has more than %d elements", maxNodes)
	}
	if err := x.count(1 + len(t.Attr)); err != nil {
		return err
	}
	name, err := x.nameOf(t.Name)
	if err != nil {
		return err
	}
	n := &Node{Name: name}
	for _, a := range t.Attr {
		if a.Name.Local == "name" && a.Name.Space == "" {
			n.Attr = a.Value
		}
	}
	x.stack, x.texts = append(x.stack, n), append(x.texts, nil)
	return nil
}

func (x *reader) close() error {
	last := len(x.stack) - 1
	n := x.stack[last]
	if len(n.Kids) == 0 {
		n.text = string(x.texts[last])
	}
	x.stack, x.texts = x.stack[:last], x.texts[:last]
	switch {
	case last == 0:
		x.root = n
	case last == 1 && x.each != nil && n.Name == nResponse && x.stack[0].Name == nMultistatus:
		x.nodes = 0
		x.guard.nextEntry()
		return x.each(n)
	default:
		x.stack[last-1].Kids = append(x.stack[last-1].Kids, n)
	}
	return nil
}
