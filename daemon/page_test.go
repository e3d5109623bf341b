package daemon_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// send sends a form as a browser does, and returns the status, where the answer leads to, and
// the page.
func (v *visitor) send(path string, form url.Values) (status int, to, page string) {
	v.h.Helper()
	resp, text := v.ask("POST", path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	return resp.StatusCode, resp.Header.Get("Location"), string(text)
}

// get returns a page.
func (v *visitor) get(path string) string {
	v.h.Helper()
	resp, text := v.ask("GET", path, "")
	if resp.StatusCode != http.StatusOK {
		v.h.Errorf("%s: %d %s", path, resp.StatusCode, inside(string(text)))
	}
	return string(text)
}

// inside is a page without its head, for messages of tests.
func inside(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	return fmt.Sprintf("%.2000s", main)
}

// hidden is what a form holds under a name.
func hidden(page, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return strings.ReplaceAll(m[1], "&#34;", `"`)
}

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

// A sign-in at the page is a session of the whole program: page and API know it. A new password ends
// it, with the tokens that were made by it.
func TestSignInAtThePage(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	carol, anna := i.visitor(), i.signIn("Anna")
	carol.refused("/sign-in", url.Values{"name": {"Carol"}, "password": {"wrong password"}})
	carol.holds("signed in", carol.does("/sign-in", url.Values{"name": {"Carol"}, "password": {password}}), "Carol")
	status, _, page := carol.send("/settings/tokens", url.Values{"name": {"script"}, "scope": {"read"}})
	program := i.visitor()
	if program.token = regexp.MustCompile(`calbell_[0-9A-Za-z_-]+`).FindString(page); status != http.StatusOK || program.token == "" {
		t.Fatalf("%d\n%s", status, inside(page))
	}
	for name, v := range map[string]*visitor{"session": carol, "token": program} {
		if resp, text := v.ask("GET", "/api/v1/events", ""); resp.StatusCode != http.StatusOK {
			t.Errorf("the API by a %s of the page: %d %s", name, resp.StatusCode, text)
		}
	}
	anna.does("/admin/users/Carol", url.Values{"do": {"password"}, "password": {"another good one"}})
	if resp, _ := carol.ask("GET", "/", ""); resp.Header.Get("Location") != "/sign-in" {
		t.Error("the session outlives the password")
	}
	if resp, _ := program.ask("GET", "/api/v1/events", ""); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the token outlives the password: %d", resp.StatusCode)
	}
	carol.holds("the new password", carol.does("/sign-in", url.Values{"name": {"Carol"}, "password": {"another good one"}}), "Carol")
}
