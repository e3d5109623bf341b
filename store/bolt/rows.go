package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"calbell"
	"calbell/store/record"
)

// place is a row of the indexes in which a delivery stands.
type place struct {
	b     bucket
	key   []byte
	value []byte
}

// PutDelivery implements record.Tx: that no delivery is ever in two indexes or in none is decided
// here and nowhere else.
func (t *tx) PutDelivery(id record.ID, r *record.Row) error {
	was, now := placeOf(t.Box, id, &r.Delivery, r.Was), placeOf(t.Box, id, &r.Delivery, r.Place())
	same := was.b == now.b && bytes.Equal(was.key, now.key)
	if was.b != "" && !same {
		t.Later(was.b, was.key, nil)
	}
	if !same || !bytes.Equal(was.value, now.value) {
		t.Later(now.b, now.key, now.value)
	}
	t.indexPast(id, r, was.value, now.value)
	rest := r.RestsIn()
	switch ended := r.Was.Status.Final(); {
	case r.Status.Final() && !ended:
		t.noteEnd(id, r.Status, r.FinishedAt)
	case !r.Status.Final() && ended: // else a restored backup would hold it for ended
		t.noteEnd(id, rest, r.NextAt)
	}
	if r.WasUntold != r.Untold {
		t.marks = append(t.marks, mark{r.Webhook, record.TimeKey(r.Due, id[:]), r.Untold})
	}
	if t.Has(bBroken, id[:]) { // it opens again, or was planned anew
		t.Later(bBroken, id[:], nil)
	}
	t.count(r.Was.Status, r.Status)
	t.Later(bDeliveries, id[:], t.Box.Seal(bDeliveries, id[:], record.EncodeDelivery(id, &r.Delivery, rest)))
	return nil
}

// Delivery implements record.Tx: it reads one with what its flight row says; nil when there is none. rest is the
// state before the claim while it is in flight.
func (t *tx) Delivery(id record.ID) (d *calbell.Delivery, rest calbell.Status, err error) {
	plain, err := t.GetSealed(bDeliveries, id[:])
	if plain == nil || err != nil {
		return nil, "", err
	}
	got, err := record.DecodeDelivery(id, plain)
	if err != nil {
		return nil, "", fmt.Errorf("decode delivery %s: %w", record.HexOf(id), err)
	}
	rest = got.Status
	got.Untold = got.Untold && toTell(t).isUntold(id, &got)
	if rest.Final() {
		return &got, rest, nil
	}
	if f, ok := flightOf(t.Get(bFlight, id[:])); ok {
		got.Status, got.Worker, got.LeaseEnd = calbell.StatusInFlight, f.worker, f.leaseEnd
	}
	return &got, rest, nil
}

// placeOf returns the row of a place of a delivery. That of nowhere has no bucket.
func placeOf(box *record.Sealer, id record.ID, d *calbell.Delivery, p record.Place) place {
	state, _ := record.StateByte(p.Status)
	switch {
	case p.Status == "":
		return place{}
	case p.Status.Final():
		value := append([]byte{state}, box.UIDTag(d.UID)...)
		return place{bDone, record.TimeKey(p.At, id[:]), append(value, d.Webhook...)}
	case p.Status == calbell.StatusInFlight:
		f := flight{nextAt: p.At, leaseEnd: p.LeaseEnd, rest: p.Rest, webhook: d.Webhook, worker: p.Worker}
		return place{bFlight, id[:], f.encode()}
	}
	return place{bDue, record.TimeKey(p.At, id[:]), append([]byte{state}, d.Webhook...)}
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
