package dispatch

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"time"

	"calbell"
)

// What follows from each answer of the table that package webhook judges.
func TestWhatFollowsFromAnswers(t *testing.T) {
	text, err := os.ReadFile("../../webhook/testdata/meanings.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Who, Then string
		Status    int
		Headers   map[string]string
		Verdict   calbell.Verdict
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		t.Run(m.Who, func(t *testing.T) {
			rest, _ := strconv.ParseInt(m.Headers["Retry-After"], 10, 32)
			if _, asked := m.Headers["Retry-After"]; asked && rest == 0 {
				rest = int64(calbell.MaxRetryAfter / time.Second)
			}
			try := calbell.Try{At: noon, Verdict: m.Verdict, Status: m.Status, RetryAfter: time.Duration(rest) * time.Second}
			o, s := Decide(Attempt{Delivery: calbell.Delivery{Reminder: due(time.Minute)}, Try: try, LateWindow: time.Hour, Now: noon.Add(time.Second), Random: 0.5})
			if got := follows(o, s); got != m.Then {
				t.Errorf("%s: %+v, %+v", got, o, s)
			}
		})
	}
}

// follows names what became of a first attempt that ended a second after it was due.
func follows(o calbell.Outcome, s calbell.WebhookState) string {
	wait := o.NextAt.Sub(noon.Add(time.Second))
	switch {
	case o.Status == calbell.StatusSent:
		return "sent"
	case o.Status == calbell.StatusDead:
		return "dead"
	case !s.RefusedAt.IsZero() && s.SuspendedAt.IsZero():
		return "confirm"
	case !s.PausedUntil.IsZero() && wait > time.Second && wait < time.Hour:
		return "rest" // and it is tried once more before its end
	case o.PossibleRepeat:
		return "marked"
	case wait == time.Second:
		return "schedule"
	}
	return string(o.Status)
}
