package service

import (
	"cmp"
	"context"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
)

// MaxPause limits the length of a pause: a forgotten pause would lose reminders for ever.
const MaxPause = 366 * 24 * time.Hour

// Pauses manages pauses of calendars and webhooks.
type Pauses struct{ *core }

// List returns the current pauses that concern the caller.
func (s *Pauses) List(ctx context.Context, who calbell.Caller) ([]types.PauseRow, error) {
	all, err := s.pauses(ctx, who, time.Now())
	if err != nil {
		return nil, err
	}
	rows := make([]types.PauseRow, 0, len(all))
	for _, p := range all {
		rows = append(rows, s.pauseRow(ctx, p))
	}
	return rows, nil
}

// pauses returns the pauses of calendars that the caller may see, and of webhooks that they
// may use: those suppress the caller's reminders as well.
func (s *Pauses) pauses(ctx context.Context, who calbell.Caller, now time.Time) ([]calbell.Pause, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	if who.Local {
		return s.store.Pauses(ctx, now)
	}
	calendars, err := s.calendars(ctx, who)
	if err != nil {
		return nil, err
	}
	webhooks, err := s.usableWebhooks(ctx, who)
	if err != nil {
		return nil, err
	}
	var seen []calbell.CalendarID
	for _, c := range calendars {
		seen = append(seen, c.ID)
	}
	var usable []calbell.WebhookID
	for _, w := range webhooks {
		usable = append(usable, w.ID)
	}
	return s.store.PausesOf(ctx, seen, usable, now)
}

// pauseRow returns a pause with the names of its calendar and webhook; removed ones are
// named by ID.
func (s *Pauses) pauseRow(ctx context.Context, p calbell.Pause) types.PauseRow {
	r := types.PauseRow{Pause: p, CalendarName: string(p.Calendar), WebhookName: string(p.Webhook), ETag: s.etag(p)}
	if c, err := s.store.Calendar(ctx, p.Calendar); err == nil {
		r.CalendarName = cmp.Or(c.Name, r.CalendarName)
	}
	if w, err := s.store.Webhooks().Get(ctx, p.Webhook); err == nil {
		r.WebhookName = cmp.Or(w.Name, r.WebhookName)
	}
	return r
}

// Set stores a pause, replacing one with the same scope, or ends it. Once it returns, no
// post begins that the pause suppresses.
func (s *Pauses) Set(ctx context.Context, who calbell.Caller, etag string, r types.PauseRequest) (types.PauseRow, error) {
	if r.Calendar == "" && r.Webhook == "" { // it concerns all users
		if err := requireAdmin(who); err != nil {
			return types.PauseRow{}, err
		}
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	now := time.Now()
	p, err := s.pause(ctx, who, r, now)
	if err == nil {
		err = s.pausedAs(ctx, who, etag, p, now)
	}
	if err != nil {
		return types.PauseRow{}, err
	}
	if err := s.store.SetPause(ctx, p, now); err != nil {
		return types.PauseRow{}, err
	}
	s.effects.PausesChanged()
	return s.pauseRow(ctx, p), nil
}

// pausedAs rejects a change of a pause that has changed since its editor saw it.
func (s *Pauses) pausedAs(ctx context.Context, who calbell.Caller, etag string, p calbell.Pause, now time.Time) error {
	all, err := s.pauses(ctx, who, now)
	have := ""
	for _, o := range all {
		if o.Calendar == p.Calendar && o.Webhook == p.Webhook {
			have = s.etag(o)
		}
	}
	if err != nil {
		return err
	}
	if have == "" && p.Until.After(now) && len(all) >= calbell.MaxPauses && !who.Local {
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:pauses-enough", "%d pauses are enough", calbell.MaxPauses), Hint: calbell.T("service:end-one-first", "end one first")}
	}
	return unchanged(calbell.T("change:pause", "change the pause"), etag, have)
}

// pause returns the requested pause.
func (s *Pauses) pause(ctx context.Context, who calbell.Caller, r types.PauseRequest, now time.Time) (calbell.Pause, error) {
	p := calbell.Pause{Until: r.Until.UTC(), MadeAt: now.UTC()}
	if r.Until.Sub(now) > MaxPause {
		return p, &calbell.Error{
			Kind: calbell.KindUsage, What: calbell.T("service:pause-until-longer-than", "a pause until %s is longer than a year", r.Until.Format(time.DateOnly)),
			Hint: calbell.T("service:what-not-wanted-so", "what is not wanted for so long is better taken out of the configuration"),
		}
	}
	if r.Calendar != "" {
		c, err := s.findCalendar(ctx, who, r.Calendar)
		if err != nil {
			return p, err
		}
		p.Calendar = c.ID
	}
	if r.Webhook != "" {
		w, err := s.findWebhook(ctx, who, r.Webhook)
		if err != nil {
			return p, err
		}
		if !authz.CanAccess(who, w.Owner) && r.Calendar == "" { // others use it, too
			return p, notTheirs(w)
		}
		p.Webhook = w.ID
	}
	if r.Until.After(now) {
		return p, nil
	}
	return p, s.isPaused(ctx, who, p, now)
}

// isPaused rejects ending a pause that does not exist.
func (s *Pauses) isPaused(ctx context.Context, who calbell.Caller, p calbell.Pause, now time.Time) error {
	all, err := s.pauses(ctx, who, now)
	if err != nil {
		return err
	}
	for _, have := range all {
		if have.Calendar == p.Calendar && have.Webhook == p.Webhook {
			return nil
		}
	}
	if len(all) == 0 {
		return &calbell.Error{Kind: calbell.KindNotFound, What: calbell.T("service:nothing-paused", "nothing is paused"), Hint: calbell.T("service:see-calbell-status", "see: calbell status")}
	}
	return &calbell.Error{
		Kind: calbell.KindNotFound, What: calbell.T("service:not-paused", "%s is not paused", s.pauseRow(ctx, p).What()),
		Hint: calbell.T("service:paused-see-calbell-status", "paused is %s; see: calbell status", s.pauseRow(ctx, all[0]).What()),
	}
}
