package file

import (
	"math"
	"syscall"
)

// freeRoom returns how many bytes the disk of a folder has left for this process; as many
// as there can be when nobody knows.
func freeRoom(folder string) int64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(folder, &st); err != nil || st.Bsize <= 0 || st.Bavail > math.MaxInt64/uint64(st.Bsize) {
		return math.MaxInt64
	}
	return int64(st.Bavail) * st.Bsize
}
