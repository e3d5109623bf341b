package webhook_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

// Before a connection stands there are three places to get stuck at. Nothing was sent at
// any of them, and people are told which one it was.
func TestSendStuckBeforeTheRequest(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	deaf := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	for _, tt := range []struct{ name, base, says string }{
		{"look-up", "https://chat.example.org", `looking up "chat.example.org"`},
		{"handshake", "https://" + mute.Addr().String(), "the TLS handshake"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := sender(t, webhook.Options{PrivateNetworks: loopback(), Resolver: deaf, Timeout: 50 * time.Millisecond})
			try := s.Send(t.Context(), hook(calbell.KindKChat, tt.base), message(), time.Now())
			if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, "not connected in time (50ms): stuck at "+tt.says) {
				t.Errorf("%+v", try)
			}
			if try.Took < 50*time.Millisecond || try.Took > 5*time.Second {
				t.Errorf("took %s", try.Took)
			}
			noSecret(t, try)
		})
	}
}

// A host that hangs takes nothing from the others: each has connections of its own.
func TestSendToManyWhileOneHangs(t *testing.T) {
	dead, s := start(t, webhook.Options{})
	dead.Always(webhooktest.Hang())
	alive := webhooktest.New()
	defer alive.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stuck, done sync.WaitGroup
	for range 32 {
		stuck.Go(func() {
			if try := s.Send(ctx, hook(calbell.KindKChat, dead.URL("")), message(), time.Now()); try.Verdict != calbell.Unknown {
				t.Errorf("dead: %+v", try)
			}
		})
	}
	if _, err := dead.Wait(t.Context(), 32); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		done.Go(func() {
			m := message()
			m.Text = fmt.Sprint(i)
			if try := s.Send(t.Context(), hook(calbell.KindKChat, alive.URL("")), m, time.Now()); try.Verdict != calbell.Accepted {
				t.Errorf("alive: %+v", try)
			}
		})
	}
	done.Wait()
	texts := alive.Texts()
	slices.Sort(texts)
	if n := len(slices.Compact(texts)); n != 200 {
		t.Errorf("%d different messages of 200", n)
	}
	cancel()
	stuck.Wait()
}

// As many connections as allowed are kept, and used again.
func TestSendKeepsConnections(t *testing.T) {
	const lanes = 8
	chat, s := start(t, webhook.Options{MaxPerHost: lanes})
	w := hook(calbell.KindKChat, chat.URL(""))
	for round := range 3 {
		gate := make(chan struct{})
		chat.Script(webhooktest.Repeat(lanes, webhooktest.Held(gate, webhooktest.OK()))...)
		var posts sync.WaitGroup
		for range lanes {
			posts.Go(func() {
				if try := s.Send(t.Context(), w, message(), time.Now()); try.Verdict != calbell.Accepted {
					t.Errorf("%+v", try)
				}
			})
		}
		if _, err := chat.Wait(t.Context(), (round+1)*lanes); err != nil {
			t.Fatal(err)
		}
		close(gate)
		posts.Wait()
		if round == 0 && chat.Connections() != lanes {
			t.Errorf("%d connections for %d posts at a time", chat.Connections(), lanes)
		}
	}
	// A connection goes back to the pool a moment after its answer was read, so a round may
	// need one more than are there; two kept ones, net/http's default, would need 20.
	if n := chat.Connections(); n > lanes+lanes/2 {
		t.Errorf("%d connections for three rounds of %d", n, lanes)
	}
}

func TestSendAfterClose(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	for range 3 {
		if try := s.Send(t.Context(), hook(calbell.KindKChat, chat.URL("")), message(), time.Now()); try.Verdict != calbell.Accepted {
			t.Errorf("%+v", try)
		}
		s.Close()
	}
	// One that is just on its way back to the pool may be used once more.
	if n := chat.Connections(); n < 2 {
		t.Errorf("%d connection: Close kept it", n)
	}
}

// A receiver behind basic sign-in: the header is set, and the password shown nowhere.
func TestSendSignsIn(t *testing.T) {
	chat, s := start(t, webhook.Options{})
	chat.Answer(func(q webhooktest.Request) webhooktest.Reply {
		r := http.Request{Header: q.Header}
		if user, password, ok := r.BasicAuth(); ok && user == "anna" && password == "ge:heim/99" {
			return webhooktest.OK()
		}
		return webhooktest.Status(401, "not ge:heim/99 but "+q.Header.Get("Authorization"))
	})
	for userinfo, want := range map[string]calbell.Verdict{
		"anna:ge:heim%2F99": calbell.Accepted, "anna:other": calbell.Outage, "ge%3Aheim%2F99": calbell.Outage,
	} {
		base := strings.Replace(chat.URL(""), "http://", "http://"+userinfo+"@", 1)
		try := s.Send(t.Context(), hook(calbell.KindJSON, base), message(), time.Now())
		if try.Verdict != want {
			t.Errorf("%s: %+v", userinfo, try)
		}
		if strings.HasPrefix(userinfo, "ge") && strings.Contains(try.Answer, "ge:heim") {
			t.Errorf("shows the user: %+v", try)
		}
	}
	for _, q := range chat.Requests() {
		if strings.Contains(q.Host+q.Path, "anna") {
			t.Errorf("userinfo on the wire: %s %s", q.Host, q.Path)
		}
	}
}

// A thousand posts in a synctest bubble, some refused at first: each text arrives.
func TestSendHerdInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := webhooktest.NewInProcess()
		defer chat.Close()
		s := webhook.NewSender(webhook.Options{Transport: chat.Transport()})
		defer s.Close()
		var served atomic.Int64
		chat.Answer(func(webhooktest.Request) webhooktest.Reply {
			if served.Add(1)%7 == 0 {
				return webhooktest.Status(429, "", "Retry-After", "3")
			}
			return webhooktest.Late(50*time.Millisecond, webhooktest.OK())
		})
		const posts, lanes = 1000, 64
		work := make(chan int)
		var workers sync.WaitGroup
		for range lanes {
			workers.Go(func() {
				for i := range work {
					m := calbell.Message{ID: calbell.ReminderID(fmt.Sprint(i)), Text: fmt.Sprint(i)}
					try := s.Send(t.Context(), hook(calbell.KindKChat, chat.URL("")), m, time.Now())
					for try.Verdict == calbell.RefusedForNow {
						time.Sleep(try.RetryAfter)
						try = s.Send(t.Context(), hook(calbell.KindKChat, chat.URL("")), m, time.Now())
					}
					if try.Verdict != calbell.Accepted || try.Took != 50*time.Millisecond {
						t.Errorf("%d: %+v", i, try)
					}
				}
			})
		}
		for i := range posts {
			work <- i
		}
		close(work)
		workers.Wait()
		texts := chat.Texts()
		slices.Sort(texts)
		if n := len(slices.Compact(texts)); n != posts {
			t.Errorf("%d of %d arrived", n, posts)
		}
	})
}

// The guard works for every way in which a URL can lead to a socket.
func TestSendReachesNoRefusedAddress(t *testing.T) {
	chat := webhooktest.New()
	defer chat.Close()
	secure := webhooktest.NewTLS(nil)
	defer secure.Close()
	_, port, err := net.SplitHostPort(chat.Addr())
	if err != nil {
		t.Fatal(err)
	}
	_, securePort, err := net.SplitHostPort(secure.Addr())
	if err != nil {
		t.Fatal(err)
	}
	dns := webhooktest.DNS(func(name string) []netip.Addr {
		switch name {
		case "four.example.org":
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		case "mapped.example.org":
			return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1")}
		case "many.example.org":
			return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("0.0.0.0")}
		}
		return nil
	})
	elsewhere := []calbell.Network{{Prefix: netip.MustParsePrefix("10.0.0.0/8")}}
	for _, o := range []webhook.Options{
		{Resolver: dns, RootCAs: secure.RootCAs()},
		{Resolver: dns, RootCAs: secure.RootCAs(), PrivateNetworks: elsewhere},
	} {
		s := sender(t, o)
		for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "four.example.org", "mapped.example.org", "many.example.org", "[::ffff:127.0.0.1]", "0.0.0.0", "127.0.0.1."} {
			for _, base := range []string{"http://" + host + ":" + port, "https://" + host + ":" + securePort} {
				try := s.Send(t.Context(), hook(calbell.KindKChat, base), message(), time.Now())
				if try.Verdict != calbell.NotSent {
					t.Errorf("%s: %+v", base, try)
				}
			}
		}
	}
	if n := chat.Connections() + secure.Connections(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}
