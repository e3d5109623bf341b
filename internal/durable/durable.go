package durable

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"calbell/internal/failpoint"
)

// TempPrefix is the prefix of unfinished files. A crash may leave some behind.
const TempPrefix = ".copy-"

// WriteWhole writes a file (mode 0600) atomically: after a crash it is complete and on
// disk, or does not exist.
func WriteWhole(file string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(file)
	tmp, err := os.CreateTemp(dir, TempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // no effect after the rename
	err = errors.Join(write(tmp), SyncFile(tmp), tmp.Close())
	if err == nil {
		err = Rename(os.Rename, tmp.Name(), file)
	}
	if err == nil {
		err = SyncDir(dir)
	}
	return err
}

// SyncFile waits until a file is on disk.
func SyncFile(f *os.File) error {
	if err := failpoint.Before(failpoint.FileSync); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return failpoint.After(failpoint.FileSync)
}

// Rename gives a finished file its name, by os.Rename or os.Link.
func Rename(by func(from, to string) error, from, to string) error {
	if err := failpoint.Before(failpoint.FileRename); err != nil {
		return err
	}
	if err := by(from, to); err != nil {
		return err
	}
	return failpoint.After(failpoint.FileRename)
}

// SyncDir waits until the entries of a folder are on disk.
func SyncDir(dir string) error {
	if err := failpoint.Before(failpoint.FolderSync); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return err
	}
	return failpoint.After(failpoint.FolderSync)
}
