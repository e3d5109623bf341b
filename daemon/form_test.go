package daemon_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"calbell"
	"calbell/api/types"
)

// What was changed meanwhile is told; what was typed stays, and can be sent once more.
func TestStaleForms(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	for _, c := range []struct {
		path string
		form url.Values
	}{
		{"/webhooks/bob.mine", url.Values{"name": {"typed here"}}},
		{"/rules/" + string(i.rule), url.Values{"name": {"typed here"}, "webhooks": {"bob.mine"}}},
		{"/calendars/" + string(i.calendar), url.Values{"remind": {"33m"}, "webhook": {"bob.mine"}, "mode": {"add"}}},
		{"/calendars/_account/bobs", url.Values{"remind": {"33m"}, "webhook": {"bob.mine"}, "mode": {"add"}}},
	} {
		c.form.Set("etag", `"stale"`)
		status, _, page := bob.send(c.path, c.form)
		typed := c.form.Get("name") + c.form.Get("remind")
		if status != http.StatusPreconditionFailed || !strings.Contains(page, "changed meanwhile") || !strings.Contains(page, `value="`+typed+`"`) {
			t.Errorf("%s: %d\n%s", c.path, status, inside(page))
		}
		c.form.Set("etag", hidden(page, "etag"))
		if status, to, page := bob.send(c.path, c.form); status != http.StatusSeeOther || !strings.Contains(to, "done=") {
			t.Errorf("%s once more: %d to %q\n%s", c.path, status, to, inside(page))
		}
	}
}

// A form that is too large, or is none, is told so in words: it is not taken for an empty one.
func TestFormsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	before := bob.get("/webhooks/bob.mine")
	for text, want := range map[string]int{
		"name=other&template=" + strings.Repeat("x", 2<<20): http.StatusRequestEntityTooLarge,
		"name=other&template=%zz":                           http.StatusBadRequest,
	} {
		resp, page := bob.ask("POST", "/webhooks/bob.mine", text, "Content-Type", "application/x-www-form-urlencoded")
		if resp.StatusCode != want || !strings.Contains(string(page), "Nothing was saved") {
			t.Errorf("%.30s: %d, want %d\n%s", text, resp.StatusCode, want, inside(string(page)))
		}
	}
	if after := bob.get("/webhooks/bob.mine"); hidden(after, "etag") != hidden(before, "etag") {
		t.Error("it was saved all the same")
	}
}

// Who guesses passwords is told to wait, by the page as by the API.
func TestTooManySignInsAtThePage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Listen = freeAddress(t)
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Role: calbell.RoleAdmin, Password: password})
	h.ok(err)
	v := h.visitor()
	form := url.Values{"name": {"Anna"}, "password": {"wrong password"}}
	for range 30 {
		resp, text := v.ask("POST", "/sign-in", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if resp.StatusCode != http.StatusTooManyRequests {
			continue
		}
		if resp.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "Too many sign-ins") {
			t.Errorf("no word of when: %s", inside(string(text)))
		}
		return
	}
	t.Error("nobody stops a guesser")
}
