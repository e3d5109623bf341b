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
	// correctBack is how long ago something may have been announced that is looked at once
	// after a start, and maxAnnounced how much of it: the latest.
	correctBack  = 31 * 24 * time.Hour
	maxAnnounced = 5000
	// maxCorrections bounds the lines that one webhook is sent after one sync; the rest waits
	// for the next. Nobody reads as many.
	maxCorrections = 25
	// absentFor is how long an event that is gone from its calendar may turn up in another one
	// that could not be synced; longer, and it counts as cancelled.
	absentFor = 15 * time.Minute
)

// corrector remembers, between the syncs of an account, what may have to be corrected.
type corrector struct {
	mu sync.Mutex
	// touched are the UIDs that syncs changed, by account, with since when they are gone; zero:
	// they are not known to be.
	touched map[string]map[calbell.UID]time.Time
	whole   map[string]bool // accounts of which everything was looked at since the start
}

func newCorrector() *corrector {
	return &corrector{touched: map[string]map[calbell.UID]time.Time{}, whole: map[string]bool{}}
}

// touch notes events that a sync of an account changed.
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

// take hands over what an account's syncs touched. whole says to look at everything.
func (c *corrector) take(account string) (touched map[calbell.UID]time.Time, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	touched, whole = c.touched[account], !c.whole[account]
	delete(c.touched, account)
	return touched, whole
}

// giveBack keeps what is to be looked at again after the next sync. Meanwhile no other sync of
// the account has run.
func (c *corrector) giveBack(account string, left map[calbell.UID]time.Time, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole[account] = whole
	if len(left) > 0 {
		c.touched[account] = left
	}
}

// touch notes which events a batch changes. It is to be called before the batch is applied:
// what is deleted has no UID afterwards.
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

// correct tells, after a sync of an account, what was announced and is no longer so: for what
// the syncs touched, and once after a start for all. It is bounded, and speaks to no server.
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

// correcting is one look at what was announced.
type correcting struct {
	*Syncer
	policy  *plan.Policy
	hooks   map[calbell.WebhookID]bool
	account string
	touched map[calbell.UID]time.Time
	now     time.Time

	calendars map[calbell.CalendarID]calbell.Calendar
	own       []calbell.CalendarID      // of the account
	patient   bool                      // what is gone may be in a calendar that was not synced
	told      map[calbell.WebhookID]int // corrections in this look
	left      map[calbell.UID]time.Time // to be looked at again
	notices   []calbell.Reminder
}

// look compares what was announced with what is stored, and tells. synced: all calendars of
// the account could be synced.
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

// readCalendars reads the calendars, and whether each of the account is as its server has it.
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

// readOthers reads the other calendars from which an announcement came, or in which its event is.
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

// announcement is what a webhook was told of an instance that has not begun.
type announcement struct {
	told    []calbell.Delivery // what it was told, the latest first; one at least
	sources map[calbell.CalendarID]bool
}

// last returns what was told last that an instance which stands so may contradict. A reminder
// that has the new time already does not say that it is another one than before: only a
// correction does.
func (a *announcement) last(s standing) *calbell.Delivery {
	for i := range a.told {
		if d := &a.told[i]; d.Notice != nil || !s.at(d.Start) {
			return d
		}
	}
	return nil
}

// announced gathers what the webhooks were told last of the events that were touched, or of
// all. A correction speaks for the instance that it corrected, whatever that is called now.
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

// sent returns what was sent of the account's events, the latest first: the reminders, and the
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

// nameIn is the instance that a delivery tells of, by the name under which it was announced.
func nameIn(d calbell.Delivery) calbell.RecurrenceID {
	if d.Notice != nil && d.Notice.Change != nil {
		return d.Notice.Change.RecurrenceID
	}
	return d.RecurrenceID
}

// compare tells when an announcement is no longer true.
func (w *correcting) compare(a *announcement, s standing) {
	d := a.last(s)
	switch {
	case s.unknown || d == nil:
	case len(s.on) > 0:
		if !s.at(d.Start) {
			w.tell(d, calbell.NoticeMoved, s)
		}
	case d.Notice != nil && d.Notice.Kind == calbell.NoticeCancelled: // that was told
	case s.there || w.missed(d.UID):
		w.tell(d, calbell.NoticeCancelled, s)
	}
}

// missed reports whether an event that is gone has been for long enough to count as cancelled.
// If not, it is looked at again.
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

// tell adds a correction. Its ID follows from what was told last, and what is so now: it is
// told once, and an event that moves to and fro is told each time.
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
