package daemon_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
)

// What goes with a user is shown as it is then removed: accounts, calendars, webhooks, rules,
// attached reminders and tokens, and what others send through the webhooks; nobody else's.
func TestRemovalShowsWhatGoes(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t)
	n.calendars.Put("bob", "own", "a.ics", []byte(event("a@example.org", "Bob's", time.Now().Add(24*time.Hour))))
	n.made(n.bob, "POST", "/accounts", fmt.Sprintf(`{"name":"bobs","url":%q,"username":"bob","password":"bobs-password"}`, n.calendars.URL()), http.StatusCreated, nil)
	n.made(n.bob, "POST", "/sync?wait=true", "", http.StatusOK, nil)
	var found []calbell.EventRow
	n.made(n.bob, "GET", "/events?search=Bob", "", http.StatusOK, &found)
	n.made(n.bob, "POST", "/events/"+found[0].ID+"/reminders", `{"before":["1h","2h"],"webhook":"ops"}`, http.StatusCreated, nil)
	n.made(n.bob, "POST", "/rules", `{"name":"Bob's rule","webhooks":["ops"],"remind":["3h"]}`, http.StatusCreated, nil)
	n.made(n.anna, "POST", "/rules", `{"name":"Anna's rule","webhooks":["ops"],"remind":["3h"]}`, http.StatusCreated, nil)
	n.made(n.bob, "POST", "/tokens", `{"name":"script","scopes":["read"]}`, http.StatusCreated, nil)

	got, err := n.client.UserRemoval(t.Context(), "bob")
	n.ok(err)
	want := calbell.Removal{
		Name: "Bob", Accounts: calbell.Removed{Count: 1, Names: []string{"bobs"}}, Calendars: calbell.Removed{Count: 1, Names: []string{"Own"}},
		Rules: calbell.Removed{Count: 1, Names: []string{"Bob's rule"}}, Reminders: 2, Tokens: 1,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("with Bob goes %+v, want %+v", got, want)
	}
	account, err := n.client.AccountRemoval(t.Context(), "bobs")
	n.ok(err)
	if account.Name != "bobs" || account.Reminders != 2 || !slices.Equal(account.Calendars.Names, []string{"Own"}) || account.Rules.Count != 0 {
		t.Errorf("with the account goes %+v", account)
	}
	got, err = n.client.UserRemoval(t.Context(), "Anna")
	n.ok(err)
	const attached = "a reminder attached to an event of bob.bobs"
	if !slices.Equal(got.Webhooks.Names, []string{"ops"}) || !slices.Equal(got.UsedBy.Names, []string{`rule "Bob's rule"`, attached, attached}) {
		t.Errorf("with Anna goes %+v", got)
	}

	n.made(n.bob, "GET", "/users/anna/removal", "", http.StatusForbidden, nil)
	n.made(n.bob, "GET", "/users/bob/removal", "", http.StatusForbidden, nil)
	n.made(n.anna, "GET", "/accounts/bobs/removal", "", http.StatusNotFound, nil)
	_, err = n.client.AccountRemoval(t.Context(), "home")
	if calbell.KindOf(err) != calbell.KindUsage || !strings.Contains(err.Error(), "in the configuration file") {
		t.Errorf("the file's account: %v", err)
	}
	n.ok(n.client.RemoveUser(t.Context(), "bob"))
	if _, err := n.client.UserRemoval(t.Context(), "bob"); calbell.KindOf(err) != calbell.KindNotFound {
		t.Errorf("Bob is gone: %v", err)
	}
	accounts, err := n.client.Accounts(t.Context())
	n.ok(err)
	for _, a := range accounts {
		if a.Name == "bobs" {
			t.Error("the account is there")
		}
	}
}
