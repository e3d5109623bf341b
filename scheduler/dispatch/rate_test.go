package dispatch

import (
	"testing"
	"time"
)

// A bucket starts full, gives its burst at once and after that one post each time that the rate
// allows one; next is when.
func TestBucketSpendsItsBurstThenItsRate(t *testing.T) {
	b, now := newBucket(0.5, 3), noon
	for spent := range 3 {
		if got := b.room(now, 10); got != 3-spent {
			t.Fatalf("after %d posts there is room for %d", spent, got)
		}
		b.take(now)
	}
	for range 100 { // each on the instant that the bucket named
		next := b.next(now)
		if early := next.Add(-10 * time.Millisecond); b.room(now, 10) != 0 || b.room(early, 10) != 0 {
			t.Fatalf("room before %v, which is to be the next", next)
		}
		if wait := next.Sub(now); wait < 1990*time.Millisecond || wait > 2010*time.Millisecond {
			t.Fatalf("the next post may be made after %v", wait)
		}
		if got := b.room(next, 10); got != 1 {
			t.Fatalf("room for %d at the instant that is the next", got)
		}
		now = next
		b.take(now)
	}
	if b.full(now.Add(5*time.Second)) || !b.full(now.Add(7*time.Second)) {
		t.Error("it is full when nothing was spent for the time that its burst takes")
	}
}

// To ask for the next post spends nothing, however often it is asked.
func TestBucketIsAskedWithoutCost(t *testing.T) {
	b := newBucket(1, 2)
	b.take(noon)
	b.take(noon)
	want := b.next(noon)
	for range 1000 {
		if got := b.next(noon); !got.Equal(want) {
			t.Fatalf("the next post moved from %v to %v", want, got)
		}
	}
	if got := b.room(noon.Add(2*time.Second), 10); got != 2 {
		t.Errorf("room for %d after two seconds", got)
	}
}

// A clock that is set back adds nothing, and does not stop the posts until it is where it was.
func TestBucketAndAClockSetBack(t *testing.T) {
	b := newBucket(1, 5)
	for range 5 {
		b.take(noon)
	}
	back := noon.Add(-time.Hour)
	if got := b.room(back, 10); got != 0 {
		t.Errorf("the clock added %d posts by going back", got)
	}
	if got := b.next(back); got.After(back.Add(1010 * time.Millisecond)) {
		t.Errorf("the next post may be made %v after the clock was set back", got.Sub(back))
	}
	if got := b.room(back.Add(3*time.Second), 10); got != 3 {
		t.Errorf("room for %d three seconds after the clock was set back", got)
	}
}

// A changed rate or burst keeps what was spent; one that was removed and set again starts full.
func TestBucketKeepsWhatWasSpent(t *testing.T) {
	b := newBucket(1, 10)
	for range 9 {
		b.take(noon)
	}
	b.set(2, 4, noon)
	if got := b.room(noon, 10); got != 1 {
		t.Errorf("room for %d after the rate changed, 1 was left", got)
	}
	if got := b.room(noon.Add(time.Second), 10); got != 3 {
		t.Errorf("room for %d a second later, at two a second", got)
	}
	if got := b.room(noon.Add(time.Hour), 10); got != 4 {
		t.Errorf("room for %d in the end, the burst is 4", got)
	}
	b.take(noon.Add(time.Hour))
	b.set(0, 0, noon.Add(time.Hour))
	if got := b.room(noon.Add(time.Hour), 1000); got != 1000 || !b.full(noon) || !b.next(noon).Equal(noon) {
		t.Errorf("room for %d without a limit", got)
	}
	b.set(1, 3, noon.Add(time.Hour))
	if got := b.room(noon.Add(time.Hour), 10); got != 3 {
		t.Errorf("room for %d when the limit is back", got)
	}
}

// A rate so low that the next post is centuries away is waited for, not overflown.
func TestBucketAtTheSlowestRate(t *testing.T) {
	b := newBucket(1e-300, 1)
	b.take(noon)
	if next := b.next(noon); next.Before(noon.AddDate(100, 0, 0)) || b.room(noon.AddDate(50, 0, 0), 1) != 0 {
		t.Errorf("the next post may be made at %v", next)
	}
}
