package ics

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"calbell"
)

// padding is a component that nobody needs, of n bytes.
func padding(n int) string {
	line := "X-PAD:" + strings.Repeat("x", 4000) + "\r\n"
	begin, end := "BEGIN:VJOURNAL\r\n", "END:VJOURNAL"
	rest := n - len(begin) - len(end)
	return begin + strings.Repeat(line, rest/len(line)) + "X:" + strings.Repeat("x", rest%len(line)) + "\r\n" + end
}

// What is read of a file at once makes no difference: wherever the boundary falls in a line, in its
// fold, its end or a mark at the file's beginning, the objects are the same.
func TestReadBoundary(t *testing.T) {
	const ahead = calbell.MaxLineBytes + readAhead
	for name, newline := range map[string]string{"CRLF": "\r\n", "LF": "\n"} {
		text := file("BEGIN:VTIMEZONE", "TZID:Z", "END:VTIMEZONE", "PADDING", event("a-", " b", "DTSTART;TZID=\"Z\r\n\t\":20261123T140000", "DTSTAMP:2026\r\n\t1101T000000Z", "SUMMARY:\r\n A"), event("c"))
		text = "\xef\xbb\xbf" + strings.ReplaceAll(text, "\r\n", newline)
		want := ""
		for shift := range 300 {
			padded := strings.Replace(text, "PADDING", strings.ReplaceAll(padding(ahead-shift), "\r\n", newline), 1)
			f, err := split(padded)
			if err != nil || f.Len() != 2 {
				t.Fatalf("%s %d: %v", name, shift, err)
			}
			m, raw := textOf(t, f, 0)
			got := fmt.Sprint(m, string(raw))
			if want == "" {
				want = got
			}
			if got != want || !strings.Contains(got, "TZID:Z") {
				t.Fatalf("%s %d: got %q, want %q", name, shift, got, want)
			}
		}
	}
}

// A UID may stand in any number of places, however far apart: they are one object, in their order.
func TestUIDInSeveralPlaces(t *testing.T) {
	far := padding(3 << 20)
	first, second, third := event("a", "SUMMARY:A", "RRULE:FREQ=DAILY"), event("a", "RECURRENCE-ID:20261124T130000Z"), event("a", "RECURRENCE-ID:20261125T130000Z")
	got, f := objects(t, file(first, far, event("b"), second, far, event("c"))+file(far, third))
	want := file(first, second, third)
	if len(got) != 3 || f.Len() != 3 || got["a"] != want {
		t.Errorf("got %q, want %q", got["a"], want)
	}
}

// blank is a file of any size that is not in memory: a beginning and an end, and lines between.
type blank struct {
	begin, line, end string
	size             int64
	read             int64
}

// ReadAt implements io.ReaderAt.
func (b *blank) ReadAt(p []byte, at int64) (int, error) {
	for i := range p {
		switch o := at + int64(i); {
		case o >= b.size:
			b.read += int64(i)
			return i, io.EOF
		case o < int64(len(b.begin)):
			p[i] = b.begin[o]
		case o >= b.size-int64(len(b.end)):
			p[i] = b.end[o-b.size+int64(len(b.end))]
		default:
			p[i] = b.line[(o-int64(len(b.begin)))%int64(len(b.line))]
		}
	}
	b.read += int64(len(p))
	return len(p), nil
}

// One component as large as a file may be is a problem of its own, and never in memory: what is
// counted stays below a megabyte, whether it is one line, one that is folded, or many.
func TestHugeComponent(t *testing.T) {
	for name, line := range map[string]string{"one line": "x", "one that is folded": "xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n ", "many lines": "\r\nX:" + strings.Repeat("x", 2000)} {
		b := &blank{begin: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nX:", line: line, end: "\r\nEND:VEVENT\r\n" + event("b") + "\r\nEND:VCALENDAR\r\n"}
		b.size = int64(len(b.begin)+len(b.end)) + (8<<20)/int64(len(line))*int64(len(line))
		counted := 0
		f, err := Split(b, b.size, func(n int) error { counted += n; return nil })
		if err != nil || f.Len() != 2 || counted > 1<<20 {
			t.Fatalf("%s: %v, %d bytes", name, err, counted)
		}
		href, etag, text, err := f.Object(0)
		if err != nil || text != nil || etag == "" || !f.Has(href) {
			t.Errorf("%s: %d bytes, %q, %v", name, len(text), etag, err)
		}
		if _, _, text, err := f.Object(1); err != nil || uidOf(string(text)) != "b" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// Beside the first look at all of it, a file is read where its objects are, and no more.
func TestReadsWhatIsAskedFor(t *testing.T) {
	b := &blank{begin: "BEGIN:VCALENDAR\r\n" + event("a") + "\r\n", line: "X:xxxxxxxxxx\r\n", end: "\r\nEND:VCALENDAR\r\n"}
	b.size = int64(len(b.begin)+len(b.end)) + 4<<20/int64(len(b.line))*int64(len(b.line))
	f, err := Split(b, b.size, free)
	if err != nil || b.read != b.size {
		t.Fatalf("%d bytes of %d were read, %v", b.read, b.size, err)
	}
	b.read = 0
	if _, _, text, err := f.Object(0); err != nil || b.read != int64(len(event("a"))+2) || uidOf(string(text)) != "a" {
		t.Errorf("%d bytes were read for %q, %v", b.read, text, err)
	}
}

// changing is a file that somebody writes to.
type changing struct{ text string }

// ReadAt implements io.ReaderAt.
func (c *changing) ReadAt(p []byte, at int64) (int, error) {
	return strings.NewReader(c.text).ReadAt(p, at)
}

// What changed after the first look is not taken for what was seen: an object is what it was, or an
// error.
func TestChangedMeanwhile(t *testing.T) {
	text := file("BEGIN:VTIMEZONE", "TZID:Z", "X:1", "END:VTIMEZONE", event("a", "DTSTART;TZID=Z:1", "SUMMARY:A"), event("b", "SUMMARY:B"))
	for name, tt := range map[string]struct {
		now   string
		wrong []int // objects that cannot be read any more
	}{
		"another title":     {strings.Replace(text, "SUMMARY:A", "SUMMARY:X", 1), []int{0}},
		"another zone":      {strings.Replace(text, "X:1", "X:2", 1), []int{0}},
		"another object":    {strings.Replace(text, "SUMMARY:B", "SUMMARY:Y", 1), []int{1}},
		"something between": {strings.Replace(text, "BEGIN:VEVENT", "X:1\r\nBEGIN:VEVENT", 1), []int{0, 1}},
		"shorter":           {text[:strings.Index(text, "SUMMARY:B")], []int{1}},
		"empty":             {"", []int{0, 1}},
		"longer":            {text + file(event("c")), nil},
	} {
		c := &changing{text}
		f, err := Split(c, int64(len(text)), free)
		if err != nil {
			t.Fatal(err)
		}
		c.text = tt.now
		for n := range f.Len() {
			_, _, tagErr := f.Tag(n)
			_, _, got, err := f.Object(n)
			wrong := slices.Contains(tt.wrong, n)
			if errors.Is(err, ErrChanged) != wrong || errors.Is(tagErr, ErrChanged) != wrong || !wrong && (err != nil || tagErr != nil) {
				t.Errorf("%s: object %d is %q, %v, %v", name, n, got, err, tagErr)
			}
		}
	}
	if _, err := Split(&changing{text[:50]}, int64(len(text)), free); !errors.Is(err, ErrChanged) {
		t.Errorf("shorter than it was: %v", err)
	}
}

// The digest is of every byte, and the same whether they come at once or one by one.
func TestFileDigest(t *testing.T) {
	digest := func(text string) string {
		f, err := split(text)
		if err != nil {
			t.Fatal(err)
		}
		return f.Digest()
	}
	text := file(event("a"))
	other := []string{"\xef\xbb\xbf" + text, strings.Replace(text, "\r\n", "\n", 1), text + "\r\n"}
	for _, o := range other {
		if digest(o) == digest(text) {
			t.Errorf("%q has the digest of %q", o, text)
		}
	}
	if digest(text) != sumHex(text) {
		t.Errorf("%s is none of the text", digest(text))
	}
}

func sumHex(text string) string {
	k := keyOf(text)
	return fmt.Sprintf("%x", k[:])
}
