package syncer

import (
	"context"
	"fmt"
	"slices"

	"calbell"
)

// recognition finds out which of the calendars that a server named are stored already, whatever
// their account was called then, and whatever the address of its server was.
type recognition struct {
	account calbell.Account
	found   []calbell.Calendar          // the result: with the IDs under which they are stored, or will be
	stored  []calbell.Calendar          // of the account
	ids     map[calbell.CalendarID]bool // given to new ones so far

	known []*calbell.Calendar // by found: the stored one that it is; nil: it is new
	// left are the stored ones that were at an address that the account's url has left.
	left map[calbell.CalendarID]bool
}

// recognise gives the found calendars their IDs.
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

// each pairs found calendars with stored ones, of those that are not paired yet.
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

// byPath pairs calendars whose server has got another address: nothing was found at the old one,
// and one new calendar has the path that one stored calendar had. What was one's own does not
// become another person's by that: its settings would let their events post. The file of a
// subscription is told apart by its whole address alone.
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

// lives reports whether a calendar was found at the server at which a stored one is.
func (r *recognition) lives(c *calbell.Calendar) bool {
	return slices.ContainsFunc(r.found, func(f calbell.Calendar) bool { return calbell.SameOrigin(f.URL, c.URL) })
}

// leaves reports whether a stored calendar that was not found is at an address that the account's
// url has left. What an earlier version stored does not say by which url it was found: then it was
// not found before, either.
func (r *recognition) leaves(c *calbell.Calendar) bool {
	if c.FoundBy == (calbell.Login{}) {
		return c.Unlisted && c.Level != calbell.LevelFile && !calbell.SameOrigin(c.URL, r.account.URL) && !r.lives(c)
	}
	if c.Level == calbell.LevelFile {
		return c.FoundBy.URL != r.account.URL
	}
	return !calbell.SameOrigin(c.FoundBy.URL, r.account.URL) && !calbell.SameOrigin(c.URL, r.account.URL) && !r.lives(c)
}

// identify gives a found calendar the ID of the stored one that it is, else one that nothing has.
func (s *Syncer) identify(ctx context.Context, r *recognition, f *calbell.Calendar, stored *calbell.Calendar) error {
	found := f.ID
	if stored != nil {
		f.ID = stored.ID
	} else {
		for n := 2; ; n++ { // the calendar that had it has another account or address now
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
