// Package rights describes who may read or change a file, for warnings about secrets that others
// can read and about files that they can change. It reports and changes nothing.
//
// It may import the standard library alone.
//
//	rights.go  the mode of a file, and the chmod that narrows it
package rights
