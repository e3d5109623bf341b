// Package ical turns iCalendar text (RFC 5545, 7986, 9074) into events, their
// instances and the instants at which their alarms ring. It is pure: no clock, no
// network, and the same text gives the same instants for the same zone data.
//
// Which reading of the RFCs it follows is written down in docs/rfc-coverage.md; the
// numbers D1 to D32 in comments name the decisions there.
//
// Text is taken apart by ical/syntax, and written by ical/edit, of which this package knows nothing.
//
// It is pure, and may import the root package, ical/recur, ical/syntax, ical/zone and
// github.com/emersion/go-ical.
//
//	ical.go        options and files
//	parse.go       text → file: the reader, and groups of components by UID
//	value.go       dates and times as written (D30)
//	stamped.go     … with their zone, and how people write them otherwise (D29, D31)
//	duration.go    durations, and how people write them otherwise (D28)
//	timezone.go    VTIMEZONEs, for package zone
//	calzone.go     the zone that a collection names as its own
//	component.go   a block → what instants depend on
//	recurrence.go  RRULE, EXRULE, RDATE, EXDATE
//	alarm.go       VALARM, and when it rings for an instance
//	lead.go        alarms that an event does not have itself
//
//	assemble.go    components of one UID → event: versions, overrides (D12, D18)
//	event.go       the event, and its segments between overrides
//	shared.go      several events under one UID
//	walk.go        original starts in order
//	search.go      alarm instants in order
//	instances.go   instances in order
//	details.go     what people read of a component
//	shown.go       … as instances and alarms
//
//	expand.go      alarm instants as records, for the command
package ical
