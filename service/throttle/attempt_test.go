package throttle

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"calbell"
)

var (
	t0       = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	errWrong = errors.New("wrong")
)

// from is a peer at an address, in a browser that is not known.
func from(address string) calbell.Peer { return calbell.Peer{Addr: netip.MustParseAddr(address)} }

// fails makes a sign-in that is judged wrong, and reports whether it was let through.
func fails(d *Throttle, p calbell.Peer, name string, now time.Time) bool {
	a, err := d.SignIn(p, name, now)
	if err != nil {
		return false
	}
	a.judged = true
	a.End(errWrong)
	return true
}

// guesses is how many of n wrong sign-ins at one instant are let through.
func guesses(d *Throttle, p calbell.Peer, name string, now time.Time, n int) (let int) {
	for range n {
		if fails(d, p, name, now) {
			let++
		}
	}
	return let
}

// perDay guesses each ten seconds for a day, the nth time from who(n), and counts what is let
// through.
func perDay(d *Throttle, who func(n int) calbell.Peer, name string) (let int) {
	for n := range 24 * 60 * 6 {
		if fails(d, who(n), name, t0.Add(time.Duration(n)*10*time.Second)) {
			let++
		}
	}
	return let
}

func TestLimitsOfWrongSignIns(t *testing.T) {
	d := New()
	for i := range 2 * addressBurst { // from one network for any names
		if got, want := fails(d, from("192.0.2.1"), fmt.Sprint("guess", i), t0), i < addressBurst; got != want {
			t.Fatalf("try %d from one address: %v", i, got)
		}
	}
	if !fails(d, from("192.0.2.2"), "other", t0) {
		t.Error("another address waits, too")
	}
	if got := guesses(d, from("192.0.2.1"), "other", t0.Add(addressPause), 5); got != 1 {
		t.Errorf("%d after a pause", got)
	}
	d = New()
	for i := range 3 * addressBurst { // a household has a /64
		if got, want := fails(d, from(fmt.Sprintf("2001:db8::%x", i)), fmt.Sprint("guess", i), t0), i < addressBurst; got != want {
			t.Fatalf("try %d from one household: %v", i, got)
		}
	}
	d = New()
	let := 0
	for i := range 200 { // for one name in any spelling, from one /24
		let += guesses(d, from(fmt.Sprintf("198.51.100.%d", i)), []string{"Anna", " ANNA "}[i%2], t0, 1)
	}
	if let != nearBurst {
		t.Errorf("%d for one name from one /24", let)
	}
	d = New()
	let = 0
	for i := range 200 { // and from everywhere
		let += guesses(d, from(fmt.Sprintf("198.51.%d.1", i)), "anna", t0, 1)
	}
	if let != nameBurst {
		t.Errorf("%d for one name", let)
	}
	d = New()
	for i := range 30 { // each address of a private network, or of this machine, is a person's
		if !fails(d, from(fmt.Sprintf("192.168.1.%d", i)), "anna", t0) || !fails(d, from(fmt.Sprintf("127.0.0.%d", i+1)), "anna", t0) {
			t.Fatal("neighbours in a private network share a limit")
		}
	}
}

// The documents name these numbers.
func TestGuessesPerDay(t *testing.T) {
	for _, tt := range []struct {
		name string
		who  func(n int) calbell.Peer
		most int
	}{
		{"one address", func(int) calbell.Peer { return from("198.51.100.1") }, 730},
		{"a /24", func(n int) calbell.Peer { return from(fmt.Sprintf("198.51.100.%d", n%256)) }, 730},
		{"everywhere", func(n int) calbell.Peer { return from(fmt.Sprintf("%d.51.%d.1", 60+n%100, n%256)) }, 4420},
		{"a known browser", func(int) calbell.Peer { return calbell.Peer{Browser: "b"} }, 4330},
	} {
		if got := perDay(New(), tt.who, "anna"); got > tt.most || got < tt.most-5 {
			t.Errorf("%s: %d guesses a day, want %d", tt.name, got, tt.most)
		}
	}
}

// A guesser, for however long, keeps the user out nowhere else; a crowd from everywhere does not
// keep out browsers that are known; and neither keeps anybody from changing the password.
func TestNobodyIsKeptOut(t *testing.T) {
	d := New()
	for n := range 24 * 60 * 6 {
		now := t0.Add(time.Duration(n) * 10 * time.Second)
		fails(d, from("198.51.100.1"), "anna", now)
		if n%60 != 0 {
			continue
		}
		if a, err := d.SignIn(from("203.0.113.5"), "Anna", now); err != nil {
			t.Fatalf("after %d s: %v", 10*n, err)
		} else {
			a.End(nil)
		}
	}
	d = New()
	for i := range 500 {
		fails(d, from(fmt.Sprintf("60.51.%d.1", i%250)), "anna", t0)
	}
	if _, err := d.SignIn(from("203.0.113.5"), "anna", t0); !throttled(err) {
		t.Errorf("the limit of the name: %v", err)
	}
	mine := calbell.Peer{Addr: netip.MustParseAddr("60.51.1.1"), Browser: "mine"}
	for range 100 {
		a, err := d.SignIn(mine, "anna", t0)
		if err != nil || !a.known {
			t.Fatalf("a known browser: %+v, %v", a, err)
		}
		a.judged = true
		a.End(nil)
	}
	if got := guesses(d, mine, "anna", t0, 30); got != browserBurst {
		t.Errorf("%d guesses from a known browser", got)
	}
	if _, err := d.SignIn(calbell.Peer{Browser: "another"}, "anna", t0); err != nil {
		t.Errorf("another known browser: %v", err)
	}
	for _, who := range []calbell.Caller{{Name: "Anna"}, {Name: "Anna", Token: "t"}} {
		let := 0
		for range 2 * presentBurst {
			if a, err := d.Present(who, t0); err == nil {
				a.judged = true
				a.End(errWrong)
				let++
			}
		}
		if let != presentBurst {
			t.Errorf("%+v gives %d wrong present passwords", who, let)
		}
	}
}

// Only what was judged wrong counts: a right password, or no answer for lack of a place, costs
// nothing.
func TestAttemptsThatCostNothing(t *testing.T) {
	d := New()
	for i := range 300 {
		a, err := d.SignIn(from("192.0.2.1"), "anna", t0)
		if err != nil {
			t.Fatalf("try %d: %+v, %v", i, a, err)
		}
		if a.judged = i%2 == 0; a.judged {
			a.End(nil)
		} else {
			a.End(TooMany(time.Second))
		}
	}
	for range 300 { // and so does what is refused
		guesses(d, from("192.0.2.1"), "anna", t0, 1)
	}
	if got := guesses(d, from("192.0.2.1"), "bob", t0, 30); got != addressBurst-nearBurst {
		t.Errorf("%d are left for other names", got)
	}
}

// A network that comes again and again has its turn after one that comes once, also when it was
// turned away each time; so has one that failed half a minute ago. After a while each is like a new
// one.
func TestRanks(t *testing.T) {
	d := New()
	rank := func(p calbell.Peer, now time.Time, failed bool) float64 {
		a, err := d.SignIn(p, "anna", now)
		if err != nil {
			t.Fatal(err)
		}
		a.judged = failed
		a.End(errWrong)
		return a.rank
	}
	newcomer := rank(from("203.0.113.5"), t0, false)
	for i := range 50 {
		if got := rank(from("198.51.100.1"), t0, false); got != newcomer+float64(i) {
			t.Fatalf("rank %v of try %d", got, i)
		}
	}
	if got := rank(from("203.0.113.5"), t0.Add(arrivalPause), true); got != newcomer {
		t.Errorf("rank %v after a while", got)
	}
	if got := rank(from("203.0.113.5"), t0.Add(arrivalPause+20*time.Second), false); got <= newcomer {
		t.Errorf("rank %v of a network that failed", got)
	}
	if got := rank(from("203.0.113.5"), t0.Add(5*time.Minute), false); got != newcomer {
		t.Errorf("rank %v long after", got)
	}
	if first, second := rank(calbell.Peer{Browser: "b"}, t0, false), rank(calbell.Peer{Browser: "b"}, t0, false); first != newcomer || second <= first {
		t.Errorf("ranks %v, %v of a browser", first, second)
	}
}

// TestBucketsAreBounded: names and networks without number fill no memory, and push out no limit
// that is in use.
func TestBucketsAreBounded(t *testing.T) {
	b := newBuckets(time.Hour, 3)
	for range 3 {
		b.take("guesser", t0)
	}
	for i := range 3 * maxBuckets {
		if r, _, _ := b.take(fmt.Sprint(i), t0); r == nil {
			t.Fatalf("the first of %d waits", i)
		}
		if len(b.all) > maxBuckets {
			t.Fatalf("%d buckets", len(b.all))
		}
	}
	if r, _, wait := b.take("guesser", t0); r != nil || wait != time.Hour {
		t.Errorf("the limit was forgotten, or is to wait %v", wait)
	}
}
