package caldavtest

import (
	"slices"
	"strings"

	"calbell"
	"calbell/caldav"
)

// moved: an object that is moved to another calendar at the server is deleted in the one, and new
// in the other.
func (s *suite) moved() {
	there := s.in(s.site.Other)
	const goes = "moved-goes.ics" // as its UID: SOGo calls so what is moved
	s.put("stays.ics", Event("moved-stays@example.org", "Stays", ""))
	s.put(goes, Event("moved-goes", "Goes", ""))
	s.sync()
	there.sync()
	s.site.Move(goes)
	s.gets(s.sync(), 0, 1)
	there.gets(there.sync(), 1, 0)
	s.expect(map[string]string{"stays.ics": "SUMMARY:Stays"})
	there.expect(map[string]string{goes: "SUMMARY:Goes"})
	s.quiet()
	there.quiet()
}

// in is the same client at another calendar, of which nothing is stored.
func (s *suite) in(url string) *suite {
	return &suite{TB: s.TB, site: s.site, client: s.client, stored: map[calbell.Href]calbell.Object{}, cal: calbell.Calendar{
		ID: calbell.NewCalendarID(s.site.Account.Name, url), Account: s.site.Account.Name, URL: url,
	}}
}

// renamed: a calendar with another displayname is the same calendar, and nothing in it is new.
func (s *suite) renamed() {
	s.put("a.ics", Event("renamed@example.org", "A", ""))
	s.sync()
	const name = "Team Übermorgen"
	s.site.Rename(name)
	if c, ok := s.listed(s.site.Calendar); !ok || c.ID != s.cal.ID || c.Name != name {
		s.Errorf("found %t as %+v", ok, c)
	}
	s.gets(s.sync(), 0, 0)
}

// removed: a calendar that is deleted at the server is gone by its own address, and listed no more.
// A sync of it fails, and deletes nothing: whether it is gone is asked apart.
func (s *suite) removed() {
	s.put("a.ics", Event("removed@example.org", "A", ""))
	s.sync()
	if gone, err := s.client.Gone(s.Context(), s.cal); gone != calbell.AbsenceNone || err != nil {
		s.Errorf("before: gone %t, %v", gone, err)
	}
	s.site.Remove()
	if gone, err := s.client.Gone(s.Context(), s.cal); gone == calbell.AbsenceNone || err != nil {
		s.Errorf("after: gone %t, %v", gone, err)
	}
	if _, ok := s.listed(s.site.Calendar); ok {
		s.Errorf("it is listed still")
	}
	if _, ok := s.listed(s.site.Other); !ok {
		s.Errorf("the other one is not listed")
	}
	err := s.client.Changes(s.Context(), s.cal, s.etags, func(b caldav.Batch) error {
		if len(b.Deleted) > 0 || b.Last {
			s.Errorf("a sync of it hands over %+v", b)
		}
		return nil
	})
	if err == nil || calbell.HintOf(err).IsZero() {
		s.Errorf("a sync of it ends with %v", err)
	}
}

// shared: another person's calendar is found, known as theirs, and read like one's own.
func (s *suite) shared() {
	theirs := s.site.Share()
	c, ok := s.listed(theirs.URL)
	if !ok || c.Ownership != calbell.OwnershipOther || !strings.HasSuffix(c.SharedBy, "/"+theirs.Owner) {
		s.Errorf("found %t as %+v", ok, c)
	}
	if own, ok := s.listed(s.site.Calendar); !ok || own.Ownership != calbell.OwnershipOwn || own.SharedBy != "" {
		s.Errorf("one's own is found %t as %+v", ok, own)
	}
	there := s.in(theirs.URL)
	theirs.Put("a.ics", Event("shared-a@example.org", "Theirs", ""))
	there.sync()
	there.expect(map[string]string{"a.ics": "SUMMARY:Theirs"})
	theirs.Put("b.ics", Event("shared-b@example.org", "New", ""))
	there.gets(there.sync(), 1, 0)
	there.quiet()
}

// listed looks for a calendar among those of the account.
func (s *suite) listed(url string) (calbell.Calendar, bool) {
	s.Helper()
	d, err := s.client.Discover(s.Context())
	if err != nil {
		s.Fatalf("discover: %v\n%+v", err, d.Probes)
	}
	i := slices.IndexFunc(d.Calendars, func(c calbell.Calendar) bool { return c.URL == url })
	if i < 0 {
		s.Logf("%s is not listed: %+v", url, d.Probes)
		return calbell.Calendar{}, false
	}
	return d.Calendars[i], true
}
