package caldavtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-ical"
	"github.com/emersion/go-webdav"
	dav "github.com/emersion/go-webdav/caldav"
)

// backend answers go-webdav's server from the data in memory.
type backend struct{ server *Server }

var _ dav.Backend = (*backend)(nil)

// contextKey names what the front hands to the backend through a request's context.
type contextKey int

const (
	keyUser contextKey = iota // string: who signed in
	keyBody                   // []byte: the text of a PUT, before any parser saw it
)

func userOf(ctx context.Context) string {
	name, _ := ctx.Value(keyUser).(string)
	return name
}

func principalPath(owner string) string          { return "/" + owner + "/" }
func homePath(owner string) string               { return principalPath(owner) + "calendars/" }
func calendarPath(owner, calendar string) string { return homePath(owner) + calendar + "/" }

// split takes a path apart: /owner/calendars/calendar/object. What is missing is "".
func split(p string) (owner, calendar, object string) {
	parts := strings.Split(strings.Trim(path.Clean("/"+p), "/"), "/")
	owner = parts[0]
	if len(parts) < 3 || len(parts) > 4 || parts[1] != "calendars" {
		return owner, "", ""
	}
	if len(parts) == 4 {
		object = parts[3]
	}
	return owner, parts[2], object
}

func notFound(what string) error {
	return webdav.NewHTTPError(http.StatusNotFound, fmt.Errorf("no such %s", what))
}

// find returns the calendar of a path and the object's name. The lock is held.
func (s *Server) find(p string) (c *calendar, name string) {
	owner, cal, name := split(p)
	u := s.users[owner]
	if u == nil || cal == "" {
		return nil, ""
	}
	return u.calendars[cal], name
}

func (b *backend) CurrentUserPrincipal(ctx context.Context) (string, error) {
	return principalPath(userOf(ctx)), nil
}

func (b *backend) CalendarHomeSetPath(ctx context.Context) (string, error) {
	return homePath(userOf(ctx)), nil
}

func (b *backend) CreateCalendar(_ context.Context, c *dav.Calendar) error {
	owner, cal, object := split(c.Path)
	if cal == "" || object != "" {
		return webdav.NewHTTPError(http.StatusForbidden, errors.New("a calendar cannot be here"))
	}
	b.server.AddCalendar(owner, Calendar{Path: cal, Name: c.Name, Components: c.SupportedComponentSet})
	return nil
}

func (b *backend) ListCalendars(ctx context.Context) ([]dav.Calendar, error) {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	owner := userOf(ctx)
	u := b.server.user(owner)
	var out []dav.Calendar
	for _, name := range slices.Sorted(maps.Keys(u.calendars)) {
		out = append(out, u.calendars[name].describe(owner))
	}
	return out, nil
}

func (b *backend) GetCalendar(_ context.Context, p string) (*dav.Calendar, error) {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	c, _ := b.server.find(p)
	if c == nil {
		return nil, notFound("calendar")
	}
	owner, _, _ := split(p)
	out := c.describe(owner)
	return &out, nil
}

func (c *calendar) describe(owner string) dav.Calendar {
	return dav.Calendar{Path: calendarPath(owner, c.Path), Name: c.Name, SupportedComponentSet: c.Components, ReadOnly: c.ReadOnly}
}

func (b *backend) GetCalendarObject(_ context.Context, p string, _ *dav.CalendarCompRequest) (*dav.CalendarObject, error) {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	c, name := b.server.find(p)
	if c == nil {
		return nil, notFound("calendar")
	}
	o, ok := c.objects[name]
	if !ok {
		return nil, notFound("object")
	}
	out, _ := o.describe(p)
	return &out, nil
}

func (b *backend) ListCalendarObjects(_ context.Context, p string, _ *dav.CalendarCompRequest) ([]dav.CalendarObject, error) {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	c, _ := b.server.find(p)
	if c == nil {
		return nil, notFound("calendar")
	}
	owner, _, _ := split(p)
	var out []dav.CalendarObject
	for _, name := range slices.Sorted(maps.Keys(c.objects)) {
		o := c.objects[name]
		out = append(out, dav.CalendarObject{
			Path: calendarPath(owner, c.Path) + name, ETag: o.etag, ModTime: o.modified,
			ContentLength: int64(len(o.raw)), Data: stand(),
		})
	}
	return out, nil
}

func (b *backend) QueryCalendarObjects(ctx context.Context, p string, q *dav.CalendarQuery) ([]dav.CalendarObject, error) {
	list, err := b.ListCalendarObjects(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	var out []dav.CalendarObject
	for _, o := range list {
		full, readable := b.server.object(o.Path)
		if !readable {
			continue // deleted a moment ago, or of no kind that a query could ask for
		}
		// An object that the library cannot match must not hide its siblings.
		if ok, err := dav.Match(q.CompFilter, &full); ok && err == nil {
			out = append(out, full)
		}
	}
	return out, nil
}

// object returns the object at a path, and whether it is there and can be read.
func (s *Server) object(p string) (dav.CalendarObject, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, name := s.find(p)
	if c == nil {
		return dav.CalendarObject{}, false
	}
	o, ok := c.objects[name]
	if !ok {
		return dav.CalendarObject{}, false
	}
	return o.describe(p)
}

func (b *backend) PutCalendarObject(ctx context.Context, p string, _ *ical.Calendar, opts *dav.PutCalendarObjectOptions) (*dav.CalendarObject, error) {
	text, _ := ctx.Value(keyBody).([]byte)
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	c, name := b.server.find(p)
	if c == nil || name == "" {
		return nil, webdav.NewHTTPError(http.StatusConflict, errors.New("no calendar there"))
	}
	old, exists := c.objects[name]
	if opts.IfNoneMatch.IsWildcard() && exists {
		return nil, webdav.NewHTTPError(http.StatusPreconditionFailed, errors.New("it exists"))
	}
	if opts.IfMatch.IsSet() {
		if ok, err := opts.IfMatch.MatchETag(old.etag); !ok || err != nil {
			return nil, webdav.NewHTTPError(http.StatusPreconditionFailed, errors.New("it changed"))
		}
	}
	out, _ := c.put(name, text, time.Now()).describe(p)
	return &out, nil
}

func (b *backend) DeleteCalendarObject(_ context.Context, p string) error {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	c, name := b.server.find(p)
	switch {
	case c == nil:
		return notFound("calendar")
	case name == "":
		owner, _, _ := split(p)
		delete(b.server.users[owner].calendars, c.Path)
	case !c.remove(name):
		return notFound("object")
	}
	return nil
}

// describe gives an object with its parsed text, or with a stand-in where that cannot be
// read: the front hands out the text itself.
func (o object) describe(p string) (out dav.CalendarObject, readable bool) {
	out = dav.CalendarObject{Path: p, ETag: o.etag, ModTime: o.modified}
	if out.Data = parse(o.raw); out.Data == nil {
		out.Data = stand()
		return out, false
	}
	return out, true
}

// parse reads a text with go-ical, which panics on some malformed ones; nil when it cannot.
func parse(raw []byte) (cal *ical.Calendar) {
	defer func() {
		if recover() != nil {
			cal = nil
		}
	}()
	cal, err := ical.NewDecoder(bytes.NewReader(raw)).Decode()
	if err != nil {
		return nil
	}
	return cal
}

// stand returns the smallest calendar that go-webdav can encode.
func stand() *ical.Calendar {
	event := ical.NewEvent()
	event.Props.SetText(ical.PropUID, "stand-in")
	event.Props.SetDateTime(ical.PropDateTimeStamp, time.Unix(0, 0).UTC())
	cal := ical.NewCalendar()
	cal.Props.SetText(ical.PropVersion, "2.0")
	cal.Props.SetText(ical.PropProductID, "-//Calbell//Test//EN")
	cal.Children = append(cal.Children, event.Component)
	return cal
}
