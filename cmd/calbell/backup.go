// The backup command: a consistent copy of the running daemon's database.
//
// The daemon streams a snapshot of one read transaction (bbolt), so deliveries continue
// meanwhile. The copy is written to a temporary file in the target's folder, synced, and
// only then given its name: a file with that name is always complete. Values are sealed as
// in the database and need its key file (docs/operations.md).

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

// backupCmd builds the backup command.
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

// backup writes the backup to path. It fails before it asks the daemon when the file exists
// and force is false. The temporary file is removed whatever happens; after success it has
// the target's name, or is a second link to it.
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

// syncBackup waits until the backup is on disk. The fail points let tests interrupt it
// before and after.
func syncBackup(f *os.File) error {
	if err := failpoint.Before(failpoint.BackupSync); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return failpoint.After(failpoint.BackupSync)
}

// place gives a finished file its name, and syncs the folder so that the name survives a
// power failure. Without force it links instead of renaming: a link does not replace a file
// that another process created in the meantime.
func place(tmp, path string, force bool) error {
	if err := failpoint.Before(failpoint.BackupName); err != nil {
		return err
	}
	if force {
		if err := os.Rename(tmp, path); err != nil {
			return err
		}
	} else if err := os.Link(tmp, path); errors.Is(err, fs.ErrExist) {
		return fileExists(path) // created since backup looked
	} else if err != nil {
		// A file system without hard links: only the check in backup protects an existing file.
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

// removed removes a file; it is no error when there is none.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// fileExists returns the error for a target that exists.
func fileExists(path string) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("%s exists", path), Hint: calbell.English("choose another name, or write over it with --force")}
}

// plainPath replaces the path of an error with its folder: people gave the folder, and not
// the name of the temporary file in it.
func plainPath(what string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %s: %w", what, filepath.Dir(path.Path), path.Err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// bytesOf formats a size in decimal units (kB, MB, GB) with one decimal place.
func bytesOf(n int64) string {
	switch {
	case n < 1<<20:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1<<30:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
