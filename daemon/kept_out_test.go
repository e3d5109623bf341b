package daemon_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// behindProxy is a house whose page is behind a proxy, so that tests come from where they say,
// with two users.
func behindProxy(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.dear = true
	h.cfg.Server.Listen = freeAddress(t)
	h.cfg.Server.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	h.start()
	for _, name := range []string{"Anna", "Bob"} {
		_, err := h.client.AddUser(t.Context(), types.NewUser{Name: name, Role: calbell.RoleAdmin, Password: password})
		h.ok(err)
	}
	return h
}

// signsIn tries to sign in from an address.
func (v *visitor) signsIn(from, name, secret string) int {
	v.h.Helper()
	resp, _ := v.ask("POST", "/api/v1/session", fmt.Sprintf(`{"name":%q,"password":%q}`, name, secret), "X-Forwarded-For", from)
	return resp.StatusCode
}

// Whoever tries passwords for a name keeps its user out nowhere else, and in browsers of theirs
// not even where the guesser is.
func TestGuessersKeepNobodyOut(t *testing.T) {
	t.Parallel()
	h := behindProxy(t)
	const guesser = "198.51.100.66"
	known, others, browser := h.visitor(), h.visitor(), h.visitor()
	if got := known.signsIn(guesser, "Anna", password); got != http.StatusOK {
		t.Fatalf("Anna signs in: %d", got)
	}
	if got := others.signsIn("192.0.2.1", "Bob", password); got != http.StatusOK {
		t.Fatalf("Bob signs in: %d", got)
	}
	known.ask("DELETE", "/api/v1/session", "") // she signs out, and the browser stays known
	counts := map[int]int{}
	for range 25 {
		counts[h.visitor().signsIn(guesser, "Anna", "wrong password")]++
	}
	if counts[http.StatusForbidden] < 5 || counts[http.StatusTooManyRequests] < 10 {
		t.Errorf("the guesser is answered %v", counts)
	}
	h.eventually("sign-ins are counted", func() bool {
		return h.metric(`calbell_sign_ins_total{result="right"}`) == "2" && h.metric(`calbell_sign_ins_total{result="wrong"}`) == fmt.Sprint(counts[http.StatusForbidden]) &&
			h.metric(`calbell_sign_ins_total{result="limited"}`) == fmt.Sprint(counts[http.StatusTooManyRequests])
	})
	for what, tt := range map[string]struct {
		v    *visitor
		from string
		want int
	}{
		"her browser, where the guesser is":          {known, guesser, http.StatusOK},
		"another browser, elsewhere":                 {browser, "203.0.113.5", http.StatusOK},
		"a stranger's, where the guesser is":         {h.visitor(), "198.51.100.67", http.StatusTooManyRequests},
		"Bob's browser, which does not know her":     {others, guesser, http.StatusTooManyRequests},
		"another network of the same part of IPv6":   {h.visitor(), "2001:db8:0:7::1", http.StatusOK},
		"her browser once more, in another spelling": {known, guesser, http.StatusOK},
	} {
		if got := tt.v.signsIn(tt.from, "anna", password); got != tt.want {
			t.Errorf("%s: %d, want %d", what, got, tt.want)
		}
	}
	h.ok(h.stop()) // and a restart makes nobody a stranger
	h.start()
	for range 25 {
		h.visitor().signsIn(guesser, "Anna", "wrong password")
	}
	if got := known.signsIn(guesser, "Anna", password); got != http.StatusOK {
		t.Errorf("her browser after a restart: %d", got)
	}
}

// While a hundred strangers try names that do not exist, from a network each, people sign in: in
// browsers that are known and in others.
func TestCrowdKeepsNobodyOut(t *testing.T) {
	if testing.Short() {
		t.Skip("takes its time: left out of make quick")
	}
	t.Parallel()
	h := behindProxy(t)
	known := h.visitor()
	if got := known.signsIn("192.0.2.1", "Anna", password); got != http.StatusOK {
		t.Fatalf("Anna signs in: %d", got)
	}
	ctx, stop := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	var judged, refused atomic.Int64
	pace := time.NewTicker(3 * time.Millisecond) // ten times what can be judged, and the machine is others' too
	defer pace.Stop()
	for i := range 100 {
		crowd.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				select {
				case <-pace.C:
				case <-ctx.Done():
				}
				switch h.madeUp(ctx, fmt.Sprintf("198.%d.100.1", i), fmt.Sprintf("name-%d-%d", i, n)) {
				case http.StatusForbidden:
					judged.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				}
			}
		})
	}
	defer crowd.Wait()
	defer stop()
	h.eventually("those who were first had their turn", func() bool { return judged.Load() > 34 && refused.Load() > 100 })
	for n := range 3 {
		if got := known.signsIn("192.0.2.1", "Anna", password); got != http.StatusOK {
			t.Errorf("a known browser, sign-in %d: %d", n, got)
		}
		if got := h.visitor().signsIn(fmt.Sprintf("203.0.%d.5", n), "Bob", password); got != http.StatusOK {
			t.Errorf("another browser, sign-in %d: %d", n, got)
		}
	}
}

// madeUp tries a name that does not exist, and returns the status; 0 when ctx ended.
func (h *house) madeUp(ctx context.Context, from, name string) int {
	body := strings.NewReader(fmt.Sprintf(`{"name":%q,"password":"wrong password"}`, name))
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+h.cfg.Server.Listen+"/api/v1/session", body)
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", from)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
