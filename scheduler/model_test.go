package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler"
	"calbell/store/bolt"
)

// model knows what people may expect: which reminders were wanted when, and what trouble
// there was; and what the chats received. What it demands is in posted and judge.
type model struct {
	t  *testing.T
	mu sync.Mutex

	wants    map[calbell.ReminderID]*wanting
	posts    map[calbell.ReminderID][]simPost
	excused  map[calbell.ReminderID]int       // kills while it was in flight
	troubles map[calbell.WebhookID][]troubled // by webhook; "" is the program's own
	open     map[calbell.WebhookID]bool       // trouble that has not ended
}

// simReminder is what a calendar asks for.
type simReminder struct {
	hook     calbell.WebhookID
	due, end time.Time
}

// wanting is a reminder with the times at which the store had it.
type wanting struct {
	simReminder
	since    time.Time // committed for certain; zero: not wanted for certain
	possible bool      // it may be in the store, since a sync was broken off
	until    time.Time // when it was last certain that it is not wanted; zero: never since
}

type simPost struct {
	at      time.Time
	verdict calbell.Verdict
	arrived bool
	marked  bool
}

type troubled struct{ from, to time.Time }

func newSimModel(t *testing.T) *model {
	return &model{
		t: t, wants: map[calbell.ReminderID]*wanting{}, posts: map[calbell.ReminderID][]simPost{}, excused: map[calbell.ReminderID]int{},
		troubles: map[calbell.WebhookID][]troubled{}, open: map[calbell.WebhookID]bool{},
	}
}

// synced takes over what the calendars ask for, after a sync that was whole or was not.
func (m *model) synced(now map[calbell.ReminderID]simReminder, whole bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range now {
		w := m.wants[id]
		if w == nil {
			w = &wanting{simReminder: r}
			m.wants[id] = w
		}
		w.simReminder = r
		w.possible = true
		if whole && w.since.IsZero() {
			w.since, w.until = time.Now(), time.Time{}
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
}

// trouble begins or ends what excuses a webhook's, or all, lateness.
func (m *model) trouble(id calbell.WebhookID, on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case on && !m.open[id]:
		m.troubles[id] = append(m.troubles[id], troubled{from: time.Now()})
	case !on && m.open[id]:
		list := m.troubles[id]
		list[len(list)-1].to = time.Now()
	}
	m.open[id] = on
}

// excuse notes that the program was killed with a delivery in flight.
func (m *model) excuse(id calbell.ReminderID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.excused[id]++
}

// posted takes in a post as it begins.
func (m *model) posted(hook calbell.WebhookID, msg calbell.Message, try calbell.Try, at time.Time, arrives, resting bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if resting {
		m.t.Errorf("%s: a post at %s, within the rest that it asked for", hook, at)
	}
	p := simPost{at, try.Verdict, arrives, strings.Contains(msg.Text, "(possible repeat)")}
	m.posts[msg.ID] = append(m.posts[msg.ID], p)
	w := m.wants[msg.ID]
	if w == nil {
		if !strings.Contains(msg.Text, "not sent in time") && hook != "alarm" {
			m.t.Errorf("%s: a post at %s that nobody asked for: %q", hook, at, msg.Text)
		}
		return
	}
	if at.Before(w.due) {
		m.t.Errorf("%s: posted %v early", msg.ID, w.due.Sub(at))
	}
	// A claim that was made before the change was committed may still wait for its turn; one
	// that waits for longer is looked up once more.
	const turn = time.Second
	if !w.possible && at.Sub(w.until) > turn {
		m.t.Errorf("%s: due %s, posted at %s, but it was cancelled at %s", msg.ID, w.due, at, w.until)
	}
}

// judge looks at each reminder's end.
func (m *model) judge(s *bolt.Store) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, posts := range m.posts {
		m.judgePosts(id, posts)
	}
	for id, w := range m.wants {
		m.judgeEnd(s, id, w)
	}
	if untold, err := s.Untold(context.Background()); err != nil || len(untold) > 0 {
		m.t.Errorf("not told at the end: %v, %v", untold, err)
	}
}

// judgePosts: at most one arrives, but for lost answers and kills, and what may be a repeat
// says so.
func (m *model) judgePosts(id calbell.ReminderID, posts []simPost) {
	arrived, unknown := 0, 0
	for _, p := range posts {
		if p.arrived && arrived > 0 && !p.marked {
			m.t.Errorf("%s: arrived again at %s, unmarked: %+v", id, p.at, posts)
		}
		if p.arrived {
			arrived++
		}
		if p.verdict == calbell.Unknown {
			unknown++
		}
	}
	if most := 1 + unknown + m.excused[id]; arrived > most {
		m.t.Errorf("%s: arrived %d times, at most %d can be explained: %+v", id, arrived, most, posts)
	}
}

// judgeEnd: what was wanted from before it was due has ended, with a row; and if it was not
// sent, something was wrong while it was worth sending.
func (m *model) judgeEnd(s *bolt.Store, id calbell.ReminderID, w *wanting) {
	if w.since.IsZero() || w.since.After(w.due) {
		return
	}
	d, err := s.Delivery(context.Background(), id)
	switch {
	case err != nil:
		m.t.Errorf("%s: due %s, wanted since %s, has no row: %v", id, w.due, w.since, err)
		return
	case !d.Status.Final():
		m.t.Errorf("%s: due %s, is %s at the end", id, w.due, d.Status)
	case d.Status == calbell.StatusSent:
		accepted := 0
		for _, p := range m.posts[id] {
			if p.verdict == calbell.Accepted {
				accepted++
			}
		}
		if accepted == 0 {
			m.t.Errorf("%s: is sent, and no chat accepted it", id)
		}
		return
	case d.Status == calbell.StatusCancelled:
		m.t.Errorf("%s: due %s, was cancelled (%s) and is wanted since %s", id, w.due, d.Reason, w.since)
	}
	deadline := scheduler.Deadline(d, calbell.DefaultLateWindow, "")
	if !m.excusable(w.hook, w.due, deadline) && !m.excusable("", w.due, deadline) {
		m.t.Errorf("%s: due %s, ended as %s (%s) without a cause; tries %+v", id, w.due, d.Status, d.Reason, d.Tries)
	}
}

// excusable says whether there was trouble in a time. What a chat asked for outlasts it: a
// rest of up to an hour, a suspension until the next probe.
func (m *model) excusable(id calbell.WebhookID, from, to time.Time) bool {
	const after = 2 * time.Hour
	for _, t := range m.troubles[id] {
		if t.from.Before(to) && (t.to.IsZero() || t.to.Add(after).After(from)) {
			return true
		}
	}
	return false
}

func (m *model) summary() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	posts, arrived := 0, 0
	for _, list := range m.posts {
		posts += len(list)
		for _, p := range list {
			if p.arrived {
				arrived++
			}
		}
	}
	return fmt.Sprintf("%d reminders, %d posts, %d arrived", len(m.wants), posts, arrived)
}
