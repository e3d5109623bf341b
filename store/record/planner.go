package record

import (
	"bytes"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// keepEnded is how long an object remembers a reminder that fell due: past every retry.
const keepEnded = calbell.MaxRetry + time.Hour

// Planner replaces the plans of objects. First everything that is wanted is named, then
// what is no longer wanted loses its source: in the other order an event that moved
// between two objects would be cancelled on the way.
type Planner struct {
	*Ledger
	now   time.Time
	heads map[ObjectKey]*ObjectChange
	named map[ObjectKey]map[ID]bool // what each object put here wants
	drops []drop
	// Doubt is up to when it is not known what was sent: what fell due before then, and is planned
	// only now, is a possible repeat.
	Doubt time.Time
	// Reason is why what loses its last source is cancelled, in words; zero = its event or alarm is gone.
	Reason calbell.Text
}

// ObjectChange is an object that changes.
type ObjectChange struct {
	Was  *Head  // nil: it is new
	Head *Head  // nil: it is deleted
	Raw  []byte // the text, sealed; nil: as it was
}

// drop is a source to take away.
type drop struct {
	from   ObjectKey
	source calbell.Source // without alarm
	id     ID
}

// NewPlanner returns one for a change at now.
func NewPlanner(tx Tx, box *Sealer, now time.Time) *Planner {
	return &Planner{
		Ledger: NewLedger(tx, box), now: now,
		heads: make(map[ObjectKey]*ObjectChange), named: make(map[ObjectKey]map[ID]bool),
	}
}

// object returns the object as it is by now; its head is nil when there is none, or none
// that opens: then it is written anew.
func (p *Planner) object(key ObjectKey) *ObjectChange {
	if o, ok := p.heads[key]; ok {
		return o
	}
	h, err := p.tx.Head(key)
	if err != nil {
		p.tx.Damaged(err)
	}
	return &ObjectChange{Was: h, Head: h}
}

// Put stores an object and names its reminders.
func (p *Planner) Put(key ObjectKey, obj calbell.Object, raw []byte, rs []store.PlannedReminder) {
	o := p.object(key)
	p.dropAll(key, o.Head)
	h := &Head{Object: obj}
	h.Wants, p.named[key] = p.nameAll(h, rs, nil)
	o.Head, o.Raw = h, raw
	p.heads[key] = o
}

// Extend adds reminders to an object that is still as it was.
func (p *Planner) Extend(key ObjectKey, ext *store.Planned) {
	o := p.object(key)
	if o.Head == nil || o.Head.ETag != ext.Object.ETag || !p.sameText(key, &ext.Object) {
		return
	}
	h := *o.Head
	h.Until, h.Replan = ext.Object.Until, ext.Object.Replan
	h.Wants, _ = p.nameAll(&h, ext.Reminders, p.unended(h.Wants))
	o.Head = &h
	p.heads[key] = o
}

// sameText compares the text where servers give no ETags to compare.
func (p *Planner) sameText(key ObjectKey, obj *calbell.Object) bool {
	if obj.ETag != "" {
		return true
	}
	raw, err := p.tx.Text(key)
	if err != nil {
		p.tx.Damaged(err)
	}
	return err == nil && bytes.Equal(raw, obj.Raw)
}

// Remove deletes an object, unless it was put by this very change.
func (p *Planner) Remove(key ObjectKey) {
	if _, put := p.named[key]; put || !p.tx.HasObject(key) {
		return
	}
	o := p.object(key)
	p.dropAll(key, o.Head)
	o.Head, o.Raw = nil, nil
	p.heads[key] = o
}

// nameAll names reminders for an object that wants have already. It returns what the
// object wants now, as a list and as a set.
func (p *Planner) nameAll(h *Head, rs []store.PlannedReminder, have []Want) ([]Want, map[ID]bool) {
	set := make(map[ID]bool, len(have)+len(rs))
	for _, w := range have {
		set[w.ID] = true
	}
	for i := range rs {
		id := p.box.Reminder(rs[i].ID)
		src := calbell.Source{Calendar: h.Calendar, Href: h.Href}
		for _, s := range rs[i].Sources {
			src.Alarm = s.Alarm
		}
		if p.name(id, &rs[i], src, !set[id]) && !set[id] {
			set[id] = true
			have = append(have, Want{ID: id, Due: rs[i].Due})
		}
	}
	return have, set
}

// name makes an object a source of a reminder, which is made or planned again where that
// is due. It reports whether the object wants it from now on: not when it has ended.
func (p *Planner) name(id ID, r *store.PlannedReminder, src calbell.Source, first bool) bool {
	row, broken := p.known(id)
	switch {
	case row == nil && r.KeepOnly:
		return false
	case row == nil:
		d := newDelivery(r.Reminder)
		d.Sources = []calbell.Source{src}
		// What became of it cannot be known: better twice than never.
		d.PossibleRepeat = broken || d.Due.Before(p.Doubt)
		if r.KnownLate {
			d.KnownAt = p.now.UTC()
		}
		p.Add(id, d)
		return true
	case row.Status.Final():
		if !p.again(row, r) {
			return false
		}
		p.revive(id, row)
		if r.KnownLate {
			row.KnownAt = p.now.UTC()
		}
	}
	row.follow(r, withSource(row.Sources, src, first))
	return true
}

// known returns a delivery; nil when there is none, or none that opens: then broken is true.
func (p *Planner) known(id ID) (r *Row, broken bool) {
	r, err := p.Get(id)
	if err != nil {
		p.tx.Damaged(err)
	}
	return r, err != nil
}

// follow takes over what the newest plan says of a reminder.
func (r *Row) follow(n *store.PlannedReminder, sources []calbell.Source) {
	if r.Subject == n.Subject && r.Start.Equal(n.Start) && r.End.Equal(n.End) &&
		slices.Equal(r.Sources, sources) {
		return // planning the same again writes nothing
	}
	r.Subject, r.Start, r.End = n.Subject, n.Start.UTC(), n.End.UTC()
	r.Sources = sources
	r.changed = true
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
func (p *Planner) dropAll(key ObjectKey, old *Head) {
	if old == nil {
		return
	}
	src := calbell.Source{Calendar: old.Calendar, Href: old.Href}
	for _, w := range old.Wants {
		p.drops = append(p.drops, drop{from: key, source: src, id: w.ID})
	}
}

// Settle takes away the sources that are not wanted any more and writes everything.
func (p *Planner) Settle() error {
	for _, d := range p.drops {
		if p.named[d.from][d.id] {
			continue
		}
		p.loseSource(d)
	}
	for key, o := range p.heads {
		p.tx.PutObject(key, o)
	}
	return p.Flush()
}

func (p *Planner) loseSource(d drop) {
	row, _ := p.known(d.id)
	if row == nil || row.Status.Final() || !row.AskedAt.IsZero() {
		return
	}
	left := slices.DeleteFunc(slices.Clone(row.Sources), func(s calbell.Source) bool {
		return s.Calendar == d.source.Calendar && s.Href == d.source.Href
	})
	switch {
	case len(left) == len(row.Sources):
	case len(left) == 0 && row.Status != calbell.StatusInFlight:
		row.cancel(p.now, p.Reason) // and keeps its last source, for people
	default:
		row.Sources = left
		row.changed = true
	}
}

// unended leaves out what ended long ago, so that the list of a daily event does not grow
// for ever.
func (p *Planner) unended(ws []Want) []Want {
	kept := make([]Want, 0, len(ws))
	for _, w := range ws {
		if w.Due.Before(p.now.Add(-keepEnded)) {
			row, _ := p.known(w.ID)
			if row == nil || row.Status.Final() {
				continue
			}
		}
		kept = append(kept, w)
	}
	return kept
}

// again reports whether a delivery that has ended is planned once more: one that was cancelled,
// if it is not due yet or its due time became known only now, or if that was so lately that its
// event may have been on the way from one calendar to another.
func (p *Planner) again(row *Row, r *store.PlannedReminder) bool {
	switch {
	case row.Status != calbell.StatusCancelled:
		return false
	case !row.Due.Before(p.now):
		return !r.KeepOnly
	case r.KnownLate && !r.KeepOnly:
		return true
	}
	return p.now.Sub(row.FinishedAt) <= calbell.MoveWindow
}

// revive plans a cancelled delivery again. Of the sources that it ended with, those count
// that still want it.
func (p *Planner) revive(id ID, r *Row) {
	var sources []calbell.Source
	for _, src := range r.Sources {
		o := p.object(p.box.Object(p.box.Calendar(src.Calendar), src.Href))
		if o.Head != nil && slices.ContainsFunc(o.Head.Wants, func(w Want) bool { return w.ID == id }) {
			sources = append(sources, src)
		}
	}
	r.Sources = sources
	r.Queue(calbell.StatusPlanned, r.Due)
}

// IsStill reports whether an object is stored with this very text.
func (p *Planner) IsStill(key ObjectKey, obj *calbell.Object) bool {
	o := p.object(key)
	if o.Head == nil || o.Head.ETag != obj.ETag {
		return false
	}
	raw, err := p.tx.Text(key)
	if err != nil {
		p.tx.Damaged(err)
	}
	return err == nil && bytes.Equal(raw, obj.Raw)
}
