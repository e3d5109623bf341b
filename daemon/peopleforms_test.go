package daemon_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// holds wants words on a page.
func (v *visitor) holds(what, page string, words ...string) {
	v.h.Helper()
	for _, word := range words {
		if !strings.Contains(page, word) {
			v.h.Errorf("%s: no %s\n%s", what, word, inside(page))
		}
	}
}

// does sends a form that is to be done.
func (v *visitor) does(path string, form url.Values) (page string) {
	v.h.Helper()
	status, to, page := v.send(path, form)
	if status != http.StatusSeeOther {
		v.h.Fatalf("%s: %d\n%s", path, status, inside(page))
	}
	return v.get(to)
}

// refused sends a form that cannot be done, and returns it as it comes back.
func (v *visitor) refused(path string, form url.Values) (page string) {
	v.h.Helper()
	status, to, page := v.send(path, form)
	if status < http.StatusBadRequest || status >= http.StatusInternalServerError || !strings.Contains(page, `role="alert"`) {
		v.h.Errorf("%s: %d to %q\n%s", path, status, to, inside(page))
	}
	return page
}

// A rule is made, tried, changed and removed by its forms; what it has and the lists do not, it
// keeps.
func TestRulesByTheirForms(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	form := url.Values{"name": {"Night <b>"}, "webhooks": {"bob.mine"}, "subject": {"secret"}, "busy": {"yes"}, "min_duration": {"abc"}, "remind": {"15m"}, "position": {"-3"}}
	bob.holds("a length that is none", bob.refused("/rules/_new", form), `value="abc"`, `value="Night &lt;b&gt;"`, `value="-3"`, `<p class="wrong">`)
	form.Set("min_duration", "30m")
	form.Set("position", "first")
	bob.holds("a place that is none", bob.refused("/rules/_new", form), "must be a number", `value="30m"`)
	form.Set("position", "-3")
	page := bob.does("/rules/_new", form)
	bob.holds("the list", page, "Night &lt;b&gt;", "15 min before", "At least so long: 30 min,", "At most so long: 1 day", "bobs rule")
	if strings.Index(page, "bobs rule") < strings.Index(page, "Night") {
		t.Error("the rule with the lowest number is not the first")
	}
	_, _, tried := bob.send("/rules", url.Values{"event": {i.event}})
	bob.holds("tried", tried, "decides", "does not fit")
	path := regexp.MustCompile(`/rules/[0-9a-f]+`).FindString(page)
	if resp, text := bob.ask("PATCH", "/api/v1"+path, `{"calendar":"private","webhooks":["team","bob.mine"]}`, "Content-Type", "application/merge-patch+json"); resp.StatusCode == http.StatusOK {
		t.Errorf("somebody else's webhook: %d %s", resp.StatusCode, text)
	}
	if resp, text := bob.ask("PATCH", "/api/v1"+path, `{"calendar":"private"}`, "Content-Type", "application/merge-patch+json"); resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	page = bob.get(path)
	bob.holds("a calendar by another name", page, `<option value="private" selected>`)
	form.Set("etag", hidden(page, "etag"))
	form.Set("calendar", "private")
	bob.does(path, form)
	if gone := bob.does(path+"/remove", nil); strings.Contains(gone, "Night") {
		t.Errorf("removed, and there:\n%s", inside(gone))
	}
}

// Settings that cannot be are told, and stay as they were typed.
func TestSettingsByTheirForms(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	page := bob.refused("/settings", url.Values{"locale": {"fr"}, "time_zone": {"Mars/<b>"}})
	bob.holds("a zone that is none", page, `value="Mars/&lt;b&gt;"`, `<option value="fr" selected>`, `<p class="wrong">`)
	bob.holds("settings", bob.does("/settings", url.Values{"locale": {"fr"}, "time_zone": {"Asia/Tokyo"}}), `<html lang="fr"`, "Asia/Tokyo")
	bob.does("/settings", url.Values{"locale": {"en"}, "time_zone": {""}})
	page = bob.refused("/settings/tokens", url.Values{"name": {"typed"}, "scope": {"admin"}, "days": {"365"}})
	bob.holds("a token that is too much", page, `value="typed"`, `<option value="365" selected>`)
	status, _, page := bob.send("/settings/tokens", url.Values{"name": {"for <b>"}, "scope": {"write"}, "days": {""}})
	text := regexp.MustCompile(`calbell_[0-9A-Za-z_-]+`).FindString(page)
	if status != http.StatusOK || text == "" {
		t.Fatalf("%d\n%s", status, inside(page))
	}
	program := i.visitor()
	program.token = text
	if resp, _ := program.ask("GET", "/api/v1/events", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("the token is worth nothing: %d", resp.StatusCode)
	}
	page = bob.get("/settings")
	bob.holds("the tokens", page, "for &lt;b&gt;", "bobs token")
	if strings.Contains(page, text) {
		t.Error("the token is shown twice")
	}
	bob.refused("/settings/password", url.Values{"old": {"wrong"}, "new": {"another good one"}})
	bob.refused("/settings/password", url.Values{"old": {password}, "new": {"short"}})
	bob.holds("a new password", bob.does("/settings/password", url.Values{"old": {password}, "new": {"another good one"}}), "Sign in with the new one")
	if resp, _ := program.ask("GET", "/api/v1/events", ""); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the token outlives the password: %d", resp.StatusCode)
	}
}

// An admin makes users, gives them another role or password, and removes them.
func TestUsersByTheirForms(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	anna, carol := i.signIn("Anna"), i.signIn("Carol")
	anna.holds("a short password", anna.refused("/admin/users", url.Values{"name": {"dave"}, "role": {"admin"}, "password": {"short"}}), `value="dave"`, `<option value="admin" selected>`)
	anna.holds("a user", anna.does("/admin/users", url.Values{"name": {"dave"}, "role": {"member"}, "password": {password}}), "dave")
	anna.holds("another password", anna.refused("/admin/users/Carol", url.Values{"do": {"password"}, "password": {"short"}}), "<details open><summary>Carol")
	anna.does("/admin/users/Carol", url.Values{"do": {"password"}, "password": {"another good one"}})
	if resp, _ := carol.ask("GET", "/", ""); resp.Header.Get("Location") != "/sign-in" {
		t.Error("a session outlives the password")
	}
	carol = i.visitor()
	if page := carol.does("/sign-in", url.Values{"name": {"Carol"}, "password": {"another good one"}}); !strings.Contains(page, "Carol") {
		t.Errorf("the new password:\n%s", inside(page))
	}
	if status, _, page := carol.send("/admin/users/Anna", url.Values{"do": {"remove"}}); status != http.StatusForbidden {
		t.Errorf("a member removes users: %d\n%s", status, inside(page))
	}
	anna.does("/admin/users/dave", url.Values{"do": {"admin"}})
	anna.does("/admin/users/dave", url.Values{"do": {"member"}})
	if page := anna.does("/admin/users/dave", url.Values{"do": {"remove"}}); strings.Contains(page, "dave") {
		t.Errorf("removed, and there:\n%s", inside(page))
	}
	anna.refused("/admin/users/Anna", url.Values{"do": {"member"}})
}

// What is paused is told on every page, with the way to end it.
func TestPausesByTheirForms(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	bob.holds("from the webhook", bob.get("/webhooks/bob.mine"), `href="/pauses?what=webhook:bob.mine"`)
	bob.holds("chosen before", bob.get("/pauses?what=webhook:bob.mine"), `<option value="webhook:bob.mine" selected>`)
	page := bob.refused("/pauses", url.Values{"what": {"webhook:bob.mine"}, "for": {"own"}, "until": {"2020-01-01T00:00"}})
	bob.holds("a time that is over", page, `value="2020-01-01T00:00"`, `<option value="webhook:bob.mine" selected>`)
	bob.refused("/pauses", url.Values{"what": {"everything"}, "for": {"1h"}})
	until := time.Now().AddDate(0, 0, 2).UTC().Format("2006-01-02T15:04")
	bob.does("/pauses", url.Values{"what": {"webhook:bob.mine"}, "for": {"own"}, "until": {until}})
	bob.does("/pauses", url.Values{"what": {"calendar:" + string(i.calendar)}, "for": {"1h"}})
	for _, path := range []string{"/", "/webhooks", "/help"} {
		bob.holds(path, bob.get(path), "Webhook “mine” is paused until", "Calendar “Private” is paused until", `<a href="/pauses">`)
	}
	for _, of := range []string{"calendar: webhook:bob.mine", "calendar:" + string(i.calendar) + " webhook:"} {
		page = bob.does("/pauses/end", url.Values{"of": {of}})
	}
	bob.holds("ended", page, "Nothing is paused")
	if strings.Contains(page, "is paused until") {
		t.Errorf("the banner stays:\n%s", inside(page))
	}
}
