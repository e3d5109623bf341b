package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/config"
	"calbell/scheduler/syncer"
	"calbell/webhook"
)

// RemoteOptions say how accounts are reached.
type RemoteOptions struct {
	// Timeout bounds one question with its answer; 0 = caldav's default.
	Timeout time.Duration
	// PrivateNetworks are open to accounts that users of the page made, beside public hosts;
	// those of the file may reach everything.
	PrivateNetworks []calbell.Network
	// Self reports whether an address is a listener of this program, which users' accounts do not
	// reach; nil: it has none.
	Self func(netip.AddrPort) bool
	// Trusted is a URL that whoever wrote the file chose: it may be reached wherever it is.
	Trusted string
	// Budget limits the memory of the servers' answers; nil = no limit.
	Budget *caldav.Budget
	// RunTimeout bounds all questions of one discovery or sync together; 0 = caldav's default.
	RunTimeout time.Duration
	// Version is told to the servers.
	Version string
}

func remoteOptions(cfg *config.Config, version string) RemoteOptions {
	return RemoteOptions{Timeout: cfg.Sync.Timeout, PrivateNetworks: cfg.Delivery.PrivateNetworks, Trusted: cfg.Auth.CalDAV, Version: version}
}

// dial returns a client for an account. It makes no request.
func (o RemoteOptions) dial(a calbell.Account) (*caldav.Client, error) {
	c := caldav.Options{Timeout: o.Timeout, RunTimeout: o.RunTimeout, Budget: o.Budget, UserAgent: "Calbell/" + o.Version}
	if a.Origin != calbell.OriginFile && (a.URL != o.Trusted || o.Trusted == "") {
		c.Guard = webhook.NewGuard(o.PrivateNetworks, o.Self)
	}
	return caldav.New(a, c)
}

// remote is a CalDAV client as the scheduler wants it.
type remote struct{ c *caldav.Client }

// Calendars implements syncer.Remote.
func (r remote) Calendars(ctx context.Context) ([]calbell.Calendar, error) {
	found, err := r.c.Discover(ctx)
	return found.Calendars, err
}

// Changes implements syncer.Remote.
func (r remote) Changes(ctx context.Context, c calbell.Calendar, known func() (map[calbell.Href]calbell.ETag, error), yield func(syncer.Batch) error) error {
	defer r.c.CloseIdle()
	return r.c.Changes(ctx, c, known, func(b caldav.Batch) error { return yield(syncer.Batch(b)) })
}

// Gone implements syncer.Finder.
func (r remote) Gone(ctx context.Context, c calbell.Calendar) (calbell.Absence, error) {
	defer r.c.CloseIdle()
	return r.c.Gone(ctx, c)
}

// SetPatience implements syncer.Patient.
func (r remote) SetPatience(first, each time.Duration) { r.c.SetPatience(first, each) }

// Put implements syncer.Writer.
func (r remote) Put(ctx context.Context, c calbell.Calendar, href calbell.Href, raw []byte, ifMatch calbell.ETag) error {
	defer r.c.CloseIdle()
	_, err := r.c.Put(ctx, c, href, raw, ifMatch)
	if errors.Is(err, caldav.ErrChanged) {
		return fmt.Errorf("%w: %w", calbell.ErrChangedThere, err)
	}
	return err
}

// Without these nothing would be written, and nobody told; servers that hang would be waited for;
// and calendars that are gone would go on.
var (
	_ syncer.Writer  = remote{}
	_ syncer.Patient = remote{}
	_ syncer.Finder  = remote{}
)
