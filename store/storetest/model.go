package storetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"calbell"
	"calbell/store"
)

// model is the contract in its shortest form: maps, no indexes, no persistence. It is
// what random operations on a backend are compared with, and runs the suite itself, which
// keeps the suite from asking for what only one backend does.
type model struct {
	mu     sync.Mutex
	cals   map[calbell.CalendarID]calbell.Calendar
	objs   map[place]*object
	dels   map[calbell.ReminderID]*calbell.Delivery
	hooks  map[hook]calbell.Webhook
	states map[calbell.WebhookID]calbell.WebhookState
}

type place struct {
	cal  calbell.CalendarID
	href calbell.Href
}

type object struct {
	calbell.Object
	wants map[calbell.ReminderID]bool
}

type hook struct {
	origin calbell.Origin
	id     calbell.WebhookID
}

var _ store.Store = (*model)(nil)

func newModel() *model {
	return &model{
		cals:   make(map[calbell.CalendarID]calbell.Calendar),
		objs:   make(map[place]*object),
		dels:   make(map[calbell.ReminderID]*calbell.Delivery),
		hooks:  make(map[hook]calbell.Webhook),
		states: make(map[calbell.WebhookID]calbell.WebhookState),
	}
}

// enter takes the lock; the caller defers what it returns.
func (m *model) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return func() {}, err
	}
	m.mu.Lock()
	return m.mu.Unlock, nil
}

func (m *model) Close() error { return nil }

func notFound(what string, id any) error {
	return &calbell.Error{Kind: calbell.KindNotFound, What: fmt.Sprintf("no %s %q", what, id)}
}

func (m *model) Calendars(ctx context.Context) ([]calbell.Calendar, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return slices.SortedFunc(maps.Values(m.cals), func(a, b calbell.Calendar) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}), err
}

func (m *model) Calendar(ctx context.Context, id calbell.CalendarID) (calbell.Calendar, error) {
	leave, err := m.enter(ctx)
	defer leave()
	c, ok := m.cals[id]
	if err == nil && !ok {
		err = notFound("calendar", id)
	}
	return c, err
}

func (m *model) SaveCalendar(ctx context.Context, c calbell.Calendar) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil {
		m.cals[c.ID] = c
	}
	return err
}

func (m *model) RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for at := range m.objs {
		if at.cal == id {
			delete(m.objs, at)
		}
	}
	m.orphans(now)
	delete(m.cals, id)
	return nil
}

// orphans takes away every source that no object stands for any more: the whole rule of
// how reminders end when what they come from changes.
func (m *model) orphans(now time.Time) {
	for id, d := range m.dels {
		if d.Status.Final() || len(d.Sources) == 0 {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(d.Sources), func(s calbell.Source) bool {
			o := m.objs[place{s.Calendar, s.Href}]
			return o == nil || !o.wants[id]
		})
		if len(left) > 0 || d.Status == calbell.StatusInFlight {
			d.Sources = left
			continue
		}
		end(d, calbell.StatusCancelled, now, "gone")
	}
}

func end(d *calbell.Delivery, s calbell.Status, at time.Time, reason string) {
	d.Status, d.FinishedAt, d.Reason = s, at, reason
	d.NextAt, d.Worker, d.LeaseEnd = time.Time{}, "", time.Time{}
}

func queue(d *calbell.Delivery, s calbell.Status, at time.Time) {
	d.Status, d.NextAt = s, at
	d.Worker, d.LeaseEnd, d.FinishedAt, d.Reason = "", time.Time{}, time.Time{}, ""
}

func (m *model) ETags(ctx context.Context, id calbell.CalendarID) (map[calbell.Href]calbell.ETag, error) {
	leave, err := m.enter(ctx)
	defer leave()
	tags := make(map[calbell.Href]calbell.ETag)
	for at, o := range m.objs {
		if at.cal == id {
			tags[at.href] = o.ETag
		}
	}
	return tags, err
}

func (m *model) Object(ctx context.Context, id calbell.CalendarID, href calbell.Href) (calbell.Object, error) {
	leave, err := m.enter(ctx)
	defer leave()
	o := m.objs[place{id, href}]
	switch {
	case err != nil:
		return calbell.Object{}, err
	case o == nil:
		return calbell.Object{}, notFound("object", href)
	}
	return o.Object, nil
}

func (m *model) EachObject(ctx context.Context, id calbell.CalendarID, fn func(calbell.Object) error) error {
	tags, err := m.ETags(ctx, id)
	for _, href := range slices.Sorted(maps.Keys(tags)) {
		o, err := m.Object(ctx, id, href)
		if err == nil {
			err = fn(o)
		}
		if err != nil {
			return err
		}
	}
	return err
}

func (m *model) Apply(ctx context.Context, c store.Change, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	m.cals[c.Calendar.ID] = c.Calendar
	put := make(map[calbell.Href]bool)
	for _, p := range c.Put {
		p.Object.Calendar = c.Calendar.ID
		put[p.Object.Href] = true
		o := &object{Object: p.Object, wants: make(map[calbell.ReminderID]bool)}
		m.name(o, p.Reminders, now)
		m.objs[place{c.Calendar.ID, p.Object.Href}] = o // what the old one wanted is forgotten with it
	}
	for _, href := range c.Delete {
		if !put[href] {
			delete(m.objs, place{c.Calendar.ID, href})
		}
	}
	m.orphans(now)
	return nil
}

// name makes an object a source of reminders.
func (m *model) name(o *object, rs []store.PlannedReminder, now time.Time) {
	for _, r := range rs {
		d := m.dels[r.ID]
		again := d != nil && d.Status == calbell.StatusCancelled && !d.Due.Before(now) && !r.KeepOnly
		switch {
		case d == nil && r.KeepOnly, d != nil && d.Status.Final() && !again:
			continue
		case d == nil:
			d = &calbell.Delivery{Reminder: r.Reminder, Status: calbell.StatusPlanned}
			d.Due, d.NextAt, d.Sources = r.Due.UTC(), r.Due.UTC(), nil
			m.dels[r.ID] = d
		case again:
			queue(d, calbell.StatusPlanned, d.Due)
			d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(s calbell.Source) bool {
				other := m.objs[place{s.Calendar, s.Href}]
				return other == nil || !other.wants[r.ID]
			})
		}
		src := calbell.Source{Calendar: o.Calendar, Href: o.Href, Alarm: r.Sources[0].Alarm}
		if !o.wants[r.ID] { // its alarms may be numbered anew
			d.Sources = slices.DeleteFunc(slices.Clone(d.Sources), func(s calbell.Source) bool {
				return s.Calendar == o.Calendar && s.Href == o.Href
			})
		}
		if !slices.Contains(d.Sources, src) {
			d.Sources = append(slices.Clone(d.Sources), src)
		}
		d.Subject, d.Start, d.End = r.Subject, r.Start.UTC(), r.End.UTC()
		o.wants[r.ID] = true
	}
}

func (m *model) DuePlans(ctx context.Context, now time.Time, limit int) ([]calbell.Object, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var objs []calbell.Object
	for _, o := range m.objs {
		if !o.Replan.IsZero() && !o.Replan.After(now) {
			objs = append(objs, o.Object)
		}
	}
	slices.SortFunc(objs, func(a, b calbell.Object) int { return a.Replan.Compare(b.Replan) })
	return objs[:min(limit, len(objs))], err
}

func (m *model) Extend(ctx context.Context, ext []store.Planned, now time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, e := range ext {
		o := m.objs[place{e.Object.Calendar, e.Object.Href}]
		if o == nil || o.ETag != e.Object.ETag || o.ETag == "" && !bytes.Equal(o.Raw, e.Object.Raw) {
			continue
		}
		o.Until, o.Replan = e.Object.Until, e.Object.Replan
		m.name(o, e.Reminders, now)
	}
	return nil
}

// live returns what has not ended, by NextAt, then ID.
func (m *model) live() []*calbell.Delivery {
	ds := slices.Collect(maps.Values(m.dels))
	ds = slices.DeleteFunc(ds, func(d *calbell.Delivery) bool { return d.Status.Final() })
	slices.SortFunc(ds, func(a, b *calbell.Delivery) int {
		return cmp.Or(a.NextAt.Compare(b.NextAt), cmp.Compare(a.ID, b.ID))
	})
	return ds
}

func (m *model) NextDue(ctx context.Context, after time.Time) (due time.Time, ok bool, err error) {
	leave, err := m.enter(ctx)
	defer leave()
	for _, d := range m.live() {
		if d.Status != calbell.StatusInFlight && d.NextAt.After(after) {
			return d.NextAt, true, err
		}
	}
	return time.Time{}, false, err
}

func (m *model) Claim(ctx context.Context, r store.ClaimRequest) ([]calbell.Claim, error) {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return nil, err
	}
	if r.Limit < 1 || r.Lease <= 0 {
		return nil, &calbell.Error{Kind: calbell.KindUsage, What: "claim: no limit or lease"}
	}
	taken := make(map[calbell.WebhookID]int)
	var claims []calbell.Claim
	for _, d := range m.live() {
		if d.Status == calbell.StatusInFlight || d.NextAt.After(r.Now) || len(claims) == r.Limit ||
			r.Room != nil && taken[d.Webhook] >= r.Room(d.Webhook) {
			continue
		}
		taken[d.Webhook]++
		d.Status, d.Worker, d.LeaseEnd = calbell.StatusInFlight, r.Worker, r.Now.Add(r.Lease)
		c := calbell.Claim{Delivery: *d, Calendar: m.cals[d.Sources[0].Calendar]}
		o := m.objs[place{d.Sources[0].Calendar, d.Sources[0].Href}].Object
		c.Object = &o
		claims = append(claims, c)
	}
	return claims, nil
}

func (m *model) Finish(ctx context.Context, worker string, outcomes []calbell.Outcome,
	states map[calbell.WebhookID]calbell.WebhookState, now time.Time,
) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if !slices.Contains(outcomeStates, o.Status) {
			return &calbell.Error{Kind: calbell.KindUsage, What: "finish: no outcome"}
		}
	}
	for _, o := range outcomes {
		if d := m.dels[o.ID]; d != nil && d.Status == calbell.StatusInFlight && d.Worker == worker {
			m.finish(d, o, now)
		}
	}
	for id, s := range states {
		m.setState(id, s)
	}
	return nil
}

func (m *model) finish(d *calbell.Delivery, o calbell.Outcome, now time.Time) {
	d.PossibleRepeat = d.PossibleRepeat || o.PossibleRepeat
	sentAt := now
	if o.Try != nil {
		d.Attempts++
		d.Tries = append(slices.Clone(d.Tries), *o.Try)
		d.Tries = d.Tries[max(0, len(d.Tries)-calbell.MaxTries):]
		sentAt = o.Try.At.Add(o.Try.Took)
	}
	switch {
	case o.Status == calbell.StatusSent:
		end(d, o.Status, sentAt, "")
	case o.Status.Final():
		end(d, o.Status, now, o.Reason)
	case len(d.Sources) == 0:
		end(d, calbell.StatusCancelled, now, "gone")
	default:
		queue(d, o.Status, o.NextAt)
	}
}

func (m *model) Recover(ctx context.Context, worker string, now time.Time) (int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	n := 0
	for _, d := range m.dels {
		if err != nil || d.Status != calbell.StatusInFlight || d.Worker != worker && d.LeaseEnd.After(now) {
			continue
		}
		n++
		d.PossibleRepeat = true
		if len(d.Sources) == 0 {
			end(d, calbell.StatusCancelled, now, "gone")
		} else {
			queue(d, calbell.StatusWaiting, now)
		}
	}
	return n, err
}

func (m *model) Delivery(ctx context.Context, id calbell.ReminderID) (calbell.Delivery, error) {
	leave, err := m.enter(ctx)
	defer leave()
	d := m.dels[id]
	switch {
	case err != nil:
		return calbell.Delivery{}, err
	case d == nil:
		return calbell.Delivery{}, notFound("delivery", id)
	}
	return *d, nil
}

func (m *model) Upcoming(ctx context.Context, limit int) ([]calbell.Delivery, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var ds []calbell.Delivery
	for _, d := range m.live() {
		if len(ds) < limit {
			ds = append(ds, *d)
		}
	}
	return ds, err
}

func (m *model) History(ctx context.Context, q store.HistoryQuery) ([]calbell.Delivery, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var ds []calbell.Delivery
	for _, d := range m.dels {
		if d.Status.Final() && !d.FinishedAt.Before(q.Since) &&
			(len(q.Statuses) == 0 || slices.Contains(q.Statuses, d.Status)) &&
			(q.Webhook == "" || q.Webhook == d.Webhook) && (q.UID == "" || q.UID == d.UID) {
			ds = append(ds, *d)
		}
	}
	slices.SortFunc(ds, func(a, b calbell.Delivery) int {
		return cmp.Or(b.FinishedAt.Compare(a.FinishedAt), cmp.Compare(b.ID, a.ID))
	})
	return ds[:min(cmp.Or(q.Limit, 100), len(ds))], err
}

func (m *model) Counts(ctx context.Context) (map[calbell.Status]int, error) {
	leave, err := m.enter(ctx)
	defer leave()
	counts := make(map[calbell.Status]int)
	for _, d := range m.dels {
		counts[d.Status]++
	}
	return counts, err
}

func (m *model) Prune(ctx context.Context, before time.Time, limit int) (int, error) {
	ds, err := m.History(ctx, store.HistoryQuery{Limit: 1 << 30})
	leave, _ := m.enter(ctx)
	defer leave()
	n := 0
	for _, d := range slices.Backward(ds) {
		if d.FinishedAt.Before(before) && n < limit {
			delete(m.dels, d.ID)
			n++
		}
	}
	return n, err
}

func (m *model) Webhooks(ctx context.Context) ([]calbell.Webhook, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var ws []calbell.Webhook
	for at, w := range m.hooks {
		if _, hidden := m.hooks[hook{calbell.OriginFile, at.id}]; !hidden || at.origin == calbell.OriginFile {
			w.Attachments, w.Payload = clone(w.Attachments), clone(w.Payload)
			ws = append(ws, w)
		}
	}
	slices.SortFunc(ws, func(a, b calbell.Webhook) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return ws, err
}

func (m *model) Webhook(ctx context.Context, name string) (calbell.Webhook, error) {
	ws, err := m.Webhooks(ctx)
	slug := calbell.Slug(name)
	for _, origin := range []calbell.Origin{calbell.OriginFile, calbell.OriginStored} {
		for _, byID := range []bool{true, false} {
			for _, w := range ws {
				key := string(w.ID)
				if !byID {
					key = calbell.Slug(w.Name)
				}
				if w.Origin == origin && key == slug && slug != "" {
					return w, err
				}
			}
		}
	}
	return calbell.Webhook{}, cmp.Or(err, notFound("webhook", name))
}

func (m *model) PutWebhook(ctx context.Context, w calbell.Webhook) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil {
		err = m.putHook(w, calbell.OriginStored)
	}
	return err
}

func (m *model) putHook(w calbell.Webhook, o calbell.Origin) error {
	if w.ID == "" {
		return &calbell.Error{Kind: calbell.KindUsage, What: "webhook without ID"}
	}
	w.Origin = o
	w.Attachments, w.Payload = clone(w.Attachments), clone(w.Payload)
	m.hooks[hook{o, w.ID}] = w
	return nil
}

// clone copies a tree as a database would: what comes back is not what went in.
func clone(v any) any {
	if v == nil {
		return nil
	}
	var out any
	data, _ := json.Marshal(v)
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	_ = dec.Decode(&out)
	return out
}

func (m *model) RemoveWebhook(ctx context.Context, id calbell.WebhookID) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	if _, ok := m.hooks[hook{calbell.OriginStored, id}]; !ok {
		return notFound("webhook", id)
	}
	delete(m.hooks, hook{calbell.OriginStored, id})
	if _, ok := m.hooks[hook{calbell.OriginFile, id}]; !ok {
		delete(m.states, id)
	}
	return nil
}

func (m *model) SetFileWebhooks(ctx context.Context, ws []calbell.Webhook) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err != nil {
		return err
	}
	for _, w := range ws {
		if w.ID == "" {
			return m.putHook(w, calbell.OriginFile)
		}
	}
	maps.DeleteFunc(m.hooks, func(h hook, _ calbell.Webhook) bool { return h.origin == calbell.OriginFile })
	for _, w := range ws {
		if err := m.putHook(w, calbell.OriginFile); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) WebhookStates(ctx context.Context) (map[calbell.WebhookID]calbell.WebhookState, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return maps.Clone(m.states), err
}

func (m *model) SetWebhookState(ctx context.Context, id calbell.WebhookID, s calbell.WebhookState) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err == nil {
		m.setState(id, s)
	}
	return err
}

func (m *model) setState(id calbell.WebhookID, s calbell.WebhookState) {
	if s == (calbell.WebhookState{}) {
		delete(m.states, id)
		return
	}
	m.states[id] = s
}
