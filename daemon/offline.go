package daemon

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"calbell"
	"calbell/config"
	"calbell/store/bolt"
	"calbell/store/record"
)

// CheckFileStore reads the whole database of a daemon that does not run, and returns its
// faults, one line each. It does not create a database.
func CheckFileStore(ctx context.Context, cfg *config.Config) (found []string, err error) {
	if _, err := os.Stat(cfg.Data.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, &calbell.Error{Kind: calbell.KindNotFound, What: calbell.English("there is no database %q", cfg.Data.Path), Hint: calbell.English("look at data.path in the configuration")}
	}
	s, err := openStore(cfg, bolt.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close(), giveBack(cfg.Data.Path)) }()
	return findings(ctx, s.Check(ctx))
}

// giveBack gives the database's files to the owner of their folder. Files that root creates
// would otherwise be unreadable for the daemon's user.
func giveBack(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	files, err := os.ReadDir(filepath.Dir(path))
	for _, f := range files {
		if strings.HasPrefix(f.Name(), filepath.Base(path)) {
			err = errors.Join(err, os.Lchown(filepath.Join(filepath.Dir(path), f.Name()), int(owner.Uid), int(owner.Gid)))
		}
	}
	return err
}

// BackupFile describes a backup before it is restored.
type BackupFile struct {
	Path  string
	Bytes int64
	Made  time.Time // when its file was last written
}

// LookAtBackup describes a backup without opening it.
func LookAtBackup(path string) (BackupFile, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return BackupFile{}, &calbell.Error{Kind: calbell.KindNotFound, What: calbell.English("there is no file %q", path), Hint: calbell.English("snapshots are in the folder that data.backup names")}
	case err != nil:
		return BackupFile{}, err
	case !info.Mode().IsRegular():
		return BackupFile{}, &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("%q is not a file", path)}
	}
	return BackupFile{Path: path, Bytes: info.Size(), Made: info.ModTime()}, nil
}

// Restored reports the result of a restore; see bolt.RestoreReport.
type Restored = bolt.RestoreReport

// Restore replaces the database of a configuration with a backup. The daemon must not be
// running.
func Restore(ctx context.Context, from string, cfg *config.Config) (Restored, error) {
	key, err := record.LoadKey(cfg.Data.Path, cfg.Data.KeyFile)
	if err != nil {
		return Restored{}, explainStore(err, cfg.Data.Path)
	}
	r, err := bolt.Restore(ctx, from, cfg.Data.Path, key)
	return r, errors.Join(explained(err, storeSteps(cfg.Data.Path), ""), giveBack(cfg.Data.Path))
}
