package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"calbell"
	"calbell/internal/durable"
	"calbell/internal/failpoint"

	bbolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// LockOut holds the lock of the database for as long as it is to be replaced. One that
// does not open cannot be in use.
func LockOut(path string) (release func() error, err error) {
	none := func() error { return nil }
	if info, err := os.Stat(path); err != nil || info.Size() == 0 || CheckSize(path) != nil {
		return none, nil
	}
	defer Faults(path, &err)()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: LockWait})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return none, &calbell.Error{
			Kind: calbell.KindAlreadyRuns, What: calbell.English("restore database %q: a process has it open", path),
			Hint: calbell.English("stop the calbell daemon first"),
		}
	case err != nil:
		return none, nil
	}
	return db.Close, nil
}

// CopyBackup copies a backup and returns when, in transactions, it was taken.
func CopyBackup(from, to string) (txid uint64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	err = durable.WriteWhole(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	m, _, ok := NewestMeta(in)
	if err == nil && !ok {
		err = DamagedError(calbell.English("read backup %q", from), nil)
	}
	return m.TxID, err
}

// Replace puts a file in the place of another, which is kept. At every moment there is
// a whole one in place: a start in between must not begin with nothing.
func Replace(by, path string) (before string, err error) {
	before = path + ".before-restore"
	if err := os.Remove(before); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	if err := failpoint.Before(failpoint.KeepReplaced); err != nil {
		return "", err
	}
	switch err := os.Link(path, before); {
	case errors.Is(err, os.ErrNotExist):
		before = ""
	case err != nil:
		return "", fmt.Errorf("keep the database of before: %w", err)
	}
	if err := failpoint.After(failpoint.KeepReplaced); err != nil {
		return before, err
	}
	if err := failpoint.Before(failpoint.PlaceRestored); err != nil {
		return before, err
	}
	if err := os.Rename(by, path); err != nil {
		return before, err
	}
	if err := failpoint.After(failpoint.PlaceRestored); err != nil {
		return before, err
	}
	if err := os.Remove(Unclean(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return before, err // it told of the file of before
	}
	return before, durable.SyncDir(filepath.Dir(path))
}
