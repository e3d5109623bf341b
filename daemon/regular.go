package daemon

import (
	"context"
	"reflect"
	"sync"

	"calbell"
	"calbell/scheduler"
)

// regular runs the regular jobs under one configuration: upkeep, and a sync of each
// account. Only the goroutine of keepTime uses it.
type regular struct {
	d        *Daemon
	ctx      context.Context
	table    *scheduler.Timetable
	running  sync.WaitGroup
	accounts map[string]regularSync // by name
}

// regularSync is an account that is synced regularly.
type regularSync struct {
	account calbell.Account
	end     func()
}

// newRegular starts the jobs, which end with ctx.
func newRegular(ctx context.Context, d *Daemon) *regular {
	r := &regular{d: d, ctx: ctx, table: scheduler.NewTimetable(ctx, d.log), accounts: map[string]regularSync{}}
	r.table.Every(rollEvery, d.roll)
	r.table.Every(pruneEvery, d.upkeep.forgetOld)
	r.table.Every(snapshotEvery, d.upkeep.snapshot)
	r.follow()
	r.running.Go(r.table.Run)
	return r
}

// follow takes over the accounts in force. It syncs each new or changed one at once, and
// cancels the syncs of those that were changed or removed. The others continue.
func (r *regular) follow() {
	now := map[string]calbell.Account{}
	for _, a := range r.d.Accounts().All() {
		now[a.Key()] = a
	}
	for name, was := range r.accounts {
		if a, there := now[name]; !there || !reflect.DeepEqual(a, was.account) {
			was.end()
			delete(r.accounts, name)
		}
	}
	for name, a := range now {
		if _, there := r.accounts[name]; there {
			continue
		}
		ctx, cancel := context.WithCancel(r.ctx)
		job := func(context.Context) { r.d.syncs.logged(ctx, calbell.SyncRequest{Account: a}) }
		remove := r.table.Every(r.d.config.Load().Sync.Interval, job)
		r.accounts[name] = regularSync{a, func() { remove(); cancel() }}
		r.running.Go(func() { job(ctx) })
	}
}

// asked starts a sync that a person asked for.
func (r *regular) asked(q calbell.SyncRequest) {
	r.running.Go(func() {
		defer r.d.syncs.waiting.leave(q.Account.Owner)
		r.d.syncs.logged(r.ctx, q)
	})
}

// crowd counts waiting requests by owner, within maxAsked and maxAskedEach.
type crowd struct {
	mu sync.Mutex
	by map[string]int
	n  int
}

// enter counts one more request of an owner, and reports whether the limits allow it.
func (c *crowd) enter(owner string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n >= maxAsked || owner != "" && c.by[owner] >= maxAskedEach {
		return false
	}
	if c.by == nil {
		c.by = map[string]int{}
	}
	c.n++
	c.by[owner]++
	return true
}

func (c *crowd) leave(owner string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n--
	if c.by[owner]--; c.by[owner] == 0 {
		delete(c.by, owner)
	}
}
