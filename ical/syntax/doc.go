// Package syntax takes iCalendar text (RFC 5545 §3.1, §3.6) apart: bytes → content lines →
// components and properties. Whatever is missing or garbled costs the component in which it
// stands, and is reported; all positions are those of the text, so that it can be edited. What a
// property means is left to package ical, which reads, and to package edit, which writes.
//
// The numbers D1 to D32 in comments name the decisions in docs/rfc-coverage.md.
//
// It is pure, and may import the root package.
//
//	guard.go      bytes → lines, folded or not, within limits; the content of a component
//	charset.go    … whatever their characters are
//	structure.go  lines → blocks BEGIN … END
//	property.go   one line: name, parameters, value
//	problem.go    what could not be read, as much of it as anybody reads
package syntax
