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

// Door starts and ends the sessions of browsers.
type Door interface {
	SignIn(ctx context.Context, u calbell.User) error
	SignOut(ctx context.Context) error
	// Peer returns where a sign-in as a user comes from.
	Peer(ctx context.Context, name string) calbell.Peer
}

// Options are what the page needs in addition to the service.
type Options struct {
	// Who returns the caller of a request. The zero Caller is anonymous and is sent to the sign-in page.
	Who  func(*http.Request) calbell.Caller
	Door Door
	// Welcomed returns the user whom the secret of a one-time link signs in; nil: there are no such links.
	Welcomed func(secret string) (calbell.User, bool)
	// Failed is called with errors whose text is not shown to people; may be nil.
	Failed func(error)
}

// site is the page. It is immutable.
type site struct {
	s     *service.Service
	o     Options
	words i18n.Catalogue
	pages pages
	files files
	mux   *http.ServeMux
	// patterns are the patterns of mux, which cannot list them.
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

// Routes returns the pattern of every page and form, in the form of [http.ServeMux], so
// that a test can try each of them as every kind of caller.
func Routes() []string {
	w := &site{o: Options{Welcomed: func(string) (u calbell.User, ok bool) { return u, false }}, mux: http.NewServeMux()}
	w.routes()
	return w.patterns
}

// must returns v and panics on an error. It is for embedded files, which the tests of this
// package have read.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// routes registers every page. Each file with pages has a method for its routes.
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

// nav returns the entries of the main menu: the key of a text, and an address.
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

// navItem is an entry of the main menu. Admin entries are for admins only.
type navItem struct {
	Key, Path string
	Admin     bool
}

// errNoPage is the error for an address without a page.
var errNoPage = errors.New("no such page")

// page registers a page for signed-in viewers. Others are redirected to the sign-in page,
// and return afterwards.
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

// view loads what every page shows. Parts that cannot be loaded are left out, because the
// page itself meets the same error and reports it.
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

// maxZoneName limits the name of a time zone that a browser sends; the longest has 32
// letters.
const maxZoneName = 64

// browserZone returns the zone of the browser's clock, which the script stores in a cookie;
// other when there is no valid one.
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

// zoneOf returns a zone by its name; UTC when it is unknown.
func zoneOf(name string) *time.Location {
	if z, err := time.LoadLocation(name); err == nil {
		return z
	}
	return time.UTC
}

// status returns the HTTP status of an error.
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

// retryAfter returns how long a rate-limited caller has to wait; 0 for other errors.
func retryAfter(err error) time.Duration {
	var e *calbell.Error
	if errors.As(err, &e) && e.Kind == calbell.KindNotAllowed {
		return e.RetryAfter
	}
	return 0
}

// local returns an address of this page to redirect to; "/" when text is not one.
func local(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(text, "/") ||
		strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return "/"
	}
	return fmt.Sprint(u)
}
