package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"calbell"
	"calbell/service"
	"calbell/web/form"
	"calbell/web/i18n"
)

// Door lets people in and out: it keeps the sessions of browsers.
type Door interface {
	SignIn(ctx context.Context, u calbell.User) error
	SignOut(ctx context.Context) error
	// Peer returns where a sign-in as a user comes from.
	Peer(ctx context.Context, name string) calbell.Peer
}

// Options are what the page needs beside the service.
type Options struct {
	// Who says who asks; the zero Caller is nobody, who is sent to the sign-in.
	Who  func(*http.Request) calbell.Caller
	Door Door
	// Welcomed is whom the secret of a link signs in, once; nil: there are no such links.
	Welcomed func(secret string) (calbell.User, bool)
	// Failed is told of errors that people see only as such; nil: nobody is.
	Failed func(error)
}

// site is the page. It does not change.
type site struct {
	s     *service.Service
	o     Options
	words i18n.Catalogue
	pages pages
	files files
	mux   *http.ServeMux
	// patterns are those of mux, which does not list them.
	patterns []string
}

// Handler returns the page, which answers at /.
func Handler(s *service.Service, o Options) http.Handler {
	w := &site{
		s: s, o: o, words: must(i18n.Load()), pages: must(loadPages()), files: must(loadFiles()), mux: http.NewServeMux(),
	}
	w.routes()
	return w.mux
}

// Routes returns the pattern of every page and form, as [http.ServeMux] takes them, so that a
// test can try each of them as every kind of caller.
func Routes() []string {
	w := &site{o: Options{Welcomed: func(string) (u calbell.User, ok bool) { return u, false }}, mux: http.NewServeMux()}
	w.routes()
	return w.patterns
}

// must is for what is embedded: that it can be read, the tests of this package have seen.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// routes registers every page. Each file of pages has a method of its own for its routes.
func (w *site) routes() {
	w.handle("GET /static/{name}", w.files)
	w.signInRoutes()
	w.agendaRoutes()
	w.newEventRoutes()
	w.eventRoutes()
	w.deliveryRoutes()
	w.webhookRoutes()
	w.calendarRoutes()
	w.ruleRoutes()
	w.pauseRoutes()
	w.settingsRoutes()
	w.adminRoutes()
	w.page("/", func(v *view) error { return errNoPage })
}

// nav is the main menu: the key of a word, and where it leads.
func nav() []navItem {
	return []navItem{
		{Key: "nav.agenda", Path: "/"},
		{Key: "nav.reminders", Path: "/reminders"},
		{Key: "nav.deliveries", Path: "/deliveries"},
		{Key: "nav.webhooks", Path: "/webhooks"},
		{Key: "nav.calendars", Path: "/calendars"},
		{Key: "nav.rules", Path: "/rules"},
		{Key: "nav.settings", Path: "/settings"},
		{Key: "nav.admin", Path: "/admin", Admin: true},
		{Key: "nav.help", Path: "/help"},
	}
}

// navItem is an entry of the main menu. Admin: for admins alone.
type navItem struct {
	Key, Path string
	Admin     bool
}

// errNoPage is the error of an address at which there is nothing.
var errNoPage = errors.New("no such page")

// page registers a page for those who are signed in; all others are sent to the sign-in, and
// come back to it afterwards.
func (w *site) page(pattern string, fn func(*view) error) {
	w.open(pattern, func(v *view) error {
		if v.Who.Name != "" {
			return fn(v)
		}
		to := "/sign-in"
		if v.r.Method == http.MethodGet && v.r.URL.RequestURI() != "/" {
			to += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
		}
		http.Redirect(v.w, v.r, to, http.StatusSeeOther)
		return nil
	})
}

// open registers a page for everybody.
func (w *site) open(pattern string, fn func(*view) error) {
	w.handle(pattern, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		sent, err := form.Read(r)
		v := w.view(rw, r, sent)
		if err == nil {
			err = fn(v)
		}
		if err != nil {
			v.fail(err)
		}
	}))
}

// handle registers a handler, and its pattern for [Routes].
func (w *site) handle(pattern string, h http.Handler) {
	w.patterns = append(w.patterns, pattern)
	w.mux.Handle(pattern, h)
}

// view gathers what every page knows. What cannot be learnt is left out: the page itself meets
// the same error, and tells it.
func (w *site) view(rw http.ResponseWriter, r *http.Request, sent form.Form) *view {
	v := &view{Form: sent, site: w, w: rw, r: r, Who: w.o.Who(r)}
	v.Now, v.Zone = time.Now(), time.UTC
	v.Words = w.words.In(i18n.Match(r.Header.Get("Accept-Language")))
	if v.Who.Name == "" {
		return v
	}
	v.Status, _ = w.s.Upkeep.Status(r.Context(), v.Who)
	v.Zone = browserZone(r, zoneOf(v.Status.TimeZone))
	if u, err := w.s.People.Get(r.Context(), v.Who, ""); err == nil {
		if u.Locale != "" {
			v.Words = w.words.In(u.Locale)
		}
		if u.TimeZone != "" {
			v.Zone, v.ownZone = zoneOf(u.TimeZone), true
		}
	}
	v.Now = v.Now.In(v.Zone)
	return v
}

// maxZoneName bounds the name of a zone that a browser tells: the longest has 32 letters.
const maxZoneName = 64

// browserZone is the zone of the browser's clock, which the script tells in a cookie; other
// when it tells none that there is.
func browserZone(r *http.Request, other *time.Location) *time.Location {
	c, err := r.Cookie("zone")
	if err != nil || c.Value == "" || c.Value == "Local" || len(c.Value) > maxZoneName {
		return other
	}
	if z, err := time.LoadLocation(c.Value); err == nil {
		return z
	}
	return other
}

// zoneOf is a zone by its name; UTC when there is no such one.
func zoneOf(name string) *time.Location {
	if z, err := time.LoadLocation(name); err == nil {
		return z
	}
	return time.UTC
}

// status says which HTTP status an error becomes.
func status(err error) int {
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, errNoPage):
		return http.StatusNotFound
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, form.ErrUnreadable):
		return http.StatusBadRequest
	case errors.Is(err, calbell.ErrChanged):
		return http.StatusPreconditionFailed
	case retryAfter(err) > 0:
		return http.StatusTooManyRequests
	}
	switch calbell.KindOf(err) {
	case calbell.KindUsage, calbell.KindConfig:
		return http.StatusUnprocessableEntity
	case calbell.KindNotAllowed:
		return http.StatusForbidden
	case calbell.KindNotFound:
		return http.StatusNotFound
	case calbell.KindUnreachable, calbell.KindRefused:
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// retryAfter is how long who asks too often is to wait; 0: that is not what is wrong.
func retryAfter(err error) time.Duration {
	var e *calbell.Error
	if errors.As(err, &e) && e.Kind == calbell.KindNotAllowed {
		return e.RetryAfter
	}
	return 0
}

// local is an address of this page that somebody asked to be sent to; "/" when it is not one.
func local(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(text, "/") ||
		strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return "/"
	}
	return fmt.Sprint(u)
}
