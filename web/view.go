package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages maps the names of files to their templates.
type pages map[string]*template.Template

// loadPages parses the templates, each page together with the layout and the shared parts.
func loadPages() (pages, error) {
	base, err := template.New("").ParseFS(templateFiles, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	all := pages{}
	for _, f := range files {
		if f.Name() == "layout.html" || f.Name() == "parts.html" {
			continue
		}
		page, err := base.Clone()
		if err == nil {
			page, err = page.ParseFS(templateFiles, "templates/"+f.Name())
		}
		if err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
		all[strings.TrimSuffix(f.Name(), path.Ext(f.Name()))] = page
	}
	return all, nil
}

// view is the data that every page has. The data of pages embed it, so templates find its
// texts and dates in "$".
type view struct {
	form.Form
	site *site
	w    http.ResponseWriter
	r    *http.Request

	Who calbell.Caller
	// ownZone reports whether the viewer chose the zone.
	ownZone bool
	Status  types.StatusReport
	Title   string
}

// part is the data of a shared template: its own data and the view.
type part struct {
	*view
	Of any
}

// With returns a [part] for a template.
func (v *view) With(of any) part { return part{v, of} }

// ctx returns the request's context.
func (v *view) ctx() context.Context { return v.r.Context() }

// viewed is data of a page: it embeds a view.
type viewed interface{ base() *view }

func (v *view) base() *view { return v }

// show answers with a page. A form that failed is answered with its problem's status,
// except errors of other servers: a proxy may replace a 502 by a page of its own.
func (v *view) show(name, title string, data viewed) error {
	data.base().Title = title
	code := http.StatusOK
	if v.Problem != nil {
		code = status(v.Problem)
	}
	if code >= http.StatusInternalServerError {
		code = http.StatusUnprocessableEntity
	}
	return v.write(name, "layout", code, data)
}

// fragment answers with a block of a page, for the script.
func (v *view) fragment(name, block string, data any) error {
	return v.write(name, block, http.StatusOK, data)
}

// write answers with a template. It is executed before anything is sent, so that an error
// can still be answered as one.
func (v *view) write(name, block string, code int, data any) error {
	var out bytes.Buffer
	page, ok := v.site.pages[name]
	if !ok {
		return fmt.Errorf("no template %q", name)
	}
	if err := page.ExecuteTemplate(&out, block, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if wait := retryAfter(v.Problem); wait > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	v.w.WriteHeader(code)
	_, _ = v.w.Write(withoutTurns(out.Bytes())) // an error means that the client has gone
	return nil
}

// done redirects the browser after a form succeeded, with a message there. key is that of a
// text that begins with "done.".
func (v *view) done(to, key string) error {
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("done", key)
	u.RawQuery = q.Encode()
	http.Redirect(v.w, v.r, u.String(), http.StatusSeeOther)
	return nil
}

// Done returns the message of the form that just succeeded; "" when there is none.
func (v *view) Done() string {
	key := "done." + v.r.URL.Query().Get("done")
	if !v.Has(key) {
		return ""
	}
	return v.T(key)
}

// Undone returns the message of an action that just failed; "" when there is none.
func (v *view) Undone() string {
	key := "undone." + v.r.URL.Query().Get("done")
	if !v.Has(key) {
		return ""
	}
	return v.T(key)
}

// errorPage is the page of an error.
type errorPage struct {
	*view
	What string
}

// fail answers with an error. An error that is not meant for people is passed to Failed,
// and shown only as "something failed".
func (v *view) fail(err error) {
	code := status(err)
	p := errorPage{view: v, What: v.Sentence(err)}
	v.Problem = err
	switch {
	case errors.Is(err, context.Canceled):
		return
	case errors.Is(err, errNoPage):
		v.Title, p.What = v.T("error.not-found"), v.T("error.no-page")
	case code == http.StatusRequestEntityTooLarge:
		v.Title, p.What = v.T("error.title"), v.T("error.too-large")
	case errors.Is(err, form.ErrUnreadable):
		v.Title, p.What = v.T("error.title"), v.T("error.form")
	case code == http.StatusNotFound:
		v.Title = v.T("error.not-found")
	case code == http.StatusForbidden:
		v.Title = v.T("error.not-allowed")
	case code == http.StatusBadGateway:
		v.Title = v.T("error.remote")
	default:
		v.Title = v.T("error.title")
	}
	if code == http.StatusInternalServerError && !isForPeople(err) {
		p.What = v.T("error.internal")
		v.note(err)
	}
	if err := v.write("error", "layout", code, p); err != nil {
		v.note(err)
		http.Error(v.w, v.T("error.internal"), http.StatusInternalServerError)
	}
}

// isForPeople reports whether an error is meant to be read by people.
func isForPeople(err error) bool {
	var e *calbell.Error
	return errors.As(err, &e)
}

func (v *view) note(err error) {
	if v.site.o.Failed != nil {
		v.site.o.Failed(err)
	}
}

// Hint returns the next step after the problem; "" when there is none.
func (v *view) Hint() string {
	if errors.Is(v.Problem, calbell.ErrChanged) && v.r.Method == http.MethodPost {
		return v.T("error.changed.hint")
	}
	return v.Say(calbell.HintOf(v.Problem))
}

// Nav returns the entries of the main menu that the viewer may use.
func (v *view) Nav() []navItem {
	var items []navItem
	for _, n := range nav() {
		if !n.Admin || v.Who.Admin {
			items = append(items, n)
		}
	}
	return items
}

// At reports whether the page belongs to an entry of the main menu.
func (v *view) At(n navItem) bool {
	p := v.r.URL.Path
	return p == n.Path || n.Path != "/" && strings.HasPrefix(p, n.Path+"/") ||
		n.Path == "/" && (strings.HasPrefix(p, "/events/") || strings.HasPrefix(p, "/explain/"))
}

// FreeZone returns the current zone if the browser's own should replace it; "" when the
// viewer chose the zone, or no page of times is shown.
func (v *view) FreeZone() string {
	if v.Who.Name == "" || v.ownZone || v.r.Method != http.MethodGet {
		return ""
	}
	return v.Zone.String()
}

// Asset returns the address of an embedded file.
func (v *view) Asset(name string) string { return v.site.files.address(name) }

// Here returns the address of this page, for forms that return to it.
func (v *view) Here() string { return v.r.URL.RequestURI() }
