package ical

import (
	"time"

	"calbell/ical/syntax"
	"calbell/ical/zone"
)

// EngineVersion is raised whenever the same text would give other instants than
// before. With [zone.Version] it belongs to the fingerprint of a plan.
const EngineVersion = 3

// Engine names what instants depend on beside the text: this engine's version and
// that of the zone data, such as "3/2026a".
func Engine() string { return engineName(zone.Version()) }

// Options say how to read what a text leaves open.
type Options struct {
	// Zone stands for floating and all-day times and beats everything else (D21); nil:
	// not given.
	Zone *time.Location
	// Subscribed says that the text is a subscribed file: its own X-WR-TIMEZONE comes
	// before Fallback.
	Subscribed bool
	// Fallback is the account's or the configured zone. Nil is UTC, and reported when it
	// mattered.
	Fallback *time.Location
}

// File is what one text holds.
type File struct {
	Events   []*Event  // in the order of their first component
	Problems []Problem // by line
	Name     string    // NAME (RFC 7986) or X-WR-CALNAME; "" when absent

	// Zone stands for floating and all-day times; never nil.
	Zone *time.Location
	// ZoneFrom says where Zone was found.
	ZoneFrom ZoneSource
	// Floating says that a floating or all-day time was read, so that Zone mattered.
	Floating bool
}

// Problem is something in a text that could not be read as it was meant.
type Problem = syntax.Problem

// ZoneSource says where the zone of floating and all-day times was found (D21).
type ZoneSource int

// The sources, best first.
const (
	ZoneGiven    ZoneSource = iota // Options.Zone
	ZoneOfFile                     // X-WR-TIMEZONE
	ZoneFallback                   // Options.Fallback
	ZoneUnknown                    // none: UTC
)
