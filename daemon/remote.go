package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/config"
	"calbell/scheduler/syncer"
	"calbell/webhook"
)

// RemoteOptions are the limits and permissions of connections to accounts.
type RemoteOptions struct {
	// Timeout limits one request with its answer; 0 = caldav's default.
	Timeout time.Duration
	// PrivateNetworks may be reached by stored accounts, in addition to public hosts. Accounts of the
	// file may reach everything.
	PrivateNetworks []calbell.Network
	// Self reports whether an address belongs to this program, which stored accounts must not reach;
	// nil: the program does not listen.
	Self func(netip.AddrPort) bool
	// Trusted is a URL from the configuration file. It may be reached at any address.
	Trusted string
	// Budget limits the memory of the servers' answers; nil = no limit.
	Budget *caldav.Budget
	// Files limits how many files and subscriptions are read at a time; nil = no limit. Spool is the
	// folder in which large ones are kept while they are read.
	Files *caldav.ReadLimit
	Spool string
	// RunTimeout limits one discovery or sync as a whole; 0 = caldav's default.
	RunTimeout time.Duration
	// Version is part of the User-Agent.
	Version string
}

func remoteOptions(cfg *config.Config, version string) RemoteOptions {
	return RemoteOptions{Timeout: cfg.Sync.Timeout, PrivateNetworks: cfg.Delivery.PrivateNetworks, Trusted: cfg.Auth.CalDAV, Spool: filepath.Dir(cfg.Data.Path), Version: version}
}

// dial returns a client for an account. It makes no request yet.
func (o RemoteOptions) dial(a calbell.Account) (*caldav.Client, error) {
	c := caldav.Options{Timeout: o.Timeout, RunTimeout: o.RunTimeout, Budget: o.Budget, Files: o.Files, Spool: o.Spool, UserAgent: "Calbell/" + o.Version}
	if a.Origin != calbell.OriginFile && (a.URL != o.Trusted || o.Trusted == "") {
		c.Guard = webhook.NewGuard(o.PrivateNetworks, o.Self)
	}
	return caldav.New(a, c)
}

// remote adapts a CalDAV client to the interfaces of the syncer.
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

// The syncer finds these interfaces by type assertion. Without them, reminders would not be written into
// events, servers that hang would be waited for, and removed calendars would stay active.
var (
	_ syncer.Writer  = remote{}
	_ syncer.Patient = remote{}
	_ syncer.Finder  = remote{}
)
