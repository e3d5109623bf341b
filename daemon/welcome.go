package daemon

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"sync/atomic"
	"time"

	"calbell"
)

// welcome is a link that signs in as a user, once: the demo's.
type welcome struct {
	secret string
	user   calbell.User
	used   atomic.Bool
}

// Welcome makes an admin who has no password, and returns the path of the page that signs in as
// them, once, as long as this daemon lives. It is for the demo, whose data nobody keeps.
func (d *Daemon) Welcome(ctx context.Context, name string) (path string, err error) {
	now := time.Now()
	w := &welcome{secret: rand.Text(), user: calbell.User{Name: name, Role: calbell.RoleAdmin, Epoch: now.UnixNano(), MadeAt: now.UTC()}}
	if err := d.store.PutUser(ctx, w.user); err != nil {
		return "", err
	}
	d.welcome.Store(w)
	return "/welcome/" + w.secret, nil
}

// welcomed is whom a secret signs in; false when it was used, or is none.
func (d *Daemon) welcomed(secret string) (calbell.User, bool) {
	w := d.welcome.Load()
	if w == nil || subtle.ConstantTimeCompare([]byte(w.secret), []byte(secret)) != 1 || !w.used.CompareAndSwap(false, true) {
		return calbell.User{}, false
	}
	return w.user, true
}
