package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"calbell"
	"calbell/internal/failpoint"

	"github.com/spf13/cobra"
)

func (a upkeepCommands) backupCmd() *cobra.Command {
	force := false
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the database to a file, while the daemon runs",
		Long: `Write the database, as it is now, to a file of mode 0600. The daemon goes on meanwhile.

The backup is sealed as the database is: keep the daemon's key (data.key_file, or the
database's name with .key) elsewhere, a backup is of no use without it.`,
		Example: `  calbell backup /srv/backup/calbell-monday.db
  calbell backup --force latest.db`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.backup(cmd.Context(), args[0], force) },
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that exists")
	return cmd
}

// backup writes to a new file beside the one that is meant, and gives it its name when it
// is whole and on disk.
func (a upkeepCommands) backup(ctx context.Context, path string, force bool) (err error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return fileExists(path)
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return plainPath("make the backup", err)
	}
	defer func() { err = errors.Join(err, removed(tmp.Name())) }()
	n, err := c.Backup(ctx, tmp)
	if err = errors.Join(err, syncBackup(tmp), tmp.Close()); err != nil {
		return err
	}
	if err := place(tmp.Name(), path, force); err != nil {
		return err
	}
	return a.done(struct {
		File  string `json:"file"`
		Bytes int64  `json:"bytes"`
	}{path, n}, "%s: %s; of no use without the key of the daemon's database, keep that elsewhere", path, bytesOf(n))
}

// syncBackup waits until the backup is on disk.
func syncBackup(f *os.File) error {
	if err := failpoint.Before(failpoint.BackupSync); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return failpoint.After(failpoint.BackupSync)
}

// place gives a finished file its name, and sees to it that the name outlives a power cut.
func place(tmp, path string, force bool) error {
	if err := failpoint.Before(failpoint.BackupName); err != nil {
		return err
	}
	if force {
		if err := os.Rename(tmp, path); err != nil {
			return err
		}
	} else if err := os.Link(tmp, path); errors.Is(err, fs.ErrExist) {
		return fileExists(path) // made meanwhile
	} else if err != nil {
		// A file system without links: the look at the beginning must do.
		if err := os.Rename(tmp, path); err != nil {
			return err
		}
	}
	if err := failpoint.After(failpoint.BackupName); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// removed deletes a file that may be gone.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func fileExists(path string) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("%s exists", path), Hint: calbell.English("choose another name, or write over it with --force")}
}

// plainPath says what failed with the path that people gave, not that of a temporary file.
func plainPath(what string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %s: %w", what, filepath.Dir(path.Path), path.Err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// bytesOf shows a size.
func bytesOf(n int64) string {
	switch {
	case n < 1<<20:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1<<30:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
