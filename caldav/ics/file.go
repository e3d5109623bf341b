package ics

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"calbell"
)

const (
	// maxZoneBytes bounds the VTIMEZONEs that go with one object of a file, which are copied to
	// each object; most have one of some kB, and the longest history of a zone has some 20.
	maxZoneBytes = 64 << 10
	// maxZoneTexts bounds the texts of zones that are kept from one object to the next.
	maxZoneTexts = 512 << 10
)

// sum is the beginning of a SHA-256.
type sum [16]byte

// span is where a component is in the file, and the digest of what was there.
type span struct {
	from, to uint32
	digest   sum
}

// size is how many bytes it has.
func (s span) size() int { return int(s.to - s.from) }

// piece is a component of an object.
type piece struct {
	span
	calendar int32 // index of its VCALENDAR
	zones    int32 // index of the set of zones that it names
	next     int32 // the object's next piece; -1: none
}

// object is what the file holds of one UID. Its first and last piece are indexes.
type object struct {
	key         sum // of its UID
	first, last int32
}

// vcalendar is what the pieces of one VCALENDAR share.
type vcalendar struct {
	head  []byte // the properties that an object needs, the first of each name
	names []string
	zone  string // X-WR-TIMEZONE
	zones map[string]span
}

// File knows where the objects of an .ics file are: one per UID, in the order of the file. It holds
// no text, so its memory follows from how many components there are, and not from their size. Texts
// are read when they are asked for, and compared with what was there when the file was taken apart.
// It is for one goroutine.
type File struct {
	src    io.ReaderAt
	lines  *lines
	grow   func(bytes int) error
	digest string

	props     map[string]string // how often to ask, by property of the first VCALENDAR
	calendars []vcalendar
	objects   []object
	byKey     map[sum]int32 // index of an object
	pieces    []piece
	names     map[string]string // of zones that pieces name
	sets      [][]string        // zones that one piece names; the first set is empty
	setOf     map[string]int32

	tag, check hash.Hash // of the object, and of the component, that is being read
	texts      map[span][]byte
	textBytes  int
}

func newFile(src io.ReaderAt, size int64, grow func(bytes int) error) *File {
	return &File{
		src: src, lines: newLines(src, size), grow: grow, props: map[string]string{}, byKey: map[sum]int32{},
		names: map[string]string{}, sets: [][]string{nil}, setOf: map[string]int32{"": 0},
		tag: sha256.New(), check: sha256.New(), texts: map[span][]byte{},
	}
}

// Digest returns a digest of the whole file: the beginning of its SHA-256.
func (f *File) Digest() string { return f.digest }

func sumOf(h hash.Hash) (out sum) {
	var all [sha256.Size]byte
	copy(out[:], h.Sum(all[:0]))
	return out
}

func hexOf(h hash.Hash) string {
	s := sumOf(h)
	return hex.EncodeToString(s[:])
}

// keyOf returns the key of a UID.
func keyOf(uid string) (out sum) {
	all := sha256.Sum256([]byte(uid))
	copy(out[:], all[:])
	return out
}

// href returns the key of an object as a name in the store.
func (o object) href() calbell.Href { return calbell.Href("#" + hex.EncodeToString(o.key[:])) }

// zoneName returns a name of a zone, of which all pieces share one copy.
func (f *File) zoneName(id string) (string, error) {
	if name, ok := f.names[id]; ok {
		return name, nil
	}
	id = strings.Clone(id) // a part would keep the whole line
	f.names[id] = id
	return id, f.grow(zoneCost + len(id))
}

// zoneSet returns the number of a set of names.
func (f *File) zoneSet(names []string) int32 {
	key := strings.Join(names, "\x00")
	n, ok := f.setOf[key]
	if !ok {
		n = int32(len(f.sets))
		f.setOf[key] = n
		f.sets = append(f.sets, slices.Clone(names))
	}
	return n
}

// Len returns how many objects the file has.
func (f *File) Len() int { return len(f.objects) }

// Has reports whether the file has an object of a key.
func (f *File) Has(h calbell.Href) bool {
	var key sum
	text, ok := strings.CutPrefix(string(h), "#")
	if n, err := hex.Decode(key[:], []byte(text[:min(len(text), 2*len(key))])); !ok || err != nil || n != len(key) || len(text) != 2*n {
		return false
	}
	_, ok = f.byKey[key]
	return ok
}

// Tag returns the key and the ETag of the n-th object. The key follows from its UID alone. The ETag
// is a digest of what is said about the event: some publishers write each DTSTAMP anew whenever they
// are asked.
func (f *File) Tag(n int) (calbell.Href, calbell.ETag, error) {
	zones, err := f.zonesOf(f.objects[n])
	if err != nil {
		return "", "", err
	}
	etag, err := f.read(f.objects[n], zones, nil)
	return f.objects[n].href(), etag, err
}

// Object returns the n-th object: its key, its ETag, and its text as a VCALENDAR of its own; nil when
// that is larger than any object may be.
func (f *File) Object(n int) (_ calbell.Href, _ calbell.ETag, text []byte, err error) {
	o, size := f.objects[n], 0
	zones, err := f.zonesOf(o)
	if err != nil {
		return "", "", nil, err
	}
	for p := range f.piecesOf(o) {
		size += p.size()
	}
	if size > calbell.MaxObjectBytes {
		etag, err := f.read(o, zones, nil)
		return o.href(), etag, nil, err
	}
	b := bytes.NewBuffer(make([]byte, 0, size+1024))
	b.WriteString("BEGIN:VCALENDAR\r\n")
	writeLines(b, f.calendars[f.pieces[o.first].calendar].head)
	for _, zone := range zones {
		writeLines(b, zone)
	}
	etag, err := f.read(o, zones, b)
	b.WriteString("END:VCALENDAR\r\n")
	return o.href(), etag, b.Bytes(), err
}

// writeLines writes a part of an object, and ends its last line.
func writeLines(b *bytes.Buffer, part []byte) {
	b.Write(part)
	endLine(b, len(part))
}

// endLine ends the line that n bytes were just written of.
func endLine(b *bytes.Buffer, n int) {
	if n > 0 && b.Bytes()[b.Len()-1] != '\n' {
		b.WriteString("\r\n")
	}
}

// piecesOf lists the components of an object.
func (f *File) piecesOf(o object) func(yield func(piece) bool) {
	return func(yield func(piece) bool) {
		for n := o.first; n >= 0; n = f.pieces[n].next {
			if !yield(f.pieces[n]) {
				return
			}
		}
	}
}

// read reads the components of an object for its ETag and, unless text is nil, into text.
func (f *File) read(o object, zones [][]byte, text *bytes.Buffer) (calbell.ETag, error) {
	f.tag.Reset()
	for p := range f.piecesOf(o) {
		f.tag.Write([]byte(f.calendars[p.calendar].zone + "\x00"))
		if err := f.readPiece(p.span, text); err != nil {
			return "", err
		}
	}
	for _, zone := range zones {
		f.tag.Write(zone)
	}
	return calbell.ETag(hexOf(f.tag)), nil
}

// readPiece reads a component; see read.
func (f *File) readPiece(at span, text *bytes.Buffer) error {
	f.check.Reset()
	f.lines.reset(int64(at.from), int64(at.to))
	first, stamp := true, false // whether a line begins, and is a DTSTAMP
	for {
		part, ends, err := f.lines.part()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if first {
			stamp = bytes.EqualFold(part[:min(len(part), 8)], []byte("DTSTAMP:"))
		}
		first = ends
		f.check.Write(part)
		if !stamp {
			f.tag.Write(part)
		}
		if text != nil {
			text.Write(part)
		}
	}
	if text != nil {
		endLine(text, at.size())
	}
	if sumOf(f.check) != at.digest {
		return ErrChanged
	}
	return nil
}

// zonesOf returns the VTIMEZONEs that an object names, or floats in, as far as the file has
// them; none when they are larger than any real ones.
func (f *File) zonesOf(o object) ([][]byte, error) {
	found := map[span]bool{}
	size := 0
	add := func(c *vcalendar, id string) {
		if at, ok := c.zones[id]; ok && !found[at] {
			found[at] = true
			size += at.size()
		}
	}
	for p := range f.piecesOf(o) {
		c := &f.calendars[p.calendar]
		for _, id := range f.sets[p.zones] {
			add(c, id)
		}
		add(c, c.zone)
	}
	if size > maxZoneBytes {
		return nil, nil
	}
	var out [][]byte
	for _, at := range slices.SortedFunc(maps.Keys(found), func(a, b span) int { return cmp.Compare(a.from, b.from) }) {
		text, err := f.zoneText(at)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// zoneText returns the text of a VTIMEZONE, which many objects need.
func (f *File) zoneText(at span) ([]byte, error) {
	if text, ok := f.texts[at]; ok {
		return text, nil
	}
	text := make([]byte, at.size())
	if _, err := io.ReadFull(io.NewSectionReader(f.src, int64(at.from), int64(at.size())), text); err != nil {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = ErrChanged
		}
		return nil, err
	}
	if all := sha256.Sum256(text); sum(all[:len(at.digest)]) != at.digest {
		return nil, ErrChanged
	}
	if f.textBytes += len(text); f.textBytes > maxZoneTexts {
		clear(f.texts)
		f.textBytes = len(text)
	}
	f.texts[at] = text
	return text, nil
}
