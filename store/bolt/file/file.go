package file

import (
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	bbolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/record"
)

const (
	// LockWait is how long Open waits for another process to let go of the file: a
	// restart overlaps by that much.
	LockWait = time.Second
	// mapSize is the address space kept for the file, no memory. Beyond it every growth
	// waits for the readers under way.
	mapSize = 1 << 30
	// growBy is by how much the file grows at a time.
	growBy = 1 << 20
)

// File is an open file with the keys to read it. It is safe for concurrent use; writes take turns.
type File struct {
	DB   *bbolt.DB
	box  *record.Sealer
	path string
	// Damaged is notified of rows that do not open.
	Damaged func(error)
	Commits atomic.Int64 // transactions written
	// RowsRead counts the rows that transactions looked at.
	RowsRead atomic.Int64
	full     atomic.Bool
	refused  atomic.Pointer[error] // of the latest commit; nil: it succeeded
	stuck    atomic.Bool           // see locked
	// noBallast: the file is one of a test and may do without.
	noBallast bool
}

// Options change how a file is opened.
type Options struct {
	NoSync   bool          // no wait for the disk, and no ballast
	LockWait time.Duration // for the file's lock; 0 = 1 s
	Damaged  func(error)   // is notified of rows that do not open; nil: nobody is
}

// Open opens a file, or makes it (mode 0600). An error of KindAlreadyRuns when another process has it
// open.
func Open(path string, box *record.Sealer, o Options) (s *File, err error) {
	defer Faults(path, &err)()
	if err := CheckSize(path); err != nil {
		return nil, err
	}
	wait := o.LockWait
	if wait == 0 {
		wait = LockWait
	}
	if err := failpoint.Before(failpoint.OpenDatabase); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: wait,
		// A synced freelist opens 1,000,000 rows in 0.03 s instead of 0.7 s.
		NoFreelistSync: false,
		FreelistType:   bbolt.FreelistMapType,
		NoSync:         o.NoSync,
		// A 32-bit process has no gigabyte of addresses to spare.
		InitialMmapSize: mapSize * (bits.UintSize / 64),
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, &calbell.Error{
			Kind: calbell.KindAlreadyRuns,
			What: calbell.English("open database %q: another process has it open", path),
			Hint: calbell.English("a calbell daemon runs already: stop it, or give this one another data.path"),
		}
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, DamagedError(calbell.English("open database %q", path), err)
	case err != nil && !strings.Contains(err.Error(), path):
		return nil, fmt.Errorf("open database %q: %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.AllocSize = growBy
	if err = failpoint.After(failpoint.OpenDatabase); err == nil {
		err = afterCrash(path)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s = &File{DB: db, box: box, path: path, Damaged: o.Damaged, noBallast: o.NoSync}
	if s.Damaged == nil {
		s.Damaged = func(error) {}
	}
	return s, nil
}

// afterCrash looks at the pages of a file that was not closed in order. The lock is ours.
func afterCrash(path string) error {
	clean, err := markOpen(path)
	if err != nil || clean {
		return err
	}
	return CheckPages(path)
}

// Stats says how large the database is and how much it has written.
type Stats struct {
	FileBytes int64 // of the file
	FreeBytes int64 // of it, free for what comes next; bbolt never shrinks a file
	Commits   int64 // transactions written since it was opened
}

// Stats returns figures for people and metrics. It costs next to nothing.
func (s *File) Stats() (Stats, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return Stats{}, fmt.Errorf("look at database: %w", err)
	}
	st := s.DB.Stats()
	return Stats{FileBytes: info.Size(), FreeBytes: int64(st.FreeAlloc), Commits: s.Commits.Load()}, nil
}

// Close closes the database.
func (s *File) Close() (err error) {
	defer Faults(s.path, &err)()
	if s.stuck.Load() { // to close it would wait, too; the end of the program lets go of it
		return DamagedError(calbell.English("close database %q", s.path), errStuck)
	}
	if err := failpoint.Before(failpoint.CloseDatabase); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	if err := s.DB.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	if err := failpoint.After(failpoint.CloseDatabase); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// MarkClosed notes that the file was closed in order.
func (s *File) MarkClosed() error {
	if err := os.Remove(Unclean(s.path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// DamagedHint is the next step for a damaged database.
const DamagedHint = "stop calbell, then put the newest backup in its place by: calbell restore FILE"

// DamagedError is the error of a file that is not what was written.
func DamagedError(what calbell.Text, cause error) error {
	return &calbell.Error{
		Kind: calbell.KindFailed, What: calbell.English("%s: the file is damaged", what), Err: cause,
		Hint: calbell.Plain(DamagedHint),
	}
}

// Faults makes a damaged file an error instead of the end of the process. bbolt maps the
// file into memory and trusts it: a page that is gone is a memory fault, one that was
// overwritten a panic. Use: defer faults(path, &err)().
func Faults(path string, err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		if p := recover(); p != nil {
			*err = DamagedError(calbell.English("read database %q", path), fmt.Errorf("%v", p))
		}
	}
}
