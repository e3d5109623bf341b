package dispatch

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"calbell"
	"calbell/scheduler/plan"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func due(end time.Duration) calbell.Reminder {
	return calbell.Reminder{ID: "id", Webhook: "team", Due: noon, Start: noon, End: noon.Add(end)}
}

func TestDecide(t *testing.T) {
	suspended := calbell.WebhookState{SuspendedAt: noon.Add(-time.Hour), ProbeAt: noon.Add(-time.Minute), Reason: calbell.T("dispatch:answer", "answer %d", 404)}
	refusedOnce := calbell.WebhookState{RefusedAt: noon.Add(-time.Minute), RefusedSince: noon.Add(-time.Minute), Reason: calbell.T("dispatch:answer", "answer %d", 404)}
	suspendedNow := calbell.WebhookState{
		SuspendedAt: noon, RefusedSince: refusedOnce.RefusedSince, ProbedAt: noon, ProbeAt: noon.Add(2 * time.Minute), Reason: calbell.T("dispatch:answer", "answer %d", 404),
	}
	lostTries := func(n int) []calbell.Try { return slices.Repeat([]calbell.Try{{Verdict: calbell.Unknown}}, n) }
	lostBefore := calbell.WebhookState{LostSince: noon.Add(-time.Minute)}
	outage := func(since, seen time.Duration) calbell.WebhookState {
		return calbell.WebhookState{OutageSince: noon.Add(-since), OutageSeen: noon.Add(-seen)}
	}
	try := func(v calbell.Verdict, status int) calbell.Try { return calbell.Try{Verdict: v, Status: status} }
	rest := calbell.Try{Verdict: calbell.RefusedForNow, Status: 429, RetryAfter: 10 * time.Hour}
	for _, tt := range []struct {
		name     string
		try      calbell.Try
		attempts int
		tries    []calbell.Try
		state    calbell.WebhookState
		drop     bool
		status   calbell.Status
		wait     time.Duration // until the next try
		repeat   bool
		after    calbell.WebhookState
	}{
		{name: "accepted", try: try(calbell.Accepted, 200), status: calbell.StatusSent},
		{name: "accepted lifts everything", try: try(calbell.Accepted, 200), state: suspended, status: calbell.StatusSent},
		{name: "not sent", try: try(calbell.NotSent, 0), status: calbell.StatusWaiting, wait: time.Second},
		{name: "not sent, fourth time", try: try(calbell.NotSent, 0), attempts: 3, status: calbell.StatusWaiting, wait: 30 * time.Second},
		{name: "not sent, twentieth time", try: try(calbell.NotSent, 0), attempts: 19, status: calbell.StatusWaiting, wait: time.Hour},
		{name: "unknown", try: try(calbell.Unknown, 0), status: calbell.StatusWaiting, wait: time.Minute, repeat: true, after: calbell.WebhookState{LostSince: noon}},
		{name: "unknown, third time", try: try(calbell.Unknown, 0), attempts: 2, tries: lostTries(2), state: lostBefore, status: calbell.StatusWaiting, wait: 10 * time.Minute, repeat: true, after: lostBefore},
		{name: "unknown, fourth time", try: try(calbell.Unknown, 0), attempts: 3, tries: lostTries(3), state: lostBefore, status: calbell.StatusDropped, after: lostBefore},
		{name: "503 ends lost answers", try: try(calbell.RefusedForNow, 503), attempts: 3, tries: lostTries(3), state: lostBefore, status: calbell.StatusWaiting, wait: 30 * time.Second},
		{name: "unknown, dropped", try: try(calbell.Unknown, 0), drop: true, status: calbell.StatusDropped, after: calbell.WebhookState{LostSince: noon}},
		{name: "unknown keeps a pending refusal", try: try(calbell.Unknown, 0), state: refusedOnce, status: calbell.StatusWaiting, wait: time.Minute, repeat: true, after: calbell.WebhookState{RefusedAt: refusedOnce.RefusedAt, RefusedSince: refusedOnce.RefusedSince, Reason: refusedOnce.Reason, LostSince: noon}},
		{name: "503", try: try(calbell.RefusedForNow, 503), status: calbell.StatusWaiting, wait: time.Second},
		{name: "503 ends a pending refusal", try: try(calbell.RefusedForNow, 503), state: refusedOnce, status: calbell.StatusWaiting, wait: time.Second, after: calbell.WebhookState{}},
		{name: "429 with a long rest", try: rest, status: calbell.StatusWaiting, wait: time.Hour, after: calbell.WebhookState{PausedUntil: noon.Add(time.Hour)}},
		{name: "429 within a longer rest", try: calbell.Try{Verdict: calbell.RefusedForNow, Status: 429, RetryAfter: 7 * time.Second}, state: calbell.WebhookState{PausedUntil: noon.Add(40 * time.Minute)}, status: calbell.StatusWaiting, wait: 40 * time.Minute, after: calbell.WebhookState{PausedUntil: noon.Add(40 * time.Minute)}},
		{name: "first unrecognised", try: try(calbell.Unrecognised, 200), status: calbell.StatusWaiting, wait: 30 * time.Second, repeat: true},
		{name: "first unrecognised, which nobody can have posted", try: try(calbell.Unrecognised, 101), status: calbell.StatusWaiting, wait: 30 * time.Second},
		{name: "unrecognised, dropped", try: try(calbell.Unrecognised, 200), drop: true, status: calbell.StatusDead},
		{name: "outage", try: try(calbell.Outage, 404), status: calbell.StatusWaiting, wait: time.Second, after: outage(0, 0)},
		{name: "outage, fourth time", try: try(calbell.Outage, 200), attempts: 3, state: outage(time.Minute, time.Second), status: calbell.StatusWaiting, wait: 30 * time.Second, after: outage(time.Minute, 0)},
		{name: "outage keeps a pending refusal", try: try(calbell.Outage, 502), state: refusedOnce, status: calbell.StatusWaiting, wait: time.Second, after: calbell.WebhookState{RefusedAt: refusedOnce.RefusedAt, RefusedSince: refusedOnce.RefusedSince, Reason: calbell.T("dispatch:answer", "answer %d", 404), OutageSince: noon, OutageSeen: noon}},
		{name: "outage for long", try: try(calbell.Outage, 404), state: outage(15*time.Minute, time.Minute), status: calbell.StatusHeld, after: calbell.WebhookState{OutageSince: noon.Add(-15 * time.Minute), OutageSeen: noon, SuspendedAt: noon, RefusedSince: noon.Add(-15 * time.Minute), ProbedAt: noon, ProbeAt: noon.Add(2 * time.Minute), Reason: calbell.T("dispatch:answer", "answer %d", 404)}},
		{name: "another outage", try: try(calbell.Outage, 404), state: outage(8*time.Hour, 7*time.Hour), status: calbell.StatusWaiting, wait: time.Second, after: outage(0, 0)},
		{name: "503 ends an outage", try: try(calbell.RefusedForNow, 503), state: outage(14*time.Minute, time.Minute), status: calbell.StatusWaiting, wait: time.Second},
		{name: "second unrecognised", try: try(calbell.Unrecognised, 200), attempts: 1, tries: []calbell.Try{{Verdict: calbell.Unrecognised}}, status: calbell.StatusWaiting, wait: 5 * time.Minute, repeat: true},
		{name: "third unrecognised", try: try(calbell.Unrecognised, 200), attempts: 2, tries: []calbell.Try{{Verdict: calbell.Unrecognised}, {Verdict: calbell.Unrecognised}}, status: calbell.StatusDead},
		{name: "message refused", try: try(calbell.MessageRefused, 413), status: calbell.StatusDead},
		{name: "hook refused", try: try(calbell.HookRefused, 404), status: calbell.StatusWaiting, after: calbell.WebhookState{RefusedAt: noon, RefusedSince: noon, Reason: calbell.T("dispatch:answer", "answer %d", 404)}},
		{name: "hook refused again", try: try(calbell.HookRefused, 404), state: refusedOnce, status: calbell.StatusHeld, after: suspendedNow},
		{name: "hook refused beside the first refusal", try: calbell.Try{Verdict: calbell.HookRefused, Status: 404, At: refusedOnce.RefusedAt.Add(-5 * time.Second)}, state: refusedOnce, status: calbell.StatusWaiting, after: refusedOnce},
		{name: "hook refused, the clock was set back", try: calbell.Try{Verdict: calbell.HookRefused, Status: 404, At: refusedOnce.RefusedAt.Add(-5 * time.Hour)}, state: refusedOnce, status: calbell.StatusHeld, after: suspendedNow},
		{name: "probe refused", try: try(calbell.HookRefused, 410), state: suspended, status: calbell.StatusHeld, after: calbell.WebhookState{SuspendedAt: suspended.SuspendedAt, ProbedAt: noon, ProbeAt: noon.Add(7 * time.Minute), Reason: calbell.T("dispatch:answer", "answer %d", 410)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.try.At.IsZero() {
				tt.try.At = noon
			}
			d := calbell.Delivery{Reminder: due(10 * time.Hour), Attempts: tt.attempts, Tries: tt.tries}
			o, after := Decide(Attempt{Delivery: d, Try: tt.try, State: tt.state, DropUnknown: tt.drop, LateWindow: time.Hour, Now: noon, Random: 0.5})
			if o.ID != "id" || o.Try == nil || o.Status != tt.status || o.PossibleRepeat != tt.repeat {
				t.Errorf("outcome %+v, want %s, repeat %v", o, tt.status, tt.repeat)
			}
			if tt.try.Verdict == calbell.HookRefused || o.Status == calbell.StatusHeld {
				if !o.NextAt.Equal(noon) {
					t.Errorf("held until %v, want its place in the queue: %v", o.NextAt, noon)
				}
			} else if got := o.NextAt; tt.wait == 0 && !got.IsZero() || tt.wait != 0 && !got.Equal(noon.Add(tt.wait)) {
				t.Errorf("next at %v, want in %v", got, tt.wait)
			}
			if o.Status == calbell.StatusDead && o.Reason.IsZero() {
				t.Error("dead without a reason")
			}
			if after.Last != calbell.LastTry(tt.try, false) {
				t.Errorf("latest attempt %+v", after.Last)
			}
			if after.Last = (calbell.WebhookTry{}); after != tt.after {
				t.Errorf("webhook state %+v, want %+v", after, tt.after)
			}
		})
	}
}

func TestDecideSpreadsRetries(t *testing.T) {
	for _, tt := range []struct {
		random float64
		want   time.Duration
	}{{0, 48 * time.Second}, {0.5, time.Minute}, {0.999999999, 72 * time.Second}} {
		d := calbell.Delivery{Reminder: due(time.Hour), Attempts: 4}
		o, _ := Decide(Attempt{Delivery: d, Try: calbell.Try{Verdict: calbell.NotSent}, LateWindow: time.Hour, Now: noon, Random: tt.random})
		if got := o.NextAt.Sub(noon).Round(time.Millisecond); got != tt.want {
			t.Errorf("random %v: wait %v, want %v", tt.random, got, tt.want)
		}
	}
}

func TestDecideGivesUpAtTheDeadline(t *testing.T) {
	for _, tt := range []struct {
		late time.Duration
		want calbell.Status
	}{
		{59*time.Minute + 58*time.Second, calbell.StatusWaiting},
		{59*time.Minute + 59*time.Second + time.Millisecond, calbell.StatusDead},
		{20 * time.Hour, calbell.StatusDead},
	} {
		d := calbell.Delivery{Reminder: due(30 * time.Minute)}
		o, _ := Decide(Attempt{Delivery: d, Try: calbell.Try{Verdict: calbell.NotSent, Error: calbell.Plain("refused")}, LateWindow: time.Hour, Now: noon.Add(tt.late), Random: 0.5})
		if o.Status != tt.want {
			t.Errorf("%v late: %s, want %s", tt.late, o.Status, tt.want)
		}
	}
}

func TestSaid(t *testing.T) {
	for _, tt := range []struct {
		try  calbell.Try
		want string
	}{
		{calbell.Try{Error: calbell.Plain("connection refused")}, "connection refused"},
		{calbell.Try{Status: 503}, "answer 503"},
		{calbell.Try{Status: 400, Answer: "Invalid webhook"}, "answer 400: Invalid webhook"},
	} {
		if got := said(tt.try); got.English != tt.want {
			t.Errorf("said(%+v) = %q, want %q", tt.try, got, tt.want)
		}
	}
}

// A rest that was written down before the clock was set back does not silence a webhook for
// as long as the clock went back.
func TestRestsEndAlsoWhenTheClockIsSetBack(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state calbell.WebhookState
		learn time.Duration
		want  time.Duration // at noon; 0: none
	}{
		{"paused", calbell.WebhookState{PausedUntil: noon.Add(time.Hour)}, 0, time.Hour},
		{"paused a day ahead", calbell.WebhookState{PausedUntil: noon.Add(25 * time.Hour)}, 0, 0},
		{"suspended", calbell.WebhookState{SuspendedAt: noon, ProbedAt: noon, ProbeAt: noon.Add(time.Hour)}, 0, time.Minute},
		{"suspended by an earlier version", calbell.WebhookState{SuspendedAt: noon, ProbeAt: noon.Add(time.Hour)}, 0, time.Minute},
		{"suspended a year ahead", calbell.WebhookState{SuspendedAt: noon.Add(8760 * time.Hour), ProbeAt: noon.Add(8761 * time.Hour)}, 0, 0},
		{"refused", calbell.WebhookState{RefusedAt: noon}, 0, time.Minute},
		{"refused a day ahead", calbell.WebhookState{RefusedAt: noon.Add(24 * time.Hour)}, 0, 0},
		{"learnt", calbell.WebhookState{}, time.Hour, time.Hour},
		{"learnt a day ahead", calbell.WebhookState{}, 25 * time.Hour, 0},
		{"both", calbell.WebhookState{PausedUntil: noon.Add(25 * time.Hour)}, time.Minute, time.Minute},
	} {
		l := &lane{state: tt.state, width: firstWidth}
		if tt.learn > 0 {
			l.learnt.Store(noon.Add(tt.learn).UnixNano())
		}
		got := l.restUntil(noon)
		if rests := got.After(noon); rests != (tt.want > 0) || rests && !got.Equal(noon.Add(tt.want)) || (l.room(noon) == 0) != rests {
			t.Errorf("%s: rests until %v, room %d, want a rest of %v", tt.name, got, l.room(noon), tt.want)
		}
	}
}

// While a webhook is suspended each attempt is a probe, however it ends; what
// was held stays held, in its place. Only a success lifts the suspension.
func TestDecideOfAProbe(t *testing.T) {
	suspended := calbell.WebhookState{SuspendedAt: noon.Add(-time.Hour), ProbeAt: noon, Reason: calbell.T("dispatch:answer", "answer %d", 404)}
	statusOf := map[calbell.Verdict]int{calbell.Unrecognised: 200, calbell.HookRefused: 404}
	for _, tt := range []struct {
		verdict calbell.Verdict
		drop    bool
		want    calbell.Status
		lifted  bool
	}{
		{calbell.Accepted, false, calbell.StatusSent, true},
		{calbell.NotSent, false, calbell.StatusHeld, false},
		{calbell.Unknown, false, calbell.StatusHeld, false},
		{calbell.Unknown, true, calbell.StatusDropped, false},
		{calbell.Unrecognised, false, calbell.StatusHeld, false},
		{calbell.RefusedForNow, false, calbell.StatusHeld, false},
		{calbell.MessageRefused, false, calbell.StatusDead, false},
		{calbell.HookRefused, false, calbell.StatusHeld, false},
	} {
		o, s := Decide(Attempt{
			Delivery: calbell.Delivery{Reminder: due(10 * time.Hour)}, Try: calbell.Try{At: noon, Verdict: tt.verdict, Status: statusOf[tt.verdict]},
			State: suspended, DropUnknown: tt.drop, LateWindow: time.Hour, Now: noon, Random: 0.5,
		})
		if o.Status != tt.want || o.Status == calbell.StatusHeld && !o.NextAt.Equal(noon) {
			t.Errorf("%s: %s at %v, want %s in its place", tt.verdict, o.Status, o.NextAt, tt.want)
		}
		if o.PossibleRepeat != ((tt.verdict == calbell.Unknown || tt.verdict == calbell.Unrecognised) && !tt.drop) {
			t.Errorf("%s: repeat %v", tt.verdict, o.PossibleRepeat)
		}
		want := calbell.WebhookState{}
		if !tt.lifted {
			want = calbell.WebhookState{SuspendedAt: suspended.SuspendedAt, LostSince: s.LostSince, OutageSince: s.OutageSince, OutageSeen: s.OutageSeen, ProbedAt: noon, ProbeAt: noon.Add(7 * time.Minute), Reason: calbell.T("dispatch:answer", "answer %d", 404)}
		}
		if s.Last = (calbell.WebhookTry{}); s != want {
			t.Errorf("%s: webhook %+v, want %+v", tt.verdict, s, want)
		}
	}
}

// The whole schedule of the delivery contract, at both ends of the spread.
func TestDecideSchedule(t *testing.T) {
	waits := []string{"1s", "5s", "15s", "30s", "1m", "2m", "5m", "10m", "20m", "30m", "1h", "1h", "1h"}
	for attempts, wait := range waits {
		want, err := time.ParseDuration(wait)
		if err != nil {
			t.Fatal(err)
		}
		for _, random := range []float64{0, 0.5, 1} {
			for _, v := range []calbell.Verdict{calbell.NotSent, calbell.Outage, calbell.RefusedForNow} {
				d := calbell.Delivery{Reminder: due(20 * time.Hour), Attempts: attempts}
				o, _ := Decide(Attempt{Delivery: d, Try: calbell.Try{Verdict: v}, LateWindow: time.Hour, Now: noon, Random: random})
				exact := time.Duration(float64(want) * (0.8 + 0.4*random))
				if off := (o.NextAt.Sub(noon) - exact).Abs(); off > time.Microsecond {
					t.Errorf("%s after %d attempts, random %v: wait %v, want %v", v, attempts, random, o.NextAt.Sub(noon), exact)
				}
			}
		}
	}
}

// What a person asks to be sent again begins anew: neither its old tries nor its old
// deadline count.
func TestDecideAskedAgain(t *testing.T) {
	old := func(v calbell.Verdict) calbell.Try { return calbell.Try{At: noon.Add(time.Hour), Verdict: v} }
	asked := noon.Add(48 * time.Hour)
	for _, tt := range []struct {
		name  string
		v     calbell.Verdict
		tries []calbell.Try
		want  time.Duration // until the next try
	}{
		{"after two unrecognised answers", calbell.Unrecognised, []calbell.Try{old(calbell.Unrecognised), old(calbell.Unrecognised)}, 30 * time.Second},
		{"after many failures", calbell.NotSent, []calbell.Try{old(calbell.NotSent), old(calbell.NotSent), old(calbell.NotSent)}, time.Second},
		{"after one more", calbell.NotSent, []calbell.Try{old(calbell.NotSent), {At: asked, Verdict: calbell.NotSent}}, 5 * time.Second},
	} {
		d := calbell.Delivery{Reminder: due(time.Hour), Attempts: len(tt.tries), Tries: tt.tries, AskedAt: asked}
		o, _ := Decide(Attempt{Delivery: d, Try: calbell.Try{At: asked, Verdict: tt.v}, LateWindow: time.Hour, Now: asked, Random: 0.5})
		if o.Status != calbell.StatusWaiting || o.NextAt.Sub(asked) != tt.want {
			t.Errorf("%s: %s (%s), next in %v, want %v", tt.name, o.Status, o.Reason, o.NextAt.Sub(asked), tt.want)
		}
	}
}

// What ends dead is told in a digest exactly when its webhook wants one; nothing else is.
func TestDecideTells(t *testing.T) {
	for missed, want := range map[string]bool{"": true, "digest": true, "send": false, "drop": false} {
		for _, v := range []calbell.Verdict{calbell.Accepted, calbell.MessageRefused, calbell.Unknown} {
			o, _ := Decide(Attempt{
				Delivery: calbell.Delivery{Reminder: due(time.Hour)}, Try: calbell.Try{Verdict: v},
				LateWindow: time.Hour, Missed: missed, DropUnknown: true, Now: noon,
			})
			if dead := v == calbell.MessageRefused; o.Tell != (want && dead) {
				t.Errorf("missed %q, %s: told %v", missed, v, o.Tell)
			}
		}
	}
}

// A panic before anything was sent is not a lost answer: nothing is marked or dropped for it.
func TestPanicBeforeSending(t *testing.T) {
	d := New(Store{}, nil, func() *plan.Policy { return nil }, Options{InFlight: 1, Log: slog.New(slog.DiscardHandler)})
	j := job{claims: []calbell.Claim{{Object: &calbell.Object{}}}, hook: &hook{}}
	if try, _ := d.attempt(t.Context(), j, noon); try.Verdict != calbell.NotSent || try.Error.IsZero() {
		t.Errorf("%+v, want one that was not sent", try)
	}
}
