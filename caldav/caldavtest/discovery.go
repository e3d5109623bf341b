package caldavtest

import (
	"fmt"
	"slices"
	"strings"

	"calbell"
	"calbell/caldav"
)

// discovery: the calendar is found from the server's root, and from every place on the way to it.
func (s *suite) discovery() {
	d, err := s.client.Discover(s.Context())
	if err != nil {
		s.Fatalf("discover: %v\n%+v", err, d.Probes)
	}
	i := slices.IndexFunc(d.Calendars, func(c calbell.Calendar) bool { return c.URL == s.site.Calendar })
	if i < 0 {
		s.Fatalf("%s is not among %+v", s.site.Calendar, d.Calendars)
	}
	c := d.Calendars[i]
	if c.ID != s.cal.ID || c.Name != s.site.Name || c.Account != s.site.Account.Name || c.ReadOnly {
		s.Errorf("found %+v", c)
	}
	if len(d.HomeSets) == 0 || d.Principal == "" || len(d.Probes) == 0 {
		s.Errorf("principal %q, home sets %q, %d probes", d.Principal, d.HomeSets, len(d.Probes))
	}
	for _, start := range append([]string{d.Principal, s.site.Calendar, strings.TrimSuffix(s.site.Calendar, "/")}, d.HomeSets...) {
		s.discoveryFrom(start)
	}
}

// discoveryFrom begins at another URL than the root.
func (s *suite) discoveryFrom(start string) {
	s.Helper()
	account := s.site.Account
	account.URL = start
	client, err := caldav.New(account, caldav.Options{})
	if err != nil {
		s.Fatal(err)
	}
	defer client.CloseIdle()
	d, err := client.Discover(s.Context())
	if err != nil {
		s.Errorf("discover from %s: %v\n%+v", start, err, d.Probes)
		return
	}
	if !slices.ContainsFunc(d.Calendars, func(c calbell.Calendar) bool { return c.ID == s.cal.ID }) {
		s.Errorf("from %s: %s is not among %+v", start, s.site.Calendar, d.Calendars)
	}
	if strings.HasPrefix(s.site.Calendar, start) && strings.Trim(start, "/") == strings.Trim(s.site.Calendar, "/") && len(d.Calendars) != 1 {
		s.Errorf("from the calendar itself: %+v", d.Calendars)
	}
}

func (s *suite) wrongPassword() {
	account := s.site.Account
	if account.Username == "" {
		return // the server asks nobody
	}
	account.Password = "wrong-" + account.Password
	client, err := caldav.New(account, caldav.Options{})
	if err != nil {
		s.Fatal(err)
	}
	defer client.CloseIdle()
	_, err = client.Discover(s.Context())
	s.refused("discover", err)
	s.refused("sync", client.Changes(s.Context(), s.cal, s.etags, func(caldav.Batch) error { return nil }))
}

func (s *suite) refused(what string, err error) {
	s.Helper()
	if calbell.KindOf(err) != calbell.KindRefused || !strings.Contains(err.Error(), "401") || calbell.HintOf(err).IsZero() {
		s.Errorf("%s: %v (kind %d)", what, err, calbell.KindOf(err))
	}
	if err != nil && strings.Contains(fmt.Sprintf("%+v", err), s.site.Account.Password.Reveal()) {
		s.Errorf("%s: the password is in %v", what, err)
	}
}
