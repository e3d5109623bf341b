package record

import (
	"cmp"
	"time"

	"calbell"
)

// Reasons for people.
func reasonGone() calbell.Text { return calbell.T("record:gone", "its event or alarm is gone") }

func reasonGoneSent() calbell.Text {
	return calbell.T("record:gone-sent", "its event or alarm is gone; an attempt may have been accepted")
}

// Row is a delivery that a transaction touches.
type Row struct {
	calbell.Delivery
	// Rest is the state before the claim while it is in flight.
	Rest calbell.Status
	// Was is the delivery's present place in the database, and WasUntold its present mark
	// there.
	Was       Place
	WasUntold bool
	// WasSources are a finished delivery's present sources there.
	WasSources []calbell.Source
	changed    bool
}

// Place is a delivery's place in the indexes of a database. The zero value is none.
type Place struct {
	Status calbell.Status
	// At is when it ended, or else when it falls due.
	At time.Time
	// Rest, Worker and LeaseEnd describe the claim while it is in flight.
	Rest     calbell.Status
	Worker   string
	LeaseEnd time.Time
}

// Place returns the delivery's new place.
func (r *Row) Place() Place {
	switch {
	case r.Status.Final():
		return Place{Status: r.Status, At: r.FinishedAt}
	case r.Status == calbell.StatusInFlight:
		return Place{Status: r.Status, At: r.NextAt, Rest: r.Rest, Worker: r.Worker, LeaseEnd: r.LeaseEnd}
	}
	return Place{Status: r.Status, At: r.NextAt}
}

// RestsIn returns the state to store in the record: while a delivery is in flight, that is the
// state before the claim.
func (r *Row) RestsIn() calbell.Status {
	if r.Status == calbell.StatusInFlight {
		return r.Rest
	}
	return r.Status
}

// Change marks the row to be written even if it looks unchanged.
func (r *Row) Change() { r.changed = true }

// EndAs sets a final state.
func (r *Row) EndAs(s calbell.Status, at time.Time, reason calbell.Text) {
	r.Status, r.FinishedAt, r.Reason = s, at.UTC(), reason
	r.NextAt, r.Worker, r.LeaseEnd = time.Time{}, "", time.Time{}
	r.changed = true
}

// Queue makes a delivery due at a time.
func (r *Row) Queue(s calbell.Status, at time.Time) {
	r.Status, r.NextAt = s, at.UTC()
	r.Worker, r.LeaseEnd = "", time.Time{}
	r.FinishedAt, r.Reason, r.Untold = time.Time{}, calbell.Text{}, false
	r.changed = true
}

// Finish records the outcome of a claim.
func (r *Row) Finish(o *calbell.Outcome, now time.Time) {
	at := now
	if o.Try != nil {
		try := *o.Try
		try.At = try.At.UTC()
		r.Attempts++
		r.Tries = append(r.Tries, try)
		r.Tries = r.Tries[max(0, len(r.Tries)-calbell.MaxTries):]
		at = try.At.Add(try.Took)
	}
	r.PossibleRepeat = r.PossibleRepeat || o.PossibleRepeat
	if !o.HeldUntil.IsZero() {
		r.HeldUntil = o.HeldUntil.UTC()
	}
	switch {
	case o.Status == calbell.StatusSent:
		r.EndAs(o.Status, at, calbell.Text{})
	case o.Status.Final():
		r.EndAs(o.Status, now, o.Reason)
		r.Untold = o.Tell && r.Notice == nil
	default:
		r.queueWanted(o.Status, o.NextAt, now)
	}
}

// Recover takes back a delivery that a worker held when it died: it is due now, as a possible
// repeat.
func (r *Row) Recover(now time.Time) {
	r.PossibleRepeat = true
	r.queueWanted(calbell.StatusWaiting, now, now)
}

// GiveBack undoes a claim.
func (r *Row) GiveBack(now time.Time) { r.queueWanted(r.Rest, r.NextAt, now) }

// queueWanted makes a delivery due at a time, or cancels it when it has no source.
func (r *Row) queueWanted(s calbell.Status, at, now time.Time) {
	if !r.Wanted() {
		r.cancel(now, calbell.Text{})
		return
	}
	r.Queue(s, at)
}

// cancel cancels a delivery without a source; told is the change's reason, zero = none.
func (r *Row) cancel(now time.Time, told calbell.Text) {
	reason := cmp.Or(told, reasonGone())
	if r.PossibleRepeat {
		reason = reasonGoneSent()
	}
	r.EndAs(calbell.StatusCancelled, now, reason)
}

// Resend makes a delivery that has ended, or waits for a retry, due now. It reports whether it
// did.
func (r *Row) Resend(now time.Time) bool {
	switch {
	case r.Status.Final():
		r.Queue(calbell.StatusPlanned, now)
		r.AskedAt = now.UTC()
	case r.Status == calbell.StatusWaiting:
		r.Queue(calbell.StatusWaiting, now)
	default:
		return false
	}
	return true
}

// Miss ends a delivery as missed; tell marks it to be reported in a notice.
func (r *Row) Miss(now time.Time, reason calbell.Text, tell bool) {
	r.EndAs(calbell.StatusMissed, now, reason)
	r.Untold = tell && r.Notice == nil
}
