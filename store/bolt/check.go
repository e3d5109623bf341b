package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"calbell"
)

// maxProblems bounds what Check lists: a file with more is not read row by row.
const maxProblems = 20

// Check reads every row and verifies that seals open, that every delivery stands in
// exactly the index where its record says, that objects and sources name each other, and
// that the counters are right. It returns all that it found, up to a bound, in one error.
// It is one read transaction: writes go on, but the file may grow meanwhile.
func (s *Store) Check(ctx context.Context) error {
	var found []error
	err := s.view(ctx, func(t *tx) error {
		c := &checker{t: t, ctx: ctx, counts: make(map[calbell.Status]int64), indexed: make(map[bucket]int), untold: make(map[calbell.WebhookID]int64)}
		for _, step := range []func() error{
			c.deliveries, c.objects, c.calendars, c.webhooks, c.told, c.beat, c.strays, c.counters,
		} {
			if err := step(); err != nil {
				return err
			}
		}
		found = c.found
		if c.more > 0 {
			found = append(found, fmt.Errorf("and %d more", c.more))
		}
		return nil
	})
	if err = errors.Join(append(found, err)...); err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	return nil
}

// checker collects what is wrong.
type checker struct {
	t       *tx
	ctx     context.Context
	found   []error
	more    int
	counts  map[calbell.Status]int64
	indexed map[bucket]int              // rows of an index that a record accounts for
	untold  map[calbell.WebhookID]int64 // records with a row there
	rows    int
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

// deliveries checks each record against the indexes.
func (c *checker) deliveries() error {
	for k, v := range c.t.rows(bDeliveries, nil) {
		if err := c.tick(); err != nil {
			return err
		}
		id := rowID(k)
		d, rest, err := c.t.delivery(id)
		switch {
		case err != nil:
			c.bad("delivery %s: %w", hexOf(id), err)
		case len(v) == 0 || c.t.box.reminder(d.ID) != id:
			c.bad("delivery %s: it says that it is %q", hexOf(id), d.ID)
		default:
			c.delivery(id, d, rest)
		}
	}
	return nil
}

func (c *checker) delivery(id rowID, d *calbell.Delivery, rest calbell.Status) {
	r := &row{d: *d, rest: rest}
	at := c.t.box.place(id, r)
	if have := c.t.get(at.b, at.key); !bytes.Equal(have, at.value) {
		c.bad("delivery %s: %s, but its row of %q is %x instead of %x", d.ID, d.Status, at.b, have, at.value)
	} else {
		c.indexed[at.b]++
	}
	c.counts[d.Status]++
	if d.Untold {
		c.untold[d.Webhook]++
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
	if !wanted(d) && d.Status != calbell.StatusInFlight {
		c.bad("delivery %s: %s without a source", d.ID, d.Status)
	}
	if !d.AskedAt.IsZero() {
		return // a person's wish outlives what it came from
	}
	for _, src := range d.Sources {
		h, err := c.t.head(c.t.box.object(c.t.box.calendar(src.Calendar), src.Href))
		switch {
		case err != nil: // found where objects are checked
		case h == nil:
			c.bad("delivery %s: its source %q of calendar %q does not exist", d.ID, src.Href, src.Calendar)
		case !slices.ContainsFunc(h.wants, func(w want) bool { return w.id == id }):
			c.bad("delivery %s: its source %q of calendar %q does not want it", d.ID, src.Href, src.Calendar)
		}
	}
}

// objects checks each object against its text, its row of replan and its deliveries.
func (c *checker) objects() error {
	for k, v := range c.t.rows(bObjects, nil) {
		if err := c.tick(); err != nil {
			return err
		}
		key := objKey(k)
		h, err := c.t.head(key)
		if err != nil || len(v) == 0 {
			c.bad("object %x: %w", key, err)
			continue
		}
		if c.t.box.object(c.t.box.calendar(h.Calendar), h.Href) != key {
			c.bad("object %x: it says that it is %q of calendar %q", key, h.Href, h.Calendar)
		}
		if !c.t.has(bCalendars, key[:calLen]) {
			c.bad("object %q: its calendar %q does not exist", h.Href, h.Calendar)
		}
		c.object(key, h)
	}
	return nil
}

func (c *checker) object(key objKey, h *head) {
	if raw := c.t.get(bRaws, key[:]); raw == nil {
		c.bad("object %q of calendar %q: its text is missing", h.Href, h.Calendar)
	} else if _, err := c.t.unseal(bRaws, key[:], raw); err != nil {
		c.bad("object %q of calendar %q: %w", h.Href, h.Calendar, err)
	}
	c.indexed[bRaws]++
	if !h.Replan.IsZero() {
		if !c.t.has(bReplan, timeRow(h.Replan, key[:])) {
			c.bad("object %q of calendar %q: no row of %q", h.Href, h.Calendar, bReplan)
		}
		c.indexed[bReplan]++
	}
	for _, w := range h.wants {
		d, _, err := c.t.delivery(w.id)
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

func (c *checker) calendars() error {
	for k := range c.t.rows(bCalendars, nil) {
		cal, err := c.t.calendar(calKey(k))
		switch {
		case err != nil:
			c.bad("calendar %x: %w", k, err)
		case c.t.box.calendar(cal.ID) != calKey(k):
			c.bad("calendar %x: it says that it is %q", k, cal.ID)
		}
	}
	return nil
}

func (c *checker) webhooks() error {
	for k, v := range c.t.rows(bWebhooks, nil) {
		if err := c.t.unsealJSON(bWebhooks, k, v, &webhookRecord{}); err != nil {
			c.bad("webhook: %w", err)
		}
	}
	for k, v := range c.t.rows(bStates, nil) {
		if err := c.t.unsealJSON(bStates, k, v, &stateRecord{}); err != nil {
			c.bad("state of a webhook: %w", err)
		}
	}
	return nil
}

// told checks the index of what is to be told and its counters against the records.
func (c *checker) told() error {
	names := make(map[calbell.WebhookID]bool)
	for w := range c.untold {
		names[w] = true
	}
	for k := range c.t.under(bCounts, untoldCount("")) {
		names[calbell.WebhookID(k[1:])] = true
	}
	for k := range c.t.rows(bUntold, nil) {
		names[calbell.WebhookID(k[1:])] = true
	}
	for w := range names {
		rows := int64(0)
		for range c.t.untoldRows(w) {
			rows++
		}
		if n := c.t.untold(w); n != rows || n != c.untold[w] {
			c.bad("%d rows of %q for webhook %q, counted as %d, the records account for %d", rows, bUntold, w, n, c.untold[w])
		}
	}
	return nil
}

func (c *checker) beat() error {
	if _, err := c.t.lastBeat(); err != nil {
		c.bad("the last beat: %w", err)
	}
	return nil
}

// strays finds rows of indexes that no record accounts for: every record has found its
// own row, so the numbers must be equal.
func (c *checker) strays() error {
	for _, b := range []bucket{bDue, bFlight, bDone, bRaws, bReplan} {
		n := 0
		for range c.t.rows(b, nil) {
			n++
		}
		if n != c.indexed[b] {
			c.bad("%q has %d rows, the records account for %d", b, n, c.indexed[b])
		}
	}
	for k := range c.t.rows(bBroken, nil) {
		c.bad("delivery %x was put aside: its record does not open", k)
	}
	return nil
}

func (c *checker) counters() error {
	for _, st := range states() {
		b, _ := stateByte(st)
		if n := c.t.counted(b); n != c.counts[st] {
			c.bad("the counter of %s says %d, there are %d", st, n, c.counts[st])
		}
	}
	return nil
}
