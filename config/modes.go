package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"calbell"
)

// UsedFile is a file that the configuration is read from.
type UsedFile struct {
	Path   string
	Secret bool // it holds a secret
}

// uses remembers a file that the configuration names, for its mode to be judged.
func (r *reader) uses(path string, secret bool) {
	r.doc.files = append(r.doc.files, UsedFile{path, secret})
}

// Warnings returns what is unwise: files with secrets that other users of the machine can
// read, and files of the configuration that they can change. The group may read: it is that
// of the daemon. The key of the database is judged when it is read. It looks at the files as
// they are now.
func (c *Config) Warnings() []calbell.ConfigWarning {
	if c.doc == nil {
		return nil
	}
	files := append([]UsedFile{{c.Path, c.doc.holdsSecret}}, c.doc.files...)
	var all []calbell.ConfigWarning
	judged := map[string]bool{"": true} // a configuration that was not read from a file has no path
	for _, f := range files {
		if judged[f.Path] || isCredential(f.Path, c.doc.credentials) {
			continue
		}
		judged[f.Path] = true
		if w, ok := f.judge(); ok {
			all = append(all, w)
		}
	}
	return all
}

// Files returns the configuration file and those that it names, but for credentials, which are
// not there before the service runs.
func (c *Config) Files() (files []UsedFile) {
	if c.doc == nil {
		return nil
	}
	for _, f := range append([]UsedFile{{c.Path, c.doc.holdsSecret}}, c.doc.files...) {
		same := func(o UsedFile) bool { return o.Path == f.Path }
		if f.Path != "" && !isCredential(f.Path, c.doc.credentials) && !slices.ContainsFunc(files, same) {
			files = append(files, f)
		}
	}
	return files
}

// isCredential reports whether a file was put there by systemd or a container platform, which
// keep other users from the folder, whatever the file's mode.
func isCredential(path, credentials string) bool {
	for _, folder := range []string{credentials, "/run/credentials", "/run/secrets"} {
		if folder != "" && strings.HasPrefix(path, filepath.Clean(folder)+"/") {
			return true
		}
	}
	return false
}

// Bits of a file's mode.
const (
	groupWrites = 0o020
	othersWrite = 0o002
	othersRead  = 0o004
)

// judge returns a warning about a file that others can read or change; false when they
// cannot, or when there is no file.
func (f UsedFile) judge() (w calbell.ConfigWarning, ok bool) {
	info, err := os.Stat(f.Path)
	if err != nil {
		return w, false
	}
	mode := info.Mode().Perm()
	exposed := mode & othersWrite
	if f.Secret {
		exposed |= mode & othersRead
	}
	if exposed != 0 && !reachable(f.Path) {
		exposed = 0
	}
	if hasSharedGroup(info) {
		exposed |= mode & groupWrites
	}
	if exposed == 0 {
		return w, false
	}
	return calbell.ConfigWarning{
		What: calbell.English("%s (mode %04o)", exposure(exposed, f.Path), mode),
		Hint: calbell.Plain("chmod " + remedy(exposed, f.Secret) + " " + quotedPath(f.Path)),
	}, true
}

// exposure says who can do what to a file.
func exposure(bits fs.FileMode, path string) string {
	switch {
	case bits&othersRead != 0 && bits&othersWrite != 0:
		return "other users of this machine can read and change " + path + ", which holds a secret"
	case bits&othersRead != 0:
		return "other users of this machine can read " + path + ", which holds a secret"
	case bits&othersWrite != 0:
		return "other users of this machine can change " + path
	}
	return "the group of " + path + " can change it"
}

// remedy is the mode that takes away what is exposed.
func remedy(bits fs.FileMode, secret bool) string {
	var modes []string
	if bits&groupWrites != 0 {
		modes = append(modes, "g-w")
	}
	switch {
	case bits&(othersRead|othersWrite) == 0:
	case secret:
		modes = append(modes, "o-rwx")
	default:
		modes = append(modes, "o-w")
	}
	return strings.Join(modes, ",")
}

// hasSharedGroup reports whether a file's group may have other members than its owner: that
// of a user alone has, as Debian makes them, the user's number. The group of root is root.
func hasSharedGroup(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && owner.Gid != owner.Uid && owner.Gid != 0
}

// reachable reports whether other users get as far as a file: each folder above it lets them
// through.
func reachable(path string) bool {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		if err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if folder == filepath.Dir(folder) {
			return true
		}
	}
}

// quotedPath is a path as a shell takes it.
func quotedPath(path string) string {
	if strings.ContainsAny(path, " \t\"'\\$`*?[]{}()<>|&;!#~") {
		return strconv.Quote(path)
	}
	return path
}
