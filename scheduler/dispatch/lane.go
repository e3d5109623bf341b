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

// lane is one webhook's share of the dispatcher.
type lane struct {
	load   int  // claimed and not yet recorded
	width  int  // posts that it may have under way
	proven bool // its latest answer was quick
	state  calbell.WebhookState
	rate   bucket
	// chances are the instants at which reminders are due that are tried once more before the end of
	// their worth, although the webhook has asked for a longer rest; at most maxChances.
	chances []time.Time

	// learnt is when the webhook may be posted to again, in Unix nanoseconds, as an attempt
	// learnt it: the posts that wait behind it must not be made, recorded or not.
	learnt atomic.Int64
}

// hook is a webhook ready for use. It does not change: another definition is another hook.
type hook struct {
	calbell.Webhook
	zone *time.Location // in which its quiet hours are
	host string
	err  error // it cannot be used, and why
}

// readWebhooks takes over all definitions, and the health of the webhooks, from the store.
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
			h = was // with its compiled message
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

// newHook makes a webhook ready for use.
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

// host returns the host that a webhook's posts go to; those of unknown webhooks share one.
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

// learn passes on at once what an answer says about the webhook, for the posts that wait
// behind it. What follows from it is decided when it is recorded.
func (l *lane) learn(t calbell.Try, now time.Time) {
	rest := min(t.RetryAfter, calbell.MaxRetryAfter)
	if t.Verdict == calbell.HookRefused {
		rest = confirmAfter
	}
	if rest <= 0 {
		return
	}
	until := now.Add(rest).UnixNano()
	for { // the longest holds
		old := l.learnt.Load()
		if old >= until || l.learnt.CompareAndSwap(old, until) {
			return
		}
	}
}

// take takes over what the store says of the webhook. When nothing is wrong with it any more,
// because it took a test, what its refusal has taught is forgotten; not what it asked for itself.
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

// resting reports whether an attempt has learnt that the webhook is to be left alone at now.
func (l *lane) resting(now time.Time) bool {
	return believable(time.Unix(0, l.learnt.Load()), now, calbell.MaxRetryAfter).After(now)
}

// healthy says that no refusal of the webhook is to be confirmed, and that it is in service.
func (l *lane) healthy() bool { return l.state.RefusedAt.IsZero() && l.state.SuspendedAt.IsZero() }

// restUntil is the instant before which the webhook is left alone; in the past when it need
// not be.
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

// asked is the end of the rest that the webhook asked for, or that an attempt has learnt.
func (l *lane) asked(now time.Time) time.Time {
	recorded := believable(l.state.PausedUntil, now, calbell.MaxRetryAfter)
	learnt := believable(time.Unix(0, l.learnt.Load()), now, calbell.MaxRetryAfter)
	if learnt.After(recorded) {
		return learnt
	}
	return recorded
}

// probedAt is when the webhook, which is suspended, was last tried.
func (l *lane) probedAt() time.Time {
	if l.state.ProbedAt.IsZero() { // suspended by an earlier version
		return l.state.SuspendedAt
	}
	return l.state.ProbedAt
}

// waits reports whether a suspended webhook's next try is ahead at now. Until then only what has
// fallen due since the last one tries it.
func (l *lane) waits(now time.Time) bool {
	return !l.state.SuspendedAt.IsZero() && believable(l.state.ProbeAt, now, probeInterval).After(now)
}

// believable returns the end of a rest that lasts longest at most, and zero for one that is
// further ahead: the clock was set back since, and nobody asked for so long a silence.
func believable(end, now time.Time, longest time.Duration) time.Time {
	if end.Sub(now) > longest+jumpSize {
		return time.Time{}
	}
	return end
}

// room is how many more deliveries of the webhook may be claimed at now, by its health and
// its width. One whose refusal is to be confirmed, or that is suspended, is tried with one
// at a time, and so is one that rests, with those that cannot wait.
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

// due returns what tells by its due time whether a delivery may be claimed at now; nil: all may.
func (l *lane) due(now time.Time) func(time.Time) bool {
	switch {
	case l.restUntil(now).After(now):
		return l.isChance
	case l.waits(now):
		return l.probedAt().Before
	}
	return nil
}

// maxChances bounds the last tries that are remembered of one webhook. Reminders are refused one
// after the other while it rests, so there are few.
const maxChances = 64

// isChance reports whether what is due at an instant is tried although the webhook rests.
func (l *lane) isChance(at time.Time) bool { return slices.ContainsFunc(l.chances, at.Equal) }

// lastChances reports whether there is a reminder that is tried at now although the webhook rests.
func (l *lane) lastChances(now time.Time) bool {
	return l.healthy() && slices.ContainsFunc(l.chances, func(at time.Time) bool { return !at.After(now) })
}

// noteChance remembers the last try of a reminder. Those that are over are forgotten.
func (l *lane) noteChance(at, now time.Time) {
	l.chances = slices.DeleteFunc(l.chances, func(at time.Time) bool { return now.Sub(at) > lastChance })
	if len(l.chances) < maxChances {
		l.chances = append(l.chances, at)
	}
}

// answered widens the lane after a quick answer, brings it to slowWidth after a slow success,
// and narrows it after anything else.
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

// idle says that there is nothing to remember of the lane.
func (l *lane) idle(now time.Time) bool {
	return l.load == 0 && l.state.Well() && l.rate.full(now)
}

// dropIdle keeps the lanes and hosts to those that have something to say.
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

// maxIdleLanes is how many lanes are remembered although nothing happens on them: how quick
// a webhook answers is worth knowing the next time.
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

// unusable is the outcome of a claim whose webhook cannot be used.
func unusable(id calbell.ReminderID, err error, now time.Time) calbell.Outcome {
	if calbell.IsNotFound(err) {
		return calbell.Outcome{ID: id, Status: calbell.StatusDead, Reason: calbell.TextOfError(err)}
	}
	return calbell.Outcome{ID: id, Status: calbell.StatusPlanned, NextAt: now.Add(storeRetry)}
}
