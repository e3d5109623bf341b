package syncer

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/scheduler/plan"
	"calbell/store"
)

// syncRun is one sync of one calendar.
type syncRun struct {
	*Syncer
	policy      *plan.Policy
	calendar    calbell.Calendar // as it was when the sync began
	began, said time.Time

	changed, deleted, bad, mended int
	late                          lateTally
	allowance                     allowance
}

// syncCalendar updates one calendar, and returns how many of its objects were deleted.
func (s *Syncer) syncCalendar(ctx context.Context, remote Remote, c calbell.Calendar, r calbell.SyncRequest) (deleted int, err error) {
	defer s.under(c.Account, c.Name)()
	if r.Now || r.Fresh {
		c.RefreshAt = time.Time{}
	}
	c.Brake.Apply = c.Brake.Apply || r.Apply && c.Brake.Seen > 0
	policy := s.policy()
	if c, err = s.fit(ctx, policy, c); err != nil {
		return 0, err
	}
	run := &syncRun{Syncer: s, policy: policy, calendar: c, began: time.Now()}
	run.said = run.began
	known := func() (map[calbell.Href]calbell.ETag, error) { return s.knownETags(ctx, c) }
	err = remote.Changes(ctx, c, known, func(b Batch) error { return run.apply(ctx, b) })
	if err != nil {
		s.noteCalendar(ctx, c.ID, err)
		return run.deleted, err
	}
	level := slog.LevelDebug // a calendar without changes is not logged at info each minute
	if run.changed+run.deleted > 0 || c.SyncedAt.IsZero() || !c.FailingSince.IsZero() {
		level = slog.LevelInfo
	}
	s.log.Log(ctx, level, "sync", "account", c.Account, "calendar", c.Name, "changed", run.changed,
		"deleted", run.deleted, "bad", run.bad, "mended", run.mended, "took", time.Since(run.began).Round(time.Millisecond))
	return run.deleted, nil
}

// apply plans a batch and stores it with its plan, in one transaction.
func (r *syncRun) apply(ctx context.Context, b Batch) error {
	if err := r.admit(ctx, &b); err != nil {
		return err
	}
	if b.Last && r.allowance.refused > 0 { // the next sync stores the rest
		b.Last, b.Calendar = false, r.calendar
		if err := r.applyAdmitted(ctx, b); err != nil {
			return err
		}
		return r.full()
	}
	return r.applyAdmitted(ctx, b)
}

func (r *syncRun) applyAdmitted(ctx context.Context, b Batch) error {
	now := time.Now()
	change := store.Change{Calendar: b.Calendar, Delete: b.Deleted}
	if b.Last {
		change.Calendar.SyncedAt, change.Calendar.FailingSince, change.Calendar.LastError = now.UTC(), time.Time{}, calbell.Text{}
		change.Calendar.Moved = false
		r.noteRead(&change.Calendar)
	}
	// Set with the first objects: after an interrupted sync, a changed configuration must
	// notice the partial plan.
	change.Calendar.PlanKey = r.policy.Key(r.calendar)
	uids, err := r.touch(ctx, b)
	if err != nil {
		return err
	}
	var bad int
	var late lateTally
	err = r.planned(ctx, r.calendar.Account, func(bs plan.Bindings, state store.BindingsState) error {
		change.Put, change.Bound, bad, late = nil, &state, 0, lateTally{}
		for _, o := range b.Objects {
			p, err := r.plan(ctx, o, bs, now)
			if err != nil {
				return err
			}
			if !p.Object.Problem.IsZero() {
				bad++
			}
			r.bound(&p, &late, now)
			change.Put = append(change.Put, p)
		}
		if b.Last {
			change.Notices = r.summaries(r.late.plus(late), now)
		}
		return r.store.Apply(ctx, change, now)
	})
	if err != nil {
		return err
	}
	for _, p := range change.Put {
		uids = append(uids, p.Object.UIDs...)
	}
	r.corrections.touch(r.calendar.Account, uids...)
	r.changed += len(b.Objects)
	r.deleted += len(b.Deleted)
	r.bad += bad
	r.late = r.late.plus(late)
	if len(late.unlisted) > 0 {
		r.log.Warn("reminders became known when they could not be sent any more, and are only counted",
			"account", r.calendar.Account, "calendar", r.calendar.Name, "by_webhook", late.unlisted)
	}
	if r.changed+r.deleted > 0 {
		r.o.Changed()
	}
	r.advance(r.calendar, b)
	if !b.Last && now.Sub(r.said) >= progressEvery {
		r.said = now
		r.log.Info("sync goes on", "account", r.calendar.Account, "calendar", r.calendar.Name, "done", b.Done, "of", b.Total)
	}
	return nil
}

// plan plans a new or changed object. If its new text cannot be read, it plans the last
// readable text.
func (r *syncRun) plan(ctx context.Context, o calbell.Object, bs plan.Bindings, now time.Time) (store.Planned, error) {
	old, err := r.store.Object(ctx, r.calendar.ID, o.Href)
	isNew := calbell.IsNotFound(err)
	if err != nil && !isNew {
		return store.Planned{}, err
	}
	in := r.input(o, old, bs, now)
	p, found := plan.Examine(in)
	r.noteUnknown(p.Object, found.Unknown)
	if found.Cut.After(in.Since) && !in.Since.IsZero() {
		r.log.Warn("an event rings too often for all of it to be listed that was known late", "account", r.calendar.Account,
			"calendar", r.calendar.Name, "uids", p.Object.UIDs, "listed_from", found.Cut)
	}
	unread := !p.Object.Problem.IsZero() && !found.Readable
	if !unread {
		p.Object.BadSince = time.Time{}
	}
	if !p.Object.Problem.IsZero() {
		r.log.Warn("bad object", "account", r.calendar.Account, "calendar", r.calendar.Name,
			"href", o.Href, "uids", p.Object.UIDs, "reason", p.Object.Problem)
	}
	if p.Object.Mended() {
		r.mend(p.Object)
	}
	if isNew {
		return p, nil
	}
	if unread {
		in.Object.Raw, in.Object.Problem = old.Raw, p.Object.Problem
		p = plan.Plan(in)
	}
	in.Object = old
	plan.OnlyNews(p, in)
	return p, nil
}

// input returns the input for planning a new or changed object; old is the stored copy.
func (r *syncRun) input(o, old calbell.Object, bs plan.Bindings, now time.Time) plan.Input {
	in := r.policy.Input(r.calendar, o, bs, now)
	in.Object.BadSince = old.BadSince
	if in.Quiet = r.calendar.SyncedAt.IsZero(); in.Quiet {
		if in.Object.BadSince.IsZero() {
			in.Object.BadSince = r.began.UTC()
		}
		return in
	}
	in.Since, in.Reaches, in.WasOff = r.knownUntil(now), r.calendar.Reaches, r.calendar.ReadOff
	if in.Object.BadSince.IsZero() {
		in.Object.BadSince = in.Since
	} else if in.Object.BadSince.Before(in.Since) {
		in.Since = in.Object.BadSince
	}
	in.Since = later(in.Since, now.Add(-r.remembered()))
	return in
}

// maxMended limits the repaired objects that a sync logs one by one: a feed can make the same
// mistake in each of its events.
const maxMended = 20

// mend logs an object that was read with repairs.
func (r *syncRun) mend(o calbell.Object) {
	if r.mended++; r.mended > maxMended {
		return
	}
	var reasons []string
	for _, w := range o.Warnings {
		reasons = append(reasons, w.String())
	}
	r.log.Warn("mended object", "account", r.calendar.Account, "calendar", r.calendar.Name,
		"href", o.Href, "uids", o.UIDs, "warnings", strings.Join(reasons, "; "))
}

// noteUnknown logs unknown webhook names in an event, once for each copy of the event: its
// reminders go where they would go without those names.
func (r *syncRun) noteUnknown(o calbell.Object, names []string) {
	for _, name := range names {
		near := calbell.Nearest(name, slices.Sorted(maps.Keys(r.policy.Usable(r.calendar.Account))))
		r.log.Warn("an event names a webhook that does not exist", "account", r.calendar.Account, "calendar", r.calendar.Name,
			"uids", o.UIDs, "name", name, "nearest", near)
	}
}
