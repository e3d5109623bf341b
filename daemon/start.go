package daemon

import (
	"errors"
	"fmt"
	"log/slog"
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

// nextSteps maps errors of the operating system to what people can do about them.
type nextSteps map[syscall.Errno]string

// machineSteps returns the steps for errors that have the same cause everywhere.
func machineSteps() nextSteps {
	files := "raise the limit of open files: LimitNOFILE in the systemd unit, or ulimit -n; 1024 is plenty"
	return nextSteps{syscall.EMFILE: files, syscall.ENFILE: files}
}

// storeSteps returns the steps for a database that cannot be opened or created in a folder.
func storeSteps(path string) nextSteps {
	folder := filepath.Dir(path)
	owner := fmt.Sprintf("let the daemon's user read and write the folder %q and the files in it: "+
		"chown -R USER FOLDER; what root makes there belongs to root", folder)
	room := fmt.Sprintf("make room on the disk of %q, or raise its quota; then start again", folder)
	lock := fmt.Sprintf("its file system cannot lock or map files: give data.path a folder on a local disk in place of %q", folder)
	return nextSteps{
		syscall.EROFS: fmt.Sprintf("the disk of %q is mounted read-only: look in the log of the kernel (dmesg) for errors of the disk, "+
			"then mount it for writing, or change data.path; in a systemd unit, ReadWritePaths or StateDirectory must name the folder", folder),
		syscall.EACCES:  owner,
		syscall.EPERM:   owner,
		syscall.ENOENT:  fmt.Sprintf("make the folder %q for the daemon's user, or change data.path", folder),
		syscall.ENOTDIR: fmt.Sprintf("a part of the path %q is a file: change data.path", folder),
		syscall.EISDIR:  "a folder stands where a file belongs: move it away, or change data.path",
		syscall.ENOSPC:  room, syscall.EDQUOT: room, syscall.EFBIG: room,
		syscall.ENOMEM: "the process may use too little memory: raise LimitAS or MemoryMax in the systemd unit, or ulimit -v; " +
			"1 GiB of addresses is kept for the database, which costs no memory",
		syscall.EIO:        "the disk answers with errors: look in the log of the kernel (dmesg), then restore a backup on a sound disk: calbell restore FILE",
		syscall.ENOLCK:     lock,
		syscall.EOPNOTSUPP: lock,
		syscall.ENOSYS:     lock,
		syscall.ENODEV:     lock,
	}
}

// pageSteps returns the steps for an address that cannot be listened on.
func pageSteps() nextSteps {
	return nextSteps{
		syscall.EADDRINUSE:    "another program listens there: stop it, or change server.listen",
		syscall.EADDRNOTAVAIL: "this machine does not have that address: change server.listen, or leave the host out for every address",
		syscall.EACCES:        "ports below 1024 are not for everybody: choose a higher one, put a proxy in front, or give the unit AmbientCapabilities=CAP_NET_BIND_SERVICE",
	}
}

// socketSteps returns the steps for a socket that cannot be created in a folder.
func socketSteps(path string) nextSteps {
	folder := filepath.Dir(path)
	owner := fmt.Sprintf("let the daemon's user write the folder %q, or change server.socket", folder)
	return nextSteps{
		syscall.ENOENT: makeFolder(folder, 0o750, "") + ", or change server.socket; in a systemd unit, RuntimeDirectory makes it",
		syscall.EACCES: owner, syscall.EPERM: owner,
		syscall.EROFS:   fmt.Sprintf("the folder %q is on a read-only disk: change server.socket", folder),
		syscall.ENOTDIR: fmt.Sprintf("a part of the path %q is a file: change server.socket", folder),
		syscall.ENOSPC:  fmt.Sprintf("make room on the disk of %q, or change server.socket", folder),
	}
}

// of returns the next step for an error, or otherwise when there is none. Some libraries
// keep only the text of an error, so the text is compared as well.
func (n nextSteps) of(err error, otherwise string) string {
	for _, steps := range []nextSteps{machineSteps(), n} {
		for no, step := range steps {
			if errors.Is(err, no) || strings.HasSuffix(err.Error(), no.Error()) {
				return step
			}
		}
	}
	return otherwise
}

// explained adds the next step to an error of a start, unless it has a hint.
func explained(err error, steps nextSteps, otherwise string) error {
	if err == nil || !calbell.HintOf(err).IsZero() {
		return err
	}
	return &calbell.Error{Kind: calbell.KindOf(err), Err: err, Hint: calbell.Plain(steps.of(err, otherwise))}
}

// explainStore is explained for the database at a path.
func explainStore(err error, path string) error {
	return explained(err, storeSteps(path), fmt.Sprintf("look at the disk and the permissions of %q", filepath.Dir(path)))
}

// openStore opens the database with its key.
func openStore(cfg *config.Config, o bolt.Options) (*bolt.Store, error) {
	if err := plainFile(cfg.Data.Path); err != nil {
		return nil, err
	}
	if err := noFolder(cfg.Data.Path); err != nil {
		return nil, err
	}
	key, err := record.LoadKey(cfg.Data.Path, cfg.Data.KeyFile)
	if err != nil {
		return nil, explainStore(err, cfg.Data.Path)
	}
	s, err := bolt.Open(cfg.Data.Path, key, o)
	return s, explainStore(err, cfg.Data.Path)
}

// upgradeLogged is the least time between two lines of the log about an upgrade.
const upgradeLogged = 5 * time.Second

// upgrading returns the callback for the progress of an upgrade: it logs, and asks systemd for more
// time to start.
func upgrading(log *slog.Logger) func(done, all int) {
	var logged time.Time
	return func(done, all int) {
		extendStart()
		if now := time.Now(); now.Sub(logged) >= upgradeLogged {
			logged = now
			log.Info("upgrading the database", "done", done, "all", all)
		}
	}
}

// plainFile rejects a database path that is a folder or a device. Otherwise the first error
// would be about its key, which would mislead.
func plainFile(path string) error {
	what := "not a plain file"
	switch info, err := os.Stat(path); {
	case err != nil || info.Mode().IsRegular():
		return nil // opening it reports the error
	case info.IsDir():
		what = "a folder"
	}
	return &calbell.Error{
		Kind: calbell.KindConfig, What: calbell.English("open database %q: it is %s", path, what),
		Hint: calbell.English("give data.path the name of a file, such as %q", filepath.Join(path, "calbell.db")),
	}
}
