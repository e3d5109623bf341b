// Package zone finds the zone that a TZID means and maps wall-clock times to
// instants (RFC 5545 §3.3.5).
package zone

import "time"

// Version returns the version of the zone data in use, such as "2026a"; "unknown" when
// the data does not say.
func Version() string { return "unknown" }

// Load returns the zone that a bare TZID names.
func Load(tzid string) (*time.Location, error) { return time.LoadLocation(tzid) }
