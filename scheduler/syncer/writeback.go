package syncer

import (
	"context"
	"errors"
	"slices"
	"time"

	"calbell"
	"calbell/ical/edit"
	"calbell/scheduler/plan"
)

// Writer is a Remote that can write objects too.
type Writer interface {
	// Put writes an object over the version with the tag ifMatch. When the server holds another
	// one by now the error has calbell.ErrChangedThere in its chain, and nothing was written.
	Put(ctx context.Context, c calbell.Calendar, href calbell.Href, raw []byte, ifMatch calbell.ETag) error
}

// maxWrites bounds the objects that one sync writes; the next goes on.
const maxWrites = 100

// writeBack puts what people attached into the events themselves, where the account wants
// that, and takes out what they took back. Each event is written over the version that is
// known, and all but the alarms and the line ends stays as it is. What cannot be written stays
// with Calbell, which reminds of it all the same.
func (s *Syncer) writeBack(ctx context.Context, remote Remote, account calbell.Account) error {
	w, ok := remote.(Writer)
	if !ok || !account.WriteBack {
		return nil
	}
	list, _, err := s.store.Bindings(ctx, account.Key())
	if err != nil {
		return err
	}
	writes := 0
	for uid, bs := range plan.BindingsOf(list)[account.Key()] {
		if writes == maxWrites || !wantsWriting(bs) {
			continue
		}
		writes++
		if err := s.writeEvent(ctx, w, account.Key(), uid, bs); err != nil {
			return err
		}
	}
	return nil
}

// wantsWriting reports whether any of an event's bindings is to be put into it, or out of it.
func wantsWriting(bs []calbell.Binding) bool {
	for _, b := range bs {
		if b.Writable() && b.WrittenAt.IsZero() && b.WriteError.IsZero() {
			return true
		}
	}
	return false
}

// writeEvent writes the bindings of one event into the objects that hold it. While there is
// none it is left to a later sync.
func (s *Syncer) writeEvent(ctx context.Context, w Writer, account string, uid calbell.UID, bs []calbell.Binding) error {
	objects, err := s.store.ObjectsByUID(ctx, uid)
	if err != nil {
		return err
	}
	policy := s.policy()
	seen, theirs, reason := false, false, calbell.Text{}
	for _, o := range objects {
		c, err := s.store.Calendar(ctx, o.Calendar)
		switch {
		case err != nil:
			return err
		case c.Account != account, c.Unlisted: // credentials are not for where it was
			continue
		case policy.SwitchedOff(c): // everybody who has that calendar would get the alarm
			theirs = true
			continue
		}
		seen = true
		if c.ReadOnly || c.Level == calbell.LevelFile {
			reason = calbell.T("syncer:read-only", "nobody may write to its calendar")
			continue
		}
		failed, err := s.writeObject(ctx, w, c, o, bs)
		switch {
		case err != nil || errors.Is(failed, calbell.ErrChangedThere):
			return err // what was changed comes with the next sync, and is written then
		case failed != nil:
			reason = calbell.TextOfError(failed)
		}
	}
	switch {
	case !seen && theirs:
		reason = plan.OffReason
	case !seen:
		return nil
	}
	return s.noteWritten(ctx, account, bs, reason)
}

// writeObject writes the bindings of one event, of which there is at least one, into an object. failed is why the server, or the text, does not take it; err
// that the server cannot be reached, and it is to be tried again.
func (s *Syncer) writeObject(ctx context.Context, w Writer, c calbell.Calendar, o calbell.Object, bs []calbell.Binding) (failed, err error) {
	add, remove := patches(bs)
	raw, failed := edit.PatchAlarms(o.Raw, bs[0].UID, add, remove)
	if failed != nil || string(raw) == string(o.Raw) {
		return failed, nil
	}
	if !o.Problem.IsZero() || o.ETag == "" {
		return calbell.Errorf("syncer:event-cannot-read-server", "the event cannot be read as it is at the server"), nil
	}
	err = w.Put(ctx, c, o.Href, raw, o.ETag)
	switch {
	case errors.Is(err, calbell.ErrChangedThere), calbell.KindOf(err) == calbell.KindRefused, calbell.KindOf(err) == calbell.KindNotAllowed:
		return err, nil
	case err == nil:
		s.log.Info("reminders written into an event", "account", c.Account, "calendar", c.Name, "href", o.Href)
	}
	return nil, err
}

// patches are the alarms to be put into an event, and taken out of it.
func patches(bs []calbell.Binding) (add []edit.AlarmPatch, remove []calbell.BindingID) {
	for _, b := range bs {
		switch {
		case !b.Writable():
		case b.Removed:
			remove = append(remove, b.ID)
		default:
			add = append(add, edit.AlarmPatch{Binding: b.ID, Lead: b.Lead, Webhooks: []string{string(b.Webhook)}})
		}
	}
	return add, remove
}

// noteWritten notes that the bindings of an event were written, or why not. What was taken back
// is forgotten, unless its alarm may still be in the event, where it would name its webhook.
func (s *Syncer) noteWritten(ctx context.Context, account string, wrote []calbell.Binding, reason calbell.Text) error {
	return s.Attach(ctx, account, func(old []calbell.Binding) (put []calbell.Binding, remove []calbell.BindingID, _ error) {
		for _, b := range old {
			was := func(w calbell.Binding) bool { return w.ID == b.ID && w.Removed == b.Removed }
			switch {
			case !b.Writable() || !slices.ContainsFunc(wrote, was):
			case b.Removed && reason.IsZero():
				remove = append(remove, b.ID)
			case !reason.IsZero() && b.WriteError != reason:
				b.WriteError = reason
				put = append(put, b)
			case reason.IsZero() && b.WrittenAt.IsZero():
				b.WrittenAt, b.WriteError = time.Now().UTC(), calbell.Text{}
				put = append(put, b)
			}
		}
		return put, remove, nil
	})
}
