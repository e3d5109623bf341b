package service

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"calbell"
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

// TestTurns: so many hash at once, so many wait, and all others are sent away at once.
func TestTurns(t *testing.T) {
	d := newDoor().hashing
	var mu sync.Mutex
	now, most := 0, 0
	hold, entered := make(chan struct{}), make(chan struct{}, maxHashing)
	var all sync.WaitGroup
	for range maxHashing + maxWaiting {
		all.Go(func() {
			err := d.inTurn(t.Context(), func() {
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				select {
				case entered <- struct{}{}:
				default:
				}
				<-hold
				mu.Lock()
				now--
				mu.Unlock()
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for range maxHashing {
		<-entered
	}
	for len(d.waiting) < cap(d.waiting) { // the last ones are on their way
		<-time.After(time.Millisecond)
	}
	var e *calbell.Error
	if err := d.inTurn(t.Context(), func() { t.Error("one too many") }); !errors.As(err, &e) || e.RetryAfter == 0 {
		t.Errorf("beyond all: %v", err)
	}
	close(hold)
	all.Wait()
	if most != maxHashing {
		t.Errorf("%d at once", most)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.running <- struct{}{}
	d.running <- struct{}{}
	cancel()
	if err := d.inTurn(ctx, func() { t.Error("nobody waits any more") }); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up: %v", err)
	}
}

func TestAttempts(t *testing.T) {
	here, there := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	tries := func(d *door, from netip.Addr, name string, now time.Time, n int) (let int) {
		for i := range n {
			if _, err := d.attempt(from, fmt.Sprintf(name, i), now); err == nil {
				let++
			}
		}
		return let
	}
	d := newDoor()
	if got := tries(d, here, "guess%d", t0, 100); got != addressBurst {
		t.Errorf("%d from one address", got)
	}
	if got := tries(d, there, "other%d", t0, 1); got != 1 {
		t.Error("another address waits, too")
	}
	if got := tries(d, here, "guess%d", t0.Add(addressPause), 5); got != 1 {
		t.Errorf("%d after a pause", got)
	}
	d = newDoor()
	let := 0
	for i := range 100 { // from everywhere for one name, in any spelling
		from := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		let += tries(d, from, []string{"Anna%.0d", " ANNA %.0d"}[i%2], t0, 1)
	}
	if let != nameBurst {
		t.Errorf("%d for one name", let)
	}
	d = newDoor()
	for range 100 { // who knows the password is never shut out
		giveBack, err := d.attempt(here, "anna", t0)
		if err != nil {
			t.Fatal(err)
		}
		giveBack()
	}
	d = newDoor()
	six := func(host byte) netip.Addr { return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: host}) }
	let = 0
	for i := range 100 {
		let += tries(d, six(byte(i)), fmt.Sprint("six", i, "-%d"), t0, 1)
	}
	if let != addressBurst {
		t.Errorf("%d from one household", let)
	}
}

// TestBucketsAreBounded: whoever comes from everywhere fills no memory.
func TestBucketsAreBounded(t *testing.T) {
	b := newBuckets(time.Minute, 3)
	for i := range 3 * maxBuckets {
		if r, _ := b.take(fmt.Sprint(i), t0); r == nil {
			t.Fatalf("the first of %d waits", i)
		}
		if len(b.all) > maxBuckets {
			t.Fatalf("%d buckets", len(b.all))
		}
	}
	for range 3 { // those who were there lately are forgotten last
		b.take("guesser", t0.Add(time.Hour))
	}
	for i := range maxBuckets / 2 {
		b.take(fmt.Sprint("new", i), t0.Add(time.Hour))
	}
	if r, _ := b.take("guesser", t0.Add(time.Hour)); r != nil {
		t.Error("the guesser was forgotten while there was room")
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
	p := &place{Start: -5, Title: "Réunion", Event: "abc", Instance: "2026-12-01"}
	if got, err := placeOf(p.cursor()); err != nil || *got != *p {
		t.Errorf("%+v, %v", got, err)
	}
	encoded := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, bad := range []string{"!", "bm8", encoded("40"), encoded("ended yesterday abc"), encoded("other 2026-11-23T09:00:00Z abc"), encoded("ended 2026-11-23T09:00:00Z a b"), p.cursor()} {
		if _, err := markOf(bad); calbell.KindOf(err) != calbell.KindUsage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"!", "bm8", encoded("[]"), encoded(`{"s":"x"}`), encoded("40"), (deliveryMark{inEnded, t0, "abc"}).cursor()} {
		if _, err := placeOf(bad); calbell.KindOf(err) != calbell.KindUsage {
			t.Errorf("%q: %v", bad, err)
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
	shared := calbell.Webhook{Owner: "Bob", Share: true}
	if mayUse(nobody, shared) || !mayUse(anna, shared) || mayUse(anna, calbell.Webhook{Owner: "Bob"}) {
		t.Error("who may use a webhook")
	}
	if mayEdit(anna, "", calbell.OriginFile) || !mayEdit(anna, "", calbell.OriginStored) || mayEdit(bob, "", calbell.OriginStored) {
		t.Error("who may edit")
	}
}

// One user searches for calendars twice at a time, and all users together have places for some
// more: the others are refused at once and told when to come back. The command line is not among
// them.
func TestDiscoveriesAtATime(t *testing.T) {
	d := newDoor()
	var leaves []func()
	enter := func(name string) bool {
		leave, err := d.discover(calbell.Caller{Name: name})
		var told *calbell.Error
		if err != nil && (!errors.As(err, &told) || told.Kind != calbell.KindNotAllowed || told.RetryAfter <= 0) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			leaves = append(leaves, leave)
		}
		return err == nil
	}
	for range maxDiscoveriesEach {
		if !enter("Bob") {
			t.Fatal("no place for the first ones")
		}
	}
	if enter("bob") {
		t.Error("more places than one user may have")
	}
	for i := 0; len(leaves) < maxDiscoveries; i++ {
		if !enter(fmt.Sprintf("user%d", i/maxDiscoveriesEach)) {
			t.Fatalf("no place although %d are taken", len(leaves))
		}
	}
	if enter("anna") {
		t.Error("more places than there are")
	}
	if _, err := d.discover(calbell.Caller{Name: "root", Local: true}); err != nil {
		t.Errorf("the command line: %v", err)
	}
	for _, leave := range leaves {
		leave()
	}
	if !enter("anna") || len(d.discoveries) != 1 || d.discovering != 1 {
		t.Errorf("places are not given back: %v, %d", d.discoveries, d.discovering)
	}
}
