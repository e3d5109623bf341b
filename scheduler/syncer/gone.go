package syncer

import (
	"context"
	"time"

	"calbell"
)

// Finder is a [Remote] that can check whether a calendar still exists at its URL.
type Finder interface {
	// Gone returns the server's answer at the URL of a calendar that it does not list. An error
	// means that nothing is known.
	Gone(ctx context.Context, c calbell.Calendar) (calbell.Absence, error)
}

const (
	// goneAnswers answers must agree that a calendar is gone, the first and the last goneWait
	// apart, before it becomes silent: the rule of the mass-delete brake (C12).
	goneAnswers = 3
	goneWait    = 15 * time.Minute
)

// Reasons why a calendar is silent.
var (
	goneThere = calbell.T("syncer:calendar-gone-server", "the calendar is gone at the server")
	goneMoved = calbell.T("syncer:account-url-another-one", "the account's url is another one now, and this calendar is not found there")
)

// emptiedHint is the next step for a server that no longer lists any calendar.
var emptiedHint = calbell.T("syncer:calendar-deleted-goes-calbell", "a calendar that was deleted there goes with: calbell calendar apply NAME; otherwise the server has lost sight of it, and its reminders go on from the last copy")

// goneHint is the next step for a silent calendar.
func goneHint(c calbell.Calendar) calbell.Text {
	return calbell.T("syncer:if-stay-away-calbell", "if it is to stay away: calbell calendar apply %s; if it comes back, it reminds again", c.ID)
}

// unlisted handles a calendar that discovery did not find. It is removed when a person
// confirmed that it was deleted. Until then it keeps its plan, unless the account's url has
// moved away from it, or its own URL answers that it is gone.
func (o *round) unlisted(ctx context.Context, c calbell.Calendar) error {
	if o.request.Apply && c.Unlisted {
		o.log.Info("calendar removed, its server does not list it", "account", c.Account, "calendar", c.Name)
		if err := o.store.RemoveCalendar(ctx, c.ID, time.Now()); err != nil {
			return err
		}
		o.o.Changed()
		return nil
	}
	switch {
	case c.Silent():
		return nil
	case o.account.left[c.ID]:
		c.Unlisted = true
		return o.silence(ctx, c, goneMoved)
	}
	if !c.Unlisted {
		c.Unlisted = true
		if err := o.store.SaveCalendar(ctx, c); err != nil {
			return err
		}
	}
	o.noteCalendar(ctx, c.ID, errNotNamed)
	if o.request.Fresh || !o.account.asked || c.FoundBy != o.request.Account.Login() || c.Level == calbell.LevelFile {
		return nil // the account's credentials may not be meant for its address
	}
	return o.askWhetherGone(ctx, c.ID)
}

// emptied handles an account whose server no longer lists any calendar, and returns that error
// with the next step. The cause may be a person who deleted the only calendar, or a server
// whose disk is not mounted. Calendars that the server knows to be deleted count as gone; for
// the others a person must decide.
func (s *Syncer) emptied(ctx context.Context, a *accountState, remote Remote, r calbell.SyncRequest, cause error) error {
	calendars, err := s.stored(ctx, r.Account.Key())
	if err != nil || len(calendars) == 0 {
		return cause
	}
	a.left, a.counting = nil, true // each answer needs a new list
	o := &round{Syncer: s, account: a, remote: remote, request: r, emptied: true}
	for _, c := range calendars {
		if !r.Includes(c) {
			continue
		}
		if err := o.unlisted(ctx, c); err != nil {
			return err
		}
	}
	return &calbell.Error{Kind: calbell.KindOf(cause), Hint: emptiedHint, Err: cause}
}

// askWhetherGone checks the URL of a calendar that discovery did not find, and counts the
// answers. Any other answer changes nothing.
func (o *round) askWhetherGone(ctx context.Context, id calbell.CalendarID) error {
	remote, can := o.remote.(Finder)
	if !can || o.unsure {
		return nil
	}
	c, err := o.store.Calendar(ctx, id)
	if err != nil {
		return err
	}
	is, err := remote.Gone(ctx, c)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		o.unsure = o.unsure || isAccountError(err) // other calendars would get the same answer
		o.log.Debug("ask whether a calendar is gone", "account", c.Account, "calendar", c.Name, "err", err)
		return nil
	}
	before := c.Gone
	c.Gone = countGone(c.Gone, is == calbell.AbsenceRemoved || is == calbell.AbsenceMissing && !o.emptied, time.Now().UTC())
	if c.Gone.Seen >= goneAnswers && time.Since(c.Gone.Since) >= goneWait {
		return o.silence(ctx, c, goneThere)
	}
	o.account.counting = o.account.counting || c.Gone.Seen > 0
	if c.Gone == before {
		return nil
	}
	return o.store.SaveCalendar(ctx, c)
}

// countGone counts an answer that agrees; one that does not resets the count.
func countGone(g calbell.Gone, gone bool, now time.Time) calbell.Gone {
	switch {
	case !gone:
		return calbell.Gone{}
	case g.Seen == 0 || now.Before(g.Since): // the second: the clock was set back
		return calbell.Gone{Since: now, Seen: 1}
	}
	g.Seen++
	return g
}

// silence cancels the reminders of a calendar that is gone. Its stored data stays, so that it
// can come back unchanged.
func (s *Syncer) silence(ctx context.Context, c calbell.Calendar, reason calbell.Text) error {
	now := time.Now().UTC()
	if c.Gone.Since.IsZero() {
		c.Gone.Since = now
	}
	c.Gone.SilentAt, c.Gone.Reason, c.Gone.Hint = now, reason, goneHint(c)
	c.FailingSince, c.LastError, c.Brake = time.Time{}, calbell.Text{}, calbell.Brake{}
	s.log.Warn("a calendar is silent, its reminders are cancelled", "account", c.Account, "calendar", c.Name, "reason", reason, "hint", c.Gone.Hint)
	if err := s.store.SaveCalendar(ctx, c); err != nil {
		return err
	}
	_, err := s.fit(ctx, s.policy(), c)
	return err
}

// back treats a silent calendar that came back like a first sync: reminders that fell due
// meanwhile are past.
func (s *Syncer) back(c *calbell.Calendar) {
	if c.Silent() {
		s.log.Info("calendar is back at its server", "account", c.Account, "calendar", c.Name)
		c.SyncedAt, c.ReadAt, c.ReconciledAt = time.Time{}, time.Time{}, time.Time{}
		c.SyncToken, c.CTag, c.Level = "", "", calbell.LevelUnknown
	}
	c.Gone = calbell.Gone{}
}

// knownETags returns the ETags of a calendar's stored objects, with empty values when another
// server gave them.
func (s *Syncer) knownETags(ctx context.Context, c calbell.Calendar) (map[calbell.Href]calbell.ETag, error) {
	known, err := s.store.ETags(ctx, c.ID)
	for href := range known {
		if c.Moved {
			known[href] = ""
		}
	}
	return known, err
}

// moved makes the next sync of a calendar with a new server address compare all objects: the
// stored state may be another server's.
func (s *Syncer) moved(c *calbell.Calendar, to string) {
	s.log.Info("calendar is at another address", "account", c.Account, "calendar", c.Name, "was", c.URL, "is", to)
	c.SyncToken, c.CTag, c.Level, c.ReconciledAt = "", "", calbell.LevelUnknown, time.Time{}
	c.Brake, c.Moved = calbell.Brake{}, true
}
