//go:build !race

package caldav

import (
	"fmt"
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
				_, err = readXML(io.MultiReader(strings.NewReader(tt.head), &endless{text: tt.repeat, left: 64 << 20}), boundsOfProps(), nil, func(*node) error { return nil })
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
			if _, err := readXML(r, boundsOfProps(), nil, nil); (err == nil) != tt.ok {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	}
}

// Files are read within the same bounds: what is kept of one is as much as its events need.
func TestHostileFiles(t *testing.T) {
	const open = "BEGIN:VCALENDAR\r\n"
	for _, tt := range []struct {
		name         string
		mb           int // of the file
		repeat, tail string
		want         string
	}{
		{"the largest head", 2, "PRODID:" + strings.Repeat("x", 900) + "\r\n", "BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\n", ""},
		{"properties that nobody needs", 2, "X-%d:" + strings.Repeat("x", 900) + "\r\n", "", ""},
		{"events with a UID each", 10, "BEGIN:VEVENT\nUID:%d\nEND:VEVENT\n", "", "objects"},
		{"zones", 1, "BEGIN:VTIMEZONE\nTZID:%d\nEND:VTIMEZONE\n", "", "zones"},
		{"calendars", 1, "END:VCALENDAR\nBEGIN:VCALENDAR\n", "", "calendars"},
		{"one line", 4, "xxxxxxxxxxxxxxxxxxxxxxxx", "\r\n", ""},
		{"one folded line", 4, "x\r\n x\r\n x\r\n x\r\n ", "\r\n", ""},
		{"nested", 2, "BEGIN:A\r\n", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString(open)
			for i := 0; b.Len() < tt.mb<<20; i++ {
				if strings.Contains(tt.repeat, "%d") {
					fmt.Fprintf(&b, tt.repeat, i)
				} else {
					b.WriteString(tt.repeat)
				}
			}
			text := []byte(b.String() + tt.tail + "END:VCALENDAR\r\n")
			s, err := splitFile(text, nil)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Fatalf("got %v, want …%s…", err, tt.want)
			}
			for _, uid := range orderOf(s) {
				if text, err := s.object(uid); err != nil || len(text) > 16<<10 {
					t.Errorf("the object of %q has %d bytes, %v", uid, len(text), err)
				}
			}
		})
	}
}

func orderOf(s *split) []string {
	if s == nil {
		return nil
	}
	return s.order
}
