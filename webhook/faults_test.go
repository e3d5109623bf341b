package webhook_test

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

// Each fault of a receiver, and what it means. These pairs are "it failed and did not
// happen" and "it failed but may have happened".
func TestSendThroughFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		reply  webhooktest.Reply
		want   calbell.Verdict
		status int
		says   string // in the error
	}{
		{"accepted", webhooktest.OK(), calbell.Accepted, 200, ""},
		{"503", webhooktest.Status(503, "later"), calbell.RefusedForNow, 503, "503"},
		{"429", webhooktest.Status(429, "", "Retry-After", "7"), calbell.RefusedForNow, 429, "429"},
		{"404", webhooktest.Status(404, "no_service"), calbell.HookRefused, 404, "404"},
		{"400 of the message", webhooktest.Status(400, "invalid_payload"), calbell.MessageRefused, 400, "400"},
		{"400 of the webhook", webhooktest.Status(400, `{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook `+secret+`"}`), calbell.HookRefused, 400, "400"},
		{"413", webhooktest.Status(413, ""), calbell.MessageRefused, 413, "413"},
		{"sign-in page", webhooktest.HTML(), calbell.Outage, 200, "web page"},
		{"empty", webhooktest.Empty(), calbell.Unrecognised, 200, "without text"},
		{"gzip", webhooktest.Gzip("ok"), calbell.Unrecognised, 200, "but not"},
		{"gzip bomb", webhooktest.GzipBomb(8 << 20), calbell.Unrecognised, 200, "but not"},
		{"10 GiB", webhooktest.Huge(10 << 30), calbell.Unrecognised, 200, "but not"},
		{"echo of the URL", webhooktest.Func(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "cannot "+r.Method+" "+r.URL.String()+" "+strings.ToUpper(secret), 404)
		}), calbell.Outage, 404, "404"},
		{"reset before the body is read", webhooktest.Reset(webhooktest.BeforeBody), calbell.Unknown, 0, "connection lost before the answer"},
		{"reset before the answer", webhooktest.Reset(webhooktest.BeforeAnswer), calbell.Unknown, 0, "connection lost before the answer"},
		{"reset in the header", webhooktest.Reset(webhooktest.MidHeader), calbell.Unknown, 0, "connection lost before the answer"},
		{"reset in the body", webhooktest.Reset(webhooktest.MidBody), calbell.Unknown, 200, "its text was lost"},
		{"closed after the answer", webhooktest.Reset(webhooktest.AfterBody), calbell.Accepted, 200, ""},
		{"not HTTP", webhooktest.Raw("220 mail.example.org ESMTP " + secret + "\r\n"), calbell.Unknown, 0, "malformed"},
		{"endless header", webhooktest.Raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 1<<20)), calbell.Unknown, 0, "connection lost"},
		{"101", webhooktest.Raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nok"), calbell.Unrecognised, 101, "no sense"},
		{"hint before the answer", webhooktest.Raw("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), calbell.Accepted, 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			chat, s := start(t, webhook.Options{})
			chat.Script(tt.reply)
			try := s.Send(t.Context(), hook(calbell.KindKChat, chat.URL("")), message(), time.Now())
			if try.Verdict != tt.want || try.Status != tt.status || !strings.Contains(try.Error.English, tt.says) {
				t.Errorf("got %+v, want %q, status %d, error with %q", try, tt.want, tt.status, tt.says)
			}
			if try.Error.IsZero() != (tt.want == calbell.Accepted) {
				t.Errorf("%s with error %q", try.Verdict, try.Error)
			}
			noSecret(t, try)
			if n := len(chat.Requests()); n != 1 {
				t.Errorf("%d requests for one attempt", n)
			}
		})
	}
}

// A server that closes a kept connection just as it is used again: net/http may begin
// anew only as long as nothing was written.
func TestSendOnAConnectionThatIsClosed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	type seen struct {
		connection int
		text       string
	}
	requests := make(chan seen, 10)
	closed := make(chan struct{})
	go func() {
		for n := range 3 {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(conn)
			req, err := http.ReadRequest(r)
			if err != nil {
				conn.Close()
				continue
			}
			requests <- seen{n, req.Header.Get("Webhook-Id")}
			if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")); err != nil {
				return
			}
			// The second request on this connection is read, and then the line is cut: whether
			// it was accepted nobody knows, so it must not be sent again unasked.
			req.Body.Close()
			if req, err := http.ReadRequest(r); err == nil {
				requests <- seen{n, req.Header.Get("Webhook-Id")}
			}
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
			closed <- struct{}{}
		}
	}()
	s := sender(t, webhook.Options{PrivateNetworks: loopback()})
	w := hook(calbell.KindKChat, "http://"+listener.Addr().String())
	send := func(id calbell.ReminderID) calbell.Try {
		m := message()
		m.ID = id
		return s.Send(t.Context(), w, m, time.Now())
	}
	if try := send("first"); try.Verdict != calbell.Accepted {
		t.Fatalf("first: %+v", try)
	}
	if try := send("second"); try.Verdict != calbell.Unknown {
		t.Errorf("second, cut after it was read: %+v", try)
	}
	<-closed
	if try := send("third"); try.Verdict != calbell.Accepted {
		t.Errorf("third, on a new connection: %+v", try)
	}
	want := []seen{{0, "first"}, {0, "second"}, {1, "third"}}
	for _, want := range want {
		if got := <-requests; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	select {
	case extra := <-requests:
		t.Errorf("sent again: %+v", extra)
	default:
	}
}

// Slow receivers, by the synctest clock: an attempt ends exactly with its time-out.
func TestSendTimeout(t *testing.T) {
	// 64 bytes: by five a second, its body ends after 13 s.
	const okHeader = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n"
	for _, tt := range []struct {
		name    string
		reply   webhooktest.Reply
		kind    calbell.WebhookKind
		timeout time.Duration
		want    calbell.Verdict
		took    time.Duration
	}{
		{"hangs", webhooktest.Hang(), calbell.KindKChat, 0, calbell.Unknown, 15 * time.Second},
		{"hangs, own limit", webhooktest.Hang(), calbell.KindKChat, 3 * time.Second, calbell.Unknown, 3 * time.Second},
		{"hangs before the body", webhooktest.HangEarly(), calbell.KindKChat, 0, calbell.Unknown, 15 * time.Second},
		{"late but in time", webhooktest.Late(14*time.Second, webhooktest.OK()), calbell.KindKChat, 0, calbell.Accepted, 14 * time.Second},
		{"too late", webhooktest.Late(16*time.Second, webhooktest.OK()), calbell.KindKChat, 0, calbell.Unknown, 15 * time.Second},
		{"drips its header", webhooktest.Drip(time.Second, okHeader+"ok"), calbell.KindKChat, 0, calbell.Unknown, 15 * time.Second},
		{"drips its body", webhooktest.Drip(200*time.Millisecond, okHeader+"ok"), calbell.KindKChat, 12 * time.Second, calbell.Unknown, 12 * time.Second},
		{"json, drips its body", webhooktest.Drip(200*time.Millisecond, okHeader+"ok"), calbell.KindJSON, 0, calbell.Accepted, 13 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chat := webhooktest.NewInProcess()
				defer chat.Close()
				chat.Script(tt.reply)
				s := webhook.NewSender(webhook.Options{Transport: chat.Transport(), Timeout: tt.timeout})
				defer s.Close()
				try := s.Send(t.Context(), hook(tt.kind, chat.URL("")), message(), time.Now())
				if try.Verdict != tt.want || try.Took != tt.took {
					t.Errorf("got %+v, want %s after %s", try, tt.want, tt.took)
				}
				noSecret(t, try)
			})
		})
	}
}
