// Package dates writes days and times for a reader: in their language, by their zone and as seen
// from their now. How an event is written stays an instant until then, so that the reader's zone
// and the modifiers of a template decide. It knows no templates and no markup, and it has no clock.
//
// It is pure, and may import the root package.
//
// # Files
//
//	dates.go       a moment of a span: its day, its start or end, its times of day
//	reader.go      … in words, for a reader
//	distance.go    … as seen from now; how long something takes
//	pattern.go     CLDR's date patterns (UTS 35, part 4)
//	zone.go        the names of zones
//	locale.go      languages; cldr_table.go and gen_cldr.go: what Unicode says about them
package dates
