package caldav

import (
	"context"
	"time"

	"calbell"
)

// Discovery is what an account turned out to hold.
type Discovery struct {
	// Principal is the URL of the signed-in user's principal (RFC 5397); "" when the
	// server names none.
	Principal string
	// HomeSets are the URLs of the collections in which calendars were looked for.
	HomeSets []string
	// Addresses are the user's mail addresses (calendar-user-address-set), without "mailto:".
	Addresses []string
	// Calendars are the collections that can hold events or to-dos, with ID, Account, URL,
	// Name, Color, TimeZone and ReadOnly filled, by URL.
	Calendars []calbell.Calendar
	// Probes are the steps that were taken, in order, also when an error came of them.
	Probes []Probe
}

// Probe is one question to the server, for people to see.
type Probe struct {
	Method string
	URL    string // without credentials
	Status int    // HTTP status of the last answer; 0: none came
	Answer string // in words: what was learnt, or why not
	OK     bool   // the answer led further
	Took   time.Duration
}

// Discover finds the account's calendars. The Discovery holds what was found so far, and
// the probes, also when there is an error; no calendars at all is an error.
func (c *Client) Discover(ctx context.Context) (Discovery, error) {
	return Discovery{}, ctx.Err()
}
