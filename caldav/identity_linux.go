package caldav

import (
	"io/fs"
	"syscall"
	"time"
)

// identity returns a file's number on its disk, and when it was last changed in any way: programs may
// set the time of its text as they like, and not this one.
func identity(info fs.FileInfo) (number uint64, changed time.Time) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino, time.Unix(s.Ctim.Unix())
	}
	return 0, time.Time{}
}
