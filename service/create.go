package service

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/ical/edit"
	"calbell/ical/zone"
)

const (
	// maxTitle and maxDescription limit the texts of a new event, in bytes.
	maxTitle, maxDescription = 4000, 65536
	// uidLetters are the characters of a UID that a caller chooses: it becomes part of a URL.
	uidLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-"
	maxUID     = 200
	// defaultLength is the duration of a new event without an end.
	defaultLength = time.Hour
)

// Create writes a new event into a calendar, syncs the calendar, attaches the requested
// reminder, and returns the event. When the event was written but a later step failed, the
// error is of KindPartly.
func (s *Events) Create(ctx context.Context, who calbell.Caller, n types.NewEvent, now time.Time) (types.EventDetail, error) {
	c, err := s.findCalendar(ctx, who, n.Calendar)
	if err != nil {
		return types.EventDetail{}, err
	}
	draft, err := s.draft(n)
	if err == nil {
		err = s.writable(c, n)
	}
	account := s.accountByKey(c.Account)
	if err == nil && account == nil {
		err = notFound(calbell.NounAccount, c.Account, nil)
	}
	if err != nil {
		return types.EventDetail{}, err
	}
	if err := s.throttle.Outward(who, now); err != nil {
		return types.EventDetail{}, err
	}
	href, err := hrefIn(c, draft.UID)
	var text []byte
	if err == nil {
		text, err = draft.Write(now)
	}
	if err == nil {
		err = s.servers.PutObject(ctx, *account, c, href, text)
	}
	again := n.UID != "" && errors.Is(err, calbell.ErrChangedThere) // the UID exists: perhaps a repeated request
	if err != nil && !again {
		return types.EventDetail{}, err
	}
	err = s.syncs.Sync(ctx, calbell.SyncRequest{Account: *account, Only: []calbell.CalendarID{c.ID}, Now: true})
	var d types.EventDetail
	if err == nil {
		d, err = s.writtenEvent(ctx, who, c, href, draft.UID)
	}
	if again && err == nil && !isDraft(d.Instance, draft) {
		return d, field("uid", calbell.T("service:another-event-uid", "another event has the UID %q", n.UID), calbell.T("service:leave-out", "leave it out"))
	}
	if err == nil && len(n.Before) > 0 {
		d, err = s.attachReminder(ctx, who, n, d.ID)
	}
	if err != nil {
		err = &calbell.Error{
			Kind: calbell.KindPartly, What: calbell.T("service:event-written-into-calendar", "event %q was written into calendar %q, but what follows failed", n.Title, c.Name),
			Hint: calbell.T("service:look-agenda-after-next", "look for it in the agenda after the next sync"), Err: err,
		}
	}
	return d, err
}

// writtenEvent returns the event that was written at an href. The UID alone would be
// ambiguous, since another account may contain the same calendar; it is used only when the
// server stored the event at another href.
func (s *Events) writtenEvent(ctx context.Context, who calbell.Caller, c calbell.Calendar, h calbell.Href, uid calbell.UID) (types.EventDetail, error) {
	d, err := s.Get(ctx, who, calbell.EventID(c.ID, h, uid), time.Now())
	if calbell.KindOf(err) == calbell.KindNotFound {
		return s.Get(ctx, who, string(uid), time.Now())
	}
	return d, err
}

// isDraft reports whether an event is the one that the request would create, so that a
// repeated request succeeds.
func isDraft(i calbell.Instance, d edit.Draft) bool {
	same := i.Start.Equal(d.Start)
	if d.AllDay {
		same = i.Start.Format(time.DateOnly) == d.Start.Format(time.DateOnly)
	}
	return same && i.AllDay == d.AllDay && i.Summary == d.Title
}

// attachReminder attaches the reminder of a new event.
func (s *Events) attachReminder(ctx context.Context, who calbell.Caller, n types.NewEvent, id string) (types.EventDetail, error) {
	if _, err := s.reminders.Add(ctx, who, types.NewReminder{Event: id, Webhook: n.Webhook, Before: n.Before}); err != nil {
		return types.EventDetail{}, err
	}
	return s.Get(ctx, who, id, time.Now())
}

// writable rejects calendars that do not accept events, and reminders that could not be
// attached afterwards.
func (s *Events) writable(c calbell.Calendar, n types.NewEvent) error {
	if c.Unlisted { // its URL may belong to somebody else now, who must not get the credentials
		return field("calendar", calbell.T("service:server-does-not-list", "the server does not list calendar %q any more", c.Name), calbell.T("service:choose-another-calendar", "choose another calendar"))
	}
	if c.ReadOnly || c.Level == calbell.LevelFile {
		return field("calendar", calbell.T("service:calendar-can-only-read", "calendar %q can only be read", c.Name), calbell.T("service:choose-another-calendar", "choose another calendar"))
	}
	if len(n.Before) == 0 {
		return nil
	}
	usable := s.config.Policy().Usable(c.Account)
	if usable[n.Webhook] == "" && usable[calbell.Slug(n.Webhook)] == "" {
		return field("webhook", calbell.NounWebhook.Missing(n.Webhook), calbell.T("service:see", "see %s", lists(calbell.NounWebhook)))
	}
	return nil
}

// draft returns the requested event.
func (s *Events) draft(n types.NewEvent) (edit.Draft, error) {
	d := edit.Draft{UID: cmp.Or(n.UID, newUID()), Title: strings.TrimSpace(n.Title), Location: strings.TrimSpace(n.Location), Description: strings.TrimSpace(n.Description)}
	switch {
	case strings.Trim(string(d.UID), uidLetters) != "" || len(d.UID) > maxUID:
		return d, field("uid", calbell.T("service:uid-letters-digits-alone", "a UID has letters, digits and . _ @ - alone"), calbell.T("service:leave-out", "leave it out"))
	case d.Title == "":
		return d, field("title", calbell.T("service:event-needs-title", "an event needs a title"), calbell.Text{})
	case len(d.Title) > maxTitle, len(d.Location) > maxTitle:
		return d, field("title", calbell.T("service:title-location-most-bytes", "title and location have at most %d bytes", maxTitle), calbell.T("service:description-takes-more", "the description takes more"))
	case len(d.Description) > maxDescription:
		return d, field("description", calbell.T("service:description-more-than-bytes", "the description has more than %d bytes", maxDescription), calbell.Text{})
	}
	in := s.config.Policy().Zone()
	if n.TimeZone != "" {
		z, err := time.LoadLocation(n.TimeZone)
		if err != nil || n.TimeZone == "Local" {
			return d, field("time_zone", calbell.T("service:no-zone", "there is no zone %q", n.TimeZone), calbell.T("service:such-europe-zurich", "such as Europe/Zurich"))
		}
		in = z
	}
	var err error
	if d.Start, d.AllDay, err = wallTime("start", n.Start, in); err != nil {
		return d, err
	}
	return withEnd(d, n.End, in)
}

// withEnd sets the end of a draft.
func withEnd(d edit.Draft, text string, in *time.Location) (edit.Draft, error) {
	if text == "" {
		d.End = d.Start.Add(defaultLength)
		if d.AllDay {
			d.End = d.Start.AddDate(0, 0, 1)
		}
		return d, nil
	}
	end, day, err := wallTime("end", text, in)
	if err != nil {
		return d, err
	}
	if d.End = end; day {
		d.End = end.AddDate(0, 0, 1)
	}
	switch {
	case day != d.AllDay:
		return d, field("end", calbell.T("service:start-end-must-both", "start and end must both be days, or both be times"), calbell.Text{})
	case d.End.Before(d.Start), day && !d.End.After(d.Start):
		return d, field("end", calbell.T("service:end-before-start", "the end is before the start"), calbell.Text{})
	}
	return d, nil
}

// lastYear is the last year in which an event may begin. The following one is the last that
// iCalendar can express.
const lastYear = 9998

// wallTime parses a day, or a time of a zone's clock. A time that the clock skips is moved
// as RFC 5545 §3.3.5 says. A day is the same in all zones.
func wallTime(name, text string, in *time.Location) (t time.Time, day bool, err error) {
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		t, err := time.Parse(form, strings.TrimSpace(text))
		switch {
		case err != nil || t.Year() < 1900 || t.Year() > lastYear:
			continue
		case form == time.DateOnly:
			return t, true, nil
		}
		return zone.Instant(zone.Wall(t), in), false, nil
	}
	return t, false, field(name, calbell.T("service:no-time", "%q is no time", text), calbell.T("service:write-2026-12-01t14", "write 2026-12-01T14:00, or 2026-12-01 for all day"))
}

// newUID returns a random UID (RFC 7986 §5.3).
func newUID() calbell.UID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never returns an error
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return calbell.UID(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

// hrefIn returns the href of a new object in a calendar.
func hrefIn(c calbell.Calendar, uid calbell.UID) (calbell.Href, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return "", &calbell.Error{Kind: calbell.KindConfig, What: calbell.T("service:calendar-url-cannot-read", "calendar %q: its url cannot be read", c.Name)}
	}
	return calbell.Href(strings.TrimSuffix(u.EscapedPath(), "/") + "/" + string(uid) + ".ics"), nil
}
