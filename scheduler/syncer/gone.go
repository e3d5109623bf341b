package syncer

import (
	"context"
	"time"

	"calbell"
)

// Finder is a [Remote] that can ask a calendar's own address whether it is still there.
type Finder interface {
	// Gone returns what the server itself says of a calendar that it does not list. An error says
	// that nothing was learnt.
	Gone(ctx context.Context, c calbell.Calendar) (calbell.Absence, error)
}

const (
	// goneAnswers must say that a calendar is gone, the first and the last goneWait apart, before
	// it is silent: the rule of the mass-delete brake (C12).
	goneAnswers = 3
	goneWait    = 15 * time.Minute
)

// Why a calendar is silent.
var (
	goneThere = calbell.T("syncer:calendar-gone-server", "the calendar is gone at the server")
	goneMoved = calbell.T("syncer:account-url-another-one", "the account's url is another one now, and this calendar is not found there")
)

// emptiedHint is the next step for a server that lists no calendar any more.
var emptiedHint = calbell.T("syncer:calendar-deleted-goes-calbell", "a calendar that was deleted there goes with: calbell calendar apply NAME; otherwise the server has lost sight of it, and its reminders go on from the last copy")

// goneHint is the next step for a calendar that is silent.
func goneHint(c calbell.Calendar) calbell.Text {
	return calbell.T("syncer:if-stay-away-calbell", "if it is to stay away: calbell calendar apply %s; if it comes back, it reminds again", c.ID)
}

// unlisted deals with a calendar that discovery did not find. It goes when a person has seen so,
// and says that it was deleted. Until then it keeps its plan, unless the account's url has left
// it, or its own address says that it is gone.
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
		return nil // nothing says that its address is one to which the account's credentials may go
	}
	return o.askWhetherGone(ctx, c.ID)
}

// emptied deals with the calendars of an account whose server lists none at all any more, and returns
// that error with the next step. So does a person leave it who deletes the only calendar, and so
// does a server whose disk is not mounted. Only a server that remembers a calendar has a say; of
// the others a person is asked.
func (s *Syncer) emptied(ctx context.Context, a *accountState, remote Remote, r calbell.SyncRequest, cause error) error {
	calendars, err := s.stored(ctx, r.Account.Key())
	if err != nil || len(calendars) == 0 {
		return cause
	}
	a.left, a.counting = nil, true // each answer goes with a list of its own
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

// askWhetherGone asks the own address of a calendar that discovery has just not found, and counts
// the answers. Whatever else is answered says nothing: the calendar goes on as it is.
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
		o.unsure = o.unsure || isAccountError(err) // the others would be answered the same
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

// countGone adds an answer to those that agree; one that does not begins anew.
func countGone(g calbell.Gone, gone bool, now time.Time) calbell.Gone {
	switch {
	case !gone:
		return calbell.Gone{}
	case g.Seen == 0 || now.Before(g.Since): // or the clock was set back
		return calbell.Gone{Since: now, Seen: 1}
	}
	g.Seen++
	return g
}

// silence ends the reminders of a calendar that is not at its server any more. What is stored of
// it stays, so that it can come back as it was.
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

// back has a calendar that was silent begin as one that is synced for the first time: what fell
// due while it was away is past.
func (s *Syncer) back(c *calbell.Calendar) {
	if c.Silent() {
		s.log.Info("calendar is back at its server", "account", c.Account, "calendar", c.Name)
		c.SyncedAt, c.ReadAt, c.ReconciledAt = time.Time{}, time.Time{}, time.Time{}
		c.SyncToken, c.CTag, c.Level = "", "", calbell.LevelUnknown
	}
	c.Gone = calbell.Gone{}
}

// knownETags returns the ETags of what is stored of a calendar; without their values where another
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

// moved has a calendar whose server has another address now compared with all that is there: what
// the sync knew was said by another server, maybe.
func (s *Syncer) moved(c *calbell.Calendar, to string) {
	s.log.Info("calendar is at another address", "account", c.Account, "calendar", c.Name, "was", c.URL, "is", to)
	c.SyncToken, c.CTag, c.Level, c.ReconciledAt = "", "", calbell.LevelUnknown, time.Time{}
	c.Brake, c.Moved = calbell.Brake{}, true
}
