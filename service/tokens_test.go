package service_test

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/servicetest"
)

// A token speaks for its user until it expires or is revoked, and may do no more than its scopes.
func TestBearer(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna := w.User("Anna", calbell.RoleAdmin)
	made, err := w.Tokens.Add(ctx, anna, types.NewToken{Name: " script ", Scopes: []calbell.Scope{calbell.ScopeWrite}, ExpiresAt: now.Add(time.Hour)}, now)
	w.OK(err)
	if !strings.HasPrefix(made.Text, "calbell_") || made.Name != "script" || made.Owner != "Anna" {
		t.Errorf("token %+v", made)
	}
	who, ok, err := w.Tokens.Bearer(ctx, made.Text, now)
	if err != nil || !ok || who.Name != "Anna" || !who.Allows(calbell.ScopeWrite) || who.Allows(calbell.ScopeAdmin) || who.Token != made.ID {
		t.Errorf("%+v, %v, %v", who, ok, err)
	}
	if _, err := w.People.List(ctx, who); outcome(err) != "denied" {
		t.Errorf("a token for writing lists users: %v", err)
	}
	last := made.Text[len(made.Text)-1:]
	for name, text := range map[string]string{
		"another secret": strings.TrimSuffix(made.Text, last) + map[bool]string{true: "B", false: "A"}[last == "A"],
		"no secret":      "calbell_" + string(made.ID), "nothing": "", "another": "calbell_0123456789abcdef_" + made.Text,
	} {
		if _, ok, err := w.Tokens.Bearer(ctx, text, now); ok || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
	if _, ok, _ := w.Tokens.Bearer(ctx, made.Text, now.Add(time.Hour)); ok {
		t.Error("it outlives its end")
	}
	w.OK(w.Tokens.Remove(ctx, who, made.ID))
	if _, ok, _ := w.Tokens.Bearer(ctx, made.Text, now); ok {
		t.Error("it outlives its revocation")
	}
	if _, err := w.Tokens.Add(ctx, who, types.NewToken{Name: "x", Scopes: []calbell.Scope{calbell.ScopeRead}}, now); outcome(err) != "denied" {
		t.Errorf("a request that was under way when its token was revoked makes another: %v", err)
	}
}

// What a token must have, and that nobody gives more than they may do themselves.
func TestAddToken(t *testing.T) {
	w, ctx, now := servicetest.New(t), t.Context(), time.Now()
	anna, bob := w.User("Anna", calbell.RoleAdmin), w.User("Bob", calbell.RoleMember)
	reader := bob
	reader.Scopes = []calbell.Scope{calbell.ScopeRead}
	read := []calbell.Scope{calbell.ScopeRead}
	for _, tt := range []struct {
		who  calbell.Caller
		in   types.NewToken
		want string
	}{
		{bob, types.NewToken{Name: "x", Scopes: read}, "ok"},
		{anna, types.NewToken{Name: "x", Scopes: []calbell.Scope{calbell.ScopeAdmin}}, "ok"},
		{bob, types.NewToken{Name: "x", Scopes: []calbell.Scope{calbell.ScopeAdmin}}, "denied"},
		{reader, types.NewToken{Name: "x", Scopes: []calbell.Scope{calbell.ScopeWrite}}, "denied"},
		{bob, types.NewToken{Name: "x", Scopes: []calbell.Scope{"everything"}}, "usage"},
		{bob, types.NewToken{Name: "x"}, "usage"},
		{bob, types.NewToken{Name: " ", Scopes: read}, "usage"},
		{bob, types.NewToken{Name: strings.Repeat("x", 201), Scopes: read}, "usage"},
		{bob, types.NewToken{Name: "x", Scopes: read, ExpiresAt: now}, "usage"},
		{calbell.LocalAdmin(), types.NewToken{Name: "x", Scopes: read}, "usage"}, // whose?
		{calbell.LocalAdmin(), types.NewToken{Name: "x", Scopes: read, User: "bob"}, "ok"},
		{calbell.LocalAdmin(), types.NewToken{Name: "x", Scopes: read, User: "bbo"}, "missing"},
	} {
		if _, err := w.Tokens.Add(ctx, tt.who, tt.in, now); outcome(err) != tt.want {
			t.Errorf("%s asks for %+v: %v, want %s", tt.who.Name, tt.in, err, tt.want)
		}
	}
	own, err := w.Tokens.List(ctx, bob)
	all, allErr := w.Tokens.List(ctx, calbell.LocalAdmin())
	if err != nil || allErr != nil || len(own) != 2 || len(all) != 3 {
		t.Errorf("Bob has %d tokens of %d, %v, %v", len(own), len(all), err, allErr)
	}
}
