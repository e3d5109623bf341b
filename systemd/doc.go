// Package systemd holds the files that run Calbell under systemd, and the tests that keep them
// right: that the unit is valid and locked down, and that its folders are those of the program's
// defaults.
//
// It may import the standard library alone.
package systemd
