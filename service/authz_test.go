package service

import (
	"errors"
	"testing"
	"time"

	"calbell/service/authz"

	"calbell"
)

var t0 = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// Things belong to their owner, and those without one to the admins; an admin has no power over a
// member's. The socket sees everything.
func TestSees(t *testing.T) {
	nobody, anna, bob, local := calbell.Caller{}, calbell.Caller{Name: "Anna", Admin: true}, calbell.Caller{Name: "Bob"}, calbell.LocalAdmin()
	for _, tt := range []struct {
		who   calbell.Caller
		owner string
		want  bool
	}{
		{nobody, "", false},
		{nobody, "Bob", false},
		{bob, "", false},
		{bob, "Bob", true},
		{bob, "bob", true},
		{bob, "Carol", false},
		{anna, "", true},
		{anna, "Anna", true},
		{anna, "Bob", false},
		{local, "", true},
		{local, "Bob", true},
	} {
		if got := authz.CanAccess(tt.who, tt.owner); got != tt.want {
			t.Errorf("%+v sees what is %q's: %v", tt.who, tt.owner, got)
		}
	}
	shared := calbell.Webhook{Owner: "Bob", WebhookSpec: calbell.WebhookSpec{Share: true}}
	if authz.CanUse(nobody, shared) || !authz.CanUse(anna, shared) || authz.CanUse(anna, calbell.Webhook{Owner: "Bob"}) {
		t.Error("who may use a webhook")
	}
	if authz.CanEdit(anna, "", calbell.OriginFile) || !authz.CanEdit(anna, "", calbell.OriginStored) || authz.CanEdit(bob, "", calbell.OriginStored) {
		t.Error("who may edit")
	}
}

// What is stored of an account is its owner's. What is of one that is gone is nobody's, and is seen over
// the socket alone.
func TestCanAccessAccount(t *testing.T) {
	s, _ := withAccounts(t, calbell.Account{ID: "bob.work", Name: "work", Owner: "Bob"}, calbell.Account{Name: "house"})
	bob, anna, local := calbell.Caller{Name: "Bob"}, calbell.Caller{Name: "Anna", Admin: true}, calbell.LocalAdmin()
	for _, tt := range []struct {
		account          string
		bob, anna, local bool
	}{
		{"bob.work", true, false, true},
		{"house", false, true, true},
		{"gone", false, false, true},
	} {
		for who, want := range map[*calbell.Caller]bool{&bob: tt.bob, &anna: tt.anna, &local: tt.local} {
			if got := s.Accounts.canAccessAccount(*who, tt.account); got != want {
				t.Errorf("%s of %s: %v", who.Name, tt.account, got)
			}
		}
	}
}

// Each requirement rejects whom it names, and a token that lacks the scope is no admin.
func TestRequirements(t *testing.T) {
	admin := calbell.Caller{Name: "Anna", Admin: true}
	limited, full := admin, admin
	limited.Scopes, full.Scopes = []calbell.Scope{calbell.ScopeWrite}, []calbell.Scope{calbell.ScopeAdmin}
	for name, tt := range map[string]struct {
		who                           calbell.Caller
		isCaller, isAdmin, isMachines bool
	}{
		"nobody":            {calbell.Caller{}, false, false, false},
		"nameless admin":    {calbell.Caller{Admin: true}, false, false, false},
		"member":            {calbell.Caller{Name: "Bob"}, true, false, false},
		"admin":             {admin, true, true, false},
		"token that writes": {limited, true, false, false},
		"token of an admin": {full, true, true, false},
		"socket":            {calbell.LocalAdmin(), true, true, true},
	} {
		for rule, r := range map[string]struct {
			err  error
			want bool
		}{"caller": {requireCaller(tt.who), tt.isCaller}, "admin": {requireAdmin(tt.who), tt.isAdmin}, "local": {requireLocal(tt.who), tt.isMachines}} {
			if (r.err == nil) != r.want || r.err != nil && calbell.KindOf(r.err) != calbell.KindNotAllowed {
				t.Errorf("%s as %s: %v", name, rule, r.err)
			}
		}
	}
}

// A new thing is its maker's. Admins may make it the admins', and over the socket it may be made
// anybody's that there is.
func TestNewOwner(t *testing.T) {
	s, db := withAccounts(t)
	if err := db.Users().Put(t.Context(), calbell.User{Name: "Bob", Role: calbell.RoleMember}); err != nil {
		t.Fatal(err)
	}
	bob, anna, local := calbell.Caller{Name: "Bob"}, calbell.Caller{Name: "Anna", Admin: true}, calbell.LocalAdmin()
	name := func(s string) *string { return &s }
	for _, tt := range []struct {
		who   calbell.Caller
		asked *string
		want  string
		kind  calbell.ErrorKind // 0: it is taken
	}{
		{bob, nil, "Bob", 0},
		{bob, name("bob"), "Bob", 0},
		{bob, name(""), "", calbell.KindNotAllowed},
		{bob, name("Anna"), "", calbell.KindNotAllowed},
		{anna, nil, "Anna", 0},
		{anna, name(""), "", 0},
		{anna, name("Bob"), "", calbell.KindNotAllowed},
		{local, nil, "", 0},
		{local, name(""), "", 0},
		{local, name("BOB"), "Bob", 0},
		{local, name("nobody"), "", calbell.KindNotFound},
	} {
		got, err := s.Rules.newOwner(t.Context(), tt.who, tt.asked)
		if (err == nil) != (tt.kind == 0) || err != nil && calbell.KindOf(err) != tt.kind || err == nil && got != tt.want {
			t.Errorf("%s asks for %v: %q, %v", tt.who.Name, tt.asked, got, err)
		}
	}
}

// Whoever was signed out since they were let in gets nothing that lasts: by a new password, by the end
// of their role, of their token or of themselves.
func TestRequireSignedIn(t *testing.T) {
	s, db := withAccounts(t)
	ctx, now := t.Context(), time.Now()
	err := errors.Join(
		db.Users().Put(ctx, calbell.User{Name: "Anna", Role: calbell.RoleAdmin, Epoch: 7}),
		db.Users().Put(ctx, calbell.User{Name: "Bob", Role: calbell.RoleMember, Epoch: 3}),
		db.Tokens().Put(ctx, calbell.Token{ID: "good", Owner: "Bob"}),
		db.Tokens().Put(ctx, calbell.Token{ID: "over", Owner: "Bob", ExpiresAt: now.Add(-time.Second)}),
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		who calbell.Caller
		in  bool
	}{
		"admin":                   {calbell.Caller{Name: "Anna", Admin: true, Epoch: 7}, true},
		"before the new password": {calbell.Caller{Name: "Anna", Admin: true, Epoch: 6}, false},
		"member":                  {calbell.Caller{Name: "Bob", Epoch: 3}, true},
		"who was an admin":        {calbell.Caller{Name: "Bob", Admin: true, Epoch: 3}, false},
		"removed":                 {calbell.Caller{Name: "Carol", Epoch: 3}, false},
		"by a token":              {calbell.Caller{Name: "Bob", Epoch: 3, Token: "good"}, true},
		"by a token that is over": {calbell.Caller{Name: "Bob", Epoch: 3, Token: "over"}, false},
		"by a token that is gone": {calbell.Caller{Name: "Bob", Epoch: 3, Token: "gone"}, false},
		"socket, who is no user":  {calbell.LocalAdmin(), true},
	} {
		err := s.People.requireSignedIn(ctx, tt.who)
		if (err == nil) != tt.in || err != nil && calbell.KindOf(err) != calbell.KindNotAllowed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An edit names the state that its editor saw: that one, one of several, or any.
func TestUnchanged(t *testing.T) {
	for _, tt := range []struct {
		want, have string
		ok         bool
	}{
		{"", `"a"`, true},
		{`"a"`, `"a"`, true},
		{`"b"`, `"a"`, false},
		{"*", `"a"`, true},
		{`"b", "a"`, `"a"`, true},
		{`"b","c"`, `"a"`, false},
		{`W/"a"`, `"a"`, false},
		{`"a"`, "", false},
	} {
		err := unchanged(calbell.Plain("it"), tt.want, tt.have)
		if (err == nil) != tt.ok || err != nil && (!errors.Is(err, calbell.ErrChanged) || calbell.HintOf(err).IsZero()) {
			t.Errorf("%s of %s: %v", tt.want, tt.have, err)
		}
	}
}

// A tag follows from all parts, secrets as they are, and tells nothing of them: its key is another in
// each program.
func TestETag(t *testing.T) {
	c, other := newCore(Options{}), newCore(Options{})
	w := calbell.Webhook{ID: "x", URL: "https://chat.example.org/a"}
	same, moved := w, w
	moved.URL = "https://chat.example.org/b"
	tag := c.etag(w, w.URL)
	switch {
	case tag != c.etag(same, same.URL):
		t.Error("the same thing has two tags")
	case tag == c.etag(moved, moved.URL):
		t.Error("another address has the same tag")
	case c.etag("a", "b") == c.etag("ab", ""), c.etag("a") == c.etag("a", nil):
		t.Error("parts run into one another")
	case tag == other.etag(w, w.URL):
		t.Error("another program has the same tag")
	case len(tag) != 18 || tag[0] != '"' || tag[17] != '"':
		t.Errorf("tag %s", tag)
	}
}

// Those webhooks are offered that one's own things may go to, by name. Who has no name has none.
func TestUsableWebhooks(t *testing.T) {
	s, db := withAccounts(t)
	hook := func(id calbell.WebhookID, owner string, share bool) calbell.Webhook {
		return calbell.Webhook{ID: id, Name: string(id), Owner: owner, WebhookSpec: calbell.WebhookSpec{Share: share}}
	}
	all := []calbell.Webhook{hook("bobs", "Bob", false), hook("annas", "Anna", false), hook("shared", "Anna", true), hook("admins", "", false), hook("open", "", true)}
	if err := db.Webhooks().Put(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		who  calbell.Caller
		want string
		kind calbell.ErrorKind // of the error
	}{
		{calbell.Caller{}, "", calbell.KindNotAllowed},
		{calbell.Caller{Name: "bob"}, "bobs open shared ", 0},
		{calbell.Caller{Name: "Anna"}, "annas open shared ", 0},
		{calbell.Caller{Name: "Root", Admin: true}, "admins open shared ", 0},
		{calbell.Caller{Name: "!", Admin: true}, "admins open shared ", 0},
		{calbell.Caller{Name: "!"}, "open shared ", 0},
		{calbell.LocalAdmin(), "admins annas bobs open shared ", 0},
	} {
		list, err := s.Webhooks.usableWebhooks(t.Context(), tt.who)
		got := ""
		for _, w := range list {
			got += string(w.ID) + " "
		}
		if got != tt.want || (err != nil) != (tt.kind != 0) || err != nil && calbell.KindOf(err) != tt.kind {
			t.Errorf("%q may use %q (%v), want %q", tt.who.Name, got, err, tt.want)
		}
	}
}
