package record

import (
	"bytes"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// keepEnded is how long an object lists a reminder that fell due: past every retry.
const keepEnded = calbell.MaxRetry + time.Hour

// Planner replaces the plans of objects. It first processes all wanted reminders, then removes
// the sources of those that are no longer wanted: in the other order an event that moves
// between two objects would be cancelled on the way.
type Planner struct {
	*Ledger
	now   time.Time
	heads map[ObjectKey]*ObjectChange
	named map[ObjectKey]map[ID]bool // the reminders of each object that was put
	drops []drop
	// Doubt is the time until which it is unknown what was sent. A reminder that fell due
	// before and is planned only now is a possible repeat.
	Doubt time.Time
	// Reason is the reason for cancelling reminders without a source; zero = their event or
	// alarm is gone.
	Reason calbell.Text
}

// ObjectChange is an object that changes.
type ObjectChange struct {
	Was  *Head  // nil: it is new
	Head *Head  // nil: it is deleted
	Raw  []byte // the text, sealed; nil: as it was
}

// drop is a source to be removed.
type drop struct {
	from   ObjectKey
	source calbell.Source // without alarm
	id     ID
}

// NewPlanner returns a planner for a change at now.
func NewPlanner(tx Tx, box *Sealer, now time.Time) *Planner {
	return &Planner{
		Ledger: NewLedger(tx, box), now: now,
		heads: make(map[ObjectKey]*ObjectChange), named: make(map[ObjectKey]map[ID]bool),
	}
}

// object returns the current object. Its head is nil when there is none, or it cannot be
// opened: then it is written again.
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

// Put stores an object and adds it as a source of its reminders.
func (p *Planner) Put(key ObjectKey, obj calbell.Object, raw []byte, rs []store.PlannedReminder) {
	o := p.object(key)
	p.dropAll(key, o.Head)
	h := &Head{Object: obj}
	h.Wants, p.named[key] = p.nameAll(h, rs, nil)
	o.Head, o.Raw = h, raw
	p.heads[key] = o
}

// Extend adds reminders to an object that has not changed.
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

// sameText compares the texts when the server gives no ETags.
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

// Remove deletes an object, unless this change also puts it.
func (p *Planner) Remove(key ObjectKey) {
	if _, put := p.named[key]; put || !p.tx.HasObject(key) {
		return
	}
	o := p.object(key)
	p.dropAll(key, o.Head)
	o.Head, o.Raw = nil, nil
	p.heads[key] = o
}

// nameAll adds an object as a source of reminders, given its present ones. It returns the
// object's reminders as a list and as a set.
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

// name adds an object as a source of a reminder, and creates or revives the reminder when
// required. It returns false when the reminder has ended, and the object need not list it.
func (p *Planner) name(id ID, r *store.PlannedReminder, src calbell.Source, first bool) bool {
	row, broken := p.known(id)
	switch {
	case row == nil && r.KeepOnly:
		return false
	case row == nil:
		d := newDelivery(r.Reminder)
		d.Sources = []calbell.Source{src}
		// Whether it was sent is unknown: twice is better than never.
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

// known returns a delivery; nil when there is none. broken is true when it cannot be opened.
func (p *Planner) known(id ID) (r *Row, broken bool) {
	r, err := p.Get(id)
	if err != nil {
		p.tx.Damaged(err)
	}
	return r, err != nil
}

// follow updates a reminder from the newest plan.
func (r *Row) follow(n *store.PlannedReminder, sources []calbell.Source) {
	if r.Subject == n.Subject && r.Start.Equal(n.Start) && r.End.Equal(n.End) &&
		slices.Equal(r.Sources, sources) {
		return // an unchanged plan writes nothing
	}
	r.Subject, r.Start, r.End = n.Subject, n.Start.UTC(), n.End.UTC()
	r.Sources = sources
	r.changed = true
}

// withSource adds a source. The first source of an object replaces all that the object had,
// because its alarms may have new numbers.
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

// dropAll marks an object's old reminders to lose it as a source, unless it lists them again.
func (p *Planner) dropAll(key ObjectKey, old *Head) {
	if old == nil {
		return
	}
	src := calbell.Source{Calendar: old.Calendar, Href: old.Href}
	for _, w := range old.Wants {
		p.drops = append(p.drops, drop{from: key, source: src, id: w.ID})
	}
}

// Settle removes the sources that are no longer wanted and writes everything.
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
		row.cancel(p.now, p.Reason) // keeps its last source, for people
	default:
		row.Sources = left
		row.changed = true
	}
}

// unended removes reminders that ended long ago, so that the list of a daily event does not
// grow for ever.
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

// again reports whether a finished delivery is planned again. It must be cancelled, and either
// not due yet, or become known only now, or cancelled so recently that its event may be moving
// between calendars.
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

// revive plans a cancelled delivery again. It keeps those of its last sources that still want
// it.
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

// IsStill reports whether an object is stored with exactly this text.
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
