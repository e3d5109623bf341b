package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"calbell"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// maxProblems bounds what Check lists: a file with more is not read row by row.
const maxProblems = 20

// checkSlice is how many rows one read transaction of Check looks at: a long one keeps pages
// from being used again, so that the file grows.
const checkSlice = 4096

// Check reads every row and verifies that seals open, that every delivery stands in
// exactly the index where its record says, that objects and sources name each other, and
// that the counters are right. It returns all that it found, up to a bound, in one error.
//
// Work goes on meanwhile: each row is compared with others within one short read
// transaction, and the numbers of rows within another. Every record has its own row of an
// index and there are as many rows as records: so there is no row too many.
func (s *database) Check(ctx context.Context) error {
	c := &checker{s: s, ctx: ctx}
	var err error
	for _, step := range []func() error{
		func() error { return c.each(bDeliveries, c.deliveryRow) },
		func() error { return c.each(bObjects, c.objectRow) },
		func() error { return c.each(bReplan, c.replanRow) },
		func() error { return c.each(bUIDs, c.uidRow) },
		func() error { return c.each(bBroken, c.brokenRow) },
		func() error { return s.view(ctx, c.small) },
		func() error { return s.view(ctx, c.numbers) },
	} {
		if err = step(); err != nil {
			break
		}
	}
	if c.more > 0 {
		c.found = append(c.found, calbell.Errorf("bolt:more", "and %d more", c.more))
	}
	if err = errors.Join(append(c.found, err)...); err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	return nil
}

// checker collects what is wrong.
type checker struct {
	s     *database
	t     *tx // of the slice
	ctx   context.Context
	found []error
	more  int
	rows  int
}

// each calls fn for every row of a bucket, in slices.
func (c *checker) each(b bucket, fn func(k, v []byte)) error {
	for from := []byte{}; from != nil; {
		err := c.s.view(c.ctx, func(t *tx) error {
			c.t = t
			n, first := 0, from
			from = nil
			for k, v := range t.Rows(b, first) {
				if n++; n > checkSlice {
					from = bytes.Clone(k)
					return nil
				}
				fn(k, v)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// small checks what there is little of.
func (c *checker) small(t *tx) error {
	c.t = t
	return errors.Join(c.records(), c.beat())
}

func (c *checker) bad(format string, args ...any) {
	if len(c.found) >= maxProblems {
		c.more++
		return
	}
	c.found = append(c.found, fmt.Errorf(format, args...))
}

// tick says now and then whether to go on.
func (c *checker) tick() error {
	c.rows++
	if c.rows%1024 != 0 {
		return nil
	}
	return c.ctx.Err()
}

// deliveryRow checks a record against the indexes.
func (c *checker) deliveryRow(k, v []byte) {
	if len(k) != record.IDLen {
		c.bad("a delivery under the key %x", record.Brief(k))
		return
	}
	id := record.ID(k)
	d, rest, err := c.t.Delivery(id)
	switch {
	case err != nil:
		c.bad("delivery %s: %w", record.HexOf(id), err)
	case len(v) == 0 || c.t.Box.Reminder(d.ID) != id:
		c.bad("delivery %s: it says that it is %q", record.HexOf(id), d.ID)
	default:
		c.delivery(id, d, rest)
	}
}

func (c *checker) delivery(id record.ID, d *calbell.Delivery, rest calbell.Status) {
	r := record.Row{Delivery: *d, Rest: rest}
	at := placeOf(c.t.Box, id, d, r.Place())
	if have := c.t.Get(at.b, at.key); !bytes.Equal(have, at.value) {
		c.bad("delivery %s: %s, but its row of %q is %x instead of %x", d.ID, d.Status, at.b, record.Brief(have), at.value)
	}
	if d.Status.Final() {
		return
	}
	if rest == calbell.StatusInFlight {
		c.bad("delivery %s: in flight before its claim", d.ID)
	}
	if d.Untold {
		c.bad("delivery %s: %s, and yet to be told as missed", d.ID, d.Status)
	}
	if !d.Wanted() && d.Status != calbell.StatusInFlight {
		c.bad("delivery %s: %s without a source", d.ID, d.Status)
	}
	if !d.AskedAt.IsZero() {
		return // a person's wish outlives what it came from
	}
	for _, src := range d.Sources {
		h, err := c.t.Head(c.t.Box.Object(c.t.Box.Calendar(src.Calendar), src.Href))
		switch {
		case err != nil: // found where objects are checked
		case h == nil:
			c.bad("delivery %s: its source %q of calendar %q does not exist", d.ID, src.Href, src.Calendar)
		case !slices.ContainsFunc(h.Wants, func(w record.Want) bool { return w.ID == id }):
			c.bad("delivery %s: its source %q of calendar %q does not want it", d.ID, src.Href, src.Calendar)
		}
	}
}

// objectRow checks an object against its text, its row of replan and its deliveries.
func (c *checker) objectRow(k, v []byte) {
	if len(k) != record.ObjectLen {
		c.bad("an object under the key %x", record.Brief(k))
		return
	}
	key := record.ObjectKey(k)
	h, err := c.t.Head(key)
	if err != nil || len(v) == 0 {
		c.bad("object %x: %w", key, err)
		return
	}
	if c.t.Box.Object(c.t.Box.Calendar(h.Calendar), h.Href) != key {
		c.bad("object %x: it says that it is %q of calendar %q", key, h.Href, h.Calendar)
	}
	if !c.t.Has(bCalendars, key[:record.CalendarLen]) {
		c.bad("object %q: its calendar %q does not exist", h.Href, h.Calendar)
	}
	c.object(key, h)
}

// replanRow checks that a row of replan is its object's.
func (c *checker) replanRow(k, _ []byte) {
	if len(k) != record.TimeLen+record.ObjectLen {
		c.bad("a row of %q under the key %x", bReplan, record.Brief(k))
		return
	}
	key := record.ObjectKey(k[record.TimeLen:])
	h, err := c.t.Head(key)
	if err == nil && (h == nil || !bytes.Equal(k, record.TimeKey(h.Replan, key[:]))) {
		c.bad("object %x: it does not know of its row of %q", key, bReplan)
	}
}

func (c *checker) brokenRow(k, _ []byte) {
	c.bad("delivery %x was put aside: its record does not open", record.Brief(k))
}

func (c *checker) object(key record.ObjectKey, h *record.Head) {
	if raw := c.t.Get(bRaws, key[:]); raw == nil {
		c.bad("object %q of calendar %q: its text is missing", h.Href, h.Calendar)
	} else if _, err := c.t.Unseal(bRaws, key[:], raw); err != nil {
		c.bad("object %q of calendar %q: %w", h.Href, h.Calendar, err)
	}
	if !h.Replan.IsZero() {
		if !c.t.Has(bReplan, record.TimeKey(h.Replan, key[:])) {
			c.bad("object %q of calendar %q: no row of %q", h.Href, h.Calendar, bReplan)
		}
	}
	c.uidIndexed(key, h)
	for _, w := range h.Wants {
		d, _, err := c.t.Delivery(w.ID)
		if err != nil || d == nil || d.Status.Final() {
			continue // ended ones may be forgotten
		}
		if !slices.ContainsFunc(d.Sources, func(s calbell.Source) bool {
			return s.Calendar == h.Calendar && s.Href == h.Href
		}) {
			c.bad("object %q of calendar %q: delivery %s does not name it as a source", h.Href, h.Calendar, d.ID)
		}
	}
}

// records checks what there is of plain records.
func (c *checker) records() error {
	for _, err := range records.Findings(c.t.Tx) {
		c.bad("%w", err)
	}
	return nil
}

func (c *checker) beat() error {
	if _, err := lastBeat(c.t); err != nil {
		c.bad("the last beat: %w", err)
	}
	return nil
}

// numbers compares the numbers of rows and the counters.
func (c *checker) numbers(t *tx) error {
	c.t = t
	counts := make(map[calbell.Status]int64)
	indexed := 0
	for _, b := range []bucket{bDue, bFlight, bDone} {
		for _, v := range t.Rows(b, nil) {
			if err := c.tick(); err != nil {
				return err
			}
			indexed++
			st := calbell.StatusInFlight
			if b != bFlight && len(v) > 0 {
				st, _ = record.StateOf(v[0])
			}
			counts[st]++
		}
	}
	for _, st := range record.States() {
		b, _ := record.StateByte(st)
		if n := t.counted(b); n != counts[st] {
			c.bad("the counter of %s says %d, there are %d", st, n, counts[st])
		}
	}
	for _, pair := range []struct {
		what    string
		rows    int
		records bucket
	}{
		{"the queue's indexes", indexed + c.count(bBroken), bDeliveries},
		{string(bRaws), c.count(bRaws), bObjects},
	} {
		if n := c.count(pair.records); n != pair.rows {
			c.bad("%s: %d rows, the records account for %d", pair.what, pair.rows, n)
		}
	}
	c.told()
	return c.ctx.Err()
}

// count returns how many rows a bucket has; as good as any when the context ends.
func (c *checker) count(b bucket) (n int) {
	for range c.t.Rows(b, nil) {
		if c.tick() != nil {
			return n
		}
		n++
	}
	return n
}

// told checks the index of what is to be told against its counters.
func (c *checker) told() {
	names := make(map[calbell.WebhookID]bool)
	for k := range c.t.Under(bCounts, untoldCount("")) {
		names[calbell.WebhookID(k[1:])] = true
	}
	for k := range c.t.Rows(bUntold, nil) {
		names[calbell.WebhookID(k[1:])] = true
	}
	for w := range names {
		rows := int64(0)
		for id := range toTell(c.t).untoldRows(w) {
			rows++
			if !c.t.Has(bDeliveries, id[:]) {
				c.bad("delivery %s is to be told and does not exist", record.HexOf(id))
			}
		}
		if n := toTell(c.t).untold(w); n != rows {
			c.bad("%d rows of %q for webhook %q, counted as %d", rows, bUntold, w, n)
		}
	}
}
