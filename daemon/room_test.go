package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"calbell"
)

// What one user stores has a bound in sum, whatever it is made of: who has reached it can change
// and remove what they have, and hears what takes how much. Others have their own.
func TestRoomOfOneUser(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	large := func(name string, kb int) string {
		return fmt.Sprintf(`{"name":%q,"url":%q,"kind":"json","payload":{"a":%q,"b":%q,"c":%q,"d":%q}}`, name, n.chat.URL("/hooks/x"),
			strings.Repeat("x", kb<<8), strings.Repeat("y", kb<<8), strings.Repeat("%subject%", kb<<8/9), strings.Repeat("z", kb<<8))
	}
	refused := func(who *visitor, method, path, body string, words ...string) {
		t.Helper()
		resp, text := who.ask(method, "/api/v1"+path, body, "Content-Type", "application/json")
		if resp.StatusCode != http.StatusUnprocessableEntity {
			t.Fatalf("%s %s: %d %.300s", method, path, resp.StatusCode, text)
		}
		for _, word := range words {
			if !strings.Contains(string(text), word) {
				t.Errorf("%s %s does not say %q: %s", method, path, word, text)
			}
		}
	}
	for i := range 4 {
		n.made(n.bob, "POST", "/webhooks", large(fmt.Sprintf("w%d", i), 240), http.StatusCreated, nil)
	}
	refused(n.bob, "POST", "/webhooks", large("one more", 100), "one user may store 1024 kB", "remove or shorten something first: webhooks have 10", "rules 0 kB")
	n.made(n.bob, "POST", "/webhooks", large("small", 50), http.StatusCreated, nil)
	patterns := func(name string, repeat int) string {
		return fmt.Sprintf(`{"name":%q,"webhooks":["small"],"subject":"/(?:a.b?){%d}/","location":"/(?:a.b?){%d}/"}`, name, repeat, repeat)
	}
	n.made(n.bob, "POST", "/rules", patterns("r1", 700), http.StatusCreated, nil)
	n.made(n.bob, "POST", "/rules", patterns("r2", 700), http.StatusCreated, nil)
	refused(n.bob, "POST", "/rules", patterns("r3", 700), "steps", "20000 are possible")
	n.made(n.bob, "POST", "/rules", patterns("r4", 10), http.StatusCreated, nil)
	refused(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"long","url":%q,"username":"bob","password":"bobs-password","calendars":[%q]}`, n.calendars.URL(), strings.Repeat("c", 50<<10)), "one user may store")

	refused(n.bob, "PATCH", "/webhooks/w0", strings.Replace(large("w0", 254), `"name":"w0",`, "", 1))
	n.made(n.bob, "PATCH", "/webhooks/w0", `{"payload":{"a":"short","b":null,"c":null,"d":null}}`, http.StatusOK, nil)
	n.made(n.bob, "POST", "/webhooks", large("one more", 100), http.StatusCreated, nil)
	n.made(n.anna, "POST", "/webhooks", large("annas", 240), http.StatusCreated, nil)
	if _, err := n.client.AddWebhook(t.Context(), calbell.NewWebhook{Name: "of the admins", URL: n.chat.URL("/hooks/x"), WebhookSpec: calbell.WebhookSpec{Template: strings.Repeat("x", 60<<10)}}); err != nil {
		t.Errorf("the admins' own: %v", err)
	}
}
