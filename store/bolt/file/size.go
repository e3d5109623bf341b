package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"

	"calbell"
)

// What bbolt writes at the beginning of its file: two meta pages, each a page header of 16
// bytes and 64 bytes of meta whose last eight are an FNV-1a sum of the others. The one
// with the higher transaction and a right sum counts.
const (
	PageHeader = 16
	metaLen    = 64
	metaMagic  = 0xED0CDAED
	maxPage    = 64 << 10 // the largest page size of any platform
)

// CheckSize refuses a file that is shorter than it says it is. bbolt does not look, and a
// page beyond the end is a memory fault, in whichever goroutine first reads it.
func CheckSize(path string) error {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("open database: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if info.Size() == 0 || !info.Mode().IsRegular() {
		return nil // bbolt makes it, or says what is wrong
	}
	if need := NeededSize(f); info.Size() < need {
		return DamagedError(calbell.English("open database %q", path),
			fmt.Errorf("it has %d bytes of %d", info.Size(), need))
	}
	return nil
}

// NeededSize is how long the file says it is; 0 when it does not.
func NeededSize(f io.ReaderAt) int64 {
	m, pageSize, _ := NewestMeta(f)
	return int64(m.pages) * pageSize
}

// NewestMeta returns the meta page that counts; ok is false when there is none.
func NewestMeta(f io.ReaderAt) (newest meta, size int64, ok bool) {
	newest, size, ok = readMeta(f, 0)
	first := size
	// The second meta page begins where the first one's page ends. When the first is
	// unreadable its size is unknown: try what platforms use.
	for at := int64(1024); at <= maxPage; at *= 2 {
		if first != 0 && at != first {
			continue
		}
		if m, ps, good := readMeta(f, at); good && ps == at && m.TxID >= newest.TxID {
			newest, size, ok = m, ps, true
		}
	}
	if !ok {
		return meta{}, 0, false
	}
	return newest, size, true
}

// LastCommit returns the latest transaction of a file; 0 when there is none.
func LastCommit(path string) uint64 {
	f, err := os.Open(path)
	if err != nil {
		return 0 // to open it will say why
	}
	defer f.Close()
	m, _, _ := NewestMeta(f)
	return m.TxID
}

type meta struct{ Root, pages, TxID uint64 }

// readMeta reads the meta page at an offset. bbolt writes in the byte order of the
// machine.
func readMeta(f io.ReaderAt, at int64) (m meta, pageSize int64, ok bool) {
	var b [PageHeader + metaLen]byte
	if n, _ := f.ReadAt(b[:], at); n < len(b) {
		return meta{}, 0, false
	}
	ne, p := binary.NativeEndian, b[PageHeader:]
	sum := fnv.New64a()
	sum.Write(p[:metaLen-8])
	if ne.Uint32(p) != metaMagic || ne.Uint64(p[metaLen-8:]) != sum.Sum64() {
		return meta{}, 0, false
	}
	m = meta{Root: ne.Uint64(p[16:]), pages: ne.Uint64(p[40:]), TxID: ne.Uint64(p[48:])}
	pageSize = int64(ne.Uint32(p[8:]))
	if pageSize < 1024 || pageSize > maxPage || m.pages >= 1<<40 {
		return meta{}, 0, false
	}
	return m, pageSize, true
}
