package caldav

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"calbell/caldav/dav"
	"calbell/caldav/transport"

	"calbell"
)

const (
	// maxHomeSets and maxCalendars bound what one account may hold.
	maxHomeSets  = 32
	maxCalendars = 1000
	// maxAddresses bounds the calendar addresses of one person, of each kind, and maxAddressBytes
	// each of them (RFC 5321 §4.5.3.1.3): they are stored with every calendar.
	maxAddresses, maxAddressBytes = 20, 256
	// wellKnown is where a server leads to its calendars (RFC 6764 §5).
	wellKnown = "/.well-known/caldav"
	// maxCalendarName bounds the name of a calendar, in bytes: longer ones are cut.
	maxCalendarName = 1000
	// calendarCost is about what a calendar takes beside its texts.
	calendarCost = 500
)

// Discovery is what an account turned out to hold.
type Discovery struct {
	// Principal is the URL of the signed-in user's principal (RFC 5397); "" when the
	// server names none.
	Principal string
	// HomeSets are the URLs of the collections in which calendars were looked for.
	HomeSets []string
	// Addresses are the user's mail addresses (calendar-user-address-set), without "mailto:".
	Addresses []string
	// Calendars are the collections that can hold events or to-dos, with ID, Account, URL,
	// Name, Color, TimeZone, ReadOnly, Ownership, SharedBy and Addresses filled, by URL.
	Calendars []calbell.Calendar
	// Subscriptions are links to files that the server keeps for the person, by URL. It is their
	// publishers who have the events.
	Subscriptions []calbell.Subscription
	// Probes are the steps that were taken, in order, also when an error came of them.
	Probes []Probe
}

// Probe is one question to the server, for people to see.
type Probe struct {
	Method string
	URL    string       // without credentials
	Status int          // HTTP status of the last answer when it was a refusal; 0 otherwise
	Answer calbell.Text // what was learnt, or why nothing was
	OK     bool         // the answer led further
	Took   time.Duration
}

// Discover finds the account's calendars, wherever its URL points: at a calendar, which is
// then the only one; at a collection that holds calendars; at a principal; or at anything
// of the server, from which the way leads over current-user-principal and
// calendar-home-set (RFC 4791 §6.2.1), by /.well-known/caldav if need be (RFC 6764 §5). From
// a host name or a mail address the way to the server leads over the DNS (RFC 6764 §6).
//
// The Discovery holds what was found so far, and the probes, also when there is an error.
// No calendars at all is an error that says where they were looked for.
func (c *Client) Discover(ctx context.Context) (Discovery, error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	d := &discovery{c: c, held: c.hold(c.start.Host), marks: map[calbell.CalendarID]marks{}}
	defer d.held.release()
	err := d.find(ctx)
	slices.SortFunc(d.out.Subscriptions, func(a, b calbell.Subscription) int { return cmp.Compare(a.URL, b.URL) })
	slices.SortFunc(d.out.Calendars, func(a, b calbell.Calendar) int { return cmp.Compare(a.URL, b.URL) })
	for i := range d.out.Calendars {
		d.out.Calendars[i].Addresses = slices.Concat(d.out.Addresses, d.others)
		d.settle(&d.out.Calendars[i])
	}
	return d.out, c.explain(calbell.Plain("account "+quote(c.account.Key())), err)
}

type discovery struct {
	c    *Client
	held *hold // the memory that the calendars take
	out  Discovery
	// others are addresses of the person that are none of mail: URNs, and paths of principals.
	others []string
	// elsewhere is the server of another domain that the DNS named; see lookupSRV.
	elsewhere string
	redirect  error // the first redirect that was not followed
	anonymous bool  // a place said that nobody is signed in
	invited   bool  // a place where the server asks for a sign-in was looked for
	// proxied is the principal of another person while their calendars are read; "" = nobody's.
	proxied string

	marks map[calbell.CalendarID]marks // of calendars that were found
	// me are the paths of the signed-in user's principal, as canonical writes them.
	me []string
}

// find walks from the account's URL to the calendars.
func (d *discovery) find(ctx context.Context) error {
	if domain := d.c.address.domain; domain != "" {
		return d.explainDomain(d.fromDomain(ctx, domain))
	}
	if d.c.address.feed {
		return d.subscribe(ctx, d.c.start)
	}
	err := d.walk(ctx, d.c.start)
	if err == nil || stops(ctx, err) || d.c.start.Path == "/" || len(d.out.HomeSets) > 0 {
		return err
	}
	// Some links to .ics files do not look like it.
	if d.subscribe(ctx, d.c.start) == nil {
		return nil
	}
	return err
}

// walk goes from a URL to the calendars.
func (d *discovery) walk(ctx context.Context, from *url.URL) error {
	start, err := d.look(ctx, from)
	if err != nil && stops(ctx, err) {
		return err
	}
	refusal := err // of the address that was given; a refusal at a guessed one says nothing
	if start.is(tCalendar) {
		if err := d.add(cmp.Or(resolve(start.props.Href, start.url), start.url), start.props); err != nil {
			return err
		}
		return d.only(ctx, start)
	}
	// A collection that holds calendars is what was asked for, be it another user's.
	if start.found && start.url.Path != "/" && len(start.homes) == 0 && !start.is(tPrincipal) {
		done, err := d.list(ctx, start.url)
		switch {
		case done:
			return d.only(ctx, start)
		case err != nil && stops(ctx, err):
			return err
		case err != nil:
			refusal = err
		}
	}
	if done, err := d.fromPrincipal(ctx, start); err != nil || done {
		return cmp.Or(err, d.notTheirs(from, refusal))
	}
	for _, path := range []string{wellKnown, "/"} {
		u := &url.URL{Scheme: from.Scheme, Host: from.Host, Path: path}
		if path == from.Path {
			continue
		}
		at, err := d.look(ctx, u)
		if err != nil && stops(ctx, err) {
			return err
		}
		if done, err := d.fromPrincipal(ctx, at); err != nil || done {
			return cmp.Or(err, d.notTheirs(from, refusal))
		}
	}
	return d.nothing(refusal)
}

// only ends a search that needed no principal, but for the addresses of the person behind
// it: those are a help, and failing to read them fails nothing.
func (d *discovery) only(ctx context.Context, at place) error {
	if len(d.out.Calendars) == 0 {
		return d.nothing(nil)
	}
	if at.principal == nil {
		return nil
	}
	if _, err := d.look(ctx, at.principal); err != nil && stops(ctx, err) {
		return err
	}
	d.out.Principal = at.principal.String()
	return nil
}

// stops reports whether an error makes every further question useless, or harmful: a wrong
// password tried at five doors locks accounts.
func stops(ctx context.Context, err error) bool { return ctx.Err() != nil || final(err) }

// nothing explains why there is nothing to show: by an error on the way, if there was one.
func (d *discovery) nothing(cause error) error {
	hint := calbell.T("caldav:other-address", "The address may be that of the web page, or of another user: copy the CalDAV address that the provider shows for calendar programs, or make a calendar there first.")
	if p, ok := ProviderOf(d.c.start.Hostname()); ok {
		hint = p.Hint
	}
	switch {
	case d.redirect != nil && outranked(cause):
		return d.redirect
	case transport.StatusOf(cause) != 0:
		return cause
	}
	e := &calbell.Error{Kind: calbell.KindFailed, Hint: hint}
	switch {
	case cause != nil:
		e.What, e.Err = d.c.accountText(), cause
	case len(d.out.HomeSets) > 0:
		e.What, e.Err = d.c.accountText(), noCalendars{d.out.HomeSets}
	case d.anonymous && d.c.account.Username != "":
		e.What = calbell.T("caldav:account-answers-everybody-asks", "account %q: %s answers everybody, and asks for no sign-in", d.c.account.Key(), d.c.start.Host)
		e.Hint = calbell.T("caldav:give-address-person-calendars", "Give the address of this person's calendars, as the provider shows it for calendar programs.")
	default:
		e.What = calbell.T("caldav:account-names-no-calendars", "account %q: %s names no calendars", d.c.account.Key(), d.c.start.Host)
	}
	return e
}

// noCalendars: the home sets were listed whole, and have none.
type noCalendars struct{ homes []string }

func (e noCalendars) Error() string { return e.Text().English }

// Text returns the same with its key.
func (e noCalendars) Text() calbell.Text {
	return calbell.T("caldav:no-calendars-in", "no calendars in %s", strings.Join(e.homes, ", "))
}

// Is makes it a [calbell.ErrNoCalendars].
func (noCalendars) Is(target error) bool { return target == calbell.ErrNoCalendars }

// fromPrincipal goes on from a place that is a principal, or names one. done: calendars
// were found.
func (d *discovery) fromPrincipal(ctx context.Context, at place) (done bool, err error) {
	if len(at.homes) == 0 && at.principal != nil {
		if at, err = d.look(ctx, at.principal); err != nil {
			return false, err
		}
	}
	if len(at.homes) == 0 {
		return false, nil
	}
	d.out.Principal = at.url.String()
	if len(d.me) == 0 { // a server that does not say who signed in
		d.iAm(at.url)
	}
	for _, home := range at.homes[:min(len(at.homes), maxHomeSets)] {
		if _, failed := d.list(ctx, home); failed != nil {
			if stops(ctx, failed) {
				return false, failed
			}
			err = cmp.Or(err, failed) // other home sets may serve
		}
	}
	if stop := d.fromProxied(ctx, at); stop != nil {
		return false, stop
	}
	if len(d.out.Calendars) > 0 {
		return true, nil
	}
	return false, d.nothing(err)
}

// list looks for calendars in a home set. done: there are some.
func (d *discovery) list(ctx context.Context, home *url.URL) (done bool, err error) {
	before := len(d.out.Calendars)
	err = d.probe(home, func() (calbell.Text, error) {
		q := query{method: "PROPFIND", url: home, depth: "1", bounds: dav.BoundsOfProps()}
		ms, err := d.askProps(ctx, q, calendarProps(), func(r dav.Response) error { // one at a time: a thousand entries are a lot of memory
			if u := resolve(r.Href, r.At); u != nil && (r.Status == 0 || r.Status/100 == 2) {
				return d.add(u, r)
			}
			return nil
		})
		if err != nil {
			d.out.Calendars = d.out.Calendars[:before] // half a list would look as if the others were gone
			return calbell.Text{}, err
		}
		if ms.responses == 0 {
			return calbell.Text{}, &transport.AnswerError{Why: calbell.T("caldav:answers-empty-list", "%s answers with an empty list", home.Host)}
		}
		return calendarCount(len(d.out.Calendars) - before), nil
	})
	d.out.HomeSets = append(d.out.HomeSets, home.String())
	return len(d.out.Calendars) > before, err
}

// probe runs one step and records it.
func (d *discovery) probe(u *url.URL, step func() (calbell.Text, error)) error {
	began := time.Now()
	answer, err := step()
	p := Probe{Method: "PROPFIND", URL: u.Redacted(), Answer: answer, OK: err == nil, Status: transport.StatusOf(err), Took: time.Since(began)}
	if err != nil {
		p.Answer = calbell.TextOfError(err)
	}
	d.noteRedirect(err)
	d.out.Probes = append(d.out.Probes, p)
	return err
}

// noteRedirect keeps the first error that tells where the server wanted to lead.
func (d *discovery) noteRedirect(err error) {
	if d.redirect == nil && !transport.RedirectHint(err).IsZero() {
		d.redirect = err
	}
}

// outranked reports whether a refused redirect says more about why nothing was found than another
// error: what is answered where no calendars are says less than where the server meant to lead.
func outranked(cause error) bool {
	switch status := transport.StatusOf(cause); status {
	case 0, http.StatusNotImplemented:
		return true
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusTooManyRequests:
		return false
	default:
		return status/100 != 5
	}
}

// calendarCount returns how many calendars there are.
func calendarCount(n int) calbell.Text {
	if n == 1 {
		return calbell.T("caldav:one-calendar", "1 calendar")
	}
	return calbell.T("caldav:calendars", "%d calendars", n)
}
