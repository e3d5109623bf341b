package record

import (
	"cmp"
	"time"

	"calbell"
)

// Reasons that people read.
func reasonGone() calbell.Text { return calbell.T("record:gone", "its event or alarm is gone") }

func reasonGoneSent() calbell.Text {
	return calbell.T("record:gone-sent", "its event or alarm is gone; an attempt may have been accepted")
}

// Row is a delivery that a transaction touches.
type Row struct {
	calbell.Delivery
	// Rest is the state before the claim while it is in flight.
	Rest calbell.Status
	// Was is where the database has it, and WasUntold whether it is to be told there.
	Was       Place
	WasUntold bool
	// WasSources are the sources that an ended delivery has there.
	WasSources []calbell.Source
	changed    bool
}

// Place is where a delivery stands in the indexes of a database. The zero value is nowhere.
type Place struct {
	Status calbell.Status
	// At is when it ended, or else when it falls due.
	At time.Time
	// Rest, Worker and LeaseEnd are of the claim while it is in flight.
	Rest     calbell.Status
	Worker   string
	LeaseEnd time.Time
}

// Place returns where the delivery belongs.
func (r *Row) Place() Place {
	switch {
	case r.Status.Final():
		return Place{Status: r.Status, At: r.FinishedAt}
	case r.Status == calbell.StatusInFlight:
		return Place{Status: r.Status, At: r.NextAt, Rest: r.Rest, Worker: r.Worker, LeaseEnd: r.LeaseEnd}
	}
	return Place{Status: r.Status, At: r.NextAt}
}

// RestsIn returns the state that the record is written with: while a delivery is in flight, that is
// the state before the claim.
func (r *Row) RestsIn() calbell.Status {
	if r.Status == calbell.StatusInFlight {
		return r.Rest
	}
	return r.Status
}

// Change has the row written although it may look as it was.
func (r *Row) Change() { r.changed = true }

// EndAs moves a delivery into a final state.
func (r *Row) EndAs(s calbell.Status, at time.Time, reason calbell.Text) {
	r.Status, r.FinishedAt, r.Reason = s, at.UTC(), reason
	r.NextAt, r.Worker, r.LeaseEnd = time.Time{}, "", time.Time{}
	r.changed = true
}

// Queue makes a delivery fall due.
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

// Recover takes back what a worker held when it died: it is due now, as a possible repeat.
func (r *Row) Recover(now time.Time) {
	r.PossibleRepeat = true
	r.queueWanted(calbell.StatusWaiting, now, now)
}

// GiveBack undoes a claim.
func (r *Row) GiveBack(now time.Time) { r.queueWanted(r.Rest, r.NextAt, now) }

// queueWanted makes a delivery fall due, or ends it when no source wants it any more.
func (r *Row) queueWanted(s calbell.Status, at, now time.Time) {
	if !r.Wanted() {
		r.cancel(now, calbell.Text{})
		return
	}
	r.Queue(s, at)
}

// cancel ends what nothing wants any more; told is what a change says of it, zero = nothing.
func (r *Row) cancel(now time.Time, told calbell.Text) {
	reason := cmp.Or(told, reasonGone())
	if r.PossibleRepeat {
		reason = reasonGoneSent()
	}
	r.EndAs(calbell.StatusCancelled, now, reason)
}

// Resend makes a delivery that has ended, or waits for another try, fall due now. It reports
// whether it does.
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

// Miss ends a delivery as missed; tell is whether a notice is to tell it.
func (r *Row) Miss(now time.Time, reason calbell.Text, tell bool) {
	r.EndAs(calbell.StatusMissed, now, reason)
	r.Untold = tell && r.Notice == nil
}
