//go:build !linux

package file

import "math"

// freeRoom returns how many bytes the disk of a folder has left for this process: as many
// as there can be, because nobody knows.
func freeRoom(string) int64 { return math.MaxInt64 }
