package syncer

import (
	"context"
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

// apply plans a batch and stores it with its plan, in one transaction.
func (r *syncRun) apply(ctx context.Context, b Batch) error {
	if err := r.admit(ctx, &b); err != nil {
		return err
	}
	if b.Last && r.allowance.refused > 0 { // the next sync finds the rest
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
		change.Calendar.SyncedAt, change.Calendar.FailingSince, change.Calendar.LastError = now.UTC(), time.Time{}, ""
		change.Calendar.Moved = false
		r.noteRead(&change.Calendar)
	}
	// With the first objects already: a sync that is broken off leaves a plan behind that a
	// changed configuration must notice.
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
			if p.Object.Problem != "" {
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

// maxMended is how many mended objects of a sync are logged one by one: a feed can make the
// same mistake in each of its events.
const maxMended = 20

// mend logs an object that was read otherwise than it is written.
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

// noteUnknown tells of names that an event says and no webhook has, once for each copy of the
// event: its reminders go where they would go without.
func (r *syncRun) noteUnknown(o calbell.Object, names []string) {
	for _, name := range names {
		near := calbell.Nearest(name, slices.Sorted(maps.Keys(r.policy.Usable(r.calendar.Account))))
		r.log.Warn("an event names a webhook that does not exist", "account", r.calendar.Account, "calendar", r.calendar.Name,
			"uids", o.UIDs, "name", name, "nearest", near)
	}
}
