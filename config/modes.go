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
	Secret bool // it contains a secret
}

// uses records a file that the configuration names, for the check of its mode.
func (r *reader) uses(path string, secret bool) {
	r.doc.files = append(r.doc.files, UsedFile{path, secret})
}

// Warnings returns warnings about secrets that other users of the machine can read, and
// configuration files that they can change. The group may read them, because it is the
// daemon's. The mode of the database's key is checked when it is read. The files are
// checked as they are now.
func (c *Config) Warnings() []calbell.ConfigWarning {
	if c.doc == nil {
		return nil
	}
	files := append([]UsedFile{{c.Path, c.doc.holdsSecret}}, c.doc.files...)
	var all []calbell.ConfigWarning
	judged := map[string]bool{"": true} // "": the configuration has no file
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

// Files returns the configuration file and the files that it names, except credentials,
// which exist only while the service runs.
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

// isCredential reports whether systemd or a container platform provides a file. They
// protect its folder, so the file's mode does not matter.
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
// cannot, or when there is no such file.
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

// exposure describes who can do what with a file.
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

// remedy returns the mode that removes the exposed rights.
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

// hasSharedGroup reports whether a file's group may have members other than the owner. A
// group with the user's number belongs to that user alone, as on Debian; the group root
// counts as root.
func hasSharedGroup(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && owner.Gid != owner.Uid && owner.Gid != 0
}

// reachable reports whether other users can reach a file: every folder above it can be
// entered.
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

// quotedPath quotes a path for a shell.
func quotedPath(path string) string {
	if strings.ContainsAny(path, " \t\"'\\$`*?[]{}()<>|&;!#~") {
		return strconv.Quote(path)
	}
	return path
}
