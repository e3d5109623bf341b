package storetest

import (
	"time"

	"calbell"
	"calbell/store"
)

// account returns a stored account for tests.
func account(name string) calbell.Account {
	return calbell.Account{
		Name: name, Owner: "Anna", Origin: calbell.OriginStored, URL: "https://cal.example.org/",
		Username: "anna", Password: "secret of " + calbell.Secret(name),
	}
}

// rule returns a stored rule for tests.
func rule(id string, position int) calbell.StoredRule {
	return calbell.StoredRule{
		ID: calbell.RuleID(id), Owner: "Anna", Position: position,
		Rule: calbell.Rule{Name: "rule " + id, RuleSpec: calbell.RuleSpec{Subject: "standup", Webhooks: []string{"chat"}}},
	}
}

func settingsTests() []test {
	return []test{
		{"accounts, with their secrets", accountsKept},
		{"rules, in their order", func(k *kit) {
			no := false
			full := rule("z", -1)
			full.Busy, full.MinDuration, full.Mode = &no, time.Hour, calbell.ModeReplace
			full.Remind = []calbell.Lead{{}, {Days: 7}}
			all := []calbell.StoredRule{full, rule("a", 2), rule("b", 2), rule("c", 3)}
			k.ok(k.Rules().Change(k.Context(), []calbell.StoredRule{all[3], all[1], all[0], all[2]}, nil))
			k.reopen()
			got, err := k.Rules().All(k.Context())
			k.ok(err)
			equal(k, "rules", got, all)
			k.ok(k.Rules().Change(k.Context(), []calbell.StoredRule{rule("c", 0)}, []calbell.RuleID{"a", "z", "c", "unknown"}))
			k.kind(k.Rules().Change(k.Context(), []calbell.StoredRule{rule("d", 0), rule("", 0)}, []calbell.RuleID{"b"}), calbell.KindUsage)
			got, err = k.Rules().All(k.Context())
			k.ok(err)
			equal(k, "after a change", got, []calbell.StoredRule{rule("c", 0), rule("b", 2)})
		}},
		{"settings of calendars", func(k *kit) {
			set := calbell.CalendarSettings{Name: "Team", Webhook: "chat", Remind: []calbell.Lead{{Exact: time.Minute}}, Private: "busy"}
			other := calbell.CalendarSettings{TimeZone: "Europe/Zurich"}
			k.ok(store.SetCalendar(k.Context(), k, "team", &calbell.CalendarSettings{Webhook: "ops"}))
			k.ok(store.SetCalendar(k.Context(), k, "team", &set))
			k.ok(store.SetCalendar(k.Context(), k, "mine", &other))
			k.ok(store.SetCalendar(k.Context(), k, "unknown", nil))
			k.ok(k.RemoveCalendar(k.Context(), "team", at(0)))
			k.reopen()
			got, err := store.SettingsByCalendar(k.Context(), k)
			k.ok(err)
			equal(k, "settings", got, map[calbell.CalendarID]calbell.CalendarSettings{"team": set, "mine": other})
			k.ok(store.SetCalendar(k.Context(), k, "team", nil))
			got, err = store.SettingsByCalendar(k.Context(), k)
			k.ok(err)
			equal(k, "after one was forgotten", got, map[calbell.CalendarID]calbell.CalendarSettings{"mine": other})
		}},
	}
}

func accountsKept(k *kit) {
	full := account("Home")
	full.Token, full.TimeZone, full.Addresses, full.WriteBack = "token", "Europe/Zurich", []string{"a@example.org"}, true
	full.Default = calbell.Default{Webhook: "chat", Remind: []calbell.Lead{{Exact: 90 * time.Minute}}, Mode: calbell.ModeAdd}
	full.CAPEM, full.ClientCertificatePEM, full.ClientKeyPEM = "authorities", "certificate", "key"
	full.Aliases = map[string]string{"ops@example.org": "ops"}
	full.Calendars = []calbell.CalendarSettings{{Name: "Team", RemindAllDay: []calbell.Lead{{Days: 1, AtClock: true, Clock: 18 * time.Hour}}}}
	for _, a := range []calbell.Account{account("Work"), full} {
		a.Origin = calbell.OriginFile // whatever it says, it is stored
		k.ok(k.Accounts().Put(k.Context(), a))
	}
	k.reopen()
	got, err := k.Accounts().All(k.Context())
	k.ok(err)
	equal(k, "accounts", got, []calbell.Account{full, account("Work")})
	equal(k, "secrets", []string{got[0].Password.Reveal(), got[0].Token.Reveal(), got[0].ClientKeyPEM.Reveal()}, []string{"secret of Home", "token", "key"})
	k.ok(k.Accounts().Remove(k.Context(), "Home"))
	k.kind(k.Accounts().Remove(k.Context(), "Home"), calbell.KindNotFound)
	k.kind(k.Accounts().Put(k.Context(), calbell.Account{}), calbell.KindUsage)
	got, err = k.Accounts().All(k.Context())
	k.ok(err)
	equal(k, "left", got, []calbell.Account{account("Work")})
}

func renameTests() []test {
	return []test{
		{"an account is renamed with all that is stored of it", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			team, other := cal("team"), cal("other")
			team.Account, other.Account = "home", "house"
			k.put(0, "team", obj("/1.ics", "1", r))
			k.ok(k.SaveCalendar(k.Context(), team))
			k.ok(k.SaveCalendar(k.Context(), other))
			full, theirs := bind("1", "home", "a"), bind("2", "house", "a")
			full.Lead = calbell.Lead{Exact: 90 * time.Second}
			k.ok(k.attach(store.Attachment{Account: "home", Put: []calbell.Binding{full}}, 0))
			k.ok(k.attach(store.Attachment{Account: "house", Put: []calbell.Binding{theirs}}, 0))
			set, kept := calbell.CalendarSettings{Name: "home/Team", Webhook: "ops"}, calbell.CalendarSettings{Name: "house/Team"}
			k.ok(store.SetCalendar(k.Context(), k, "team", &set))
			k.ok(store.SetCalendar(k.Context(), k, "other", &kept))
			name := calbell.ListedName{Account: "home", Name: "Team", URL: "https://cal.example.org/team/"}
			k.ok(k.ListedNames().Put(k.Context(), store.ListedNames{Account: "home", Names: []calbell.ListedName{name}}))
			_, before := k.bound("home")
			_, heirs := k.bound("cloud")

			k.ok(k.RenameAccount(k.Context(), "home", "cloud"))
			k.ok(k.RenameAccount(k.Context(), "unknown", "nothing"))
			k.reopen()
			team.Account, full.Account, set.Name, name.Account = "cloud", "cloud", "cloud/Team", "cloud"
			calendars, err := k.Calendars(k.Context())
			k.ok(err)
			equal(k, "calendars", calendars, []calbell.Calendar{team, other})
			equal(k, "bindings", k.allBound(), []calbell.Binding{full, theirs})
			_, after := k.bound("home")
			own, heir := k.bound("cloud")
			equal(k, "bindings of the heir", own, []calbell.Binding{full})
			if before == after || heirs == heir {
				k.Error("the state of the bindings is that of before")
			}
			calendars, err = k.CalendarsOf(k.Context(), "home", "cloud")
			k.ok(err)
			equal(k, "calendars of the heir", calendars, []calbell.Calendar{team})
			all, err := store.SettingsByCalendar(k.Context(), k)
			k.ok(err)
			equal(k, "settings", all, map[calbell.CalendarID]calbell.CalendarSettings{"team": set, "other": kept})
			names, err := store.AllListedNames(k.Context(), k.ListedNames())
			k.ok(err)
			equal(k, "names", names, []calbell.ListedName{name})
			k.expect(r, want{calbell.StatusPlanned, time.Hour, []string{"team/1.ics"}})
		}},
		{"no account is renamed without two names", func(k *kit) {
			for _, names := range [][2]string{{"", "a"}, {"a", ""}, {"a", "a"}} {
				k.kind(k.RenameAccount(k.Context(), names[0], names[1]), calbell.KindUsage)
			}
		}},
	}
}
