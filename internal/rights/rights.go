package rights

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// Of describes who may do what with a file: its owner, group and mode.
func Of(info fs.FileInfo) string {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Sprintf("mode %04o", info.Mode().Perm())
	}
	name, group := names(owner)
	return fmt.Sprintf("owner %s, group %s, mode %04o", name, group, info.Mode().Perm())
}

// names returns the names of a file's owner and group; their numbers when they have no
// names.
func names(owner *syscall.Stat_t) (name, group string) {
	name, group = strconv.FormatUint(uint64(owner.Uid), 10), strconv.FormatUint(uint64(owner.Gid), 10)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return name, group
}

// Listed returns the mode, owner and group of a file like ls, in parentheses after a blank;
// "" when the file cannot be examined.
func Listed(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Sprintf(" (%v)", info.Mode())
	}
	name, group := names(owner)
	return fmt.Sprintf(" (%v %s %s)", info.Mode(), name, group)
}

// User returns the name of the user that this process runs as.
func User() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Geteuid())
}

// Missing returns the next step for a file that this user may not read: who may read it,
// and who is asking.
func Missing(path string) string {
	me := User()
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Sprintf("%s may not enter its folder: use sudo, or join the group that may", me)
	}
	return fmt.Sprintf("it has %s, and %s runs this: use sudo, or join the group that may read it", Of(info), me)
}
