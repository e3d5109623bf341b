package scheduler_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"calbell"
	"calbell/scheduler/schedulertest"
	"calbell/store"
	"calbell/store/storetest"
)

// mode is how a chat answers.
type mode string

// The modes; "" is well.
const (
	modeBusy    mode = "503"
	modeRest    mode = "429"
	modeGone    mode = "404"
	modePortal  mode = "portal" // a login page answers in its place
	modeLost    mode = "lost"   // the answer is lost; the post may have arrived
	modeUnsent  mode = "unsent"
	modeHang    mode = "hang"
	modeRefuses mode = "refuses" // now and then a message is not to its taste
)

type period struct{ from, to time.Time }

// faultyChat is a sender whose chats fail.
type faultyChat struct {
	model *schedulertest.Model

	mu    sync.Mutex
	r     *rand.Rand
	modes map[calbell.WebhookID]mode
	rest  map[calbell.WebhookID]period // from when until when nobody may post
}

// disturb puts a chat into a failing mode.
func (c *faultyChat) disturb(id calbell.WebhookID) mode {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := []mode{modeBusy, modeRest, modeGone, modePortal, modeLost, modeUnsent, modeHang, modeRefuses}
	c.modes[id] = all[c.r.IntN(len(all))]
	return c.modes[id]
}

func (c *faultyChat) mend(id calbell.WebhookID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.modes, id)
}

func (c *faultyChat) calm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.modes)
}

// forget drops what was asked of a program that died before it could write it down.
func (c *faultyChat) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.rest)
}

// answer decides what becomes of a post that begins now: the try, how long it takes, and
// whether it arrives.
func (c *faultyChat) answer(id calbell.WebhookID, now time.Time) (try calbell.Try, takes time.Duration, arrives, resting bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	resting = !now.Before(c.rest[id].from) && now.Before(c.rest[id].to)
	takes = time.Duration(20+c.r.IntN(200)) * time.Millisecond
	ok := calbell.Try{Verdict: calbell.Accepted, Status: 200, Answer: "ok"}
	switch c.modes[id] {
	case modeBusy:
		return calbell.Try{Verdict: calbell.RefusedForNow, Status: 503}, takes, false, resting
	case modeRest:
		rest := time.Duration(1+c.r.IntN(5400)) * time.Second
		answered := now.Add(takes)
		until := answered.Add(min(rest, calbell.MaxRetryAfter))
		if old := c.rest[id]; old.to.Before(answered) {
			c.rest[id] = period{answered, until}
		} else if old.to.Before(until) { // the longest holds
			c.rest[id] = period{old.from, until}
		}
		return calbell.Try{Verdict: calbell.RefusedForNow, Status: 429, RetryAfter: rest}, takes, false, resting
	case modeGone:
		return calbell.Try{Verdict: calbell.HookRefused, Status: 404, Answer: "no such hook"}, takes, false, resting
	case modePortal:
		return calbell.Try{Verdict: calbell.Outage, Status: 200, Answer: "<html>"}, takes, false, resting
	case modeLost:
		if c.r.IntN(2) == 0 {
			return calbell.Try{Verdict: calbell.Unknown, Error: calbell.Plain("reset")}, takes, c.r.IntN(2) == 0, resting
		}
	case modeUnsent:
		return calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("connection refused")}, takes, false, resting
	case modeHang:
		return calbell.Try{Verdict: calbell.Unknown, Error: calbell.Plain("no answer within 15s")}, 15 * time.Second, c.r.IntN(3) == 0, resting
	case modeRefuses:
		if c.r.IntN(4) == 0 {
			return calbell.Try{Verdict: calbell.MessageRefused, Status: 400, Answer: "too long"}, takes, false, resting
		}
	}
	return ok, takes, true, resting
}

// Send implements dispatch.Sender.
func (c *faultyChat) Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try {
	begun := time.Now()
	try, takes, arrives, resting := c.answer(w.ID, begun)
	c.model.Posted(schedulertest.Post{
		ID: m.ID, Webhook: w.ID, At: begun, Verdict: try.Verdict, Arrived: arrives, Resting: resting,
		Marked: strings.Contains(m.Text, "(possible repeat)"), Notice: w.ID == "alarm" || strings.Contains(m.Text, "not sent in time"),
	})
	time.Sleep(takes)
	try.At, try.Took = now, takes
	return try
}

// mortal stands before a store: it can be told that the program is dead, after which nothing
// is written, or that the disk is full.
type mortal struct {
	storetest.Store
	mu         sync.Mutex
	dead, full bool
}

var (
	errDead = errors.New("the program is dead")
	errFull = errors.New("no space left on device")
)

func (m *mortal) die() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

func (m *mortal) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

func (m *mortal) refuse(full bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.full = full
}

// writable reports whether anything can be written.
func (m *mortal) writable() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.dead:
		return errDead
	case m.full:
		return errFull
	}
	return nil
}

func (m *mortal) Claim(ctx context.Context, r store.ClaimRequest) ([]calbell.Claim, error) {
	if err := m.writable(); err != nil {
		return nil, err
	}
	return m.Store.Claim(ctx, r)
}

// Finish lets a dead program believe that it wrote: its loop ends.
func (m *mortal) Finish(ctx context.Context, worker string, os []calbell.Outcome, states map[calbell.WebhookID]calbell.WebhookState, now time.Time) error {
	switch err := m.writable(); {
	case m.isDead():
		return nil
	case err != nil:
		return err
	}
	return m.Store.Finish(ctx, worker, os, states, now)
}

func (m *mortal) Apply(ctx context.Context, c store.Change, now time.Time) error {
	if err := m.writable(); err != nil {
		return err
	}
	return m.Store.Apply(ctx, c, now)
}

func (m *mortal) Extend(ctx context.Context, ext []store.Planned, now time.Time) error {
	if err := m.writable(); err != nil {
		return err
	}
	return m.Store.Extend(ctx, ext, now)
}

func (m *mortal) SaveCalendar(ctx context.Context, c calbell.Calendar) error {
	if err := m.writable(); err != nil {
		return err
	}
	return m.Store.SaveCalendar(ctx, c)
}

func (m *mortal) Expire(ctx context.Context, r store.ExpireRequest) (store.ExpireResult, error) {
	if err := m.writable(); err != nil {
		return store.ExpireResult{}, err
	}
	return m.Store.Expire(ctx, r)
}

func (m *mortal) TellMissed(ctx context.Context, w calbell.WebhookID, now time.Time) (int, error) {
	if err := m.writable(); err != nil {
		return 0, err
	}
	return m.Store.TellMissed(ctx, w, now)
}

func (m *mortal) Notify(ctx context.Context, ns []calbell.Reminder, now time.Time) error {
	if err := m.writable(); err != nil {
		return err
	}
	return m.Store.Notify(ctx, ns, now)
}
