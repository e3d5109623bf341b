// Package ics takes an .ics file that holds a calendar apart: one object per UID, with the zones that
// it needs, under a key and a tag that follow from what it says. The file is read as a stream, and
// only where its components are is kept, so memory follows from their number and not from the file's
// size. A file that was cut off is an error. What an event means is left to package ical.
//
// It is pure, and may import the root package.
//
//	lines.go  content lines of a part of a file
//	split.go  a file → where its objects are
//	file.go   objects: keys, tags, texts
//	head.go   what a file says of itself: its name, how often to ask
package ics
