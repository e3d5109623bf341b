package caldavtest

import (
	"cmp"
	"context"
	"fmt"

	"calbell"
)

// Site is a server with two empty calendars, for one run of the suite.
type Site struct {
	// Account signs in; its URL is the server's root.
	Account calbell.Account
	// Calendar is the absolute URL of the calendar, with a slash at the end, and Other that
	// of a second one.
	Calendar, Other string
	// Name is the first one's displayname.
	Name string
	// Level is the sync level that the server is known to reach.
	Level calbell.SyncLevel
	// Repeats: what it says has changed may be what it said before.
	Repeats bool

	// Seconds: its tokens and CTags are times in seconds, so that two changes within one are not told
	// apart. Every sync waits for the next one.
	Seconds bool
	// Overwrites: it heeds no more than the version of an object that it has. It writes over one where a
	// new one was to be made (If-None-Match: *), and makes one anew where an old one was to be written over.
	Overwrites bool
	// Lacks has the reason for each test of the suite, by its name, that the server cannot pass.
	// What only such a test needs of the functions below may be nil.
	Lacks map[string]string

	// Broken stores a text that no calendar program can read, under a name in Calendar; servers
	// should refuse such texts. nil when there is no way around the refusal.
	Broken func(name, text string)
	// Keep makes a backup of the server, and Restore puts it back.
	Keep, Restore func()
	// Move moves the object with a name from Calendar to Other.
	Move func(name string)
	// Rename gives Calendar another displayname.
	Rename func(name string)
	// Remove deletes Calendar with all that is in it.
	Remove func()
	// Share makes a calendar of another person's that the account may read.
	Share func() Shared
}

// Shared is a calendar that belongs to somebody else than the account.
type Shared struct {
	// URL is its absolute URL, with a slash at the end.
	URL string
	// Owner is the last part of its owner's principal, such as "bob".
	Owner string
	// Put has its owner store an object in it.
	Put func(name, text string)
}

// SiteOf makes a site of two calendars that a running server has already.
func (r *Real) SiteOf(t TB, name, calendar, other string, level calbell.SyncLevel) Site {
	do := func(f func(context.Context) error) func() {
		return func() {
			t.Helper()
			if err := f(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := Site{
		Account:  calbell.Account{Name: "home", URL: r.URL, Username: r.User, Password: calbell.Secret(r.Password)},
		Calendar: calendar, Other: other, Name: name, Level: level,
		Repeats: r.repeats, Seconds: r.seconds, Overwrites: r.overwrites, Lacks: r.lacks,
		Keep: do(r.Keep), Restore: do(r.Restore),
		Remove: do(func(ctx context.Context) error { return r.Delete(ctx, calendar) }),
		Rename: func(to string) {
			do(func(ctx context.Context) error { return r.Rename(ctx, calendar, to) })()
		},
		Move: func(name string) {
			do(func(ctx context.Context) error { return r.Move(ctx, calendar+name, other+name) })()
		},
	}
	if r.other != nil {
		s.Share = func() (out Shared) {
			do(func(ctx context.Context) (err error) { out, err = r.addShared(ctx, t); return err })()
			return out
		}
	}
	return s
}

// addShared makes a calendar of the second person's that the first may read.
func (r *Real) addShared(ctx context.Context, t TB) (Shared, error) {
	p := r.other
	p.calendars++
	name := fmt.Sprintf("shared%d/", p.calendars)
	url, seen := p.home+name, cmp.Or(p.seen, p.home)+name
	if err := do(ctx, p.credentials, "MKCOL", url, "application/xml; charset=utf-8", mkcolBody("Shared")); err != nil {
		return Shared{}, err
	}
	put := func(name, text string) {
		t.Helper()
		if err := do(t.Context(), p.credentials, "PUT", url+name, "text/calendar; charset=utf-8", text); err != nil {
			t.Fatal(err)
		}
	}
	return Shared{URL: seen, Owner: p.user, Put: put}, r.share(ctx, url)
}
