package caldav

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"calbell/caldav/dav"
	"calbell/caldav/transport"

	"calbell"
)

// maxZoneText bounds the VTIMEZONE that describes a calendar's zone: the longest history has some 20 kB.
const maxZoneText = 64 << 10

// calendarProps are the properties that describe a calendar.
func calendarProps() []string {
	return []string{pResourceType, pDisplayName, pColor, pTimeZone, pTimeZoneID, pComponents, pPrivileges, pPrincipal, pOwner, pShareAccess, pOCOwner, pSyncToken, pSource}
}

// isSpare reports whether a property decides neither where calendars are nor whose they are.
func isSpare(name string) bool {
	return slices.Contains([]string{pColor, pTimeZone, pTimeZoneID, pSyncToken}, name)
}

// askProps asks a place for properties. A server that breaks down over one of them is asked once
// more, without those that can be spared: DAViCal answers 500 when its root is asked for a sync-token.
func (d *discovery) askProps(ctx context.Context, q query, names []string, each func(dav.Response) error) (multistatus, error) {
	q.body = dav.Propfind(names...)
	ms, err := d.c.ask(ctx, q, each)
	if transport.StatusOf(err) != http.StatusInternalServerError {
		return ms, err
	}
	q.body = dav.Propfind(slices.DeleteFunc(names, isSpare)...)
	if again, failed := d.c.ask(ctx, q, each); failed == nil {
		return again, nil
	}
	return ms, err
}

// add keeps a collection if it is a calendar for events or to-dos, and not there yet. What is
// kept are copies: as parts of an answer they would keep all of it.
func (d *discovery) add(u *url.URL, r dav.Response) error {
	if kinds := r.Prop(pResourceType); kinds.Kid(tSubscribed) != nil && kinds.Kid(tCalendar) == nil {
		return d.addSubscription(u, r)
	}
	if !isCalendar(r.Prop(pResourceType)) || !holdsAlarms(r.Prop(pComponents)) || len(d.out.Calendars) >= maxCalendars {
		return nil
	}
	if err := d.c.wire.Trusts(u); err != nil {
		d.noteRedirect(err)
		return nil
	}
	id := calbell.NewCalendarID(d.c.account.Key(), sameURL(u))
	if slices.ContainsFunc(d.out.Calendars, func(c calbell.Calendar) bool { return c.ID == id }) {
		return nil
	}
	m := d.readMarks(r, u)
	if d.proxied != "" {
		m.lend(d.proxied)
	}
	d.marks[id] = m
	c := calbell.Calendar{
		ID:       id,
		Account:  d.c.account.Key(),
		URL:      strings.Clone(u.String()),
		Name:     strings.Clone(calendarName(r.Prop(pDisplayName).Value(), u)),
		Color:    color(r.Prop(pColor).Value()),
		TimeZone: strings.Clone(timeZone(r)),
		ReadOnly: readOnly(r.Prop(pPrivileges)),

		StatedToken: statedToken(r),
	}
	d.out.Calendars = append(d.out.Calendars, c)
	return d.held.add(calendarCost + len(c.URL) + len(c.Name) + len(c.TimeZone) + len(c.StatedToken) + m.size())
}

// isCalendar reports whether a collection is a calendar in which people keep events. Some servers
// call their inboxes for invitations and their waste bins calendars, too. An outbox holds no events,
// so a calendar that is one as well, as SOGo's default calendars are, is a calendar.
func isCalendar(kinds *dav.Node) bool {
	for _, other := range []string{tInbox, tDeleted, tTrash} {
		if kinds.Kid(other) != nil {
			return false
		}
	}
	return kinds.Kid(tCalendar) != nil
}

// sameURL returns what calendars are told apart by: servers spell one address in several ways,
// and in another one after an upgrade.
func sameURL(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := transport.Port(u); p != transport.Port(&url.URL{Scheme: u.Scheme}) {
		host += ":" + p
	}
	return u.Scheme + "://" + host + canonical(calbell.Href(u.RequestURI())) + "/"
}

// holdsAlarms: a calendar that names no components takes all (RFC 4791 §5.2.3).
func holdsAlarms(set *dav.Node) bool {
	if set == nil || len(set.Kids) == 0 {
		return true
	}
	return slices.ContainsFunc(set.Kids, func(k *dav.Node) bool {
		return strings.EqualFold(k.Attr, "VEVENT") || strings.EqualFold(k.Attr, "VTODO")
	})
}

// calendarName is the displayname, else the last part of the path.
func calendarName(name string, u *url.URL) string {
	if name == "" {
		name = path.Base(u.Path)
	} else {
		name = strings.Join(strings.Fields(name), " ")
	}
	if len(name) > maxCalendarName {
		name = strings.ToValidUTF8(name[:maxCalendarName], "")
	}
	return name
}

// color brings Apple's "#RRGGBBAA" and plain names without "#" to "#rrggbb"; "" when it is
// neither.
func color(s string) string {
	digits := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), "#"))
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	if (len(digits) != 6 && len(digits) != 8) || strings.Trim(digits, "0123456789abcdef") != "" {
		return ""
	}
	return "#" + digits[:6]
}

// timeZone is the name of the calendar's zone (RFC 7809 §5.2), else the VTIMEZONE that
// describes it (RFC 4791 §5.2.2); "" when that is longer than any zone is.
func timeZone(r dav.Response) string {
	text := r.Prop(pTimeZoneID).Value()
	if text == "" {
		text = r.Prop(pTimeZone).Value()
	}
	if len(text) > maxZoneText {
		return ""
	}
	return text
}

// readOnly: the server lists what this user may do (RFC 3744 §5.4), and writing is not in
// it. A server that lists nothing lets people write.
func readOnly(set *dav.Node) bool {
	if set == nil || len(set.Kids) == 0 {
		return false
	}
	for _, privilege := range set.Kids {
		for _, k := range privilege.Kids {
			switch k.Name {
			case "DAV:|all", "DAV:|write", "DAV:|write-content", "DAV:|bind":
				return false
			}
		}
	}
	return true
}
