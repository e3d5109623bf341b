package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"calbell"
	"calbell/store"
)

func calendarTests() []test {
	return []test{
		{"saved and found again", calendarSaved},
		{"unknown", func(k *kit) {
			_, err := k.Calendar(k.Context(), "team")
			k.kind(err, calbell.KindNotFound)
			k.ok(k.RemoveCalendar(k.Context(), "team", t0))
		}},
		{"by account, then name", func(k *kit) {
			var want []calbell.Calendar
			for i, s := range []string{"a b", "a c", "b a", "b b"} {
				c := cal(fmt.Sprint(i))
				c.Account, c.Name = s[:1], s[2:]
				want = append(want, c)
			}
			for _, i := range []int{2, 0, 3, 1} {
				k.ok(k.SaveCalendar(k.Context(), want[i]))
			}
			got, err := k.Calendars(k.Context())
			k.ok(err)
			equal(k, "calendars", got, want)
		}},
		{"names of lists", func(k *kit) {
			work := calbell.ListedName{Account: "b", Name: "work", URL: "https://cal.example.org/work/", Ownership: calbell.OwnershipOwn}
			lost := calbell.ListedName{Account: "b", Name: "old", Trouble: calbell.English("it is gone"), Hint: calbell.English("list another"), Since: at(time.Hour)}
			other := calbell.ListedName{Account: "a", Name: "work", URL: "https://cal.example.org/other/", Ownership: calbell.OwnershipOther}
			k.ok(k.ListedNames().Put(k.Context(), store.ListedNames{Account: "b", Names: []calbell.ListedName{lost}}))
			k.ok(k.ListedNames().Put(k.Context(), store.ListedNames{Account: "a", Names: []calbell.ListedName{other}}))
			k.ok(k.ListedNames().Put(k.Context(), store.ListedNames{Account: "b", Names: []calbell.ListedName{work, lost}}))
			k.ok(k.RemoveCalendar(k.Context(), "team", at(0)))
			k.reopen()
			got, err := store.AllListedNames(k.Context(), k.ListedNames())
			k.ok(err)
			equal(k, "names", got, []calbell.ListedName{other, lost, work})
			k.ok(k.ListedNames().Put(k.Context(), store.ListedNames{Account: "b", Names: nil}))
			k.ok(k.ListedNames().Put(k.Context(), store.ListedNames{Account: "unknown", Names: nil}))
			got, err = store.AllListedNames(k.Context(), k.ListedNames())
			k.ok(err)
			equal(k, "after one account was forgotten", got, []calbell.ListedName{other})
		}},
		{"saving touches no object", func(k *kit) {
			r := rem("a", "chat", time.Hour)
			k.put(0, "team", obj("/1.ics", "1", r))
			k.ok(k.SaveCalendar(k.Context(), cal("team")))
			k.expect(r, want{calbell.StatusPlanned, time.Hour, []string{"team/1.ics"}})
			tags, err := k.ETags(k.Context(), "team")
			k.ok(err)
			equal(k, "ETags", tags, map[calbell.Href]calbell.ETag{"/1.ics": `"1"`})
		}},
	}
}

func calendarSaved(k *kit) {
	full := cal("team")
	full.Color, full.TimeZone, full.ReadOnly, full.Listed = "#336699", "Europe/Zurich", true, "Team"
	full.Ownership, full.SharedBy = calbell.OwnershipOther, "/principals/bob/"
	full.Addresses = []string{"alice@example.org"}
	full.StatedToken, full.StatesToken = "s0", true
	full.CTag, full.Level, full.PlanKey = "c1", calbell.LevelCTag, "p1"
	full.SyncedAt, full.ReconciledAt, full.FailingSince = at(0), at(1), at(2)
	full.LastError, full.ReadAt, full.ReadOff = calbell.English("sign-in refused"), at(3), true
	full.Unlisted, full.Gone = true, calbell.Gone{Since: at(4), Seen: 3, SilentAt: at(5), Reason: calbell.English("it is gone"), Hint: calbell.Plain("look")}
	full.FoundAs, full.FoundBy, full.Moved = "other", calbell.Login{URL: "https://cal.example.org/", Username: "alice"}, true
	for _, reaches := range [][]calbell.WebhookID{{"chat", "ops"}, {}, nil} { // none is not the same as not recorded
		full.Reaches = reaches
		k.ok(k.SaveCalendar(k.Context(), full))
		k.reopen()
		got, err := k.Calendar(k.Context(), "team")
		k.ok(err)
		equal(k, "calendar", got, full)
	}
}

func removalTests() []test {
	return []test{
		{"cancelled for the reason of the change", func(k *kit) {
			alone, shared := rem("a", "chat", 1), rem("b", "chat", 2)
			k.put(0, "team", obj("/1.ics", "1", alone), obj("/2.ics", "1", shared))
			k.put(0, "mine", obj("/2.ics", "1", shared))
			k.ok(k.Apply(k.Context(), store.Change{Calendar: cal("team"), Put: []store.Planned{obj("/1.ics", "1"), obj("/2.ics", "1")}, Reason: calbell.English("the server says so")}, t0))
			k.expect(alone, want{status: calbell.StatusCancelled})
			k.expect(shared, want{calbell.StatusPlanned, 2, []string{"mine/2.ics"}})
			equal(k, "reason", k.delivery(alone.ID).Reason, calbell.English("the server says so"))
		}},
		{"removed with what it alone wants", func(k *kit) {
			alone, shared, other := rem("a", "chat", 1), rem("b", "chat", 2), rem("c", "chat", 3)
			k.put(0, "team", obj("/1.ics", "1", alone), obj("/2.ics", "1", shared))
			k.put(0, "mine", obj("/1.ics", "1", other), obj("/2.ics", "1", shared))
			k.ok(k.RemoveCalendar(k.Context(), "team", at(time.Minute)))
			k.reopen()
			k.expect(alone, want{status: calbell.StatusCancelled})
			k.expect(shared, want{calbell.StatusPlanned, 2, []string{"mine/2.ics"}})
			k.expect(other, want{calbell.StatusPlanned, 3, []string{"mine/1.ics"}})
			if d := k.delivery(alone.ID); !d.FinishedAt.Equal(at(time.Minute)) || d.Reason.IsZero() {
				k.Errorf("cancelled at %s because of %q", d.FinishedAt, d.Reason)
			}
			_, err := k.Object(k.Context(), "team", "/1.ics")
			k.kind(err, calbell.KindNotFound)
			_, err = k.Calendar(k.Context(), "team")
			k.kind(err, calbell.KindNotFound)
			left, err := k.Calendars(k.Context())
			k.ok(err)
			equal(k, "calendars", left, []calbell.Calendar{cal("mine")})
		}},
	}
}

func objectTests() []test {
	return []test{
		{"stored with the token", storedWithToken},
		{"bad and mended ones", problemsCounted},
		{"unknown", func(k *kit) {
			k.put(0, "team", obj("/1.ics", "1"))
			_, err := k.Object(k.Context(), "team", "/2.ics")
			k.kind(err, calbell.KindNotFound)
			_, err = k.Object(k.Context(), "mine", "/1.ics")
			k.kind(err, calbell.KindNotFound)
			k.drop(0, "team", "/2.ics")
			tags, err := k.ETags(k.Context(), "mine")
			k.ok(err)
			equal(k, "ETags", tags, nil)
		}},
		{"replaced and deleted", func(k *kit) {
			k.put(0, "team", obj("/1.ics", "1"), obj("/2.ics", "1"), obj("/3.ics", "1"))
			k.put(0, "team", obj("/2.ics", "2"))
			k.drop(0, "team", "/3.ics")
			tags, err := k.ETags(k.Context(), "team")
			k.ok(err)
			equal(k, "ETags", tags, map[calbell.Href]calbell.ETag{"/1.ics": `"1"`, "/2.ics": `"2"`})
			o, err := k.Object(k.Context(), "team", "/2.ics")
			k.ok(err)
			equal(k, "object", o, stored("team", obj("/2.ics", "2")))
		}},
		{"what a calendar takes", calendarUsage},
		{"put and deleted in one change stays", func(k *kit) {
			k.put(0, "team", obj("/1.ics", "1"))
			k.ok(k.Apply(k.Context(), store.Change{
				Calendar: cal("team"), Put: []store.Planned{obj("/1.ics", "2")}, Delete: []calbell.Href{"/1.ics"},
			}, t0))
			o, err := k.Object(k.Context(), "team", "/1.ics")
			k.ok(err)
			equal(k, "ETag", o.ETag, `"2"`)
		}},
	}
}

func storedWithToken(k *kit) {
	c := cal("team")
	c.SyncToken = "after"
	p := obj("/a%2Fb%20ü.ics", "1")
	p.Object.Calendar, p.Object.Problem = c.ID, calbell.English("line 3: no colon")
	p.Object.Until, p.Object.Replan = at(48*time.Hour), at(24*time.Hour)
	p.Object.Warnings = []calbell.Warning{{Code: calbell.WarnNoUID}, {Code: calbell.WarnZone, Args: []string{"Mars", "UTC"}}}
	k.ok(k.Apply(k.Context(), store.Change{Calendar: c, Put: []store.Planned{p}}, t0))
	k.reopen()
	got, err := k.Object(k.Context(), "team", p.Object.Href)
	k.ok(err)
	equal(k, "object", got, p.Object)
	gotCal, err := k.Calendar(k.Context(), "team")
	k.ok(err)
	equal(k, "calendar", gotCal, c)
}

func problemsCounted(k *kit) {
	c := cal("team")
	var put []store.Planned
	want := map[calbell.Href]string{}
	for i := range 600 { // several pages
		p := obj(fmt.Sprintf("/%d.ics", i), "1")
		switch i % 100 {
		case 0:
			p.Object.Problem = calbell.English("line 3: no colon")
		case 50:
			p.Object.Warnings = []calbell.Warning{{Code: calbell.WarnNoUID}}
		}
		if i%50 == 0 {
			want[p.Object.Href] = p.Object.Problem.English
		}
		put = append(put, p)
	}
	k.ok(k.Apply(k.Context(), store.Change{Calendar: c, Put: put}, t0))
	got := map[calbell.Href]string{}
	each := func(o calbell.Object) error {
		if o.Raw != nil || o.Bad() == o.Mended() {
			k.Errorf("%s: bad %t, mended %t, %d bytes", o.Href, o.Bad(), o.Mended(), len(o.Raw))
		}
		got[o.Href] = o.Problem.English
		return nil
	}
	k.ok(k.EachProblem(k.Context(), "team", each))
	equal(k, "problems", got, want)
	k.ok(k.EachProblem(k.Context(), "mine", each))
	equal(k, "problems", got, want)
}

func calendarUsage(k *kit) {
	large := obj("/2.ics", "1")
	large.Object.Raw = bytes.Repeat([]byte("x"), 10_000)
	k.put(0, "team", obj("/1.ics", "1"), large)
	k.put(0, "mine", obj("/1.ics", "1"))
	objects, size, err := k.Usage(k.Context(), "team")
	k.ok(err)
	if objects != 2 || size < 10_000 || size > 11_000 {
		k.Errorf("%d objects, %d bytes", objects, size)
	}
	k.drop(0, "team", "/2.ics")
	objects, size, err = k.Usage(k.Context(), "team")
	k.ok(err)
	if objects != 1 || size > 1000 {
		k.Errorf("%d objects, %d bytes after one was deleted", objects, size)
	}
}

func uidTests() []test {
	listing := func(href, rev string, uids ...calbell.UID) store.Planned {
		p := obj(href, rev)
		p.Object.UIDs = uids
		return p
	}
	find := func(k *kit, uid calbell.UID) (places []string) {
		k.Helper()
		objs, err := k.ObjectsByUID(k.Context(), uid)
		k.ok(err)
		for _, o := range objs {
			places = append(places, string(o.Calendar)+string(o.Href))
			full, err := k.Object(k.Context(), o.Calendar, o.Href)
			k.ok(err)
			equal(k, "object", o, full)
		}
		return places
	}
	return []test{
		{"found by UID, by calendar, then href", func(k *kit) {
			k.put(0, "team", listing("/2.ics", "1", "a", "b", "a"), listing("/1.ics", "1", "a"))
			k.put(0, "mine", listing("/3.ics", "1", "a", ""))
			k.reopen()
			equal(k, "a", find(k, "a"), []string{"mine/3.ics", "team/1.ics", "team/2.ics"})
			equal(k, "b", find(k, "b"), []string{"team/2.ics"})
			equal(k, "the empty one", find(k, ""), []string{"mine/3.ics"})
			equal(k, "unknown", find(k, "c"), nil)
			k.put(0, "team", listing("/2.ics", "2", "b", "c"))
			equal(k, "a, when one lists it no more", find(k, "a"), []string{"mine/3.ics", "team/1.ics"})
			equal(k, "b, which it still lists", find(k, "b"), []string{"team/2.ics"})
			k.drop(0, "team", "/1.ics")
			equal(k, "a, when one is deleted", find(k, "a"), []string{"mine/3.ics"})
			k.ok(k.RemoveCalendar(k.Context(), "team", at(0)))
			equal(k, "b, without its calendar", find(k, "b"), nil)
			equal(k, "c, too", find(k, "c"), nil)
			k.put(0, "team", listing("/2.ics", "1", "b"))
			equal(k, "b, when it comes again", find(k, "b"), []string{"team/2.ics"})
		}},
		{"more of one UID than anybody has", func(k *kit) {
			var ps []store.Planned
			for i := range calbell.MaxSameUID + 20 {
				ps = append(ps, listing(fmt.Sprintf("/%d.ics", i), "1", "a"))
			}
			k.put(0, "team", ps...)
			objs, err := k.ObjectsByUID(k.Context(), "a")
			k.ok(err)
			equal(k, "found", len(objs), calbell.MaxSameUID)
		}},
	}
}

func walkingTests() []test {
	return []test{
		{"each, in pages, while the store is used", eachObject},
		{"each stops at an error", func(k *kit) {
			k.put(0, "team", obj("/1.ics", "1"), obj("/2.ics", "1"))
			boom, n := errors.New("boom"), 0
			err := k.EachObject(k.Context(), "team", func(calbell.Object) error { n++; return boom })
			if !errors.Is(err, boom) || n != 1 {
				k.Errorf("error %v after %d objects", err, n)
			}
		}},
		{"due plans, earliest first", func(k *kit) {
			var ps []store.Planned
			for _, h := range []int{3, 1, 5, 0, 2} {
				p := obj(fmt.Sprintf("/%d.ics", h), "1")
				if h > 0 {
					p.Object.Replan = at(time.Duration(h) * time.Hour)
				}
				ps = append(ps, p)
			}
			k.put(0, "team", ps...)
			equal(k, "none", k.duePlans(59*time.Minute, 10), nil)
			equal(k, "three", k.duePlans(3*time.Hour, 10), []calbell.Href{"/1.ics", "/2.ics", "/3.ics"})
			equal(k, "limited", k.duePlans(3*time.Hour, 2), []calbell.Href{"/1.ics", "/2.ics"})
			k.drop(0, "team", "/1.ics")
			k.put(0, "team", obj("/2.ics", "2"))
			equal(k, "after changes", k.duePlans(9*time.Hour, 10), []calbell.Href{"/3.ics", "/5.ics"})
		}},
		{"large text", func(k *kit) {
			p := obj("/1.ics", "1")
			p.Object.Raw = slices.Repeat([]byte("0123456789abcdef"), calbell.MaxObjectBytes/16)
			k.put(0, "team", p)
			k.reopen()
			o, err := k.Object(k.Context(), "team", "/1.ics")
			k.ok(err)
			if !slices.Equal(o.Raw, p.Object.Raw) {
				k.Errorf("%d bytes came back of %d, or others", len(o.Raw), len(p.Object.Raw))
			}
		}},
	}
}

// stored returns the object as it is found in a calendar.
func stored(calendar string, p store.Planned) calbell.Object {
	p.Object.Calendar = calbell.CalendarID(calendar)
	return p.Object
}

func (k *kit) duePlans(d time.Duration, limit int) []calbell.Href {
	k.Helper()
	objs, err := k.DuePlans(k.Context(), at(d), limit)
	k.ok(err)
	var hrefs []calbell.Href
	for _, o := range objs {
		hrefs = append(hrefs, o.Href)
		if len(o.Raw) == 0 {
			k.Errorf("%q came without its text", o.Href)
		}
	}
	return hrefs
}

// eachObject writes to the store from inside the walk: were the walk a transaction, that
// would wait for ever.
func eachObject(k *kit) {
	const n = 700
	var ps []store.Planned
	for i := range n {
		ps = append(ps, obj(fmt.Sprintf("/%04d.ics", i), "1"))
	}
	k.put(0, "team", ps...)
	k.put(0, "mine", obj("/x.ics", "1"))
	var order [2][]calbell.Href
	for round := range order {
		k.ok(k.EachObject(k.Context(), "team", func(o calbell.Object) error {
			order[round] = append(order[round], o.Href)
			if len(order[round])%100 == 0 {
				k.put(0, "mine", obj("/x.ics", fmt.Sprint(round, len(order[round]))))
			}
			return nil
		}))
	}
	equal(k, "second walk", order[1], order[0])
	slices.Sort(order[0])
	if order[0] = slices.Compact(order[0]); len(order[0]) != n {
		k.Errorf("%d different objects seen, want %d", len(order[0]), n)
	}
}
