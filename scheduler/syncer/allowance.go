package syncer

import (
	"context"

	"calbell"
)

// allowance is the storage that the calendars of one owner use, and its limits: servers of
// users send data that fills everybody's disk and memory. Calendars without an owner are not
// limited.
type allowance struct {
	known   bool
	objects int
	bytes   int64
	refused int // objects of this sync that are not stored
}

// admit removes objects from a batch that exceed its owner's limits. A stored event stays up to
// date as long as it does not grow much: otherwise it would remind at its old time.
func (r *syncRun) admit(ctx context.Context, b *Batch) error {
	owner := r.policy.OwnerOf(r.calendar.Account)
	if owner == "" || len(b.Objects) == 0 {
		return nil
	}
	a := &r.allowance
	size := int64(0)
	for _, o := range b.Objects {
		size += int64(len(o.Raw))
	}
	// A replaced object counts twice until the store is measured again.
	if !a.known || !a.holds(len(b.Objects), size) {
		if err := r.measure(ctx, owner); err != nil {
			return err
		}
	}
	var kept []calbell.Object
	for _, o := range b.Objects {
		ok := a.holds(1, int64(len(o.Raw)))
		if !ok {
			var err error
			if ok, err = r.replaces(ctx, o); err != nil {
				return err
			}
		}
		if !ok {
			a.refused++
			continue
		}
		a.objects, a.bytes = a.objects+1, a.bytes+int64(len(o.Raw))
		kept = append(kept, o)
	}
	b.Objects = kept
	return nil
}

// holds reports whether there is room for more.
func (a *allowance) holds(objects int, bytes int64) bool {
	return a.objects+objects <= calbell.MaxOwnObjects && a.bytes+bytes <= calbell.MaxOwnObjectBytes
}

// measure reads from the store how much the calendars of an owner use. Its cost grows with
// that.
func (r *syncRun) measure(ctx context.Context, owner string) error {
	calendars, err := r.store.CalendarsOf(ctx, r.policy.AccountsOf(owner)...)
	if err != nil {
		return err
	}
	a := &r.allowance
	a.known, a.objects, a.bytes = true, 0, 0
	for _, c := range calendars {
		objects, bytes, err := r.store.Usage(ctx, c.ID)
		if err != nil {
			return err
		}
		a.objects, a.bytes = a.objects+objects, a.bytes+bytes
	}
	return nil
}

// replaces reports whether an object is stored already and may get its new text.
func (r *syncRun) replaces(ctx context.Context, o calbell.Object) (bool, error) {
	old, err := r.store.Object(ctx, r.calendar.ID, o.Href)
	if calbell.IsNotFound(err) {
		return false, nil
	}
	return err == nil && len(o.Raw) <= max(len(old.Raw), calbell.MaxGrownObject), err
}

// full is the error for a sync that could not store everything.
func (r *syncRun) full() error {
	return &calbell.Error{
		Kind: calbell.KindFailed,
		What: calbell.T("syncer:calendar-events-not-stored", "calendar %q: %d events are not stored, for the calendars of one user may hold %d events and %d MB", r.calendar.Name, r.allowance.refused, calbell.MaxOwnObjects, calbell.MaxOwnObjectBytes>>20),
		Hint: calbell.T("syncer:allowance-step", "remove calendars or accounts that are not needed"),
	}
}
