package service

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"time"

	"calbell"
	"calbell/ical"
	"calbell/scheduler"
)

const (
	// maxTitle and maxDescription bound what is written into an event, in bytes.
	maxTitle, maxDescription = 4000, 65536
	// defaultLength is how long an event is that has no end.
	defaultLength = time.Hour
)

// CreateEvent writes a new event into a calendar, syncs that, attaches the reminder that is
// asked for, and returns the event. One that was written although what followed failed is told
// by an error of kind KindPartly.
func (s *Service) CreateEvent(ctx context.Context, who calbell.Caller, n calbell.NewEvent, now time.Time) (calbell.EventDetail, error) {
	c, err := s.oneCalendar(ctx, who, n.Calendar)
	if err != nil {
		return calbell.EventDetail{}, err
	}
	draft, err := s.draft(n)
	if err == nil {
		err = s.writable(c, n)
	}
	account := s.accountNamed(c.Account)
	if err == nil && account == nil {
		err = notFound("account", c.Account, nil, "calbell account list")
	}
	if err != nil {
		return calbell.EventDetail{}, err
	}
	href, err := hrefIn(c, draft.UID)
	if err == nil {
		err = s.daemon.PutObject(ctx, *account, c, href, draft.Write(now))
	}
	if err != nil {
		return calbell.EventDetail{}, err
	}
	d, err := s.created(ctx, who, scheduler.SyncRequest{Account: *account, Only: []calbell.CalendarID{c.ID}, Now: true}, n, draft.UID)
	if err != nil {
		err = &calbell.Error{
			Kind: calbell.KindPartly, What: fmt.Sprintf("event %q was written into calendar %q, but what follows failed", n.Title, c.Name),
			Hint: "look for it in the agenda after the next sync", Err: err,
		}
	}
	return d, err
}

// created brings a new event in and attaches its reminder.
func (s *Service) created(ctx context.Context, who calbell.Caller, r scheduler.SyncRequest, n calbell.NewEvent, uid calbell.UID) (calbell.EventDetail, error) {
	if err := s.daemon.Sync(ctx, r); err != nil {
		return calbell.EventDetail{}, err
	}
	if len(n.Before) > 0 {
		if _, err := s.AddReminder(ctx, who, calbell.NewReminder{Event: string(uid), Webhook: n.Webhook, Before: n.Before}); err != nil {
			return calbell.EventDetail{}, err
		}
	}
	return s.Event(ctx, who, string(uid), time.Now())
}

// writable refuses calendars that take no events, and reminders that could not be attached
// afterwards.
func (s *Service) writable(c calbell.Calendar, n calbell.NewEvent) error {
	if c.ReadOnly || c.Level == calbell.LevelFile {
		return field("calendar", fmt.Sprintf("calendar %q can only be read", c.Name), "choose another calendar")
	}
	if len(n.Before) == 0 {
		return nil
	}
	usable := s.daemon.Planner().Usable(c.Account)
	if usable[n.Webhook] == "" && usable[calbell.Slug(n.Webhook)] == "" {
		return field("webhook", fmt.Sprintf("no webhook %q", n.Webhook), "see: calbell webhook list")
	}
	return nil
}

// draft is the event that is asked for.
func (s *Service) draft(n calbell.NewEvent) (ical.Draft, error) {
	d := ical.Draft{UID: newUID(), Title: strings.TrimSpace(n.Title), Location: strings.TrimSpace(n.Location), Description: strings.TrimSpace(n.Description)}
	switch {
	case d.Title == "":
		return d, field("title", "an event needs a title", "")
	case len(d.Title) > maxTitle, len(d.Location) > maxTitle:
		return d, field("title", fmt.Sprintf("title and location have at most %d bytes", maxTitle), "the description takes more")
	case len(d.Description) > maxDescription:
		return d, field("description", fmt.Sprintf("the description has more than %d bytes", maxDescription), "")
	}
	zone := s.daemon.Planner().Zone()
	if n.TimeZone != "" {
		z, err := time.LoadLocation(n.TimeZone)
		if err != nil || n.TimeZone == "Local" {
			return d, field("time_zone", fmt.Sprintf("there is no zone %q", n.TimeZone), "such as Europe/Zurich")
		}
		zone = z
	}
	var err error
	if d.Start, d.AllDay, err = wallTime("start", n.Start, zone); err != nil {
		return d, err
	}
	return ended(d, n.End, zone)
}

// ended puts the end into a draft.
func ended(d ical.Draft, text string, zone *time.Location) (ical.Draft, error) {
	if text == "" {
		d.End = d.Start.Add(defaultLength)
		if d.AllDay {
			d.End = d.Start.AddDate(0, 0, 1)
		}
		return d, nil
	}
	end, day, err := wallTime("end", text, zone)
	if err != nil {
		return d, err
	}
	if d.End = end; day {
		d.End = end.AddDate(0, 0, 1)
	}
	switch {
	case day != d.AllDay:
		return d, field("end", "start and end must both be days, or both be times", "")
	case d.End.Before(d.Start), day && !d.End.After(d.Start):
		return d, field("end", "the end is before the start", "")
	}
	return d, nil
}

// wallTime reads a day, or a time by the clock of a zone.
func wallTime(name, text string, zone *time.Location) (t time.Time, day bool, err error) {
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err = time.ParseInLocation(form, strings.TrimSpace(text), zone); err == nil && t.Year() >= 1900 {
			return t, form == time.DateOnly, nil
		}
	}
	return t, false, field(name, fmt.Sprintf("%q is no time", text), "write 2026-12-01T14:00, or 2026-12-01 for all day")
}

// newUID makes the name of a new event, which nobody can guess (RFC 7986 §5.3).
func newUID() calbell.UID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never returns an error
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return calbell.UID(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

// hrefIn is where a new object goes in a calendar.
func hrefIn(c calbell.Calendar, uid calbell.UID) (calbell.Href, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return "", &calbell.Error{Kind: calbell.KindConfig, What: fmt.Sprintf("calendar %q: its url cannot be read", c.Name)}
	}
	return calbell.Href(strings.TrimSuffix(u.EscapedPath(), "/") + "/" + string(uid) + ".ics"), nil
}
