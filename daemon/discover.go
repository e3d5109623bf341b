package daemon

import (
	"context"

	"calbell"
	"calbell/api/types"
)

// Discover looks for an account's calendars and returns every probe. On an error the result
// holds what was found until then.
func Discover(ctx context.Context, a calbell.Account, o RemoteOptions) (types.Discovered, error) {
	c, err := o.dial(a)
	if err != nil {
		return types.Discovered{Probes: []types.Probe{}}, err
	}
	defer c.CloseIdle()
	found, err := c.Discover(ctx)
	out := types.Discovered{Probes: []types.Probe{}, Calendars: found.Calendars, Addresses: found.Addresses, Subscriptions: found.Subscriptions}
	for _, p := range found.Probes {
		out.Probes = append(out.Probes, types.Probe{
			Method: p.Method, URL: p.URL, Status: p.Status, Answer: p.Answer, OK: p.OK, TookMS: p.Took.Milliseconds(),
		})
	}
	return out, err
}
