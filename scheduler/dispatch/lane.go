package dispatch

import (
	"context"
	"net/url"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/store"
	"calbell/webhook/dialect"
)

// lane is the state of one webhook.
type lane struct {
	load   int  // claimed and not yet recorded
	width  int  // limit on concurrent posts
	proven bool // its latest answer was quick
	state  calbell.WebhookState
	rate   bucket
	// chances are the due times of reminders that get a last attempt before they expire
	// although the webhook asked for a longer wait; at most maxChances.
	chances []time.Time

	// learnt is the earliest time for the next post, in Unix nanoseconds, as an attempt learnt
	// it. It stops the posts that wait behind that attempt before the result is recorded.
	learnt atomic.Int64
}

// hook is a webhook ready for use. It is immutable: a changed definition makes a new hook.
type hook struct {
	calbell.Webhook
	zone *time.Location // the zone of its quiet hours
	host string
	err  error // why it cannot be used; nil: it can
}

// readWebhooks reads all definitions and the health of the webhooks from the store.
func (d *Dispatcher) readWebhooks(ctx context.Context) error {
	all, err := d.store.Targets.Webhooks().All(ctx)
	if err != nil {
		return err
	}
	states, err := store.StatesByWebhook(ctx, d.store.Targets.WebhookStates())
	if err != nil {
		return err
	}
	old, now := d.hooks, time.Now()
	d.hooks = make(map[calbell.WebhookID]*hook, len(all))
	for _, w := range all {
		h := d.newHook(w)
		if was := old[w.ID]; was != nil && reflect.DeepEqual(was, h) {
			h = was // keeps its compiled message
		}
		d.hooks[w.ID] = h
		if l := d.lanes[w.ID]; l != nil {
			perSecond, burst := dialect.Rate(w)
			l.rate.set(perSecond, burst, now)
		}
	}
	for id, l := range d.lanes {
		l.take(states[id])
	}
	for id, s := range states {
		d.lane(id).state = s
	}
	return nil
}

// newHook prepares a webhook for use.
func (d *Dispatcher) newHook(w calbell.Webhook) *hook {
	h := &hook{Webhook: w, zone: d.policy().ZoneOf(w)}
	if u, err := url.Parse(w.URL.Reveal()); err == nil {
		h.host = u.Host
	}
	return h
}

// lane returns a webhook's lane.
func (d *Dispatcher) lane(id calbell.WebhookID) *lane {
	l := d.lanes[id]
	if l == nil {
		l = &lane{width: firstWidth}
		if h := d.hooks[id]; h != nil {
			l.rate = newBucket(dialect.Rate(h.Webhook))
		}
		d.lanes[id] = l
	}
	return l
}

// host returns the host of a webhook's URL; unknown webhooks share one.
func (d *Dispatcher) host(id calbell.WebhookID) *host {
	name := ""
	if h := d.hooks[id]; h != nil {
		name = h.host
	}
	s := d.hosts[name]
	if s == nil {
		s = &host{most: d.o.PerHost}
		d.hosts[name] = s
	}
	return s
}

// learn applies an answer's wait to the posts that are queued behind it at once. The other
// consequences follow when the result is recorded.
func (l *lane) learn(t calbell.Try, now time.Time) {
	rest := min(t.RetryAfter, calbell.MaxRetryAfter)
	if t.Verdict == calbell.HookRefused {
		rest = confirmAfter
	}
	if rest <= 0 {
		return
	}
	until := now.Add(rest).UnixNano()
	for { // the longest wait applies
		old := l.learnt.Load()
		if old >= until || l.learnt.CompareAndSwap(old, until) {
			return
		}
	}
}

// take applies the webhook's stored state. When nothing is wrong any more, because a test
// succeeded, it clears the waits that a refusal caused, but not those that the webhook asked
// for.
func (l *lane) take(s calbell.WebhookState) {
	refused := l.state.RefusedAt
	if !l.state.SuspendedAt.IsZero() {
		refused = l.probedAt()
	}
	until := refused.Add(confirmAfter).UnixNano()
	if old := l.learnt.Load(); s.Well() && l.state.PausedUntil.IsZero() && !refused.IsZero() && old <= until {
		l.learnt.CompareAndSwap(old, 0)
	}
	l.state = s
}

// resting reports whether an attempt learnt that the webhook must not be posted to at now.
func (l *lane) resting(now time.Time) bool {
	return believable(time.Unix(0, l.learnt.Load()), now, calbell.MaxRetryAfter).After(now)
}

// healthy reports whether the webhook is in service without a pending refusal.
func (l *lane) healthy() bool { return l.state.RefusedAt.IsZero() && l.state.SuspendedAt.IsZero() }

// restUntil returns the earliest time for the next post; a past time when it may be posted to.
func (l *lane) restUntil(now time.Time) time.Time {
	t := l.asked(now)
	rest := time.Time{}
	switch {
	case !l.state.SuspendedAt.IsZero():
		rest = believable(l.probedAt().Add(probeLeast), now, probeLeast)
	case !l.state.RefusedAt.IsZero():
		rest = believable(l.state.RefusedAt.Add(confirmAfter), now, confirmAfter)
	}
	if rest.After(t) {
		return rest
	}
	return t
}

// asked returns the end of the wait that the webhook asked for, or that an attempt learnt.
func (l *lane) asked(now time.Time) time.Time {
	recorded := believable(l.state.PausedUntil, now, calbell.MaxRetryAfter)
	learnt := believable(time.Unix(0, l.learnt.Load()), now, calbell.MaxRetryAfter)
	if learnt.After(recorded) {
		return learnt
	}
	return recorded
}

// probedAt returns the last try of a suspended webhook.
func (l *lane) probedAt() time.Time {
	if l.state.ProbedAt.IsZero() { // suspended by an earlier version
		return l.state.SuspendedAt
	}
	return l.state.ProbedAt
}

// waits reports whether a suspended webhook's next probe is still ahead at now. Until then only
// reminders that fell due since the last probe are tried.
func (l *lane) waits(now time.Time) bool {
	return !l.state.SuspendedAt.IsZero() && believable(l.state.ProbeAt, now, probeInterval).After(now)
}

// believable returns the end of a wait that lasts at most longest, and zero for a later end:
// then the clock was set back, because nobody asks for such a long wait.
func believable(end, now time.Time, longest time.Duration) time.Time {
	if end.Sub(now) > longest+jumpSize {
		return time.Time{}
	}
	return end
}

// room returns how many more deliveries of the webhook may be claimed at now, by its health and
// its width. A webhook with a pending refusal or a suspension gets one at a time. So does one
// that asked to wait, for last attempts.
func (l *lane) room(now time.Time) int {
	width := l.width
	switch {
	case l.restUntil(now).After(now) && !l.lastChances(now):
		return 0
	case l.restUntil(now).After(now), !l.healthy():
		width = 1
	case l.proven:
		width *= ahead
	}
	return max(0, width-l.load)
}

// due returns a filter on due times for claims at now; nil accepts all.
func (l *lane) due(now time.Time) func(time.Time) bool {
	switch {
	case l.restUntil(now).After(now):
		return l.isChance
	case l.waits(now):
		return l.probedAt().Before
	}
	return nil
}

// maxChances limits the last attempts remembered for one webhook. Reminders are refused one
// after the other while it waits, so there are few.
const maxChances = 64

// isChance reports whether a reminder due at an instant gets a last attempt although the
// webhook asked to wait.
func (l *lane) isChance(at time.Time) bool { return slices.ContainsFunc(l.chances, at.Equal) }

// lastChances reports whether any reminder gets its last attempt at now.
func (l *lane) lastChances(now time.Time) bool {
	return l.healthy() && slices.ContainsFunc(l.chances, func(at time.Time) bool { return !at.After(now) })
}

// noteChance remembers the last attempt of a reminder, and forgets past ones.
func (l *lane) noteChance(at, now time.Time) {
	l.chances = slices.DeleteFunc(l.chances, func(at time.Time) bool { return now.Sub(at) > lastChance })
	if len(l.chances) < maxChances {
		l.chances = append(l.chances, at)
	}
}

// answered adjusts the width: wider after a quick answer, slowWidth after a slow success,
// narrower after anything else.
func (l *lane) answered(t calbell.Try, most int) {
	l.proven = quick(t)
	switch {
	case l.proven:
		l.width = min(most, l.width+1)
	case slow(t) && l.width <= slowWidth:
		l.width = min(most, slowWidth, l.width+1)
	case slow(t):
		l.width = max(slowWidth, l.width/2)
	default:
		l.width = max(1, l.width/2)
	}
}

// idle reports whether the lane has no state worth keeping.
func (l *lane) idle(now time.Time) bool {
	return l.load == 0 && l.state.Well() && l.rate.full(now)
}

// dropIdle removes lanes and hosts without state.
func (d *Dispatcher) dropIdle(now time.Time) {
	if len(d.lanes) < maxIdleLanes {
		return
	}
	for id, l := range d.lanes {
		if l.idle(now) {
			delete(d.lanes, id)
		}
	}
	for name, h := range d.hosts {
		if h.load == 0 {
			delete(d.hosts, name)
		}
	}
}

// maxIdleLanes limits the idle lanes that are kept: their answer times help with the next post.
const maxIdleLanes = 10_000

// hook returns a webhook ready for use.
func (d *Dispatcher) hook(ctx context.Context, id calbell.WebhookID) *hook {
	if h := d.hooks[id]; h != nil {
		return h
	}
	w, err := d.store.Targets.Webhooks().Get(ctx, id)
	if meant, ok := id.Wanted(); ok {
		err = notShared(meant)
	}
	if err != nil {
		return &hook{err: err, zone: d.policy().Zone()}
	}
	h := d.newHook(w)
	d.hooks[id] = h
	return h
}

// unusable returns the outcome of a claim whose webhook cannot be used.
func unusable(id calbell.ReminderID, err error, now time.Time) calbell.Outcome {
	if calbell.IsNotFound(err) {
		return calbell.Outcome{ID: id, Status: calbell.StatusDead, Reason: calbell.TextOfError(err)}
	}
	return calbell.Outcome{ID: id, Status: calbell.StatusPlanned, NextAt: now.Add(storeRetry)}
}
