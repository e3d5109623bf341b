package zone

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // whatever the machine has

	"calbell/ical/recur"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func wall(t testing.TB, s string) recur.Wall {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return recur.Wall(at.Unix())
}

// TestInstant is RFC 5545 §3.3.5: a reading that is skipped has the offset before, one
// that comes twice is the first.
func TestInstant(t *testing.T) {
	for _, tt := range []struct{ zone, reading, want string }{
		{"Europe/Zurich", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
		{"Europe/Zurich", "2026-03-29 02:00:00", "2026-03-29T01:00:00Z"},
		{"Europe/Zurich", "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"},
		{"Europe/Zurich", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},
		{"Europe/Zurich", "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"},
		{"Europe/Zurich", "2026-10-25 02:00:00", "2026-10-25T00:00:00Z"},
		{"Europe/Zurich", "2026-10-25 02:59:59", "2026-10-25T00:59:59Z"},
		{"Europe/Zurich", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08 02:30:00", "2026-03-08T07:30:00Z"},
		{"America/New_York", "2026-11-01 01:30:00", "2026-11-01T05:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03T15:45:00Z"},
		{"Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04T14:45:00Z"},
		{"America/Sao_Paulo", "2018-11-04 00:00:00", "2018-11-04T03:00:00Z"},
		{"America/Sao_Paulo", "2018-02-17 23:30:00", "2018-02-18T01:30:00Z"},
		{"Pacific/Apia", "2011-12-30 10:00:00", "2011-12-30T20:00:00Z"},
		{"Pacific/Apia", "2011-12-31 10:00:00", "2011-12-30T20:00:00Z"},
		{"Europe/Zurich", "1800-01-01 00:00:00", "1799-12-31T23:25:52Z"}, // local mean time
		{"Europe/Zurich", "2500-07-01 12:00:00", "2500-07-01T10:00:00Z"},
		{"UTC", "2026-03-29 02:30:00", "2026-03-29T02:30:00Z"},
	} {
		got := Instant(wall(t, tt.reading), location(t, tt.zone))
		if got.UTC().Format(time.RFC3339) != tt.want || got.Location().String() != tt.zone {
			t.Errorf("%s in %s: %v, want %s", tt.reading, tt.zone, got.UTC(), tt.want)
		}
	}
}

// offsets returns every offset that clocks in loc had or will have around the years that
// the tests use.
func offsets(loc *time.Location) map[int64]bool {
	all := map[int64]bool{}
	for at := time.Unix(-5e9, 0).In(loc); at.Unix() < 9e9; at = at.Add(20 * 24 * time.Hour) {
		_, o := at.Zone()
		all[int64(o)] = true
	}
	return all
}

// TestInstantIsFirst compares with trying every offset that the zone knows.
func TestInstantIsFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{
		"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
		"Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "Europe/Dublin", "Antarctica/Troll", "Asia/Pyongyang",
	} {
		loc := location(t, name)
		known := offsets(loc)
		clock := NewClock(loc)
		for range 20_000 {
			w := recur.Wall(random.Int64N(6e9) - 1e9)
			if at := time.Unix(int64(w), 0).In(loc); random.IntN(2) == 0 { // near a change
				if start, _ := at.ZoneBounds(); !start.IsZero() {
					w = Wall(start) + recur.Wall(random.Int64N(4*3600)-2*3600)
				}
			}
			got := clock.Unix(w)
			if alone := Instant(w, loc).Unix(); alone != got {
				t.Fatalf("%s %v: %d by a clock in use, %d by a new one", name, w, got, alone)
			}
			first, found := int64(0), false
			for o := range known {
				if u := int64(w) - o; Wall(time.Unix(u, 0).In(loc)) == w && (!found || u < first) {
					first, found = u, true
				}
			}
			if found && got != first {
				t.Fatalf("%s %v: %d, but it also reads so at %d", name, w, got, first)
			}
			if !found {
				skipped(t, w, got, loc)
			}
		}
	}
}

// skipped says that a reading that no instant has is taken with the offset before the change.
func skipped(t *testing.T, w recur.Wall, got int64, loc *time.Location) {
	t.Helper()
	at := time.Unix(got, 0).In(loc)
	start, _ := at.ZoneBounds()
	_, before := start.Add(-time.Second).Zone()
	if int64(w)-int64(before) != got || Wall(at) <= w {
		t.Fatalf("%v %v: %v does not have the offset before %v", loc, w, at, start)
	}
}

// TestEarliest says that no reading below the one returned means that instant or a later
// one, and that the one returned does.
func TestEarliest(t *testing.T) {
	for _, name := range []string{"Europe/Zurich", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"} {
		loc := location(t, name)
		clock := NewClock(loc)
		at := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC).In(loc)
		for range 30 {
			_, end := at.ZoneBounds()
			if end.IsZero() {
				break
			}
			for d := int64(-2 * 86400); d < 2*86400; d += 599 {
				u := end.Unix() + d
				w := clock.Earliest(u)
				if clock.Unix(w) < u {
					t.Fatalf("%s: %v means an instant before %d", name, w, u)
				}
				for below := w - 1; below > w-2*86400; below -= 1801 {
					if clock.Unix(below) >= u {
						t.Fatalf("%s: %v below %v means %d or later", name, below, w, u)
					}
				}
			}
			at = end
		}
	}
}

func TestClockWall(t *testing.T) {
	loc := location(t, "Europe/Zurich")
	clock := NewClock(loc)
	for u := int64(1774000000); u < 1800000000; u += 4321 {
		at := time.Unix(u, 0).In(loc)
		if got := clock.Wall(u); got != Wall(at) || got.Time().Format(time.DateTime) != at.Format(time.DateTime) {
			t.Fatalf("%v: %v", at, got)
		}
	}
}
