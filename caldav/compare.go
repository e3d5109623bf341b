package caldav

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"calbell/caldav/transport"

	"calbell"
)

// apply turns a finding into batches: what is new or changed is fetched, what is gone is
// reported. The last batch carries the calendar's new state.
func (r *run) apply(ctx context.Context, f finding) error {
	todo, gone := f.members, f.gone
	var brake *BrakeError
	if len(f.members)+len(f.gone) > 0 || f.whole {
		if err := r.load(); err != nil {
			return err
		}
		if f.whole { // else the server says that they changed, whatever their ETags are
			todo = append(r.changed(f.members), r.unchangedOf(f.members, r.again)...)
		}
	}
	if !f.whole {
		gone = append(gone, r.respelt(f)...)
	}
	if f.whole {
		absent, twins := r.absent(f)
		confirmed, held, err := r.judge(ctx, absent)
		if err != nil {
			return err
		}
		brake, gone = held, slices.Concat(gone, twins, confirmed)
	}
	return r.finish(ctx, work{len(todo), func(ctx context.Context, from, to int, held *hold) (fetched, error) {
		return r.fetch(ctx, todo[from:to], held)
	}}, gone, f.whole, brake)
}

// work is what is to be fetched: so many objects, of which fetch returns those from one number to
// another, or the first of these.
type work struct {
	total int
	fetch func(ctx context.Context, from, to int, held *hold) (fetched, error)
}

// finish hands over what is to be done, and reports the brake.
func (r *run) finish(ctx context.Context, todo work, gone []calbell.Href, whole bool, brake *BrakeError) error {
	r.quiet = todo.total+len(gone) == 0
	if brake != nil {
		r.old.Brake, r.tell = r.cal.Brake, true // what else the run learnt about the calendar waits
	}
	if err := r.fetchAll(ctx, todo, gone, whole, brake == nil); err != nil {
		return err
	}
	if brake != nil {
		return r.explainBrake(brake)
	}
	return nil
}

// load asks the caller for what is stored, once.
func (r *run) load() error {
	if r.known != nil {
		return nil
	}
	known, err := r.ask()
	if err != nil {
		return &callerError{err}
	}
	if known == nil {
		known = map[calbell.Href]calbell.ETag{}
	}
	r.known = known
	return nil
}

// changed returns the members whose stored copy is missing or of another ETag.
func (r *run) changed(members []member) []member {
	var out []member
	for _, m := range members {
		if stored, ok := r.known[m.href]; !ok || !sameETag(stored, m.etag) {
			out = append(out, m)
		}
	}
	return out
}

// unchangedOf returns those of some members that a listing has with the ETags that are known.
func (r *run) unchangedOf(listing, some []member) (out []member) {
	for _, m := range some {
		if stored, ok := r.known[m.href]; ok && sameETag(stored, m.etag) && slices.Contains(listing, m) {
			out = append(out, m)
		}
	}
	return out
}

// absent returns the known hrefs that a whole listing neither has nor reports as gone,
// sorted. Twins are those of them that it has in another spelling.
func (r *run) absent(f finding) (absent, twins []calbell.Href) {
	named := make(map[calbell.Href]bool, len(f.members)+len(f.gone))
	for _, m := range f.members {
		named[m.href] = true
	}
	for _, h := range f.gone {
		named[h] = true
	}
	var spelt map[string]bool // made when needed: it costs an escape per member
	for h := range r.known {
		if named[h] {
			continue
		}
		if spelt == nil {
			spelt = spellings(f.members)
		}
		if spelt[canonical(h)] {
			twins = append(twins, h)
		} else {
			absent = append(absent, h)
		}
	}
	slices.Sort(absent)
	slices.Sort(twins)
	return absent, twins
}

// respelt returns the known hrefs that an answer about changes means by another spelling:
// what it reports as gone, and what comes back under the new one.
func (r *run) respelt(f finding) (old []calbell.Href) {
	odd := map[string]bool{}
	for _, h := range f.gone {
		if _, ok := r.known[h]; !ok {
			odd[canonical(h)] = true
		}
	}
	for _, m := range f.members {
		if _, ok := r.known[m.href]; !ok {
			odd[canonical(m.href)] = true
		}
	}
	if len(odd) == 0 {
		return nil
	}
	for h := range r.known {
		if odd[canonical(h)] {
			old = append(old, h)
		}
	}
	slices.Sort(old)
	return old
}

func spellings(members []member) map[string]bool {
	out := make(map[string]bool, len(members))
	for _, m := range members {
		out[canonical(m.href)] = true
	}
	return out
}

// fetchAll fetches what is to be done and hands it over batch by batch. whole and good say
// what the last batch may claim: that everything was compared, and that nothing is open.
func (r *run) fetchAll(ctx context.Context, todo work, gone []calbell.Href, whole, good bool) error {
	done := 0
	held := r.c.hold(r.url.Host)
	defer held.release()
	for {
		f, err := todo.fetch(ctx, done, min(done+r.c.o.Batch, todo.total), held)
		if err != nil {
			return err
		}
		done += f.done
		b := Batch{Calendar: r.old, Objects: f.objects, Deleted: f.gone, Done: done, Total: todo.total}
		last := done == todo.total
		if last {
			b.Deleted = append(b.Deleted, gone...)
		}
		if last && good {
			b.Last, b.Calendar = true, r.finished(whole)
		}
		if err := r.hand(b); err != nil {
			return err
		}
		held.release()
		if last {
			return nil
		}
	}
}

// hand gives a batch to the caller, unless it says nothing.
func (r *run) hand(b Batch) error {
	if !b.Last && len(b.Objects)+len(b.Deleted) == 0 && !r.tell {
		return nil
	}
	if err := r.yield(b); err != nil {
		return &callerError{err}
	}
	return nil
}

// finished returns the calendar with its new state.
func (r *run) finished(whole bool) calbell.Calendar {
	out := r.cal
	out.StatedToken, out.StatesToken = "", r.statesToken()
	if whole {
		out.ReconciledAt = r.now
	}
	// What could not be fetched is tried again soon, by a comparison.
	soon := r.now.Add(reconcileSoon - reconcileEvery)
	if r.troubled && out.ReconciledAt.After(soon) {
		out.ReconciledAt = soon
	}
	return out
}

// blame decides whether an error of one object is that object's own. It is when the
// calendar still answers; otherwise the calendar's error is returned.
func (r *run) blame(ctx context.Context, err error) error {
	status := transport.StatusOf(err)
	if status == http.StatusUnauthorized || status == http.StatusTooManyRequests || isBusy(err) || ctx.Err() != nil {
		return err
	}
	if errors.Is(err, transport.ErrTooLarge) {
		return nil
	}
	r.troubled = true
	_, alive := r.state(ctx)
	return alive
}

// problem describes an object whose text could not be had.
func (r *run) problem(m member, err error) calbell.Object {
	o := calbell.Object{Calendar: r.old.ID, Href: m.href}
	if errors.Is(err, transport.ErrTooLarge) {
		o.ETag = m.etag // asking again would not make it smaller
		o.Problem = calbell.T("caldav:text-larger-than-mib", "its text is larger than %d MiB", calbell.MaxObjectBytes>>20)
		return o
	}
	o.Problem = calbell.T("caldav:cannot-fetched", "cannot be fetched: %s", err)
	return o
}
