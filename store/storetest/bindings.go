package storetest

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

// bind returns a binding for tests.
func bind(id, account, uid string) calbell.Binding {
	return calbell.Binding{
		ID: calbell.BindingID(id), Account: account, UID: calbell.UID(uid), Webhook: "chat",
		Lead: calbell.Lead{Exact: 15 * time.Minute}, MadeAt: at(0),
	}
}

// bound returns the bindings of an account with the state that they are in.
func (k *kit) bound(account string) ([]calbell.Binding, store.BindingsState) {
	k.Helper()
	bs, state, err := k.Bindings(k.Context(), account)
	k.ok(err)
	return bs, state
}

// allBound returns all bindings.
func (k *kit) allBound() []calbell.Binding {
	k.Helper()
	bs, err := k.AllBindings(k.Context())
	k.ok(err)
	return bs
}

// attach changes bindings on the state of now: of an account, or of "home".
func (k *kit) attach(a store.Attachment, d time.Duration) error {
	k.Helper()
	a.Account = cmp.Or(a.Account, "home")
	_, a.Bound = k.bound(a.Account)
	return k.Attach(k.Context(), a, at(d))
}

// is compares an error with one that has no meaning for people.
func (k *kit) is(err, want error) {
	k.Helper()
	if !errors.Is(err, want) {
		k.Errorf("error %v, want %v", err, want)
	}
}

// planOf returns an object as it is stored, planned with these reminders.
func planOf(calendar string, p store.Planned, rs ...store.PlannedReminder) store.Planned {
	p.Object = stored(calendar, p)
	for i := range rs {
		rs[i].Sources = []calbell.Source{{Calendar: p.Object.Calendar, Href: p.Object.Href, Alarm: rs[i].Sources[0].Alarm}}
	}
	p.Reminders = rs
	return p
}

func bindingTests() []test {
	return slices.Concat(bindingBasics(), bindingPlans(), bindingConflicts(), boundChanges(), changeNotices())
}

func bindingBasics() []test {
	return []test{
		{"kept as they are", func(k *kit) {
			full := calbell.Binding{
				ID: "1", Owner: "alice", Account: "home", UID: "a", Instance: "20261123T090000", Onwards: true, Webhook: "ops",
				Lead:   calbell.Lead{Days: 1, Exact: -90 * time.Second, AtClock: true, Clock: 18*time.Hour + time.Second},
				MadeAt: at(0), GoneAt: at(time.Nanosecond),
			}
			alarm := calbell.Binding{ID: "2", Account: "home", UID: "a", Webhook: "chat", AtAlarm: true, MadeAt: at(1)}
			mute := calbell.Binding{ID: "3", Account: "home", UID: "b", Mute: true, MadeAt: at(2)}
			zoned := full
			zoned.MadeAt, zoned.GoneAt = full.MadeAt.In(time.FixedZone("", 3600)), full.GoneAt.In(time.FixedZone("", 3600))
			k.ok(k.attach(store.Attachment{Put: []calbell.Binding{mute, alarm, zoned}}, 0))
			_, before := k.bound("home")
			k.reopen()
			got, state := k.bound("home")
			equal(k, "bindings", got, []calbell.Binding{full, alarm, mute})
			equal(k, "state after a restart", state, before)
		}},
		{"by account, UID and ID", func(k *kit) {
			all := []calbell.Binding{bind("4", "a", "u"), bind("1", "b", "t"), bind("2", "b", "u"), bind("3", "b", "u")}
			all[0].Webhook, all[3].Webhook = "ops", "ops"
			k.ok(k.attach(store.Attachment{Account: "a", Put: all[:1]}, 0))
			k.ok(k.attach(store.Attachment{Account: "b", Put: []calbell.Binding{all[3], all[1], all[2]}}, 0))
			equal(k, "all", k.allBound(), all)
			some, _ := k.bound("b")
			equal(k, "of b", some, all[1:])
			none, _ := k.bound("c")
			equal(k, "of c", none, nil)
			some, err := k.BindingsOf(k.Context(), "b", "c", "a", "b")
			k.ok(err)
			equal(k, "of some accounts", some, all)
			some, err = k.BindingsTo(k.Context(), "ops", "unknown")
			k.ok(err)
			equal(k, "to a webhook", some, []calbell.Binding{all[0], all[3]})
		}},
		{"replaced by ID, removed by ID", func(k *kit) {
			k.ok(k.attach(store.Attachment{Account: "a", Put: []calbell.Binding{bind("1", "a", "u"), bind("2", "a", "u"), bind("3", "a", "u")}}, 0))
			k.ok(k.attach(store.Attachment{Account: "b", Put: []calbell.Binding{bind("4", "b", "u")}}, 0))
			moved := bind("1", "a", "v")
			moved.Webhook = "ops"
			k.ok(k.attach(store.Attachment{
				Account: "a", Put: []calbell.Binding{moved, bind("3", "a", "x")}, Remove: []calbell.BindingID{"2", "3", "4", "unknown"},
			}, 0))
			equal(k, "bindings", k.allBound(), []calbell.Binding{moved, bind("3", "a", "x"), bind("4", "b", "u")})
			to, err := k.BindingsTo(k.Context(), "chat")
			k.ok(err)
			equal(k, "to the webhook of before", to, []calbell.Binding{bind("3", "a", "x"), bind("4", "b", "u")})
		}},
		{"each change makes a new state", bindingStates},
		{"one that is not whole", func(k *kit) {
			for _, b := range []calbell.Binding{bind("", "a", "u"), bind("1", "", "u"), bind("1", "a", ""), bind("1", "b", "u")} {
				k.kind(k.attach(store.Attachment{Account: "a", Put: []calbell.Binding{bind("2", "a", "u"), b}}, 0), calbell.KindUsage)
			}
			equal(k, "bindings", k.allBound(), nil)
		}},
		{"they outlive their calendar", func(k *kit) {
			k.put(0, "team", obj("/1.ics", "1", rem("a", "chat", time.Hour)))
			k.ok(k.attach(store.Attachment{Put: []calbell.Binding{bind("1", "home", "a")}}, 0))
			_, before := k.bound("home")
			k.ok(k.RemoveCalendar(k.Context(), "team", at(0)))
			got, state := k.bound("home")
			equal(k, "bindings", got, []calbell.Binding{bind("1", "home", "a")})
			equal(k, "state", state, before)
		}},
	}
}

func bindingStates(k *kit) {
	seen := make(map[store.BindingsState]bool)
	_, s := k.bound("a")
	seen[s] = true
	_, others := k.bound("b")
	for _, a := range []store.Attachment{
		{Put: []calbell.Binding{bind("1", "a", "u")}},
		{Put: []calbell.Binding{bind("1", "a", "v")}},
		{Remove: []calbell.BindingID{"1"}},
		{Put: []calbell.Binding{bind("1", "a", "u")}},
	} {
		a.Account = "a"
		k.ok(k.attach(a, 0))
		_, s := k.bound("a")
		if seen[s] {
			k.Errorf("state %d comes again", s)
		}
		seen[s] = true
	}
	_, after := k.bound("b")
	equal(k, "state of another account", after, others)
}

func bindingPlans() []test {
	return []test{
		{"attached with its plan", func(k *kit) {
			own, added := rem("a", "chat", time.Hour), alarm(rem("a", "ops", 2*time.Hour), -1)
			p := obj("/1.ics", "1", own)
			k.put(0, "team", p)
			c := cal("team")
			c.SyncToken = "newer"
			k.ok(k.SaveCalendar(k.Context(), c))
			plan := planOf("team", p, added)
			plan.Object.Replan, plan.Object.Until = at(time.Hour), at(3*time.Hour)
			k.ok(k.attach(store.Attachment{Put: []calbell.Binding{bind("1", "home", "a")}, Plans: []store.Planned{plan}}, time.Minute))
			k.reopen()
			k.expect(own, want{status: cancelled})
			k.expect(added, want{planned, 2 * time.Hour, []string{"team/1.ics"}})
			equal(k, "sources", k.delivery(added.ID).Sources, []calbell.Source{{Calendar: "team", Href: "/1.ics", Alarm: -1}})
			got, err := k.Object(k.Context(), "team", "/1.ics")
			k.ok(err)
			equal(k, "object", got, plan.Object)
			equal(k, "due plans", k.duePlans(time.Hour, 10), []calbell.Href{"/1.ics"})
			kept, err := k.Calendar(k.Context(), "team")
			k.ok(err)
			equal(k, "calendar", kept, c)
			k.ok(k.attach(store.Attachment{Remove: []calbell.BindingID{"1"}, Plans: []store.Planned{planOf("team", p, own)}}, time.Minute))
			k.expect(own, want{planned, time.Hour, []string{"team/1.ics"}})
			k.expect(added, want{status: cancelled})
		}},
		{"a reminder moves between objects of one attachment", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			one, two := obj("/1.ics", "1", r), obj("/2.ics", "1")
			k.put(0, "team", one)
			k.put(0, "mine", two)
			k.ok(k.attach(store.Attachment{Plans: []store.Planned{planOf("team", one), planOf("mine", two, r)}}, 0))
			k.expect(r, want{planned, time.Hour, []string{"mine/2.ics"}})
		}},
	}
}

func bindingConflicts() []test {
	// refused attaches something that may not be, and sees that nothing of it is stored.
	refused := func(k *kit, a store.Attachment, want error) {
		k.Helper()
		before := snapshot(k, k.Store)
		_, state := k.bound("home")
		k.is(k.Attach(k.Context(), a, at(0)), want)
		equal(k, "the store", snapshot(k, k.Store), before)
		_, after := k.bound("home")
		equal(k, "state", after, state)
	}
	return []test{
		{"other bindings than those of the plan", func(k *kit) {
			p := obj("/1.ics", "1", rem("a", "chat", time.Hour))
			k.put(0, "team", p)
			_, old := k.bound("home")
			k.ok(k.attach(store.Attachment{Put: []calbell.Binding{bind("1", "home", "b")}}, 0))
			refused(k, store.Attachment{
				Account: "home", Put: []calbell.Binding{bind("2", "home", "a")}, Remove: []calbell.BindingID{"1"}, Bound: old,
				Plans: []store.Planned{planOf("team", p, rem("a", "ops", time.Hour))},
			}, store.ErrBindingsChanged)
		}},
		{"another object than that of the plan", func(k *kit) {
			one, two := obj("/1.ics", "1", rem("a", "chat", time.Hour)), obj("/2.ics", "1", rem("b", "chat", time.Hour))
			k.put(0, "team", one, two)
			k.ok(k.attach(store.Attachment{Put: []calbell.Binding{bind("1", "home", "a")}}, 0))
			etag, text, href, calendar := planOf("team", two), planOf("team", two), planOf("team", two), planOf("mine", two)
			etag.Object.ETag, text.Object.Raw, href.Object.Href = `"2"`, []byte("other"), "/3.ics"
			for _, p := range []store.Planned{etag, text, href, calendar} {
				_, now := k.bound("home")
				refused(k, store.Attachment{
					Account: "home", Put: []calbell.Binding{bind("2", "home", "a")}, Remove: []calbell.BindingID{"1"}, Bound: now,
					Plans: []store.Planned{planOf("team", one, rem("a", "ops", time.Hour)), p},
				}, store.ErrObjectChanged)
			}
		}},
		{"another text where there are no ETags", func(k *kit) {
			p := obj("/1.ics", "1", rem("a", "chat", time.Hour))
			p.Object.ETag = ""
			k.put(0, "team", p)
			newer := p
			newer.Object.Raw = []byte("newer")
			refused(k, store.Attachment{Plans: []store.Planned{planOf("team", newer)}}, store.ErrObjectChanged)
			k.ok(k.attach(store.Attachment{Plans: []store.Planned{planOf("team", p)}}, 0))
		}},
	}
}

func boundChanges() []test {
	return []test{
		{"a change rests on the bindings of its plan", func(k *kit) {
			old, r := rem("a", "chat", time.Hour), rem("a", "chat", 2*time.Hour)
			k.put(0, "team", obj("/1.ics", "1", old), obj("/2.ics", "1"))
			_, state := k.bound("home")
			k.ok(k.attach(store.Attachment{Put: []calbell.Binding{bind("1", "home", "a")}}, 0))
			p := obj("/1.ics", "2", r)
			c := store.Change{
				Calendar: cal("team"), Put: []store.Planned{p}, Delete: []calbell.Href{"/2.ics"}, Bound: &state,
				Notices: []calbell.Reminder{notice("chat", 0)},
			}
			c.Calendar.SyncToken = "newer"
			before := snapshot(k, k.Store)
			k.is(k.Apply(k.Context(), c, at(0)), store.ErrBindingsChanged)
			equal(k, "the store", snapshot(k, k.Store), before)
			_, state = k.bound("home")
			k.ok(k.Apply(k.Context(), c, at(0)))
			k.expect(old, want{status: cancelled})
			k.expect(r, want{planned, 2 * time.Hour, []string{"team/1.ics"}})
			_, now := k.bound("home")
			equal(k, "state: a change of objects is none of bindings", now, state)
		}},
		{"a change that rests on none", func(k *kit) {
			k.ok(k.attach(store.Attachment{Put: []calbell.Binding{bind("1", "home", "a")}}, 0))
			k.put(0, "team", obj("/1.ics", "1"))
		}},
	}
}

func changeNotices() []test {
	return []test{
		{"a change brings its notices", func(k *kit) {
			n := notice("chat", 0)
			c := store.Change{Calendar: cal("team"), Notices: []calbell.Reminder{n, n}}
			k.ok(k.Apply(k.Context(), c, at(0)))
			k.reopen()
			equal(k, "claimed", claimIDs(k.claim(0)), []calbell.ReminderID{n.ID})
			k.finish(0, sent(n.ID, 0))
			k.ok(k.Apply(k.Context(), c, at(time.Minute)))
			equal(k, "claimed after it ended", claimIDs(k.claim(time.Minute)), nil)
		}},
		{"a change with a reminder that is no notice", func(k *kit) {
			c := store.Change{
				Calendar: cal("team"), Put: []store.Planned{obj("/1.ics", "1")},
				Notices: []calbell.Reminder{notice("chat", 0), rem("a", "chat", 0).Reminder},
			}
			before := snapshot(k, k.Store)
			k.kind(k.Apply(k.Context(), c, at(0)), calbell.KindUsage)
			equal(k, "the store", snapshot(k, k.Store), before)
		}},
	}
}

func pauseTests() []test {
	pauses := func(k *kit, d time.Duration) []calbell.Pause {
		k.Helper()
		ps, err := k.Pauses(k.Context(), at(d))
		k.ok(err)
		return ps
	}
	set := func(k *kit, p calbell.Pause, d time.Duration) {
		k.Helper()
		k.ok(k.SetPause(k.Context(), p, at(d)))
	}
	of := func(calendar, webhook string, until time.Duration) calbell.Pause {
		return calbell.Pause{
			Calendar: calbell.CalendarID(calendar), Webhook: calbell.WebhookID(webhook), Until: at(until), MadeAt: at(0),
		}
	}
	return []test{
		{"one of each kind, until they end", func(k *kit) {
			all := []calbell.Pause{
				of("", "", 4*time.Hour), of("", "chat", 3*time.Hour), of("team", "", 2*time.Hour), of("team", "chat", time.Hour),
			}
			for _, i := range []int{2, 0, 3, 1} {
				p := all[i]
				p.Until, p.MadeAt = p.Until.In(time.FixedZone("", 3600)), p.MadeAt.In(time.FixedZone("", 3600))
				set(k, p, 0)
			}
			k.reopen()
			equal(k, "at first", pauses(k, 0), all)
			equal(k, "when the first has ended", pauses(k, time.Hour), all[:3])
			equal(k, "just before", pauses(k, time.Hour-1), all)
			equal(k, "reading forgets nothing", pauses(k, 0), all)
			set(k, of("mine", "", 5*time.Hour), 2*time.Hour)
			n, err := k.EndPauses(k.Context(), at(2*time.Hour))
			k.ok(err)
			equal(k, "how many had ended", n, 2)
			equal(k, "what had ended is removed", pauses(k, 0), []calbell.Pause{all[0], all[1], of("mine", "", 5*time.Hour)})
		}},
		{"of some calendars and webhooks", func(k *kit) {
			for _, p := range []calbell.Pause{
				of("", "", time.Hour), of("", "chat", time.Hour), of("", "ops", time.Hour), of("team", "", time.Hour),
				of("team", "ops", time.Minute), of("team", "chat", time.Hour), of("mine", "chat", time.Hour),
			} {
				set(k, p, 0)
			}
			got, err := k.PausesOf(k.Context(), []calbell.CalendarID{"team", "unknown"}, []calbell.WebhookID{"chat"}, at(time.Minute))
			k.ok(err)
			equal(k, "pauses", got, []calbell.Pause{of("", "", time.Hour), of("", "chat", time.Hour), of("team", "", time.Hour), of("team", "chat", time.Hour)})
			got, err = k.PausesOf(k.Context(), nil, nil, at(0))
			k.ok(err)
			equal(k, "of nothing: what is of everything", got, []calbell.Pause{of("", "", time.Hour)})
		}},
		{"replaced and ended", func(k *kit) {
			set(k, of("team", "", time.Hour), 0)
			set(k, of("", "team", time.Hour), 0) // a webhook may be called as a calendar is
			set(k, of("team", "", 2*time.Hour), 0)
			equal(k, "replaced", pauses(k, 0), []calbell.Pause{of("", "team", time.Hour), of("team", "", 2*time.Hour)})
			set(k, of("team", "", time.Minute), time.Minute)
			equal(k, "ended", pauses(k, 0), []calbell.Pause{of("", "team", time.Hour)})
			set(k, calbell.Pause{Webhook: "unknown"}, 0)
			equal(k, "an unknown one", pauses(k, 0), []calbell.Pause{of("", "team", time.Hour)})
		}},
	}
}
