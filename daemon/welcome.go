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

// welcome is the demo's link, which signs in as a user once.
type welcome struct {
	secret string
	user   calbell.User
	used   atomic.Bool
}

// Welcome creates an admin for the demo. It returns the path of a page that signs in as
// them, once, while this daemon runs, and the password for later sign-ins.
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

// welcomeLength is the number of letters of the password: sixty bits, enough for a demo.
const welcomeLength = 12

// welcomed returns the user whom a secret signs in; false when it is wrong or was used.
func (f *front) welcomed(secret string) (calbell.User, bool) {
	w := f.welcome.Load()
	if w == nil || subtle.ConstantTimeCompare([]byte(w.secret), []byte(secret)) != 1 || !w.used.CompareAndSwap(false, true) {
		return calbell.User{}, false
	}
	return w.user, true
}
