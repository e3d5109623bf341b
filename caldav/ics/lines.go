package ics

import (
	"bytes"
	"io"

	"calbell"
)

// ErrChanged marks a file that was written to while it was read.
var ErrChanged = calbell.Errorf("ics:changed-meanwhile", "it changed while it was read")

// readAhead is how much is read at once beside the longest part of a line.
const readAhead = 64 << 10

// lines reads the content lines of a part of a file, folds included (RFC 5545 §3.1). A line that is
// longer than [calbell.MaxLineBytes] comes in parts, so memory is bounded whatever the file holds.
type lines struct {
	src       io.ReaderAt
	next, end int64 // what is left to read of the source
	buf       []byte
	from, to  int   // the part of buf that is read and not handed over
	at        int64 // the offset of buf[from] in the source
}

// newLines returns a reader with a buffer that suits a file of size bytes.
func newLines(src io.ReaderAt, size int64) *lines {
	return &lines{src: src, buf: make([]byte, min(size, calbell.MaxLineBytes+readAhead))}
}

// reset begins to read the bytes from one offset to another.
func (l *lines) reset(from, to int64) {
	l.next, l.end, l.at, l.from, l.to = from, to, from, 0, 0
}

// part returns the next part of a content line, and whether the line ends with it. The part is
// valid until the next call. [io.EOF] ends it all.
func (l *lines) part() (part []byte, ends bool, err error) {
	for seen := 0; ; {
		n, whole := lineIn(l.buf[l.from:l.to], seen, l.next >= l.end)
		if seen = n; whole {
			return l.take(n), true, nil
		}
		switch got := l.to - l.from; {
		case got > calbell.MaxLineBytes:
			return l.take(calbell.MaxLineBytes), false, nil
		case l.next < l.end:
			if err := l.fill(); err != nil {
				return nil, false, err
			}
		case got == 0:
			return nil, false, io.EOF
		default:
			return l.take(got), true, nil
		}
	}
}

// lineIn looks for the end of the content line that a text begins with, from an offset on. It
// returns where the line ends or, when that does not show yet, where to go on looking. last: nothing
// follows the text.
func lineIn(text []byte, seen int, last bool) (n int, whole bool) {
	for {
		i := bytes.IndexByte(text[seen:], '\n')
		if i < 0 {
			return len(text), false
		}
		next := seen + i + 1
		switch {
		case next == len(text) && !last:
			return next - 1, false // whether a fold follows is still to be read
		case next == len(text) || text[next] != ' ' && text[next] != '\t':
			return next, true
		}
		seen = next
	}
}

// take hands over n bytes.
func (l *lines) take(n int) []byte {
	part := l.buf[l.from : l.from+n]
	l.from += n
	l.at += int64(n)
	return part
}

// fill reads on.
func (l *lines) fill() error {
	l.to = copy(l.buf, l.buf[l.from:l.to])
	l.from = 0
	want := min(int64(len(l.buf)-l.to), l.end-l.next)
	n, err := l.src.ReadAt(l.buf[l.to:l.to+int(want)], l.next)
	l.to += n
	l.next += int64(n)
	switch {
	case n > 0:
		return nil // an error comes again
	case err == io.EOF:
		return ErrChanged // it is shorter by now
	case err == nil:
		return io.ErrNoProgress
	}
	return err
}
