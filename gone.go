package calbell

import (
	"net/url"
	"strings"
	"time"
)

// Gone tells that a calendar is not at its server any more.
type Gone struct {
	Since time.Time `json:"since"`          // first of the answers that agree
	Seen  int       `json:"seen,omitempty"` // how many answers have agreed so far
	// SilentAt is since when nothing of the calendar reminds, and Reason why, in words; zero and
	// "" while the answers are still being counted. Hint is the next step.
	SilentAt time.Time `json:"silent_at,omitzero"`
	Reason   Text      `json:"reason,omitzero"`
	Hint     Text      `json:"hint,omitzero"`
}

// Absence is what the own address of a calendar says that a server does not list.
type Absence int

// The answers, and what they rest on.
const (
	AbsenceNone    Absence = iota // something is there
	AbsenceMissing                // 404: nothing is there; so does a server answer that has lost its data
	AbsenceRemoved                // 410, or from the waste bin: the server remembers that it was there
)

// Silent reports whether nothing of the calendar reminds because it is gone at its server.
func (c Calendar) Silent() bool { return !c.Gone.Reason.IsZero() }

// Login is where and as whom an account signs in: what tells accounts apart whatever they are
// called.
type Login struct {
	URL      string `json:"url,omitempty"`
	Username string `json:"username,omitempty"`
}

// Login returns where and as whom the account signs in.
func (a Account) Login() Login { return Login{a.URL, a.Username} }

// SameOrigin reports whether two addresses are of the same server: scheme, host and port. What is
// no URL (a host name, a mail address) is compared as a text.
func SameOrigin(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	if errX != nil || errY != nil || x.Host == "" || y.Host == "" {
		return strings.EqualFold(a, b)
	}
	return x.Scheme == y.Scheme && strings.EqualFold(hostPort(x), hostPort(y))
}

// DiscoveredID is the ID that discovery gives the calendar now, from its account and URL.
func (c Calendar) DiscoveredID() CalendarID {
	if c.FoundAs != "" {
		return c.FoundAs
	}
	return c.ID
}
