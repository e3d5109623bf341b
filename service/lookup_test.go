package service

import (
	"errors"
	"strings"
	"testing"
	"time"

	"calbell"
)

// A name means the caller's own webhook before the admins', those of the file before stored ones, and
// what others share last; an ID means one, whoever asks.
func TestWebhookRank(t *testing.T) {
	bob, local := calbell.Caller{Name: "Bob"}, calbell.LocalAdmin()
	own := calbell.Webhook{ID: "bob.team", Name: "Team", Owner: "Bob", Origin: calbell.OriginStored}
	file := calbell.Webhook{ID: "team", Name: "Team", Origin: calbell.OriginFile}
	admins := calbell.Webhook{ID: "other", Name: "Team", Origin: calbell.OriginStored}
	shared := calbell.Webhook{ID: "carol.team", Name: "Team", Owner: "Carol", Origin: calbell.OriginStored}
	namesake := calbell.Webhook{ID: "admin.team", Name: "Team", Owner: "Admin", Origin: calbell.OriginStored} // a user's, called as the socket is
	for _, tt := range []struct {
		who  calbell.Caller
		w    calbell.Webhook
		name string
		want int
	}{
		{bob, own, "team", 4},
		{bob, own, "TEAM!", 4},
		{bob, own, "bob.team", 5},
		{bob, own, "BOB.TEAM", 5},
		{bob, own, "tea", 0},
		{bob, own, "", 0},
		{bob, own, "#", 0},
		{bob, file, "team", 5},
		{bob, file, "Team ", 3},
		{bob, admins, "team", 2},
		{bob, shared, "team", 1},
		{bob, shared, "carol.team", 5},
		{local, own, "team", 1},
		{local, admins, "team", 2},
		{local, shared, "team", 1},
		{local, namesake, "team", 1},
	} {
		if got := webhookRank(tt.who, tt.w, tt.name); got != tt.want {
			t.Errorf("%q means %s for %s: %d, want %d", tt.name, tt.w.ID, tt.who.Name, got, tt.want)
		}
	}
}

// A key means one account, whoever asks; a name means the caller's own before another's.
func TestAccountRank(t *testing.T) {
	bob, local := calbell.Caller{Name: "Bob"}, calbell.LocalAdmin()
	stored := calbell.Account{ID: "bob.home", Name: "Home", Owner: "Bob"}
	early := calbell.Account{Name: "Home", Owner: "Bob"} // by an earlier version
	file := calbell.Account{Name: "home"}
	others := calbell.Account{ID: "carol.home", Name: "Home", Owner: "Carol"}
	namesake := calbell.Account{ID: "admin.home", Name: "Home", Owner: "Admin"} // a user's, called as the socket is
	for _, tt := range []struct {
		who  calbell.Caller
		a    calbell.Account
		name string
		want int
	}{
		{bob, stored, "bob.home", 4},
		{bob, stored, "Bob.Home", 4},
		{bob, stored, "home", 2},
		{bob, stored, "hom", 0},
		{bob, early, "bob.home", 3},
		{bob, early, "HOME", 2},
		{local, file, "Home", 4},
		{local, stored, "home", 1},
		{local, others, "home", 1},
		{local, namesake, "home", 1},
		{bob, others, "home", 1},
		{bob, others, "carol.home", 4},
	} {
		if got := accountRank(tt.who, tt.a, tt.name); got != tt.want {
			t.Errorf("%q means %+v for %s: %d, want %d", tt.name, tt.a, tt.who.Name, got, tt.want)
		}
	}
}

// A name that nothing has suggests the nearest that there is, and always where to look.
func TestNotFound(t *testing.T) {
	for _, tt := range []struct {
		name  string
		names []string
		hint  string
	}{
		{"teem", []string{"team", "other"}, `did you mean "team"? See calbell webhook list`},
		{"zzzz", []string{"team", "other"}, "see calbell webhook list"},
		{"team", nil, "see calbell webhook list"},
	} {
		err := notFound(calbell.NounWebhook, tt.name, tt.names)
		if calbell.KindOf(err) != calbell.KindNotFound || calbell.HintOf(err).English != tt.hint || !strings.Contains(err.Error(), `no webhook "`+tt.name+`"`) {
			t.Errorf("%q: %v (%s)", tt.name, err, calbell.HintOf(err))
		}
	}
}

// An account that several users have is not guessed: the error names all.
func TestSeveralAccounts(t *testing.T) {
	s, _ := withAccounts(t,
		calbell.Account{ID: "carol.home", Name: "Home", Owner: "Carol", Origin: calbell.OriginStored},
		calbell.Account{Name: "Home", Owner: "Bob", Origin: calbell.OriginStored})
	_, err := s.Accounts.findAccount(calbell.LocalAdmin(), "home")
	if calbell.KindOf(err) != calbell.KindUsage || !strings.HasSuffix(calbell.HintOf(err).English, "bob.home, carol.home") {
		t.Errorf("%v (%s)", err, calbell.HintOf(err))
	}
	for who, key := range map[string]string{"Bob": "Home", "Carol": "carol.home"} {
		if a, err := s.Accounts.findAccount(calbell.Caller{Name: who}, "home"); err != nil || a.Key() != key {
			t.Errorf("%s: %q, %v", who, a.Key(), err)
		}
	}
	if _, err := s.Accounts.findAccount(calbell.Caller{Name: "Dora"}, "home"); calbell.KindOf(err) != calbell.KindNotFound {
		t.Errorf("Dora: %v", err)
	}
	if _, err := s.Accounts.findAccount(calbell.Caller{}, "home"); calbell.KindOf(err) != calbell.KindNotAllowed {
		t.Errorf("nobody: %v", err)
	}
}

// A webhook that is not well says why in words; its health is one word.
func TestHealth(t *testing.T) {
	at := t0.Format(time.RFC3339)
	for _, tt := range []struct {
		st     calbell.WebhookState
		word   calbell.WebhookHealth
		reason string
	}{
		{calbell.WebhookState{}, calbell.WebhookNew, ""},
		{calbell.WebhookState{Last: calbell.WebhookTry{At: t0, Verdict: calbell.Accepted}}, calbell.WebhookOK, ""},
		{calbell.WebhookState{SuspendedAt: t0, Reason: calbell.Plain("no such hook")}, calbell.WebhookSuspended, "no such hook"},
		{calbell.WebhookState{OutageSince: t0, Last: calbell.WebhookTry{At: t0}}, calbell.WebhookOutage, "since " + at},
		{calbell.WebhookState{LostSince: t0, Last: calbell.WebhookTry{At: t0}}, calbell.WebhookLost, "answers are lost since " + at},
		{calbell.WebhookState{PausedUntil: t0.Add(time.Hour), Last: calbell.WebhookTry{At: t0}}, calbell.WebhookPaused, "asked for a rest until"},
	} {
		word, reason := health(tt.st, t0)
		if word != tt.word || !strings.Contains(reason.English, tt.reason) || reason.IsZero() != (tt.reason == "") {
			t.Errorf("%+v: %s %q, want %s %q", tt.st, word, reason, tt.word, tt.reason)
		}
	}
}

// A message is shown as of when it was posted last, and one that was not yet as of when it will be.
func TestPostedAt(t *testing.T) {
	tried := []calbell.Try{{At: t0.Add(-2 * time.Hour)}, {At: t0.Add(-time.Hour)}}
	for _, tt := range []struct {
		d    calbell.Delivery
		want time.Time
	}{
		{calbell.Delivery{Status: calbell.StatusSent, Tries: tried}, t0.Add(-time.Hour)},
		{calbell.Delivery{Status: calbell.StatusWaiting, Tries: tried, NextAt: t0.Add(time.Minute)}, t0.Add(time.Minute)},
		{calbell.Delivery{Status: calbell.StatusPlanned, NextAt: t0.Add(-time.Minute)}, t0},
		{calbell.Delivery{Status: calbell.StatusMissed}, t0},
	} {
		if got := postedAt(tt.d, t0); !got.Equal(tt.want) {
			t.Errorf("%+v: %s, want %s", tt.d, got, tt.want)
		}
	}
}

// A host is all that is told of an address.
func TestHostOf(t *testing.T) {
	for url, want := range map[calbell.Secret]string{
		"https://chat.example.org/hooks/secret": "chat.example.org", "https://chat.example.org:8443/x": "chat.example.org:8443",
		"https://user:secret@chat.example.org/": "chat.example.org", "://": "", "": "",
	} {
		if got := hostOf(url); got != want {
			t.Errorf("%s: %q, want %q", url.Reveal(), got, want)
		}
	}
}

// Errors about a part of a request name the part; one of the store's is not replaced.
func TestErrorsOfParts(t *testing.T) {
	broken := errors.New("disk")
	if err := orUsage(broken, calbell.Plain("what"), calbell.Plain("hint")); !errors.Is(err, broken) {
		t.Errorf("a failure became %v", err)
	}
	if err := orUsage(nil, calbell.Plain("what"), calbell.Plain("hint")); calbell.KindOf(err) != calbell.KindUsage || calbell.HintOf(err).English != "hint" {
		t.Errorf("a wrong request became %v", err)
	}
	for name, err := range map[string]error{"x": field("x", calbell.Plain("wrong"), calbell.Plain("so")), "y": tooLong("y", 5), "cursor": noCursor("z")} {
		if fields := calbell.FieldsOf(err); len(fields) != 1 || fields[0].Name != name || calbell.KindOf(err) != calbell.KindUsage {
			t.Errorf("%s: %v with %+v", name, err, fields)
		}
	}
}
