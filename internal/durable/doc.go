// Package durable writes files that appear whole and on disk, or not at all: a crash or a power cut
// leaves the old file or the new one. It waits for the disk, and for the folder's entry, before it
// returns.
//
// It may import internal/failpoint.
//
//	durable.go  whole files; waiting for files, folders and renames
package durable
