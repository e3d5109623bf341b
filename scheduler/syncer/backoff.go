package syncer

import (
	"errors"
	"math/rand/v2"
	"time"

	"calbell"
)

const (
	// Back-off after failures: doubled from the first to the last, with jitter.
	firstBackOff = 30 * time.Second
	lastBackOff  = 15 * time.Minute
	// signInBackOff keeps a wrong password from locking the account at its server.
	signInBackOff = 5 * time.Minute
)

// backOff is how long something that failed is not retried.
type backOff struct {
	failures  int
	notBefore time.Time
}

// over reports whether it may be tried at now.
func (b *backOff) over(now time.Time) bool { return !now.Before(b.notBefore) }

// failed lengthens the wait, to at least least.
func (b *backOff) failed(now time.Time, least time.Duration) {
	wait := min(lastBackOff, firstBackOff<<min(b.failures, 10))
	wait = time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
	b.failures++
	b.notBefore = now.Add(max(wait, least))
}

// calendar returns the back-off of one calendar.
func (a *accountState) calendar(id calbell.CalendarID) *backOff {
	b := a.calendars[id]
	if b == nil {
		b = &backOff{}
		a.calendars[id] = b
	}
	return b
}

// stillRefused returns the error for a person who retries too soon after a refused sign-in.
func (a *accountState) stillRefused() error {
	return &calbell.Error{
		Kind: calbell.KindRefused, Account: true, Err: a.refused,
		What: calbell.T("syncer:server-not-asked-again", "the server was not asked again before %s, for many lock an account after a few wrong passwords", a.rest.notBefore.Format("15:04:05")),
		Hint: calbell.T("syncer:mend-sign-configuration-then", "mend the sign-in in the configuration, then: calbell reload"),
	}
}

// rests reports whether the account must not be synced for now, with the result for the caller:
// an error when the sign-in was refused, else nil.
func (s *states) rests(r calbell.SyncRequest) (bool, error) {
	a := s.known(r.Account.Key())
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case a.rest.over(time.Now()):
		return false, nil
	case !r.Now:
		return true, nil
	case a.refused != nil:
		return true, a.stillRefused()
	}
	return false, nil
}

// noteResult sets the account's back-off after a failure of its own, and logs a recovery once.
// Failures of single calendars are recorded with them.
func (s *states) noteResult(a *accountState, account calbell.Account, err error) {
	s.mu.Lock()
	a.noteAnswer(err)
	s.mu.Unlock()
	if !isAccountError(err) {
		if a.rest.failures > 0 {
			s.log.Info("account works again", "account", account.Key())
		}
		s.setFailing(a, nil, backOff{}, nil)
		return
	}
	least := min(retryAfter(err), calbell.MaxRetryAfter)
	var refused error
	if calbell.KindOf(err) == calbell.KindRefused {
		least, refused = max(least, signInBackOff), err
	}
	rest := a.rest
	rest.failed(time.Now(), least)
	s.setFailing(a, err, rest, refused)
	s.logFailure("sync failed", err, rest, "account", account.Key())
}

// noteCalendarResult does the same for one calendar.
func (s *states) noteCalendarResult(a *accountState, c calbell.Calendar, err error) {
	if err == nil {
		delete(a.calendars, c.ID)
		return
	}
	b := a.calendar(c.ID)
	b.failed(time.Now(), 0)
	s.logFailure("sync of a calendar failed", err, *b, "account", c.Account, "calendar", c.Name)
}

func (s *states) logFailure(msg string, err error, b backOff, attrs ...any) {
	attrs = append(attrs, "err", err, "next_try", b.notBefore.Format(time.RFC3339))
	if hint := calbell.HintOf(err); !hint.IsZero() {
		attrs = append(attrs, "hint", hint)
	}
	s.log.Warn(msg, attrs...)
}

// aboutAccount marks an error as the account's own: its calendars could not be listed.
func aboutAccount(err error) error {
	return &calbell.Error{Kind: calbell.KindOf(err), Account: true, RetryAfter: retryAfter(err), Err: err}
}

// isAccountError reports whether an error concerns an account as a whole.
func isAccountError(err error) bool {
	var told *calbell.Error
	return errors.As(err, &told) && told.Account
}

// retryAfter returns how long the server asked us to wait.
func retryAfter(err error) time.Duration {
	var told *calbell.Error
	if errors.As(err, &told) {
		return told.RetryAfter
	}
	return 0
}

// setFailing records the account's failure, for [Syncer.Failing] and for a reload.
func (s *states) setFailing(a *accountState, err error, rest backOff, refused error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.failure, a.rest, a.refused = err, rest, refused
	switch {
	case err == nil:
		a.since, a.good = time.Time{}, time.Now().UTC()
	case a.since.IsZero():
		a.since = time.Now().UTC()
	}
}

// Failing returns the accounts that fail as a whole, including those without known calendars
// and those that were not reached in time.
func (s *states) Failing() []calbell.AccountFailure {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.neverReached()
	for name, a := range s.accounts {
		if a.failure != nil {
			list = append(list, calbell.AccountFailure{Account: name, Since: a.since, Err: a.failure})
		}
	}
	return list
}
