//go:build !race

package dav

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"calbell"
)

// endless repeats a text until n bytes are read: a hostile answer that is in no memory.
type endless struct {
	text string
	left int
	at   int
}

func (e *endless) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if e.left == 0 {
			return n, io.EOF
		}
		m := copy(p[n:min(len(p), n+e.left)], e.text[e.at:])
		n, e.left, e.at = n+m, e.left-m, (e.at+m)%len(e.text)
	}
	return n, nil
}

// allocated returns how many bytes fn allocates, freed ones included.
func allocated(fn func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// Whatever 64 MB of XML are made of, the reader keeps a few MB of them at most, and says why it
// stopped. The bound on what is allocated is for all that is ever allocated, freed or not.
func TestHostileXML(t *testing.T) {
	const open = `<m xmlns="DAV:"><response>`
	long := strings.Repeat("n", 60_000)
	for _, tt := range []struct {
		name, head, repeat, want string
		most                     int64 // MB
	}{
		{"attributes of one tag", open + "<a", ` b=""`, "attributes", 2},
		{"attributes without spaces", open + "<a ", `b='='`, "attributes", 2},
		{"namespaces of one tag", open + "<a", ` xmlns:b="c"`, "attributes", 2},
		{"space inside a tag", open + "<a", " ", "one tag is larger", 2},
		{"one attribute", open + `<a b="`, "x", "one tag is larger", 2},
		{"one name", open + "<", "x", "one tag is larger", 2},
		{"one end tag", open + "<a></a", " ", "one tag is larger", 2},
		{"one comment", open + "<!--", "x", "one tag is larger", 2},
		{"one instruction", open + "<?a ", "x", "one tag is larger", 2},
		{"one text", open + "<a>", "x", "one entry is larger", 16},
		{"one text of references", open + "<a>", "&#65;", "one entry is larger", 16},
		{"one name of an entity", open + "<a>&", "x", "one entry is larger", 16},
		{"one CDATA", open + "<a><![CDATA[", "x", "one entry is larger", 16},
		{"a text of many CDATA", open + "<a>", "<![CDATA[xxxxxxxxxxxxxxxx]]>", "one entry is larger", 16},
		{"a text between comments", open + "<a>", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx<!---->", "one entry is larger", 16},
		{"comments", open, "<!---->", "one entry is larger", 32},
		{"a long namespace that all inherit", `<m xmlns="` + long + `"><response>`, "<a/>", "name has more", 2},
		{"elements of one entry", open, "<a/>", "elements", 16},
		{"namespaces on every level", open, `<a xmlns:b="c" xmlns:d="e">`, "deeper", 2},
		{"elements beside the entries", `<m xmlns="DAV:">`, "<a>x</a>", "elements", 16},
		{"empty entries", `<multistatus xmlns="DAV:">`, "<response/>", "elements", 400},
		{"text beside the elements", `<m xmlns="DAV:">`, " x", "one entry is larger", 16},
		{"a DOCTYPE", "<!DOCTYPE ", "x", "DOCTYPE", 2},
		{"entities in a DOCTYPE", "<!DOCTYPE a [", `<!ENTITY a "b">`, "DOCTYPE", 2},
		{"any declaration", "<m><!", "ELEMENT ", "DOCTYPE", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			got := allocated(func() {
				_, err = readXML(io.MultiReader(strings.NewReader(tt.head), &endless{text: tt.repeat, left: 64 << 20}), BoundsOfProps(), nil, func(*Node) error { return nil })
			})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %.200v, want …%s…", err, tt.want)
			}
			if got > tt.most<<20 {
				t.Errorf("%d MB were allocated, want at most %d", got>>20, tt.most)
			}
		})
	}
}

// What is counted does not depend on how the answer arrives.
func TestBoundsWhateverTheChunks(t *testing.T) {
	attributes := func(n int) string { return "<a" + strings.Repeat(` b="c"`, n) + "/>" }
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"as many attributes as may be", attributes(calbell.MaxXMLAttributes), true},
		{"one more", attributes(calbell.MaxXMLAttributes + 1), false},
		{"after a text", "<x>text" + attributes(calbell.MaxXMLAttributes+1) + "</x>", false},
		{"after CDATA", "<x><![CDATA[<]]>" + attributes(calbell.MaxXMLAttributes+1) + "</x>", false},
		{"after CDATA that ends in <", "<x><![CDATA[a<b<]]>" + attributes(calbell.MaxXMLAttributes) + "</x>", true},
		{"after an instruction", "<x><?a =?>" + attributes(calbell.MaxXMLAttributes+1) + "</x>", false},
		{"equals signs in a text", "<x>" + strings.Repeat("=", 10*calbell.MaxXMLAttributes) + "</x>", true},
		{"equals signs in a comment", "<x><!--" + strings.Repeat("=", 10*calbell.MaxXMLAttributes) + "--></x>", true},
		{"a tag of the largest size", "<x>" + "<a b='" + strings.Repeat("c", calbell.MaxXMLTag-9) + "'/></x>", true},
		{"a byte more", "<x>" + "<a b='" + strings.Repeat("c", calbell.MaxXMLTag-8) + "'/></x>", false},
	} {
		for _, r := range []io.Reader{strings.NewReader(tt.text), iotest.OneByteReader(strings.NewReader(tt.text)), iotest.DataErrReader(strings.NewReader(tt.text))} {
			if _, err := readXML(r, BoundsOfProps(), nil, nil); (err == nil) != tt.ok {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	}
}
