package daemon

import (
	"context"

	"calbell"
)

// Probe is one question that discovery asked a server.
type Probe struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status,omitempty"` // HTTP status of a refusal; 0 otherwise
	Answer string `json:"answer"`           // what was learnt, or why nothing was
	OK     bool   `json:"ok"`
	TookMS int64  `json:"took_ms"`
}

// Discovered is what an account turned out to hold.
type Discovered struct {
	Probes    []Probe            `json:"probes"`
	Calendars []calbell.Calendar `json:"calendars"`
	Addresses []string           `json:"addresses,omitempty"`
}

// Discover looks for an account's calendars and hands each probe out, whatever came of it;
// what was found so far is there also when there is an error.
func Discover(ctx context.Context, a calbell.Account, o RemoteOptions) (Discovered, error) {
	c, err := o.dial(a)
	if err != nil {
		return Discovered{}, err
	}
	defer c.CloseIdle()
	found, err := c.Discover(ctx)
	out := Discovered{Probes: []Probe{}, Calendars: found.Calendars, Addresses: found.Addresses}
	for _, p := range found.Probes {
		out.Probes = append(out.Probes, Probe{p.Method, p.URL, p.Status, p.Answer, p.OK, p.Took.Milliseconds()})
	}
	return out, err
}
