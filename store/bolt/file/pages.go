package file

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"calbell"

	"calbell/internal/failpoint"
)

// The pages of a tree, as bbolt writes them: a header (number, flags, count of elements,
// overflow), then elements of 16 bytes. A leaf's element may hold a bucket, whose value
// begins with the number of its root page, or 0 when the bucket lies in the value itself.
const (
	BranchPage  = 0x01
	LeafPage    = 0x02
	ElementLen  = 16
	BucketValue = 0x01
	// BucketHeader is what a bucket's value begins with: root page and sequence.
	BucketHeader = 16
	// maxTreeDepth: a tree of bbolt with 2^40 pages is some ten pages deep.
	maxTreeDepth = 64
)

// CheckPages follows every tree of a file and refuses one whose pages do not form trees:
// a page that points back at itself sends bbolt round in circles until the stack is full,
// which ends the process and cannot be caught. It costs a look at each page, so it is made
// only when the last run did not end in order; see unclean.
func CheckPages(path string) (err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer f.Close()
	m, pageSize, ok := NewestMeta(f)
	if !ok {
		return nil // bbolt says what is wrong
	}
	w := &pageWalk{f: f, size: pageSize, pages: m.pages, seen: make([]bool, m.pages)}
	if err := w.page(m.Root, 0); err != nil {
		return DamagedError(calbell.English("open database %q", path), err)
	}
	return nil
}

// pageWalk visits the pages of a file.
type pageWalk struct {
	f     *os.File
	size  int64
	pages uint64 // of the file
	seen  []bool // by number
}

var errNoTree = errors.New("its pages do not form trees")

// page visits a page and what hangs below it.
func (w *pageWalk) page(id uint64, depth int) error {
	if id < 2 || id >= w.pages || w.seen[id] || depth > maxTreeDepth {
		return errNoTree
	}
	w.seen[id] = true
	b, flags, count, err := w.read(id)
	switch {
	case err != nil:
		return err
	case flags == BranchPage:
		return w.children(b, count, depth)
	case flags == LeafPage:
		return w.buckets(b, count, depth)
	}
	return errNoTree
}

// read returns a page with its overflow: what its elements and their values lie in.
func (w *pageWalk) read(id uint64) (b []byte, flags uint16, count int, err error) {
	head := make([]byte, PageHeader)
	if _, err := w.f.ReadAt(head, int64(id)*w.size); err != nil {
		return nil, 0, 0, err
	}
	ne := binary.NativeEndian
	overflow := uint64(ne.Uint32(head[12:]))
	count = int(ne.Uint16(head[10:]))
	if ne.Uint64(head) != id || overflow >= w.pages-id {
		return nil, 0, 0, errNoTree
	}
	b = make([]byte, min(int64(overflow+1)*w.size, PageHeader+int64(count)*ElementLen))
	if flags = ne.Uint16(head[8:]); flags == LeafPage {
		b = make([]byte, int64(overflow+1)*w.size)
	}
	if _, err := w.f.ReadAt(b, int64(id)*w.size); err != nil {
		return nil, 0, 0, err
	}
	if PageHeader+count*ElementLen > len(b) {
		return nil, 0, 0, errNoTree
	}
	return b, flags, count, nil
}

// children visits the pages that a branch names.
func (w *pageWalk) children(b []byte, count, depth int) error {
	if count == 0 {
		return errNoTree
	}
	for i := range count {
		if err := w.page(binary.NativeEndian.Uint64(b[PageHeader+i*ElementLen+8:]), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// buckets visits the trees of the buckets that a leaf holds, and sees to it that keys and
// values lie within it.
func (w *pageWalk) buckets(b []byte, count, depth int) error {
	ne := binary.NativeEndian
	for i := range count {
		at := PageHeader + i*ElementLen
		flags, pos := ne.Uint32(b[at:]), int64(ne.Uint32(b[at+4:]))
		key, value := int64(ne.Uint32(b[at+8:])), int64(ne.Uint32(b[at+12:]))
		from := int64(at) + pos + key
		if from+value > int64(len(b)) || flags == BucketValue && value < 8 {
			return errNoTree
		}
		if flags != BucketValue {
			continue
		}
		visit := func() error { return w.inline(b[from:from+value], depth+1) }
		if root := ne.Uint64(b[from:]); root != 0 {
			visit = func() error { return w.page(root, depth+1) }
		}
		if err := visit(); err != nil {
			return err
		}
	}
	return nil
}

// inline looks at a small bucket, which lies as a leaf in the value itself, behind the number
// of its root (0) and its sequence. A length that was turned there makes bbolt read, and write
// anew, as much as the whole map of the file.
func (w *pageWalk) inline(value []byte, depth int) error {
	if len(value) < BucketHeader+PageHeader || depth > maxTreeDepth {
		return errNoTree
	}
	b, ne := value[BucketHeader:], binary.NativeEndian
	count := int(ne.Uint16(b[10:]))
	if ne.Uint16(b[8:]) != LeafPage || PageHeader+count*ElementLen > len(b) {
		return errNoTree
	}
	return w.buckets(b, count, depth)
}

// Unclean is the file that stands beside the database while it is open. One that stands
// there at open says that the last run did not end in order.
func Unclean(path string) string { return path + ".open" }

// markOpen notes that the database is open, and reports whether the last run ended in order.
// The note needs no fsync: what it misses is a look, not data.
func markOpen(path string) (clean bool, err error) {
	_, err = os.Lstat(Unclean(path))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err := failpoint.Before(failpoint.MarkOpen); err != nil {
		return false, fmt.Errorf("open database: %w", err)
	}
	f, err := os.OpenFile(Unclean(path), os.O_CREATE|os.O_WRONLY, 0o600)
	if NoRoom(err) {
		return true, nil // a full disk is no reason not to open
	}
	if err != nil {
		return false, fmt.Errorf("open database: %w", err)
	}
	if err := errors.Join(f.Close(), failpoint.After(failpoint.MarkOpen)); err != nil {
		return false, fmt.Errorf("open database: %w", err)
	}
	return true, nil
}
