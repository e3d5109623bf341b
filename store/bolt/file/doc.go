// Package file is one bbolt file that survives what happens to files: damaged pages are errors and
// do not end the process, a full disk keeps room for what must be recorded, and a file that was not
// closed properly is checked before it is trusted. What the rows mean is up to the caller.
//
// It may import the root package, internal/durable, internal/failpoint, store/record and
// go.etcd.io/bbolt.
//
//	file.go        opening and closing; faults as errors
//	tx.go          transactions: rows, sealed rows, edits in key order
//	ballast.go     room that is set aside for a full disk
//	pages.go       pages that do not form trees
//	size.go        a file that is shorter than it says
//	replace.go     a backup in the place of the file
//	snapshots.go   names of snapshots, and which are deleted
//	room_linux.go  how much room a disk has left
//	room_other.go
package file
