package caldav

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// spooled writes a text in pieces of odd sizes, and returns it as a source.
func spooled(t *testing.T, folder string, text []byte) (*spool, source) {
	t.Helper()
	s := newSpool(folder, &hold{})
	t.Cleanup(s.close)
	for rest := text; len(rest) > 0; {
		n := min(len(rest), 32<<10-1)
		if _, err := s.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	return s, s.source()
}

// A spool gives back what was written, from any place on, whether it is in memory or in a file.
func TestSpool(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, spoolMemory+12345)
	for i := range text {
		text[i] = byte(random.Uint32())
	}
	for _, size := range []int{0, 1, spoolMemory, spoolMemory + 1, len(text)} {
		s, src := spooled(t, t.TempDir(), text[:size])
		if (s.file != nil) != (size > spoolMemory) || src.size != int64(size) || src.digest != digest32(text[:size]) {
			t.Errorf("%d bytes: %+v", size, src)
		}
		if again, err := digestOf(src, src.size); err != nil || again != src.digest {
			t.Errorf("%d bytes: read as %s, %v", size, again, err)
		}
		for range 200 {
			from := random.IntN(size + 1)
			p := make([]byte, random.IntN(100))
			n, err := src.ReadAt(p, int64(from))
			if want := text[from:min(size, from+len(p))]; !bytes.Equal(p[:n], want) || n < len(p) && err != io.EOF {
				t.Fatalf("%d bytes from %d of %d: %q, %v; want %q", len(p), from, size, p[:n], err, want)
			}
		}
	}
}

// Texts of calendars are on no disk in the clear, nor under a name.
func TestSpoolLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	secret := "SUMMARY:Something that is nobody's business\r\n"
	s, _ := spooled(t, folder, []byte(strings.Repeat(secret, 2*spoolMemory/len(secret))))
	if list, err := os.ReadDir(folder); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	disk, err := io.ReadAll(io.NewSectionReader(s.file, 0, s.size))
	if err != nil || int64(len(disk)) != s.size || bytes.Contains(disk, []byte("SUMMARY")) || bytes.Contains(disk, make([]byte, 8)) {
		t.Errorf("%d bytes are on the disk as %.100q, %v", len(disk), disk, err)
	}
}

// Without a folder to write to, a small answer is taken in, and a large one is an error without a path.
func TestSpoolWithoutFolder(t *testing.T) {
	folder := t.TempDir() + "/missing"
	s := newSpool(folder, &hold{})
	defer s.close()
	if _, err := s.Write(make([]byte, spoolMemory)); err != nil {
		t.Error(err)
	}
	if _, err := s.Write(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v", err)
	}
}

// What a spool has in memory counts, until it moves to its file or is closed.
func TestSpoolMemoryCounts(t *testing.T) {
	b := NewBudget(8 << 20)
	s := newSpool(t.TempDir(), &hold{budget: b, owner: "a"})
	for range 4 {
		if _, err := s.Write(make([]byte, spoolMemory/4)); err != nil {
			t.Fatal(err)
		}
	}
	if b.used == 0 {
		t.Error("nothing is counted")
	}
	if _, err := s.Write(make([]byte, 1)); err != nil || b.used != 0 {
		t.Errorf("%d bytes are counted of what is in a file, %v", b.used, err)
	}
	s.close()
	if b.used != 0 {
		t.Errorf("%d bytes stay in use", b.used)
	}
}
