package bolt

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"calbell/internal/failpoint"
)

// writeWhole writes a file (mode 0600) that appears whole and on disk, or not at all.
func writeWhole(file string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(file)
	tmp, err := os.CreateTemp(dir, copyPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // of no effect once it is renamed
	err = errors.Join(write(tmp), syncFile(tmp), tmp.Close())
	if err == nil {
		err = name(os.Rename, tmp.Name(), file)
	}
	if err == nil {
		err = syncDir(dir)
	}
	return err
}

// syncFile waits until a file is on disk.
func syncFile(f *os.File) error {
	if err := failpoint.Before(failpoint.FileSync); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return failpoint.After(failpoint.FileSync)
}

// name gives a finished file its name, by os.Rename or os.Link.
func name(by func(from, to string) error, from, to string) error {
	if err := failpoint.Before(failpoint.FileRename); err != nil {
		return err
	}
	if err := by(from, to); err != nil {
		return err
	}
	return failpoint.After(failpoint.FileRename)
}

// syncDir waits until a folder's entries are on disk.
func syncDir(dir string) error {
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
