package daemon

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"calbell"

	"calbell/scheduler/dispatch"
	"calbell/scheduler/notices"
	"calbell/store/bolt"
)

// The subjects of trouble with the program itself.
var (
	aboutClock    = calbell.T("daemon:clock", "the clock")
	aboutStore    = calbell.T("daemon:database", "the database")
	aboutDamage   = calbell.T("daemon:contents-database", "the contents of the database")
	aboutNew      = calbell.T("daemon:database-new", "the database is new")
	aboutOlder    = calbell.T("daemon:database-older-copy", "the database is an older copy")
	aboutSent     = calbell.T("daemon:list-what-sent", "the list of what was sent")
	aboutSnapshot = calbell.T("daemon:hourly-snapshot", "the hourly snapshot")
)

// trouble is a problem of the program itself, or of the machine below it.
type trouble struct {
	about  calbell.Text
	reason calbell.Text // contains no secrets
	hint   calbell.Text
	since  time.Time
}

// text returns the trouble in one line.
func (t trouble) text() calbell.Text { return calbell.Chain(t.about, t.reason) }

// state is what the program knows about itself.
type state struct {
	begunAt      time.Time // when the loops began; zero: starting
	wrote        bool      // a write to the database was attempted
	writeErr     error     // of the latest attempt
	writtenAt    time.Time
	findings     int // of the check of the database; -1: not finished
	damagedRows  int // reads of damaged rows; a row counts each time
	snapshotAt   time.Time
	loadedAt     time.Time
	reloadFailed bool
	waiting      []string // keys of the configuration that wait for a restart
	troubles     []trouble
}

// has reports whether there is trouble with a subject.
func (s *state) has(about calbell.Text) bool {
	return slices.ContainsFunc(s.troubles, func(t trouble) bool { return t.about == about })
}

// health guards the state.
type health struct {
	log      *slog.Logger
	notifier *notices.Notifier

	mu sync.Mutex
	s  state
}

// look returns a copy of the state.
func (h *health) look() state {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.s
	s.troubles = slices.Clone(s.troubles)
	return s
}

// note changes the state.
func (h *health) note(change func(*state)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.s)
}

// begin records trouble and reports whether it is new.
func (h *health) begin(t trouble) (isNew bool) {
	h.note(func(s *state) {
		if isNew = !s.has(t.about); isNew {
			s.troubles = append(s.troubles, t)
		}
	})
	return isNew
}

// end removes trouble and reports whether there was any.
func (h *health) end(about string) (was bool) {
	h.note(func(s *state) {
		n := len(s.troubles)
		s.troubles = slices.DeleteFunc(s.troubles, func(t trouble) bool { return t.about.English == about })
		was = len(s.troubles) < n
	})
	return was
}

// isFull reports whether an error means that the disk or the quota is full.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// complain records trouble, logs it, and notifies the error webhook, if there is one.
// Trouble that is already recorded is neither logged nor sent again.
func (h *health) complain(t trouble) {
	t.since = time.Now().UTC()
	if !h.begin(t) {
		return
	}
	h.log.Error("trouble", "about", t.about, "reason", t.reason, "hint", t.hint)
	h.notifier.Trouble(t.about, t.reason, t.hint, t.since)
}

// staleBeat is the age at which the latest successful write no longer counts: two
// heartbeats may be late.
const staleBeat = 3 * beatEvery

// probes answers health checks and feeds the watchdog.
type probes struct {
	health     *health
	store      *bolt.Store
	dispatcher *dispatch.Dispatcher
	ready      atomic.Bool
}

// unwell returns, for monitors, why the program should be restarted; "" when it is healthy.
// A program that is still starting is healthy: systemd limits how long that may take.
func (p *probes) unwell() string {
	h := p.health.look()
	if h.begunAt.IsZero() {
		return ""
	}
	var why []string
	if since := min(time.Since(p.dispatcher.LastTurn()), time.Since(h.begunAt)); since >= staleTurn {
		why = append(why, "the loop that sends reminders has not turned for "+since.Round(time.Second).String())
	}
	if since := min(time.Since(h.writtenAt), time.Since(h.begunAt)); since >= staleBeat {
		why = append(why, "the database could not be written for "+since.Round(time.Second).String())
	}
	return strings.Join(why, "\n")
}

// unready returns why the program is not ready yet; "" when it is.
func (p *probes) unready() string {
	if !p.ready.Load() {
		return "starting or stopping"
	}
	var why []string
	h := p.health.look()
	switch refused := cmp.Or(p.store.Refused(), h.writeErr); {
	case p.store.Full() || isFull(refused):
		why = append(why, "the disk is full: what is new in calendars is not taken in")
	case errors.Is(refused, syscall.EROFS):
		why = append(why, "the database cannot be written: its disk is read-only")
	case refused != nil:
		why = append(why, "the database cannot be written")
	}
	if h.findings > 0 {
		why = append(why, "the database is damaged")
	}
	if u := p.unwell(); u != "" {
		why = append(why, u)
	}
	return strings.Join(why, "\n")
}

// list returns the current trouble for people, one text each.
func (h *health) list() []calbell.Text {
	var all []calbell.Text
	for _, t := range h.look().troubles {
		all = append(all, t.text())
	}
	return all
}
