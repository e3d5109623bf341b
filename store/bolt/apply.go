package bolt

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/record"
)

// Reasons that people read.
const (
	reasonGone     = "its event or alarm is gone"
	reasonGoneSent = "its event or alarm is gone; an attempt may have been accepted"
)

// keepEnded is how long an object remembers a reminder that fell due: past every retry.
const keepEnded = calbell.MaxRetry + time.Hour

// Apply implements store.Objects.
func (s *Store) Apply(ctx context.Context, c store.Change, now time.Time) error {
	if err := checkNotices(c.Notices); err != nil {
		return err
	}
	cal := s.box.Calendar(c.Calendar.ID)
	keys := make([]record.ObjectKey, len(c.Put))
	raws := make([][]byte, len(c.Put))
	for i := range c.Put { // sealed before the lock is taken: the bulk of the bytes
		keys[i] = s.box.Object(cal, c.Put[i].Object.Href)
		raws[i] = s.box.Seal(bRaws, keys[i][:], c.Put[i].Object.Raw)
	}
	return s.grow(ctx, failpoint.Apply, func(t *tx) error {
		if c.Bound != nil && *c.Bound != t.bindingsState() {
			return store.ErrBindingsChanged
		}
		if err := t.putCalendar(cal, &c.Calendar); err != nil {
			return err
		}
		p := newPlanner(t, now)
		p.reason = c.Reason
		for i := range c.Put {
			obj := c.Put[i].Object
			obj.Calendar = c.Calendar.ID
			p.put(keys[i], obj, raws[i], c.Put[i].Reminders)
		}
		for _, href := range c.Delete {
			p.remove(s.box.Object(cal, href))
		}
		if err := p.notifyAll(c.Notices); err != nil {
			return err
		}
		return p.settle()
	})
}

// Extend implements store.Objects.
func (s *Store) Extend(ctx context.Context, ext []store.Planned, now time.Time) error {
	return s.grow(ctx, failpoint.Extend, func(t *tx) error {
		p := newPlanner(t, now)
		for i := range ext {
			key := s.box.Object(s.box.Calendar(ext[i].Object.Calendar), ext[i].Object.Href)
			p.extend(key, &ext[i])
		}
		return p.settle()
	})
}

// RemoveCalendar implements store.Calendars.
func (s *Store) RemoveCalendar(ctx context.Context, id calbell.CalendarID, now time.Time) error {
	cal := s.box.Calendar(id)
	return s.update(ctx, failpoint.RemoveCalendar, func(t *tx) error {
		if !t.has(bCalendars, cal[:]) {
			return nil
		}
		var keys []record.ObjectKey // a bucket must not change while it is walked
		for k := range t.under(bObjects, cal[:]) {
			keys = append(keys, record.ObjectKey(k))
		}
		p := newPlanner(t, now)
		for _, key := range keys {
			p.remove(key)
		}
		if err := p.settle(); err != nil {
			return err
		}
		return t.delete(bCalendars, cal[:])
	})
}

// planner replaces the plans of objects. First everything that is wanted is named, then
// what is no longer wanted loses its source: in the other order an event that moved
// between two objects would be cancelled on the way.
type planner struct {
	*ledger
	now   time.Time
	heads map[record.ObjectKey]*pending
	named map[record.ObjectKey]map[record.ID]bool // what each object put here wants
	drops []drop
	doubt time.Time // see doubtKey
	// reason is why what loses its last source is cancelled; "" = reasonGone.
	reason string
}

// pending is an object that changes. It is written at the end, in key order.
type pending struct {
	disk *record.Head // nil: it is new
	head *record.Head // nil: it is deleted
	raw  []byte       // sealed; nil: as it was
}

// drop is a source to take away.
type drop struct {
	from   record.ObjectKey
	source calbell.Source // without alarm
	id     record.ID
}

func newPlanner(t *tx, now time.Time) *planner {
	return &planner{
		ledger: newLedger(t), now: now,
		heads: make(map[record.ObjectKey]*pending), named: make(map[record.ObjectKey]map[record.ID]bool), doubt: t.doubtful(),
	}
}

// object returns the object as it is by now; its head is nil when there is none, or none
// that opens: then it is written anew.
func (p *planner) object(key record.ObjectKey) *pending {
	if o, ok := p.heads[key]; ok {
		return o
	}
	h, err := p.t.head(key)
	if err != nil {
		p.t.damaged(err)
	}
	return &pending{disk: h, head: h}
}

// put stores an object and names its reminders.
func (p *planner) put(key record.ObjectKey, obj calbell.Object, raw []byte, rs []store.PlannedReminder) {
	o := p.object(key)
	p.dropAll(key, o.head)
	h := &record.Head{Object: obj}
	h.Wants, p.named[key] = p.nameAll(h, rs, nil)
	o.head, o.raw = h, raw
	p.heads[key] = o
}

// extend adds reminders to an object that is still as it was.
func (p *planner) extend(key record.ObjectKey, ext *store.Planned) {
	o := p.object(key)
	if o.head == nil || o.head.ETag != ext.Object.ETag || !p.sameText(key, &ext.Object) {
		return
	}
	h := *o.head
	h.Until, h.Replan = ext.Object.Until, ext.Object.Replan
	h.Wants, _ = p.nameAll(&h, ext.Reminders, p.unended(h.Wants))
	o.head = &h
	p.heads[key] = o
}

// sameText compares the text where servers give no ETags to compare.
func (p *planner) sameText(key record.ObjectKey, obj *calbell.Object) bool {
	if obj.ETag != "" {
		return true
	}
	raw, err := p.t.getSealed(bRaws, key[:])
	if err != nil {
		p.t.damaged(err)
	}
	return err == nil && bytes.Equal(raw, obj.Raw)
}

// remove deletes an object, unless it was put by this very change.
func (p *planner) remove(key record.ObjectKey) {
	if _, put := p.named[key]; put || !p.t.has(bObjects, key[:]) {
		return
	}
	o := p.object(key)
	p.dropAll(key, o.head)
	o.head, o.raw = nil, nil
	p.heads[key] = o
}

// nameAll names reminders for an object that wants have already. It returns what the
// object wants now, as a list and as a set.
func (p *planner) nameAll(h *record.Head, rs []store.PlannedReminder, have []record.Want) ([]record.Want, map[record.ID]bool) {
	set := make(map[record.ID]bool, len(have)+len(rs))
	for _, w := range have {
		set[w.ID] = true
	}
	for i := range rs {
		id := p.t.box.Reminder(rs[i].ID)
		src := calbell.Source{Calendar: h.Calendar, Href: h.Href}
		for _, s := range rs[i].Sources {
			src.Alarm = s.Alarm
		}
		if p.name(id, &rs[i], src, !set[id]) && !set[id] {
			set[id] = true
			have = append(have, record.Want{ID: id, Due: rs[i].Due})
		}
	}
	return have, set
}

// name makes an object a source of a reminder, which is made or planned again where that
// is due. It reports whether the object wants it from now on: not when it has ended.
func (p *planner) name(id record.ID, r *store.PlannedReminder, src calbell.Source, first bool) bool {
	row, broken := p.known(id)
	switch {
	case row == nil && r.KeepOnly:
		return false
	case row == nil:
		d := calbell.Delivery{Reminder: r.Reminder, Status: calbell.StatusPlanned}
		d.Due, d.Start, d.End = r.Due.UTC(), r.Start.UTC(), r.End.UTC()
		d.NextAt = d.Due
		d.Sources = []calbell.Source{src}
		// What became of it cannot be known: better twice than never.
		d.PossibleRepeat = broken || d.Due.Before(p.doubt)
		if r.KnownLate {
			d.KnownAt = p.now.UTC()
		}
		p.add(id, d)
		return true
	case row.d.Status.Final():
		if !p.again(row, r) {
			return false
		}
		p.revive(id, row)
		if r.KnownLate {
			row.d.KnownAt = p.now.UTC()
		}
	}
	row.follow(r, withSource(row.d.Sources, src, first))
	return true
}

// known returns a delivery; nil when there is none, or none that opens: then broken is true.
func (p *planner) known(id record.ID) (r *row, broken bool) {
	r, err := p.get(id)
	if err != nil {
		p.t.damaged(err)
	}
	return r, err != nil
}

// follow takes over what the newest plan says of a reminder.
func (r *row) follow(n *store.PlannedReminder, sources []calbell.Source) {
	if r.d.Subject == n.Subject && r.d.Start.Equal(n.Start) && r.d.End.Equal(n.End) &&
		slices.Equal(r.d.Sources, sources) {
		return // planning the same again writes nothing
	}
	r.d.Subject, r.d.Start, r.d.End = n.Subject, n.Start.UTC(), n.End.UTC()
	r.d.Sources = sources
	r.dirty = true
}

// withSource adds a source. The first of an object takes the place of those that the
// object had: its alarms may be numbered anew.
func withSource(have []calbell.Source, src calbell.Source, first bool) []calbell.Source {
	if !first {
		if slices.Contains(have, src) {
			return have
		}
		return append(slices.Clone(have), src)
	}
	out := make([]calbell.Source, 0, len(have)+1)
	placed := false
	for _, s := range have {
		own := s.Calendar == src.Calendar && s.Href == src.Href
		switch {
		case !own:
			out = append(out, s)
		case !placed:
			out, placed = append(out, src), true
		}
	}
	if !placed {
		out = append(out, src)
	}
	return out
}

// dropAll notes that an object's old reminders lose it as a source, if it has not named
// them again by the end.
func (p *planner) dropAll(key record.ObjectKey, old *record.Head) {
	if old == nil {
		return
	}
	src := calbell.Source{Calendar: old.Calendar, Href: old.Href}
	for _, w := range old.Wants {
		p.drops = append(p.drops, drop{from: key, source: src, id: w.ID})
	}
}

// settle takes away the sources that are not wanted any more and writes everything.
func (p *planner) settle() error {
	for _, d := range p.drops {
		if p.named[d.from][d.id] {
			continue
		}
		p.loseSource(d)
	}
	for key, o := range p.heads {
		p.t.putObject(key, o)
	}
	return p.flush()
}

// putObject writes an object, and its row in the replan index.
func (t *tx) putObject(key record.ObjectKey, o *pending) {
	if o.disk != nil && !o.disk.Replan.IsZero() && (o.head == nil || !o.disk.Replan.Equal(o.head.Replan)) {
		t.later(bReplan, record.TimeKey(o.disk.Replan, key[:]), nil)
	}
	var had, has []calbell.UID
	if o.disk != nil {
		had = o.disk.UIDs
	}
	if o.head != nil {
		has = o.head.UIDs
	}
	t.indexUIDs(key, had, has)
	if o.head == nil {
		t.later(bObjects, key[:], nil)
		t.later(bRaws, key[:], nil)
		return
	}
	if !o.head.Replan.IsZero() {
		t.later(bReplan, record.TimeKey(o.head.Replan, key[:]), []byte{})
	}
	t.later(bObjects, key[:], t.box.Seal(bObjects, key[:], record.EncodeHead(o.head)))
	if o.raw != nil {
		t.later(bRaws, key[:], o.raw)
	}
}

func (p *planner) loseSource(d drop) {
	row, _ := p.known(d.id)
	if row == nil || row.d.Status.Final() || !row.d.AskedAt.IsZero() {
		return
	}
	left := slices.DeleteFunc(slices.Clone(row.d.Sources), func(s calbell.Source) bool {
		return s.Calendar == d.source.Calendar && s.Href == d.source.Href
	})
	switch {
	case len(left) == len(row.d.Sources):
	case len(left) == 0 && row.d.Status != calbell.StatusInFlight:
		row.end(calbell.StatusCancelled, p.now, row.goneReason(p.reason)) // and keeps its last source, for people
	default:
		row.d.Sources = left
		row.dirty = true
	}
}

// goneReason is why a delivery is cancelled that nothing wants any more; told is what the change
// says of it, "" = nothing.
func (r *row) goneReason(told string) string {
	if r.d.PossibleRepeat {
		return reasonGoneSent
	}
	return cmp.Or(told, reasonGone)
}

// unended leaves out what ended long ago, so that the list of a daily event does not grow
// for ever.
func (p *planner) unended(ws []record.Want) []record.Want {
	kept := make([]record.Want, 0, len(ws))
	for _, w := range ws {
		if w.Due.Before(p.now.Add(-keepEnded)) {
			row, _ := p.known(w.ID)
			if row == nil || row.d.Status.Final() {
				continue
			}
		}
		kept = append(kept, w)
	}
	return kept
}
