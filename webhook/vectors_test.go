package webhook_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

// vector is one answer of testdata/answers.txt.
type vector struct {
	name   string
	fields map[string]string
	raw    string
}

// TestAnswers sends a message to a receiver that gives each answer of the file.
func TestAnswers(t *testing.T) {
	vectors := readVectors(t, "testdata/answers.txt")
	if len(vectors) < 35 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	chat := webhooktest.New()
	defer chat.Close()
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			// Each on a connection of its own: the raw answers do not say that theirs is closed.
			s := sender(t, webhook.Options{PrivateNetworks: loopback()})
			chat.Script(webhooktest.Raw(v.raw))
			w := hook(calbell.WebhookKind(v.fields["kind"]), chat.URL(""))
			w.Success = v.fields["success"]
			try := s.Send(t.Context(), w, message(), time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
			if string(try.Verdict) != v.fields["verdict"] {
				t.Errorf("got %+v, want %q", try, v.fields["verdict"])
			}
			if try.Answer != v.fields["shows"] {
				t.Errorf("shows %q\nwant  %q", try.Answer, v.fields["shows"])
			}
			if want, ok := v.fields["retry-after"]; ok && try.RetryAfter.String() != want || !ok && try.RetryAfter != 0 {
				t.Errorf("rest of %s, want %q", try.RetryAfter, want)
			}
			noSecret(t, try)
		})
	}
	if n := chat.Redirected(); n != 0 {
		t.Errorf("%d redirects followed", n)
	}
}

func readVectors(t *testing.T, path string) []vector {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	for _, block := range strings.Split(string(text), "\n-- ")[1:] {
		name, rest, _ := strings.Cut(block, " --\n")
		fields, answer, ok := strings.Cut(rest, "\n\n")
		head, body, _ := strings.Cut(answer, "\n\n")
		if !ok || !strings.HasPrefix(head, "HTTP/") {
			t.Fatalf("vector %q is malformed", name)
		}
		body = strings.TrimSuffix(body, "\n")
		if strings.Contains(head, "chunked") {
			body = strings.ReplaceAll(body, "\n", "\r\n") + "\r\n\r\n"
		}
		v := vector{name, map[string]string{}, strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body}
		for line := range strings.Lines(fields) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			v.fields[key] = value
		}
		if v.fields["verdict"] == "" || v.fields["kind"] == "" {
			t.Fatalf("vector %q lacks a field", name)
		}
		all = append(all, v)
	}
	return all
}
