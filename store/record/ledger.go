package record

import (
	"fmt"
	"slices"
	"time"

	"calbell"
)

// Tx is the part of a backend's transaction that changes of deliveries and objects use.
type Tx interface {
	// Delivery returns a stored delivery; nil when there is none. rest is the state before the
	// claim while it is in flight, else its state.
	Delivery(id ID) (d *calbell.Delivery, rest calbell.Status, err error)
	// Head returns an object without its text; nil when there is none.
	Head(key ObjectKey) (*Head, error)
	// HasObject reports whether an object is stored, even if it cannot be opened.
	HasObject(key ObjectKey) bool
	// Text returns the text of an object, valid until the next call; nil when there is none.
	Text(key ObjectKey) ([]byte, error)
	// PutDelivery writes a delivery: record, indexes and counters. Each is written once.
	PutDelivery(id ID, r *Row) error
	// PutObject writes an object and its indexes. Each is written once.
	PutObject(key ObjectKey, c *ObjectChange)
	// Flush is called after the last Put.
	Flush() error
	// Damaged is called with the error of a row that cannot be opened and is skipped.
	Damaged(err error)
}

// Ledger holds the deliveries that a transaction touches. Each is read once and, when it
// changed, written once.
type Ledger struct {
	tx   Tx
	box  *Sealer
	rows map[ID]*Row
}

// NewLedger returns an empty ledger.
func NewLedger(tx Tx, box *Sealer) *Ledger {
	return &Ledger{tx: tx, box: box, rows: make(map[ID]*Row)}
}

// Get returns a delivery to read or change; nil when there is none.
func (l *Ledger) Get(id ID) (*Row, error) {
	if r, ok := l.rows[id]; ok {
		return r, nil
	}
	d, rest, err := l.tx.Delivery(id)
	if err != nil || d == nil {
		return nil, err
	}
	r := &Row{Delivery: *d, Rest: rest, WasUntold: d.Untold}
	r.Was = r.Place()
	if r.Status.Final() {
		r.WasSources = slices.Clone(d.Sources)
	}
	l.rows[id] = r
	return r, nil
}

// Add adds a delivery that is not in the database.
func (l *Ledger) Add(id ID, d calbell.Delivery) *Row {
	r := &Row{Delivery: d, changed: true}
	l.rows[id] = r
	return r
}

// Flush writes the changes.
func (l *Ledger) Flush() error {
	for id, r := range l.rows {
		if !r.changed {
			continue
		}
		if _, ok := StateByte(r.RestsIn()); !ok {
			return fmt.Errorf("store delivery %q: %q is no state", r.ID, r.RestsIn())
		}
		if err := l.tx.PutDelivery(id, r); err != nil {
			return err
		}
	}
	return l.tx.Flush()
}

// CheckNotices rejects reminders that are no notices, before anything is stored.
func CheckNotices(ns []calbell.Reminder) error {
	for i := range ns {
		if ns[i].Notice == nil {
			return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("notify: reminder %q is no notice", ns[i].ID)}
		}
	}
	return nil
}

// Notify adds new notices. It skips a notice whose record cannot be opened: that is still in
// the index, and is set aside when it is claimed.
func (l *Ledger) Notify(ns ...calbell.Reminder) {
	for _, r := range ns {
		id := l.box.Reminder(r.ID)
		row, err := l.Get(id)
		if err != nil {
			l.tx.Damaged(err)
		}
		if err != nil || row != nil {
			continue
		}
		d := newDelivery(r)
		d.Sources = nil
		l.Add(id, d)
	}
}

// newDelivery returns a reminder as a planned delivery, with its instants in UTC.
func newDelivery(r calbell.Reminder) calbell.Delivery {
	d := calbell.Delivery{Reminder: r, Status: calbell.StatusPlanned}
	d.Due, d.Start, d.End = r.Due.UTC(), r.Start.UTC(), r.End.UTC()
	d.NextAt = d.Due
	return d
}

// Record adds a finished notice. It returns a KindUsage error for other reminders, unfinished
// notices and existing IDs.
func (l *Ledger) Record(d calbell.Delivery) error {
	if d.Notice == nil || !d.Status.Final() {
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("record: delivery %q is no notice that has ended", d.ID)}
	}
	id := l.box.Reminder(d.ID)
	row, err := l.Get(id)
	switch {
	case err != nil:
		return err
	case row != nil:
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("record: delivery %q is known", d.ID)}
	}
	d.Due, d.Start, d.End, d.FinishedAt = d.Due.UTC(), d.Start.UTC(), d.End.UTC(), d.FinishedAt.UTC()
	d.NextAt, d.Sources = time.Time{}, nil
	l.Add(id, d)
	return nil
}
