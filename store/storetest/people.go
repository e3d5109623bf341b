package storetest

import (
	"fmt"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// user returns a user for tests.
func user(name string, role calbell.Role) calbell.User {
	return calbell.User{Name: name, Role: role, PasswordHash: "hash of " + calbell.Secret(name), Epoch: 1, MadeAt: at(0)}
}

// token returns a token for tests.
func token(id, owner string) calbell.Token {
	return calbell.Token{
		ID: calbell.TokenID(id), Owner: owner, Name: "for " + id, Scopes: []calbell.Scope{calbell.ScopeRead},
		Hash: "hash of " + id, MadeAt: at(0),
	}
}

func peopleTests() []test {
	return slices.Concat(userTests(), tokenTests(), sessionTests(), setupTests())
}

// allUsers and allTokens are what is stored.
func (k *kit) allUsers() []calbell.User {
	k.Helper()
	us, err := k.Users().All(k.Context())
	k.ok(err)
	return us
}

func (k *kit) allTokens(owner string) []calbell.Token {
	k.Helper()
	if owner == "" {
		all, err := k.Tokens().All(k.Context())
		k.ok(err)
		return all
	}
	ks, err := k.Tokens().Of(k.Context(), store.OwnedBy(owner))
	k.ok(err)
	return ks
}

func userTests() []test {
	return []test{
		{"kept as they are, by name", func(k *kit) {
			anna := user("Anna", calbell.RoleAdmin)
			anna.CalDAV, anna.Locale, anna.TimeZone, anna.Epoch = true, "de-CH", "Europe/Zurich", 1<<62+1
			all := []calbell.User{anna, user("Bob", calbell.RoleMember), user("carla@example.org", calbell.RoleMember)}
			for _, i := range []int{2, 0, 1} {
				u := all[i]
				u.MadeAt = u.MadeAt.In(time.FixedZone("", 3600))
				k.ok(k.Users().Put(k.Context(), u))
			}
			k.reopen()
			equal(k, "users", k.allUsers(), all)
			equal(k, "hash", k.allUsers()[0].PasswordHash.Reveal(), "hash of Anna")
			for _, name := range []string{"anna", "ANNA", " Anna "} {
				got, err := k.Users().Get(k.Context(), name)
				k.ok(err)
				equal(k, name, got, anna)
			}
			k.ok(k.Users().Put(k.Context(), user("ANNA", calbell.RoleMember)))
			equal(k, "replaced", k.allUsers()[0], user("ANNA", calbell.RoleMember))
		}},
		{"unknown, or without a name", func(k *kit) {
			_, err := k.Users().Get(k.Context(), "anna")
			k.kind(err, calbell.KindNotFound)
			k.kind(k.Users().Remove(k.Context(), "anna"), calbell.KindNotFound)
			k.kind(k.Users().Put(k.Context(), user("#!", calbell.RoleMember)), calbell.KindUsage)
			equal(k, "users", k.allUsers(), nil)
		}},
		{"another password ends what the old one let in", func(k *kit) {
			anna, bob := user("Anna", calbell.RoleAdmin), user("Bob", calbell.RoleMember)
			for _, u := range []calbell.User{anna, bob} {
				k.ok(k.Users().Put(k.Context(), u))
				k.ok(k.Tokens().Put(k.Context(), token("1"+u.Name, u.Name)))
			}
			anna.Locale = "fr"
			k.ok(k.Users().Put(k.Context(), anna))
			equal(k, "at the same epoch", len(k.allTokens("anna")), 1)
			anna.Epoch++
			k.ok(k.Users().Put(k.Context(), anna))
			equal(k, "at another", k.allTokens(""), []calbell.Token{token("1Bob", "Bob")})
			k.ok(k.Users().Remove(k.Context(), "BOB"))
			equal(k, "of one that is gone", k.allTokens(""), nil)
			equal(k, "users", k.allUsers(), []calbell.User{anna})
		}},
	}
}

func tokenTests() []test {
	return []test{
		{"kept as they are", func(k *kit) {
			k.ok(k.Users().Put(k.Context(), user("Anna", calbell.RoleAdmin)))
			k.ok(k.Users().Put(k.Context(), user("Bob", calbell.RoleAdmin)))
			full, later := token("b", "Anna"), token("a", "Anna")
			full.LastUsedAt, full.ExpiresAt = at(time.Minute), at(time.Hour)
			later.MadeAt, later.Scopes = at(time.Second), []calbell.Scope{calbell.ScopeWrite, calbell.ScopeAdmin}
			all := []calbell.Token{full, later, token("c", "Bob")}
			for _, i := range []int{2, 1, 0} {
				k.ok(k.Tokens().Put(k.Context(), all[i]))
			}
			k.reopen()
			equal(k, "by owner, then age", k.allTokens(""), all)
			equal(k, "of one", k.allTokens("ANNA"), all[:2])
			got, err := k.Tokens().Get(k.Context(), "b")
			k.ok(err)
			equal(k, "one", got, full)
			full.LastUsedAt = at(2 * time.Hour)
			k.ok(k.Tokens().Put(k.Context(), full))
			equal(k, "replaced", k.allTokens("Anna")[0], full)
			k.ok(k.Tokens().Remove(k.Context(), "a"))
			equal(k, "removed", k.allTokens("Anna"), []calbell.Token{full})
		}},
		{"unknown ones, and of unknown users", func(k *kit) {
			_, err := k.Tokens().Get(k.Context(), "a")
			k.kind(err, calbell.KindNotFound)
			k.kind(k.Tokens().Remove(k.Context(), "a"), calbell.KindNotFound)
			k.kind(k.Tokens().Put(k.Context(), token("a", "Anna")), calbell.KindNotFound)
			k.kind(k.Tokens().Put(k.Context(), token("", "Anna")), calbell.KindUsage)
			equal(k, "tokens", k.allTokens(""), nil)
		}},
	}
}

func sessionTests() []test {
	has := func(k *kit, id string, d time.Duration) bool {
		k.Helper()
		_, ok, err := k.Session(k.Context(), id, at(d))
		k.ok(err)
		return ok
	}
	return []test{
		{"until they end", func(k *kit) {
			put := func(id string, until, now time.Duration) {
				k.ok(k.PutSession(k.Context(), store.Session{ID: id, Data: []byte("\x00" + id), ExpiresAt: at(until)}, at(now)))
			}
			put("a", time.Hour, 0)
			put("b", 2*time.Hour, 0)
			k.reopen()
			data, ok, err := k.Session(k.Context(), "a", at(time.Hour-1))
			k.ok(err)
			equal(k, "data", data, []byte("\x00a"))
			equal(k, "just before, at the end, unknown", []bool{ok, has(k, "a", time.Hour), has(k, "c", 0)}, []bool{true, false, false})
			put("c", 3*time.Hour, time.Hour)
			put("d", time.Minute, 0)
			n, err := k.EndSessions(k.Context(), at(time.Hour), 1)
			k.ok(err)
			equal(k, "the first one has ended", []bool{n == 1, has(k, "d", 0), has(k, "a", 0)}, []bool{true, false, true})
			n, err = k.EndSessions(k.Context(), at(time.Hour), 10)
			k.ok(err)
			equal(k, "how many more have ended", n, 1)
			equal(k, "ended ones are removed", []bool{has(k, "a", 0), has(k, "b", 0), has(k, "c", 0)}, []bool{false, true, true})
			put("b", 4*time.Hour, time.Hour)
			equal(k, "replaced", has(k, "b", 3*time.Hour), true)
			k.ok(k.RemoveSession(k.Context(), "b"))
			k.ok(k.RemoveSession(k.Context(), "b"))
			equal(k, "removed", has(k, "b", 0), false)
		}},
		{"so many of one owner", func(k *kit) {
			put := func(id, owner string, until time.Duration) {
				k.ok(k.PutSession(k.Context(), store.Session{ID: id, Owner: owner, ExpiresAt: at(until)}, at(0)))
			}
			put("others", "bob", time.Minute)
			put("nobodys", "", time.Minute)
			put("past", "anna", -time.Minute)
			for i := range calbell.MaxSessions + 3 {
				put(fmt.Sprint("anna", i), "anna", time.Hour+time.Duration(i)*time.Minute)
			}
			put("anna3", "anna", 9*time.Hour) // again: it takes no further place
			var left []bool
			for i := range 5 {
				left = append(left, has(k, fmt.Sprint("anna", i), 0))
			}
			equal(k, "the first ones have ended", left, []bool{false, false, false, true, true})
			equal(k, "what has ended is gone", has(k, "past", -time.Hour), false)
			equal(k, "all others are there", []bool{has(k, "others", 0), has(k, "nobodys", 0), has(k, fmt.Sprint("anna", calbell.MaxSessions+2), 0)}, []bool{true, true, true})
		}},
	}
}

func setupTests() []test {
	link := func(k *kit, hash string, until time.Duration) {
		k.Helper()
		k.ok(k.PutSetupLink(k.Context(), store.SetupLink{Hash: hash, ExpiresAt: at(until)}))
	}
	return []test{
		{"works once, in its time", func(k *kit) {
			anna := user("Anna", calbell.RoleAdmin)
			k.kind(k.UseSetupLink(k.Context(), "", anna, at(0)), calbell.KindNotFound)
			link(k, "old", time.Hour)
			link(k, "new", 15*time.Minute)
			k.reopen()
			for _, hash := range []string{"", "old", "NEW"} {
				k.kind(k.UseSetupLink(k.Context(), hash, anna, at(0)), calbell.KindNotFound)
			}
			k.kind(k.UseSetupLink(k.Context(), "new", anna, at(15*time.Minute)), calbell.KindNotFound)
			l, ok, err := k.SetupLink(k.Context(), at(15*time.Minute-1))
			k.ok(err)
			equal(k, "link", l, store.SetupLink{Hash: "new", ExpiresAt: at(15 * time.Minute)})
			equal(k, "there is one", ok, true)
			k.ok(k.UseSetupLink(k.Context(), "new", anna, at(15*time.Minute-1)))
			equal(k, "users", k.allUsers(), []calbell.User{anna})
			if _, ok, _ = k.SetupLink(k.Context(), at(0)); ok {
				k.Error("the link is there still")
			}
			k.kind(k.UseSetupLink(k.Context(), "new", user("Bob", calbell.RoleAdmin), at(0)), calbell.KindNotFound)
		}},
		{"makes the first admin, and no other", func(k *kit) {
			bob, anna := user("Bob", calbell.RoleMember), user("Anna", calbell.RoleAdmin)
			k.ok(k.Users().Put(k.Context(), bob))
			link(k, "a", time.Hour)
			k.kind(k.UseSetupLink(k.Context(), "a", user("BOB", calbell.RoleAdmin), at(0)), calbell.KindUsage)
			k.kind(k.UseSetupLink(k.Context(), "a", user("#", calbell.RoleAdmin), at(0)), calbell.KindUsage)
			k.ok(k.UseSetupLink(k.Context(), "a", anna, at(0)))
			link(k, "b", time.Hour)
			k.kind(k.UseSetupLink(k.Context(), "b", user("Carla", calbell.RoleAdmin), at(0)), calbell.KindUsage)
			equal(k, "users", k.allUsers(), []calbell.User{anna, bob})
		}},
	}
}
