package syncer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
)

// rediscovers reports whether the list of calendars must be read again: when it is old, but not
// in the seconds before a reminder, when only changes matter.
func (a *accountState) rediscovers(r calbell.SyncRequest) bool {
	switch {
	case a.discovered.IsZero(), r.Now:
		return true
	case r.Fresh:
		return false
	case a.counting: // each answer about a missing calendar needs a new list
		return true
	}
	return time.Since(a.discovered) > rediscover
}

// round is one sync of an account's calendars.
type round struct {
	*Syncer
	account *accountState
	remote  Remote
	request calbell.SyncRequest

	errs     []error           // of single calendars
	lost     bool              // objects were deleted
	answered bool              // the server answered for at least one calendar
	silent   *calbell.Calendar // the latest calendar without an answer
	why      error             // its error
	emptied  bool              // the server lists no calendar at all
	gone     bool              // the server stopped answering: other calendars wait for the next round
	unsure   bool              // the server refused the account when asked about a missing calendar
}

// syncRound syncs the requested calendars one by one. A failing calendar does not keep the
// others from being synced, unless the failure is the account's own.
func (s *Syncer) syncRound(ctx context.Context, a *accountState, remote Remote, r calbell.SyncRequest, calendars []calbell.Calendar) error {
	o := &round{Syncer: s, account: a, remote: remote, request: r}
	var meant, others []calbell.Calendar
	for _, c := range calendars {
		if r.Includes(c) {
			meant = append(meant, c)
		} else {
			others = append(others, c)
		}
	}
	if err := o.syncAll(ctx, meant); err != nil {
		return err
	}
	// An event that left a calendar may have moved to another one, where its reminder is due as
	// soon.
	if r.Fresh && o.lost {
		if err := o.syncAll(ctx, others); err != nil {
			return err
		}
	}
	if o.silent != nil && !o.answered {
		return o.failed(ctx, *o.silent, o.why)
	}
	o.noteSilent()
	return joined(o.errs)
}

// syncAll syncs calendars. Those without an answer the last time come last, so that they do not
// always delay the others. An error is the account's own.
func (o *round) syncAll(ctx context.Context, calendars []calbell.Calendar) error {
	last := o.account.silent
	slices.SortStableFunc(calendars, func(a, b calbell.Calendar) int {
		return cmp.Compare(slices.Index(last, a.ID), slices.Index(last, b.ID))
	})
	for _, c := range calendars {
		if o.gone {
			break
		}
		if err := o.sync(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// sync syncs one calendar. An error is the account's own.
func (o *round) sync(ctx context.Context, c calbell.Calendar) error {
	if !o.account.found[c.ID] {
		return o.unlisted(ctx, c)
	}
	if !o.request.Now && !o.account.calendar(c.ID).over(time.Now()) {
		return nil
	}
	deleted, err := o.syncCalendar(ctx, o.remote, c, o.request)
	o.lost = o.lost || deleted > 0
	unanswered := isAccountError(err) && calbell.KindOf(err) == calbell.KindUnreachable
	o.account.noteSilent(c.ID, unanswered)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case unanswered && (o.silent == nil || o.answered):
		// One calendar may be too large for its server. Two in a row mean that the server does
		// not answer.
		o.gone = o.silent != nil
		o.noteSilent()
		o.silent, o.why = &c, err
		return nil
	case isAccountError(err):
		return o.failed(ctx, c, err)
	}
	o.answered = true
	o.noteSilent()
	o.note(c, err)
	return nil
}

// note records the result of one calendar.
func (o *round) note(c calbell.Calendar, err error) {
	if err != nil {
		o.errs = append(o.errs, err)
	}
	o.noteCalendarResult(o.account, c, err)
}

// noteSilent records that the server answers, but not for one calendar.
func (o *round) noteSilent() {
	if o.silent != nil {
		o.note(*o.silent, &calbell.Error{Kind: calbell.KindUnreachable, Hint: calbell.HintOf(o.why), Err: o.why})
	}
	o.silent, o.why = nil, nil
}

// failed records that the account fails as a whole, as one of its calendars showed. The others
// are not requested; they would fail for the same reason.
func (o *round) failed(ctx context.Context, c calbell.Calendar, err error) error {
	o.noteFailing(ctx, c.Account, errors.New(strings.TrimPrefix(err.Error(), fmt.Sprintf("calendar %q: ", c.Name))))
	return err
}

// noteSilent records whether the server answered for a calendar.
func (a *accountState) noteSilent(id calbell.CalendarID, silent bool) {
	a.silent = slices.DeleteFunc(a.silent, func(other calbell.CalendarID) bool { return other == id })
	if silent {
		a.silent = append(a.silent, id)
	}
}
