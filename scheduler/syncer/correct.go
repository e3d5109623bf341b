package syncer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

const (
	// correctBack limits the age, and maxAnnounced the number, of the announcements checked
	// after a start; the latest are checked.
	correctBack  = 31 * 24 * time.Hour
	maxAnnounced = 5000
	// maxCorrections limits the corrections to one webhook after one sync; the rest waits for
	// the next. Nobody reads more.
	maxCorrections = 25
	// absentFor is how long an event that left its calendar may appear in another one that
	// could not be synced. After that it counts as cancelled.
	absentFor = 15 * time.Minute
)

// corrector records, between the syncs of an account, which events may need corrections.
type corrector struct {
	mu sync.Mutex
	// touched are the UIDs that syncs changed, by account, with the time since when they are
	// gone; zero: not known to be gone.
	touched map[string]map[calbell.UID]time.Time
	whole   map[string]bool // accounts checked completely since the start
}

func newCorrector() *corrector {
	return &corrector{touched: map[string]map[calbell.UID]time.Time{}, whole: map[string]bool{}}
}

// touch records events that a sync of an account changed.
func (c *corrector) touch(account string, uids ...calbell.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(account, uids...)
}

func (c *corrector) put(account string, uids ...calbell.UID) {
	if c.touched[account] == nil {
		c.touched[account] = map[calbell.UID]time.Time{}
	}
	for _, uid := range uids {
		if _, known := c.touched[account][uid]; !known {
			c.touched[account][uid] = time.Time{}
		}
	}
}

// take returns and clears the changed events of an account. whole means that everything must be
// checked.
func (c *corrector) take(account string) (touched map[calbell.UID]time.Time, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	touched, whole = c.touched[account], !c.whole[account]
	delete(c.touched, account)
	return touched, whole
}

// giveBack keeps events for the check after the next sync. No other sync of the account may
// have run in between.
func (c *corrector) giveBack(account string, left map[calbell.UID]time.Time, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole[account] = whole
	if len(left) > 0 {
		c.touched[account] = left
	}
}

// touch returns the events that a batch changes. It must run before the batch is applied:
// deleted objects have no UIDs afterwards.
func (r *syncRun) touch(ctx context.Context, b Batch) (uids []calbell.UID, err error) {
	if len(r.policy.CorrectionWebhooks()) == 0 {
		return nil, nil
	}
	for _, href := range b.Deleted {
		o, err := r.store.Object(ctx, r.calendar.ID, href)
		if err != nil && !calbell.IsNotFound(err) {
			return nil, err
		}
		uids = append(uids, o.UIDs...)
	}
	return uids, nil
}

// correct sends corrections of announcements after a sync of an account: for the events that
// changed, and once after a start for all. It is limited, and contacts no server.
func (s *Syncer) correct(ctx context.Context, r calbell.SyncRequest, failure error) {
	account := r.Account.Key()
	policy := s.policy()
	hooks := policy.CorrectionWebhooks()
	touched, all := s.corrections.take(account)
	if len(hooks) == 0 || len(touched) == 0 && !all {
		s.corrections.giveBack(account, nil, !all && len(hooks) > 0)
		return
	}
	w := &correcting{Syncer: s, policy: policy, hooks: hooks, account: account, touched: touched, now: time.Now(), told: map[calbell.WebhookID]int{}, left: map[calbell.UID]time.Time{}}
	err := w.look(ctx, r.Only == nil && failure == nil, all)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Error("look for what is to be corrected", "account", account, "err", err)
		}
		s.corrections.giveBack(account, touched, !all)
		return
	}
	s.corrections.giveBack(account, w.left, true)
}

// correcting is one check of the announcements.
type correcting struct {
	*Syncer
	policy  *plan.Policy
	hooks   map[calbell.WebhookID]bool
	account string
	touched map[calbell.UID]time.Time
	now     time.Time

	calendars map[calbell.CalendarID]calbell.Calendar
	own       []calbell.CalendarID      // of the account
	patient   bool                      // a missing event may be in a calendar that was not synced
	told      map[calbell.WebhookID]int // corrections in this check
	left      map[calbell.UID]time.Time // to be checked again
	notices   []calbell.Reminder
}

// look compares announcements with the store and sends corrections. synced is set when all
// calendars of the account could be synced.
func (w *correcting) look(ctx context.Context, synced, all bool) error {
	if err := w.readCalendars(ctx, synced); err != nil {
		return err
	}
	announced, err := w.announced(ctx, all)
	if err != nil {
		return err
	}
	for _, a := range announced {
		objects, err := w.store.ObjectsByUID(ctx, a.told[0].UID)
		if err != nil {
			return err
		}
		if err := w.readOthers(ctx, a, objects); err != nil {
			return err
		}
		w.compare(a, w.copies(a, objects))
	}
	if len(w.notices) == 0 {
		return nil
	}
	if err := w.store.Notify(ctx, w.notices, w.now); err != nil {
		return err
	}
	for _, n := range w.notices {
		w.o.Told(n.Notice.Kind)
	}
	w.o.Changed()
	return nil
}

// readCalendars reads the calendars, and whether each one of the account is up to date.
func (w *correcting) readCalendars(ctx context.Context, synced bool) error {
	list, err := w.store.CalendarsOf(ctx, w.account)
	if err != nil {
		return err
	}
	w.patient = !synced
	w.calendars = map[calbell.CalendarID]calbell.Calendar{}
	for _, c := range list {
		w.calendars[c.ID] = c
		w.own = append(w.own, c.ID)
		if !c.FailingSince.IsZero() || c.SyncedAt.IsZero() {
			w.patient = true
		}
	}
	return nil
}

// readOthers reads the other calendars that an announcement came from, or that contain its
// event.
func (w *correcting) readOthers(ctx context.Context, a *announcement, objects []calbell.Object) error {
	ids := slices.Collect(maps.Keys(a.sources))
	for _, o := range objects {
		ids = append(ids, o.Calendar)
	}
	ids = slices.DeleteFunc(ids, func(id calbell.CalendarID) bool {
		_, known := w.calendars[id]
		return known
	})
	if len(ids) == 0 {
		return nil
	}
	list, err := w.store.CalendarsByID(ctx, ids...)
	for _, c := range list {
		w.calendars[c.ID] = c
	}
	return err
}

// announcement is a webhook's messages about an instance that has not begun.
type announcement struct {
	told    []calbell.Delivery // the messages, latest first; at least one
	sources map[calbell.CalendarID]bool
}

// last returns the latest message that the instance's state may contradict. A reminder with the
// new time does not say that the time has changed: only a correction does.
func (a *announcement) last(s standing) *calbell.Delivery {
	for i := range a.told {
		if d := &a.told[i]; d.Notice != nil || !s.at(d.Start) {
			return d
		}
	}
	return nil
}

// announced collects the webhooks' latest messages about the changed events, or about all. A
// correction counts for the instance that it corrected, whatever that is called now.
func (w *correcting) announced(ctx context.Context, all bool) (list []*announcement, err error) {
	q := store.HistoryQuery{Statuses: []calbell.Status{calbell.StatusSent}, StartsAfter: w.now, Limit: maxAnnounced}
	if all {
		q.Since = w.now.Add(-correctBack)
	} else {
		for uid := range w.touched {
			q.UIDs = append(q.UIDs, uid)
		}
	}
	sent, err := w.sent(ctx, q)
	if err != nil {
		return nil, err
	}
	type key struct {
		webhook calbell.WebhookID
		uid     calbell.UID
		id      calbell.RecurrenceID
	}
	sources, known := map[key]map[calbell.CalendarID]bool{}, map[key]*announcement{}
	for _, d := range sent {
		if !w.hooks[d.Webhook] || d.UID == "" || !w.policy.AuthorizedFor(w.account, d.Webhook) {
			continue
		}
		event := key{webhook: d.Webhook, uid: d.UID}
		if sources[event] == nil {
			sources[event] = map[calbell.CalendarID]bool{}
		}
		for _, src := range d.Sources {
			sources[event][src.Calendar] = true
		}
		k, before := key{d.Webhook, d.UID, d.RecurrenceID}, key{d.Webhook, d.UID, nameIn(d)}
		a := known[k]
		if a == nil {
			a = &announcement{sources: sources[event]}
			known[k], list = a, append(list, a)
		}
		a.told = append(a.told, d)
		if known[before] == nil {
			known[before] = a
		}
	}
	return list, nil
}

// sent returns what was sent about the account's events, latest first: reminders, and
// corrections, which have no source.
func (w *correcting) sent(ctx context.Context, q store.HistoryQuery) ([]calbell.Delivery, error) {
	q.Of = &store.Concern{Calendars: w.own}
	sent, err := w.store.History(ctx, q)
	if err != nil {
		return nil, err
	}
	events := map[calbell.UID]bool{}
	for uid := range w.touched {
		events[uid] = true
	}
	for _, d := range sent {
		events[d.UID] = true
	}
	q.Of = &store.Concern{Events: slices.Collect(maps.Keys(events))}
	notices, err := w.store.History(ctx, q)
	sent = append(sent, notices...)
	slices.SortFunc(sent, func(a, b calbell.Delivery) int {
		return cmp.Or(b.FinishedAt.Compare(a.FinishedAt), cmp.Compare(b.ID, a.ID))
	})
	return sent, err
}

// nameIn returns the recurrence ID under which a delivery announced its instance.
func nameIn(d calbell.Delivery) calbell.RecurrenceID {
	if d.Notice != nil && d.Notice.Change != nil {
		return d.Notice.Change.RecurrenceID
	}
	return d.RecurrenceID
}

// compare sends a correction when an announcement is no longer true.
func (w *correcting) compare(a *announcement, s standing) {
	d := a.last(s)
	switch {
	case s.unknown || d == nil:
	case len(s.on) > 0:
		if !s.at(d.Start) {
			w.tell(d, calbell.NoticeMoved, s)
		}
	case d.Notice != nil && d.Notice.Kind == calbell.NoticeCancelled: // reported already
	case s.there || w.missed(d.UID):
		w.tell(d, calbell.NoticeCancelled, s)
	}
}

// missed reports whether a missing event has been gone long enough to count as cancelled. If
// not, it is checked again later.
func (w *correcting) missed(uid calbell.UID) bool {
	since := w.touched[uid]
	if since.IsZero() {
		since = w.now
	}
	if !w.patient || w.now.Sub(since) >= absentFor {
		return true
	}
	w.left[uid] = since
	return false
}

// tell adds a correction. Its ID is derived from the latest message and the current state: it
// is sent once, and an event that moves back and forth is reported each time.
func (w *correcting) tell(d *calbell.Delivery, kind calbell.NoticeKind, s standing) {
	if w.told[d.Webhook]++; w.told[d.Webhook] > maxCorrections {
		w.left[d.UID] = w.touched[d.UID]
		return
	}
	change := &calbell.Change{UID: d.UID, RecurrenceID: d.RecurrenceID, Was: w.span(d, s), Busy: s.busy}
	r := calbell.NewNotice(d.Webhook, calbell.Notice{Kind: kind, Subject: d.Subject, Since: w.now.UTC(), Change: change}, w.now)
	r.UID, r.RecurrenceID, r.Start, r.End = d.UID, d.RecurrenceID, d.Start, d.Start
	if kind == calbell.NoticeMoved {
		now := s.on[0]
		change.Now = calbell.SpanOf(now)
		r.Subject = plan.Subject(now.Summary)
		r.Notice.Subject = r.Subject
		r.RecurrenceID, r.Start = now.RecurrenceID, now.Start.UTC()
		if r.Start.After(r.End) {
			r.End = r.Start
		}
	}
	if s.busy {
		r.Subject, r.Notice.Subject = "", ""
	}
	about := strings.Join([]string{string(d.UID), string(d.RecurrenceID), string(d.ID)}, "\n")
	r.ID = calbell.NewNoticeID(d.Webhook, kind, about, r.Start)
	w.notices = append(w.notices, r)
}
