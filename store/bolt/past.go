package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"slices"

	bbolt "go.etcd.io/bbolt"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// concernLen is the length of what a row of the index of the past begins with: a keyed hash of a
// calendar, a webhook or a person.
const concernLen = record.CalendarLen

// concerns returns the beginnings of the rows that an ended delivery has in the index of the past.
func concerns(box *record.Sealer, d *calbell.Delivery, sources []calbell.Source) (keys [][]byte) {
	c := store.Concern{Webhooks: []calbell.WebhookID{d.Webhook}}
	for _, src := range sources {
		c.Calendars = append(c.Calendars, src.Calendar)
	}
	if d.Notice != nil {
		c.By = calbell.Slug(d.Notice.By)
		if d.UID != "" {
			c.Events = []calbell.UID{d.UID}
		}
	}
	return concernKeys(box, &c)
}

// concernKeys returns the beginnings of the rows of what concerns somebody, each once.
func concernKeys(box *record.Sealer, c *store.Concern) (keys [][]byte) {
	for _, id := range c.Calendars {
		key := box.Calendar(id)
		keys = append(keys, key[:])
	}
	for _, id := range c.Webhooks {
		keys = append(keys, box.Hash("past webhook", string(id))[:concernLen])
	}
	for _, uid := range c.Events {
		keys = append(keys, box.Hash("past event", string(uid))[:concernLen])
	}
	if c.By != "" {
		keys = append(keys, box.Hash("past by", c.By)[:concernLen])
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal)
}

// indexPast brings the index of the past from an ended delivery as it was to one as it is. The values
// are those of its rows in the index of ended ones.
func (t *tx) indexPast(id record.ID, r *record.Row, was, now []byte) {
	rows := map[string][]byte{}
	if r.Was.Status.Final() {
		for _, c := range concerns(t.Box, &r.Delivery, r.WasSources) {
			rows[string(append(c, record.TimeKey(r.Was.At, id[:])...))] = nil
		}
	}
	if r.Status.Final() {
		for _, c := range concerns(t.Box, &r.Delivery, r.Sources) {
			key := string(append(c, record.TimeKey(r.FinishedAt, id[:])...))
			if _, had := rows[key]; had && bytes.Equal(was, now) {
				delete(rows, key)
				continue
			}
			rows[key] = now
		}
	}
	for key, value := range rows {
		t.Later(bPast, []byte(key), value)
	}
}

// forgetPast removes the rows of an ended delivery from the index of the past.
func (t *tx) forgetPast(id record.ID, d *calbell.Delivery) error {
	for _, c := range concerns(t.Box, d, d.Sources) {
		if err := t.Delete(bPast, append(c, record.TimeKey(d.FinishedAt, id[:])...)); err != nil {
			return err
		}
	}
	return nil
}

// pastRows walks what concerns somebody, newest first, each delivery once.
type pastRows struct {
	t     *tx
	heads []pastHead
}

// pastHead is where the walk is in the rows of one calendar, webhook or person.
type pastHead struct {
	c          *bbolt.Cursor
	concern    []byte
	key, value []byte // the next row, without the concern; nil: there is none
}

// newPastRows returns the walk from the newest row on, or from the one after a mark.
func newPastRows(t *tx, of *store.Concern, after *store.HistoryMark) *pastRows {
	p := &pastRows{t: t}
	for _, concern := range concernKeys(t.Box, of) {
		h := pastHead{c: t.Table(bPast).Cursor(), concern: concern}
		end := append(bytes.Clone(concern), bytes.Repeat([]byte{0xff}, record.TimeLen+record.IDLen)...)
		if after != nil {
			id := t.Box.Reminder(after.ID)
			end = append(bytes.Clone(concern), record.TimeKey(after.FinishedAt, id[:])...)
		}
		if k, _ := h.c.Seek(end); k == nil {
			h.set(h.c.Last())
		} else {
			h.set(h.c.Prev())
		}
		p.heads = append(p.heads, h)
	}
	return p
}

// set takes a row of the cursor, if it belongs to the concern.
func (h *pastHead) set(k, v []byte) {
	h.key, h.value = nil, nil
	if bytes.HasPrefix(k, h.concern) {
		h.key, h.value = k[concernLen:], v
	}
}

// next returns the next row; nil when there is none.
func (p *pastRows) next() (k, v []byte) {
	for i := range p.heads {
		if h := &p.heads[i]; h.key != nil && bytes.Compare(h.key, k) > 0 {
			k, v = h.key, h.value
		}
	}
	for i := range p.heads {
		if h := &p.heads[i]; h.key != nil && bytes.Equal(h.key, k) {
			p.t.Read(1)
			h.set(h.c.Prev())
		}
	}
	return k, v
}

// fillStep is how many ended deliveries one transaction of an upgrade takes into the index of the past.
const fillStep = 4096

// fillKey says in meta from which row of the ended deliveries on the index of the past lacks them.
const fillKey = "pastfrom"

// fillPast makes the index of the past from the ended deliveries, step by step: it continues where an
// earlier start was broken off.
func (s *database) fillPast(progress func(done, all int)) error {
	done, all, more, err := s.filledPast()
	if err != nil || !more {
		return err
	}
	for {
		if progress != nil && all > 0 {
			progress(min(done, all), all)
		}
		if !more {
			return nil
		}
		n := 0
		if err := s.update(context.Background(), failpoint.Upgrade, func(t *tx) (err error) {
			n, more, err = fillPastStep(t)
			return err
		}); err != nil {
			return err
		}
		done += n
	}
}

// filledPast returns how many of all ended deliveries the index of the past has taken in. more is false
// when no upgrade is under way: then nothing is counted.
func (s *database) filledPast() (done, all int, more bool, err error) {
	err = s.view(context.Background(), func(t *tx) error {
		from := t.Get(bMeta, []byte(fillKey))
		if more = from != nil; !more {
			return nil
		}
		for k := range t.Rows(bDone, nil) {
			if bytes.Compare(k, from) >= 0 {
				break
			}
			done++
		}
		for _, st := range record.States() {
			if b, _ := record.StateByte(st); st.Final() {
				all += int(t.counted(b))
			}
		}
		return nil
	})
	return done, all, more, err
}

// fillPastStep takes the next ended deliveries into the index of the past. more is false when there are none.
func fillPastStep(t *tx) (n int, more bool, err error) {
	from := t.Get(bMeta, []byte(fillKey))
	if from == nil {
		return 0, false, nil
	}
	var next []byte
	for k, v := range t.Rows(bDone, bytes.Clone(from)) {
		if n == fillStep {
			next = bytes.Clone(k)
			break
		}
		n++
		row, ok := doneOf(k, v)
		if !ok {
			continue
		}
		d, _, err := t.Delivery(row.id)
		if err != nil {
			t.Damaged(err)
		}
		if err != nil || d == nil {
			continue
		}
		for _, c := range concerns(t.Box, d, d.Sources) {
			t.Later(bPast, append(c, k...), bytes.Clone(v))
		}
	}
	if err := t.Flush(); err != nil {
		return n, false, err
	}
	if next == nil {
		return n, false, t.Delete(bMeta, []byte(fillKey))
	}
	return n, true, t.Put(bMeta, []byte(fillKey), next)
}

// fillBindingStates gives every account the state that all bindings had together.
func fillBindingStates(t *tx) error {
	n := t.Table(bBindings).Sequence()
	for _, b := range records.Bindings().All(t.Tx) {
		if err := t.Put(bBindingStates, bindingsStateKey(t, b.Account), binary.BigEndian.AppendUint64(nil, n)); err != nil {
			return err
		}
	}
	return nil
}
