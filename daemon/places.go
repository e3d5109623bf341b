package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"calbell"
	"calbell/config"
	"calbell/internal/rights"

	"golang.org/x/sys/unix"
)

// packagedUser is the user that the packaged service runs as.
const packagedUser = "calbell"

// account is a user of this machine.
type account struct {
	name   string
	group  string // name of the primary group
	uid    uint32
	groups []uint32
}

// CheckPlaces warns of files that the daemon's user cannot read, of secrets that foreign
// groups can read, and of folders in which the daemon cannot create the database or the
// socket. It is for root, who checks a configuration before the first start and could read
// everything.
func CheckPlaces(cfg *config.Config) []calbell.ConfigWarning {
	who, known := serviceUser(cfg)
	var all []calbell.ConfigWarning
	if known {
		files := cfg.Files()
		if cfg.Data.KeyFile != "" && cfg.Data.KeyCredential == "" {
			files = append(files, config.UsedFile{Path: cfg.Data.KeyFile}) // its mode is checked when it is read
		}
		for _, file := range files {
			all = append(all, who.unreadable(file.Path)...)
		}
	}
	reader, ok := who, known
	if !ok && os.Geteuid() != 0 {
		reader, ok = lookUp(user.Current())
	}
	for _, file := range cfg.Files() {
		if ok && file.Secret {
			all = append(all, reader.foreignGroup(file.Path)...)
		}
	}
	all = append(all, checkFolder(place{"data.path", cfg.Data.Path, 0o700, "StateDirectory"}, who, known)...)
	return append(all, checkFolder(place{"server.socket", cfg.Server.Socket, 0o750, "RuntimeDirectory"}, who, known)...)
}

// serviceUser returns the user that the daemon of a configuration runs as. For root that is
// the owner of the database's folder, else the packaged user; anybody else runs the daemon
// as themselves. known is false when the user cannot be determined.
func serviceUser(cfg *config.Config) (who account, known bool) {
	if os.Geteuid() != 0 {
		return account{}, false // files that they cannot read were errors already
	}
	if info, err := os.Stat(filepath.Dir(cfg.Data.Path)); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
			return lookUp(user.LookupId(strconv.FormatUint(uint64(owner.Uid), 10)))
		}
	}
	return lookUp(user.Lookup(packagedUser))
}

// lookUp returns a user with its groups.
func lookUp(u *user.User, err error) (account, bool) {
	if err != nil {
		return account{}, false
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	ids, groupsErr := u.GroupIds()
	if err != nil || groupsErr != nil {
		return account{}, false
	}
	who := account{name: u.Username, group: u.Gid, uid: uint32(uid)}
	if g, err := user.LookupGroupId(u.Gid); err == nil {
		who.group = g.Name
	}
	for _, id := range ids {
		if gid, err := strconv.ParseUint(id, 10, 32); err == nil {
			who.groups = append(who.groups, uint32(gid))
		}
	}
	return who, true
}

// Permission bits of one class, as in the last digit of a file mode.
const mayRead, mayWrite, mayEnter fs.FileMode = 4, 2, 1

// may reports whether the mode of a file gives a user rights to it. Access control lists
// are not considered.
func (u account) may(info fs.FileInfo, rights fs.FileMode) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || u.uid == 0 {
		return true
	}
	mode := info.Mode().Perm()
	switch {
	case owner.Uid == u.uid:
		mode >>= 6
	case slices.Contains(u.groups, owner.Gid):
		mode >>= 3
	}
	return mode&rights == rights
}

// unreadable warns of a file that a user cannot read, or cannot reach.
func (u account) unreadable(file string) []calbell.ConfigWarning {
	for folder := filepath.Dir(file); ; folder = filepath.Dir(folder) {
		if info, err := os.Stat(folder); err == nil && !u.may(info, mayEnter) {
			return []calbell.ConfigWarning{{
				What: calbell.English("%s cannot be read by %q, the daemon's user: the folder %s is closed to it (%s)", file, u.name, folder, rights.Of(info)),
				Hint: calbell.English("chgrp %s %s && chmod g+x %s", u.group, folder, folder),
			}}
		}
		if folder == filepath.Dir(folder) {
			break
		}
	}
	info, err := os.Stat(file)
	if err != nil || u.may(info, mayRead) {
		return nil
	}
	return []calbell.ConfigWarning{{
		What: calbell.English("%s cannot be read by %q, the daemon's user (%s)", file, u.name, rights.Of(info)),
		Hint: calbell.English("chgrp %s %s && chmod 640 %s; to try all as that user: sudo -u %s calbell check -c FILE", u.group, file, file, u.name),
	}}
}

// foreignGroup warns of a secret that is readable for a group to which the daemon's user
// does not belong. A group with the same number as the file's owner has no other members.
func (u account) foreignGroup(file string) []calbell.ConfigWarning {
	info, err := os.Stat(file)
	if err != nil {
		return nil
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode()&0o044 != 0o040 || owner.Gid == owner.Uid || owner.Gid == 0 || slices.Contains(u.groups, owner.Gid) {
		return nil
	}
	member := account{uid: ^uint32(0), groups: []uint32{owner.Gid}} // no user has this number
	if len(member.unreadable(file)) > 0 {
		return nil
	}
	return []calbell.ConfigWarning{{
		What: calbell.English("a group that is not the daemon's can read %s, which holds a secret (%s)", file, rights.Of(info)),
		Hint: calbell.English("chmod g-r %s, or chgrp %s %s", file, u.group, file),
	}}
}

// place is the location of a file that the daemon creates.
type place struct {
	key       string // of the configuration
	path      string
	mode      fs.FileMode // of its folder
	directive string      // of the systemd unit, which creates the folder
}

// checkFolder warns of a folder that is missing, or in which the daemon's user cannot
// create files.
func checkFolder(p place, who account, known bool) []calbell.ConfigWarning {
	folder, key := filepath.Dir(p.path), p.key
	info, err := os.Stat(folder)
	writable := err == nil && unix.Access(folder, unix.W_OK|unix.X_OK) == nil
	if known {
		writable = err == nil && who.may(info, mayWrite|mayEnter)
	}
	w := calbell.ConfigWarning{}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		w.What = calbell.English("%s: there is no folder %s", key, folder)
		w.Hint = calbell.English("%s; the unit makes it (%s)", makeFolder(folder, p.mode, who.name), p.directive)
	case err == nil && !info.IsDir():
		w.What = calbell.English("%s: %s is not a folder", key, folder)
		w.Hint = calbell.Plain("change " + key)
	case err == nil && !writable:
		w.What = calbell.English("%s: the daemon's user cannot write in the folder %s (%s)", key, folder, rights.Of(info))
		w.Hint = calbell.English("chown USER %s, or change %s", folder, key)
		if known {
			w.Hint = calbell.Plain(strings.Replace(w.Hint.English, "USER", who.name, 1))
		}
	default:
		return nil
	}
	return []calbell.ConfigWarning{w}
}

// makeFolder returns the command that creates a folder for the daemon's user. name is that
// user's; when it is "", the folder is for the current user, unless that is root: then it
// returns "".
func makeFolder(folder string, mode fs.FileMode, name string) string {
	parent := filepath.Dir(folder)
	for !isFolder(parent) && parent != filepath.Dir(parent) {
		parent = filepath.Dir(parent)
	}
	if name == "" && unix.Access(parent, unix.W_OK|unix.X_OK) == nil && os.Geteuid() != 0 {
		return fmt.Sprintf("make the folder: mkdir -p -m %03o %s", mode, folder)
	}
	if u, err := user.Current(); name == "" && err == nil && u.Uid != "0" {
		name = u.Username
	}
	if name == "" {
		name = "USER"
	}
	return fmt.Sprintf("make the folder for the daemon's user: sudo install -d -o %s -m %03o %s", name, mode, folder)
}

// isFolder reports whether there is a folder at a path.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// noFolder returns the error for a database whose folder does not exist; nil when it does.
func noFolder(path string) error {
	folder := filepath.Dir(path)
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return &calbell.Error{
		Kind: calbell.KindFailed, What: calbell.English("data.path %q: there is no folder %q", path, folder),
		Hint: calbell.English("%s; or change data.path", makeFolder(folder, 0o700, "")),
	}
}
