package service

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/service/eventindex"
)

var t0 = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestPassword(t *testing.T) {
	h := hashed("correct horse battery")
	if !strings.HasPrefix(h.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", h.Reveal())
	}
	if hashed("correct horse battery") == h {
		t.Error("no salt")
	}
	other := calbell.Secret("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$bF4CvnnPWFvkI6rM/s4HHzrvgcGXBnBYPnJpEXUcoRk")
	for _, tt := range []struct {
		name, hash, password string
		want                 bool
	}{
		{"right", h.Reveal(), "correct horse battery", true},
		{"wrong", h.Reveal(), "correct horse batterx", false},
		{"empty", h.Reveal(), "", false},
		{"nobody's", nobodysHash().Reveal(), "", false},
		{"no hash", "", "", false},
		{"other parameters", other.Reveal(), "another", false},
		{"another kind", "$2a$10$abc", "abc", false},
		{"too much memory", strings.Replace(h.Reveal(), "m=19456", "m=99999999", 1), "correct horse battery", false},
		{"no time", strings.Replace(h.Reveal(), "t=2", "t=0", 1), "correct horse battery", false},
		{"no threads", strings.Replace(h.Reveal(), "p=1", "p=0", 1), "correct horse battery", false},
		{"a hash of nothing", h.Reveal()[:strings.LastIndex(h.Reveal(), "$")+1], "correct horse battery", false},
	} {
		if got := isPassword(calbell.Secret(tt.hash), tt.password); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	for password, ok := range map[string]bool{
		"123456789": false, "1234567890": true, "äöüäöüäöü": false, "äöüäöüäöüä": true,
		strings.Repeat("x", maxPassword): true, strings.Repeat("x", maxPassword+1): false,
	} {
		if err := checkPassword("password", password); (err == nil) != ok {
			t.Errorf("%.20s: %v", password, err)
		}
	}
}

// Cursors are read as they were written, each by its own list, and nothing else is.
func TestCursors(t *testing.T) {
	for _, in := range []string{inUpcoming, inTried, inEnded} {
		m := deliveryMark{in, t0.Add(time.Nanosecond), "abc"}
		if got, err := markOf(m.cursor()); err != nil || *got != m {
			t.Errorf("%+v, %v", got, err)
		}
	}
	p := &eventindex.Place{Start: -5, Title: "Réunion", Event: "abc", Instance: "2026-12-01"}
	encoded := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, bad := range []string{"!", "bm8", encoded("40"), encoded("ended yesterday abc"), encoded("other 2026-11-23T09:00:00Z abc"), encoded("ended 2026-11-23T09:00:00Z a b"), p.Cursor()} {
		if _, err := markOf(bad); calbell.KindOf(err) != calbell.KindUsage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"!", "bm8", encoded("[]"), encoded(`{"s":"x"}`), encoded("40"), (deliveryMark{inEnded, t0, "abc"}).cursor()} {
		if _, err := eventindex.ParseCursor(bad); err == nil {
			t.Errorf("%q was read as a cursor of events", bad)
		}
	}
}

func TestSees(t *testing.T) {
	nobody, anna, bob, local := calbell.Caller{}, calbell.Caller{Name: "Anna", Admin: true}, calbell.Caller{Name: "Bob"}, calbell.LocalAdmin()
	for _, tt := range []struct {
		who   calbell.Caller
		owner string
		want  bool
	}{
		{nobody, "", false},
		{nobody, "Bob", false},
		{bob, "", false},
		{bob, "Bob", true},
		{bob, "bob", true},
		{bob, "Carol", false},
		{anna, "", true},
		{anna, "Anna", true},
		{anna, "Bob", false},
		{local, "", true},
		{local, "Bob", true},
	} {
		if got := sees(tt.who, tt.owner); got != tt.want {
			t.Errorf("%+v sees what is %q's: %v", tt.who, tt.owner, got)
		}
	}
	shared := calbell.Webhook{Owner: "Bob", WebhookSpec: calbell.WebhookSpec{Share: true}}
	if mayUse(nobody, shared) || !mayUse(anna, shared) || mayUse(anna, calbell.Webhook{Owner: "Bob"}) {
		t.Error("who may use a webhook")
	}
	if mayEdit(anna, "", calbell.OriginFile) || !mayEdit(anna, "", calbell.OriginStored) || mayEdit(bob, "", calbell.OriginStored) {
		t.Error("who may edit")
	}
}
