package calbell

import (
	"net/url"
	"strings"
	"time"
)

// Gone records that a calendar no longer exists at its server.
type Gone struct {
	Since time.Time `json:"since"`          // time of the first answer that agrees
	Seen  int       `json:"seen,omitempty"` // number of answers that agree
	// SilentAt is when the calendar's reminders stopped, and Reason says why; both are zero
	// while answers are still being counted. Hint is the next step.
	SilentAt time.Time `json:"silent_at,omitzero"`
	Reason   Text      `json:"reason,omitzero"`
	Hint     Text      `json:"hint,omitzero"`
}

// Absence is the answer at the URL of a calendar that its server does not list.
type Absence int

// The answers, with their evidence.
const (
	AbsenceNone    Absence = iota // something is there
	AbsenceMissing                // 404: not found; a server that lost its data answers so too
	AbsenceRemoved                // 410, or found in the trash: the server knows that it was deleted
)

// Silent reports whether the calendar sends no reminders because it is gone at its server.
func (c Calendar) Silent() bool { return !c.Gone.Reason.IsZero() }

// Login is the URL and user name of an account. It tells accounts apart regardless of their
// names.
type Login struct {
	URL      string `json:"url,omitempty"`
	Username string `json:"username,omitempty"`
}

// Login returns the account's URL and user name.
func (a Account) Login() Login { return Login{a.URL, a.Username} }

// SameOrigin reports whether two addresses have the same scheme, host and port. Addresses that
// are no URL (a host name, a mail address) are compared as texts.
func SameOrigin(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	if errX != nil || errY != nil || x.Host == "" || y.Host == "" {
		return strings.EqualFold(a, b)
	}
	return x.Scheme == y.Scheme && strings.EqualFold(hostPort(x), hostPort(y))
}

// DiscoveredID returns the ID that discovery derives from the calendar's account and URL today.
func (c Calendar) DiscoveredID() CalendarID {
	if c.FoundAs != "" {
		return c.FoundAs
	}
	return c.ID
}
