package bolt

import (
	"slices"

	"calbell"
	"calbell/store"
	"calbell/store/record"
)

// again reports whether a delivery that has ended is planned once more: one that was cancelled,
// if it is not due yet or its due time became known only now, or if that was so lately that its
// event may have been on the way from one calendar to another.
func (p *planner) again(row *row, r *store.PlannedReminder) bool {
	switch {
	case row.d.Status != calbell.StatusCancelled:
		return false
	case !row.d.Due.Before(p.now):
		return !r.KeepOnly
	case r.KnownLate && !r.KeepOnly:
		return true
	}
	return p.now.Sub(row.d.FinishedAt) <= calbell.MoveWindow
}

// revive plans a cancelled delivery again. Of the sources that it ended with, those count
// that still want it.
func (p *planner) revive(id record.ID, r *row) {
	var sources []calbell.Source
	for _, src := range r.d.Sources {
		o := p.object(p.t.box.Object(p.t.box.Calendar(src.Calendar), src.Href))
		if o.head != nil && slices.ContainsFunc(o.head.Wants, func(w record.Want) bool { return w.ID == id }) {
			sources = append(sources, src)
		}
	}
	r.d.Sources = sources
	r.queue(calbell.StatusPlanned, r.d.Due)
}
