package schedulertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

// Model knows what people may expect: which reminders were wanted when, and what trouble
// there was; and what the chats received. What it demands is in [Model.Posted] and
// [Model.Judge]. It is safe for concurrent use.
type Model struct {
	t  testing.TB
	mu sync.Mutex

	wants    map[calbell.ReminderID]*wanting
	posts    map[calbell.ReminderID][]Post
	excused  map[calbell.ReminderID]int     // kills while it was in flight
	troubles map[calbell.WebhookID][]period // by webhook; "" is the program's own
	open     map[calbell.WebhookID]bool     // trouble that has not ended
	read     time.Time                      // when the latest whole sync had ended
}

// Reminder is what a calendar asks for.
type Reminder struct {
	Webhook calbell.WebhookID
	Due     time.Time
	End     time.Time // of its event
}

// lastChance returns from when on the reminder may be posted although its webhook rests.
func (r Reminder) lastChance() time.Time {
	d := calbell.Delivery{Reminder: calbell.Reminder{Due: r.Due, End: r.End}}
	return plan.Deadline(d, calbell.DefaultLateWindow, "").Add(-calbell.AttemptTimeout)
}

// wanting is a reminder with the times at which the store had it.
type wanting struct {
	Reminder
	since    time.Time // committed for certain; zero: not wanted for certain
	possible bool      // it may be in the store, since a sync was broken off
	until    time.Time // when it was last certain that it is not wanted; zero: never since
	late     bool      // it fell due between since and the whole sync before
}

// Post is a message as a chat received it.
type Post struct {
	ID      calbell.ReminderID
	Webhook calbell.WebhookID
	At      time.Time
	Verdict calbell.Verdict // on the answer that the chat gave
	Arrived bool            // the chat took it in
	Marked  bool            // as a possible repeat
	Notice  bool            // it is no reminder
	Resting bool            // the chat had asked for a rest that has not ended
}

type period struct{ from, to time.Time }

// NewModel returns a model that reports to t.
func NewModel(t testing.TB) *Model {
	return &Model{
		t: t, wants: map[calbell.ReminderID]*wanting{}, posts: map[calbell.ReminderID][]Post{}, excused: map[calbell.ReminderID]int{},
		troubles: map[calbell.WebhookID][]period{}, open: map[calbell.WebhookID]bool{},
	}
}

// Synced takes over what the calendars ask for: before a change that a sync may find at any
// time (whole is false), and after a sync that was whole.
func (m *Model) Synced(now map[calbell.ReminderID]Reminder, whole bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range now {
		w := m.wants[id]
		if w == nil {
			w = &wanting{Reminder: r}
			m.wants[id] = w
		}
		w.Reminder = r
		w.possible = true
		if whole && w.since.IsZero() {
			w.since, w.until = time.Now(), time.Time{}
			w.late = !m.read.IsZero() && !w.Due.Before(m.read) && w.Due.Before(w.since)
		}
	}
	for id, w := range m.wants {
		if _, still := now[id]; still || !w.possible {
			continue
		}
		w.since = time.Time{} // no more for certain
		if whole {
			w.possible, w.until = false, time.Now()
		}
	}
	if whole {
		m.read = time.Now()
	}
}

// Trouble begins or ends what excuses a webhook's, or with "" all, reminders that were not sent.
func (m *Model) Trouble(id calbell.WebhookID, on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case on && !m.open[id]:
		m.troubles[id] = append(m.troubles[id], period{from: time.Now()})
	case !on && m.open[id]:
		list := m.troubles[id]
		list[len(list)-1].to = time.Now()
	}
	m.open[id] = on
}

// Excuse notes that the program was killed with a delivery in flight, or an answer kept from it.
func (m *Model) Excuse(id calbell.ReminderID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.excused[id]++
}

// Posted takes in a post.
func (m *Model) Posted(p Post) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if end := m.wants[p.ID]; p.Resting && (end == nil || p.At.Before(end.lastChance())) {
		m.t.Errorf("%s: a post at %s, within the rest that it asked for", p.Webhook, p.At)
	}
	m.posts[p.ID] = append(m.posts[p.ID], p)
	w := m.wants[p.ID]
	if w == nil {
		if !p.Notice {
			m.t.Errorf("%s: a post of %s at %s that nobody asked for", p.Webhook, p.ID, p.At)
		}
		return
	}
	if p.At.Before(w.Due) {
		m.t.Errorf("%s: posted %v early", p.ID, w.Due.Sub(p.At))
	}
	// A claim that was made before the change was committed may still wait for its turn; one
	// that waits for longer is looked up once more.
	const turn = time.Second
	if !w.possible && p.At.Sub(w.until) > turn {
		m.t.Errorf("%s: due %s, posted at %s, but it was cancelled at %s", p.ID, w.Due, p.At, w.until)
	}
}

// Store is what the model asks of the program's store.
type Store interface {
	Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error)
	Untold(ctx context.Context) (map[calbell.WebhookID]int, error)
}

// Judge looks at each reminder's end.
func (m *Model) Judge(ctx context.Context, s Store) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, posts := range m.posts {
		m.judgePosts(id, posts)
	}
	for id, w := range m.wants {
		m.judgeEnd(ctx, s, id, w)
	}
	if untold, err := s.Untold(ctx); err != nil || len(untold) > 0 {
		m.t.Errorf("not told at the end: %v, %v", untold, err)
	}
}

// judgePosts: at most one arrives, but for lost answers and kills, and what may be a repeat
// says so.
func (m *Model) judgePosts(id calbell.ReminderID, posts []Post) {
	m.t.Helper()
	arrived, unknown := 0, 0
	for _, p := range posts {
		if p.Arrived && arrived > 0 && !p.Marked {
			m.t.Errorf("%s: arrived again at %s, unmarked: %+v", id, p.At, posts)
		}
		if p.Arrived {
			arrived++
		}
		if p.Verdict == calbell.Unknown {
			unknown++
		}
	}
	if most := 1 + unknown + m.excused[id]; arrived > most {
		m.t.Errorf("%s: arrived %d times, at most %d can be explained: %+v", id, arrived, most, posts)
	}
}

// judgeEnd: what was wanted from before it was due, or fell due between two syncs, has ended,
// with a row; and if it was not sent, something was wrong while it was worth sending, or it was
// known too late.
func (m *Model) judgeEnd(ctx context.Context, s Store, id calbell.ReminderID, w *wanting) {
	m.t.Helper()
	if w.since.IsZero() || w.since.After(w.Due) && !w.late {
		return
	}
	d, err := s.Delivery(ctx, id)
	switch {
	case err != nil:
		m.t.Errorf("%s: due %s, wanted since %s, has no row: %v", id, w.Due, w.since, err)
		return
	case !d.Status.Final():
		m.t.Errorf("%s: due %s, is %s at the end", id, w.Due, d.Status)
	case d.Status == calbell.StatusSent:
		accepted := 0
		for _, p := range m.posts[id] {
			if p.Verdict == calbell.Accepted {
				accepted++
			}
		}
		if accepted == 0 {
			m.t.Errorf("%s: is sent, and no chat accepted it", id)
		}
		return
	case d.Status == calbell.StatusCancelled:
		m.t.Errorf("%s: due %s, was cancelled (%s) and is wanted since %s", id, w.Due, d.Reason, w.since)
	}
	deadline := plan.Deadline(d, calbell.DefaultLateWindow, "")
	if w.late && w.since.After(deadline) && strings.HasPrefix(d.Reason.English, "known only after") {
		return
	}
	if !m.excusable(w.Webhook, w.Due, deadline) && !m.excusable("", w.Due, deadline) {
		m.t.Errorf("%s: due %s, ended as %s (%s) without a cause; tries %+v", id, w.Due, d.Status, d.Reason, d.Tries)
	}
}

// excusable reports whether there was trouble in a time. What a chat asked for outlasts it: a
// rest of up to an hour, a suspension until the next probe.
func (m *Model) excusable(id calbell.WebhookID, from, to time.Time) bool {
	const after = 2 * time.Hour
	for _, t := range m.troubles[id] {
		if t.from.Before(to) && (t.to.IsZero() || t.to.Add(after).After(from)) {
			return true
		}
	}
	return false
}

// Summary counts what was asked for and what came.
func (m *Model) Summary() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	posts, arrived, late := 0, 0, 0
	for _, w := range m.wants {
		if w.late {
			late++
		}
	}
	for _, list := range m.posts {
		posts += len(list)
		for _, p := range list {
			if p.Arrived {
				arrived++
			}
		}
	}
	return fmt.Sprintf("%d reminders (%d known late), %d posts, %d arrived", len(m.wants), late, posts, arrived)
}
