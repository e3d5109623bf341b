package daemon

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/api/types"
)

// welcome is a link that signs in as a user, once: the demo's.
type welcome struct {
	secret string
	user   calbell.User
	used   atomic.Bool
}

// Welcome makes an admin, and returns the path of the page that signs in as them, once, as long
// as this daemon lives; and the password for every time after. It is for the demo, whose data
// nobody keeps.
func (d *Daemon) Welcome(ctx context.Context, name string) (path, password string, err error) {
	w := &welcome{secret: rand.Text()}
	password = strings.ToLower(rand.Text()[:welcomeLength])
	n := types.NewUser{Name: name, Role: calbell.RoleAdmin, Password: password}
	if _, err := d.service.People.Add(ctx, calbell.LocalAdmin(), n, time.Now()); err != nil {
		return "", "", err
	}
	if w.user, err = d.store.Users().Get(ctx, name); err != nil {
		return "", "", err
	}
	d.front.welcome.Store(w)
	return "/welcome/" + w.secret, password, nil
}

// welcomeLength is how many letters its password has: nobody guesses sixty bits in a demo.
const welcomeLength = 12

// welcomed is whom a secret signs in; false when it was used, or is none.
func (f *front) welcomed(secret string) (calbell.User, bool) {
	w := f.welcome.Load()
	if w == nil || subtle.ConstantTimeCompare([]byte(w.secret), []byte(secret)) != 1 || !w.used.CompareAndSwap(false, true) {
		return calbell.User{}, false
	}
	return w.user, true
}
