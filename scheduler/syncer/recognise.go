package syncer

import (
	"context"
	"fmt"
	"slices"

	"calbell"
)

// recognition matches a server's calendars to stored ones, even if the account was renamed or
// the server's address changed.
type recognition struct {
	account calbell.Account
	found   []calbell.Calendar          // the result: with the IDs to store them under
	stored  []calbell.Calendar          // of the account
	ids     map[calbell.CalendarID]bool // assigned to new calendars so far

	known []*calbell.Calendar // by found: the matching stored calendar; nil: it is new
	// left are stored calendars at an address that the account's url has moved away from.
	left map[calbell.CalendarID]bool
}

// recognise assigns IDs to the found calendars.
func (s *Syncer) recognise(ctx context.Context, account calbell.Account, found []calbell.Calendar) (*recognition, error) {
	stored, err := s.stored(ctx, account.Key())
	if err != nil {
		return nil, err
	}
	r := &recognition{account: account, found: found, stored: stored, ids: map[calbell.CalendarID]bool{}, left: map[calbell.CalendarID]bool{}}
	r.known = make([]*calbell.Calendar, len(found))
	r.each(func(f, c *calbell.Calendar) bool { return c.DiscoveredID() == f.ID })
	r.each(func(f, c *calbell.Calendar) bool { return c.FoundBy == account.Login() && c.At(f.URL) })
	r.byPath()
	for i := range found {
		if err := s.identify(ctx, r, &found[i], r.known[i]); err != nil {
			return nil, err
		}
	}
	for i := range r.stored {
		if c := &r.stored[i]; !r.isKnown(c) && r.leaves(c) {
			r.left[c.ID] = true
		}
	}
	return r, nil
}

// each pairs found calendars with stored ones among those not paired yet.
func (r *recognition) each(same func(f, c *calbell.Calendar) bool) {
	for i := range r.found {
		for k := range r.stored {
			if c := &r.stored[k]; r.known[i] == nil && !r.isKnown(c) && same(&r.found[i], c) {
				r.known[i] = c
			}
		}
	}
}

func (r *recognition) isKnown(c *calbell.Calendar) bool { return slices.Contains(r.known, c) }

// byPath pairs calendars whose server address changed: none was found at the old address, and
// exactly one new calendar has the path of one stored calendar. A person's own calendar never
// becomes another person's in this way, because its settings would let that person's events
// post. Subscriptions are matched by their whole address only.
func (r *recognition) byPath() {
	type pair struct {
		found  int
		stored *calbell.Calendar
	}
	var pairs []pair
	ofFound, ofStored := map[int]int{}, map[calbell.CalendarID]int{}
	for k := range r.stored {
		c := &r.stored[k]
		if c.Level == calbell.LevelFile || r.isKnown(c) || r.lives(c) {
			continue
		}
		for i := range r.found {
			f := &r.found[i]
			taken := c.Ownership == calbell.OwnershipOwn && f.Ownership == calbell.OwnershipOther
			if r.known[i] == nil && f.Level != calbell.LevelFile && f.At(c.Path()) && !taken {
				pairs = append(pairs, pair{i, c})
				ofFound[i]++
				ofStored[c.ID]++
			}
		}
	}
	for _, p := range pairs {
		if ofFound[p.found] == 1 && ofStored[p.stored.ID] == 1 {
			r.known[p.found] = p.stored
		}
	}
}

// lives reports whether any calendar was found at the server of a stored one.
func (r *recognition) lives(c *calbell.Calendar) bool {
	return slices.ContainsFunc(r.found, func(f calbell.Calendar) bool { return calbell.SameOrigin(f.URL, c.URL) })
}

// leaves reports whether a stored calendar that was not found is at an address that the
// account's url has moved away from. An earlier version did not store the url by which it was
// found: then it was not found before either.
func (r *recognition) leaves(c *calbell.Calendar) bool {
	if c.FoundBy == (calbell.Login{}) {
		return c.Unlisted && c.Level != calbell.LevelFile && !calbell.SameOrigin(c.URL, r.account.URL) && !r.lives(c)
	}
	if c.Level == calbell.LevelFile {
		return c.FoundBy.URL != r.account.URL
	}
	return !calbell.SameOrigin(c.FoundBy.URL, r.account.URL) && !calbell.SameOrigin(c.URL, r.account.URL) && !r.lives(c)
}

// identify assigns a found calendar the ID of its stored one, or else a new ID.
func (s *Syncer) identify(ctx context.Context, r *recognition, f *calbell.Calendar, stored *calbell.Calendar) error {
	found := f.ID
	if stored != nil {
		f.ID = stored.ID
	} else {
		for n := 2; ; n++ { // the ID is taken by a calendar that changed account or address
			has, err := s.store.CalendarsByID(ctx, f.ID)
			if err != nil {
				return err
			}
			if len(has) == 0 && !r.ids[f.ID] {
				break
			}
			f.ID = calbell.NewCalendarID(f.Account, fmt.Sprintf("%s %d", found, n))
		}
		r.ids[f.ID] = true
	}
	if f.FoundAs = ""; f.ID != found {
		f.FoundAs = found
	}
	f.FoundBy = r.account.Login()
	return nil
}
