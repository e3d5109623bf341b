package storetest

import (
	"errors"
	"fmt"
	"time"

	"calbell"
	"calbell/store"
)

// sameConflict reports whether two errors are the same conflict, or both none.
func sameConflict(a, b error) bool {
	for _, c := range []error{store.ErrBindingsChanged, store.ErrObjectChanged} {
		if errors.Is(a, c) != errors.Is(b, c) {
			return false
		}
	}
	return true
}

// state returns that of an account's bindings in a store, seldom one that is past. Each store numbers
// its states itself.
func (w *walk) state(s Store, account string, stale bool) store.BindingsState {
	w.k.Helper()
	_, state, err := s.Bindings(w.k.Context(), account)
	w.k.ok(err)
	if stale {
		state-- // that of before the last change, or of none
	}
	return state
}

func (w *walk) attach() error {
	a := store.Attachment{Account: w.pick("home", "work")}
	for range w.r.IntN(3) {
		b := bind(w.pick("1", "2", "3", "4")+"@"+a.Account, a.Account, w.pick("a", "b", "c"))
		b.Mute, b.MadeAt = w.chance(20), at(w.now)
		if w.chance(20) {
			b.GoneAt = at(w.now)
		}
		a.Put = append(a.Put, b)
	}
	if w.chance(40) {
		a.Remove = append(a.Remove, calbell.BindingID(w.pick("1", "2", "3", "4")+"@"+w.pick("home", "work")))
	}
	for range w.r.IntN(3) {
		p := w.object()
		p.Object.Calendar = calbell.CalendarID(w.calendar())
		if cur, err := w.m.Object(w.k.Context(), p.Object.Calendar, p.Object.Href); err == nil && w.chance(95) {
			p.Object.ETag, p.Object.Raw = cur.ETag, cur.Raw
		} else if w.chance(80) {
			continue
		}
		a.Plans = append(a.Plans, p)
	}
	stale := w.chance(10)
	what := fmt.Sprintf("attach %d, remove %v, plan %d, stale %v", len(a.Put), a.Remove, len(a.Plans), stale)
	return w.both(what, func(s Store) error {
		a.Bound = w.state(s, a.Account, stale)
		return s.Attach(w.k.Context(), a, at(w.now))
	})
}

func (w *walk) pause() error {
	p := calbell.Pause{Until: at(w.now + time.Duration(w.r.IntN(8)-2)*time.Minute), MadeAt: at(w.now)}
	p.Calendar = calbell.CalendarID(w.pick("", "team", "mine"))
	p.Webhook = calbell.WebhookID(w.pick("", "chat", "ops"))
	return w.both(fmt.Sprintf("pause %q %q", p.Calendar, p.Webhook), func(s Store) error {
		return s.SetPause(w.k.Context(), p, at(w.now))
	})
}
