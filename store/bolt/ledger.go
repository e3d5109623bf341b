package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"calbell"
	"calbell/store/record"
)

// ledger holds the deliveries that a transaction touches. Each is read once and, when it
// changed, written once, together with its index row and the counters: that no delivery is
// ever in two indexes or in none is decided here and nowhere else.
type ledger struct {
	t    *tx
	rows map[record.ID]*row
}

// row is a delivery in a ledger.
type row struct {
	d calbell.Delivery
	// rest is the state before the claim while it is in flight.
	rest calbell.Status
	// was and status are what is on disk; the zero place and "" for a new one.
	was    place
	status calbell.Status
	untold bool
	dirty  bool
}

// place is where a delivery stands in the indexes.
type place struct {
	b     bucket
	key   []byte
	value []byte
}

func newLedger(t *tx) *ledger { return &ledger{t: t, rows: make(map[record.ID]*row)} }

// get returns a delivery to look at or to change; nil when there is none.
func (l *ledger) get(id record.ID) (*row, error) {
	if r, ok := l.rows[id]; ok {
		return r, nil
	}
	d, rest, err := l.t.delivery(id)
	if err != nil || d == nil {
		return nil, err
	}
	r := &row{d: *d, rest: rest, status: d.Status, untold: d.Untold}
	r.was = placeOf(l.t.box, id, r)
	l.rows[id] = r
	return r, nil
}

// add takes in a delivery that the database does not have.
func (l *ledger) add(id record.ID, d calbell.Delivery) {
	l.rows[id] = &row{d: d, dirty: true}
}

// flush writes what changed.
func (l *ledger) flush() error {
	for id, r := range l.rows {
		if !r.dirty {
			continue
		}
		if err := l.write(id, r); err != nil {
			return err
		}
	}
	return l.t.apply()
}

func (l *ledger) write(id record.ID, r *row) error {
	rest := r.d.Status
	if rest == calbell.StatusInFlight {
		rest = r.rest
	}
	if _, ok := record.StateByte(rest); !ok {
		return fmt.Errorf("store delivery %q: %q is no state", r.d.ID, rest)
	}
	now := placeOf(l.t.box, id, r)
	same := r.was.b == now.b && bytes.Equal(r.was.key, now.key)
	if r.was.b != "" && !same {
		l.t.later(r.was.b, r.was.key, nil)
	}
	if !same || !bytes.Equal(r.was.value, now.value) {
		l.t.later(now.b, now.key, now.value)
	}
	switch ended := r.status.Final(); {
	case r.d.Status.Final() && !ended:
		l.t.noteEnd(id, r.d.Status, r.d.FinishedAt)
	case !r.d.Status.Final() && ended: // else a restored backup would hold it for ended
		l.t.noteEnd(id, rest, r.d.NextAt)
	}
	if r.untold != r.d.Untold {
		l.t.marks = append(l.t.marks, mark{r.d.Webhook, record.TimeKey(r.d.Due, id[:]), r.d.Untold})
	}
	if l.t.has(bBroken, id[:]) { // it opens again, or was planned anew
		l.t.later(bBroken, id[:], nil)
	}
	l.t.count(r.status, r.d.Status)
	l.t.later(bDeliveries, id[:], l.t.box.Seal(bDeliveries, id[:], record.EncodeDelivery(id, &r.d, rest)))
	return nil
}

// end moves a delivery into a final state.
func (r *row) end(s calbell.Status, at time.Time, reason string) {
	r.d.Status, r.d.FinishedAt, r.d.Reason = s, at.UTC(), reason
	r.d.NextAt, r.d.Worker, r.d.LeaseEnd = time.Time{}, "", time.Time{}
	r.dirty = true
}

// queue makes a delivery fall due.
func (r *row) queue(s calbell.Status, at time.Time) {
	r.d.Status, r.d.NextAt = s, at.UTC()
	r.d.Worker, r.d.LeaseEnd = "", time.Time{}
	r.d.FinishedAt, r.d.Reason, r.d.Untold = time.Time{}, "", false
	r.dirty = true
}

// delivery reads one with what its flight row says; nil when there is none. rest is the
// state before the claim while it is in flight.
func (t *tx) delivery(id record.ID) (d *calbell.Delivery, rest calbell.Status, err error) {
	plain, err := t.getSealed(bDeliveries, id[:])
	if plain == nil || err != nil {
		return nil, "", err
	}
	got, err := record.DecodeDelivery(id, plain)
	if err != nil {
		return nil, "", fmt.Errorf("decode delivery %s: %w", record.HexOf(id), err)
	}
	rest = got.Status
	got.Untold = got.Untold && t.isUntold(id, &got)
	if rest.Final() {
		return &got, rest, nil
	}
	if f, ok := flightOf(t.get(bFlight, id[:])); ok {
		got.Status, got.Worker, got.LeaseEnd = calbell.StatusInFlight, f.worker, f.leaseEnd
	}
	return &got, rest, nil
}

// placeOf returns where a delivery belongs. The zero place's bucket is "".
func placeOf(s *record.Sealer, id record.ID, r *row) place {
	d := &r.d
	state, _ := record.StateByte(d.Status)
	switch {
	case d.Status.Final():
		value := append([]byte{state}, s.UIDTag(d.UID)...)
		return place{bDone, record.TimeKey(d.FinishedAt, id[:]), append(value, d.Webhook...)}
	case d.Status == calbell.StatusInFlight:
		f := flight{nextAt: d.NextAt, leaseEnd: d.LeaseEnd, rest: r.rest, webhook: d.Webhook, worker: d.Worker}
		return place{bFlight, id[:], f.encode()}
	}
	return place{bDue, record.TimeKey(d.NextAt, id[:]), append([]byte{state}, d.Webhook...)}
}

// flight is the value of a flight row: enough to give a delivery back unread.
type flight struct {
	nextAt, leaseEnd time.Time
	rest             calbell.Status
	webhook          calbell.WebhookID
	worker           string
}

func (f *flight) encode() []byte {
	b := make([]byte, 0, 2*record.TimeLen+2+len(f.webhook)+len(f.worker))
	b = record.AppendTime(record.AppendTime(b, f.nextAt), f.leaseEnd)
	state, _ := record.StateByte(f.rest)
	b = append(b, state)
	b = binary.AppendUvarint(b, uint64(len(f.webhook)))
	return append(append(b, f.webhook...), f.worker...)
}

// flightOf reads a flight row; ok is false when there is none, or none that makes sense.
func flightOf(b []byte) (f flight, ok bool) {
	if len(b) < 2*record.TimeLen+2 {
		return f, false
	}
	var ok1, ok2, ok3 bool
	f.nextAt, ok1 = record.TimeOf(b)
	f.leaseEnd, ok2 = record.TimeOf(b[record.TimeLen:])
	f.rest, ok3 = record.StateOf(b[2*record.TimeLen])
	b = b[2*record.TimeLen+1:]
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used) {
		return f, false
	}
	b = b[used:]
	f.webhook, f.worker = calbell.WebhookID(b[:n]), string(b[n:])
	return f, ok1 && ok2 && ok3
}

// dueRow is a row of the due index.
type dueRow struct {
	id      record.ID
	at      time.Time
	status  calbell.Status
	webhook calbell.WebhookID
}

// dueOf reads a due row; ok is false when it makes no sense.
func dueOf(k, v []byte) (d dueRow, ok bool) {
	if len(k) != record.TimeLen+record.IDLen || len(v) == 0 {
		return d, false
	}
	d.at, ok = record.TimeOf(k)
	copy(d.id[:], k[record.TimeLen:])
	status, known := record.StateOf(v[0])
	d.status, d.webhook = status, calbell.WebhookID(v[1:])
	return d, ok && known
}
