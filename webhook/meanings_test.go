package webhook

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"calbell"
)

// meaning is an answer, by whoever gives it, and what follows from it.
type meaning struct {
	Who     string              `json:"who"`
	Kind    calbell.WebhookKind `json:"kind"`
	Channel string              `json:"channel"`
	Status  int                 `json:"status"`
	Headers map[string]string   `json:"headers"`
	Body    string              `json:"body"`
	Verdict calbell.Verdict     `json:"verdict"`
	Hint    string              `json:"hint"` // a part of the next step; "" = there is none
	Says    string              `json:"says"` // the error; "" is not looked at
}

// Each answer of the table has its verdict and its next step, which names the cause. What follows
// from the verdicts is tested in package scheduler, over the same table.
func TestWhatAnswersMean(t *testing.T) {
	text, err := os.ReadFile("testdata/meanings.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []meaning
	if err := json.Unmarshal(text, &all); err != nil || len(all) < 55 {
		t.Fatalf("%d answers, %v", len(all), err)
	}
	for _, m := range all {
		t.Run(m.Who, func(t *testing.T) {
			header := http.Header{}
			for k, v := range m.Headers {
				header.Set(k, v)
			}
			w := calbell.Webhook{URL: "https://chat.example.org/hooks/s3cr3tpart", WebhookSpec: calbell.WebhookSpec{Kind: m.Kind, Envelope: calbell.Envelope{Channel: m.Channel}}}
			try := judge(w, answer{status: m.Status, header: header, body: []byte(m.Body)}, time.Now())
			if try.Verdict != m.Verdict || !strings.Contains(try.Hint.English, m.Hint) || (m.Hint == "") != try.Hint.IsZero() {
				t.Errorf("%s, hint %q\nwant %s, with %q", try.Verdict, try.Hint, m.Verdict, m.Hint)
			}
			if m.Says != "" && try.Error.English != m.Says {
				t.Errorf("says %q\nwant %q", try.Error, m.Says)
			}
			if strings.ContainsAny(try.Error.English, "{}") {
				t.Errorf("shows what is for programs: %q", try.Error)
			}
		})
	}
}

// Every end without success has a next step.
func TestEveryRefusalHasANextStep(t *testing.T) {
	for status := 200; status <= 599; status++ {
		for _, body := range []string{"", "no", "no_service", "<html>", `{"message":"no"}`} {
			for _, channel := range []string{"", "lunch"} {
				w := kchat
				w.Channel = channel
				try := judge(w, answer{status: status, header: http.Header{}, body: []byte(body)}, time.Now())
				if try.Hint.IsZero() != (try.Verdict == calbell.Accepted) {
					t.Errorf("%d %q: %s, hint %q", status, body, try.Verdict, try.Hint)
				}
			}
		}
	}
}
