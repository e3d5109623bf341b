package caldav

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"calbell/caldav/dav"
	"calbell/caldav/transport"

	"calbell"
)

// place is what a PROPFIND told about one URL.
type place struct {
	url       *url.URL
	found     bool // the server said something about it
	props     dav.Response
	principal *url.URL
	homes     []*url.URL
}

func (p place) is(kind string) bool { return p.props.Prop(pResourceType).Kid(kind) != nil }

// look asks one URL what it is and where it leads, with a slash at its end if it does
// without one.
func (d *discovery) look(ctx context.Context, u *url.URL) (place, error) {
	p, err := d.lookOnce(ctx, u)
	if err == nil {
		again, err := d.signInElsewhere(ctx, p)
		if err != nil {
			return p, err
		}
		if again {
			return d.lookOnce(ctx, u)
		}
	}
	var status *transport.StatusError
	if !errors.As(err, &status) || status.Status != http.StatusNotFound && status.Status != http.StatusMethodNotAllowed {
		return p, err
	}
	at := cmp.Or(status.At, u)
	if strings.HasSuffix(at.Path, "/") || at.Path == wellKnown || status.Elsewhere {
		return p, err
	}
	slashed := *at
	slashed.Path += "/"
	if slashed.RawPath != "" {
		slashed.RawPath += "/"
	}
	return d.lookOnce(ctx, &slashed)
}

func (d *discovery) lookOnce(ctx context.Context, u *url.URL) (place, error) {
	p := place{url: u}
	names := append([]string{pHomeSet, pAddresses, pPrincipals, pProxyRead, pProxyWrite}, calendarProps()...)
	err := d.probe(u, func() (calbell.Text, error) {
		q := query{method: "PROPFIND", url: u, depth: "0", bounds: dav.BoundsOfProps()}
		status := 0
		ms, err := d.askProps(ctx, q, names, func(r dav.Response) error {
			// Some servers ignore Depth: 0 and list what is inside, too.
			self := canonical(hrefOf(r.Href, u)) == canonical(hrefOf(u.EscapedPath(), u))
			if (r.Status == 0 || r.Status/100 == 2) && (self || !p.found) {
				p.found, p.props = true, r
			} else if status == 0 {
				status = r.Status
			}
			return nil
		})
		if err != nil {
			return calbell.Text{}, err
		}
		p.url = ms.url
		if !p.found {
			return calbell.Text{}, notThere(ms.url, u, status)
		}
		return d.learn(&p), nil
	})
	return p, err
}

// notThere returns the error for an answer that has nothing about what was asked for, but perhaps a
// status: some servers answer 207 to everything, and refuse inside.
func notThere(at, asked *url.URL, status int) error {
	switch status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return &transport.StatusError{Method: "PROPFIND", Host: at.Host, Status: status, At: at, Elsewhere: !transport.CredentialsMayGo(asked, at)}
	}
	return &transport.AnswerError{Why: calbell.T("caldav:answers-empty-list", "%s answers with an empty list", at.Host)}
}

// learn follows the hrefs in a place's properties, and returns in words what it is.
func (d *discovery) learn(p *place) calbell.Text {
	for _, h := range p.props.Prop(pHomeSet).Hrefs() {
		if u := resolve(h, p.url); u != nil && len(p.homes) < maxHomeSets {
			p.homes = append(p.homes, u)
		}
	}
	for _, h := range p.props.Prop(pPrincipal).Hrefs() {
		p.principal = resolve(h, p.url)
		d.iAm(p.principal)
	}
	d.anonymous = d.anonymous || p.props.Prop(pPrincipal).Kid(tAnonymous) != nil
	if d.proxied != "" { // what else it says is about somebody else
		return d.said(p)
	}
	mine := d.isMe(canonical(calbell.Href(p.url.EscapedPath())))
	for _, h := range p.props.Prop(pAddresses).Hrefs() {
		if mine && strings.HasPrefix(h, "/") { // another address of one's own principal
			d.iAm(resolve(h, p.url))
		}
		into := &d.others
		a, mail := calendarAddress(h)
		if mail {
			into = &d.out.Addresses
		}
		if a != "" && len(a) <= maxAddressBytes && len(*into) < maxAddresses && !slices.Contains(*into, a) {
			*into = append(*into, strings.Clone(a)) // a part would keep the whole answer
		}
	}
	return d.said(p)
}

// said says in words what a place is.
func (d *discovery) said(p *place) calbell.Text {
	switch {
	case p.is(tCalendar):
		return calbell.T("caldav:a-calendar", "a calendar")
	case len(p.homes) > 0:
		return calbell.T("caldav:calendars-kept", "calendars are kept in %s", p.homes[0].Redacted())
	case p.principal != nil:
		return calbell.T("caldav:signed", "signed in as %s", p.principal.Redacted())
	}
	return calbell.T("caldav:says-nothing-about-calendars", "says nothing about calendars")
}

// calendarAddress returns a calendar address as events write it, without "mailto:"; mail says that
// it is one of mail. Others are URNs, and paths of principals.
func calendarAddress(href string) (address string, mail bool) {
	href = strings.TrimSpace(href)
	if len(href) < len("mailto:") || !strings.EqualFold(href[:len("mailto:")], "mailto:") {
		return href, false
	}
	address = href[len("mailto:"):]
	if plain, err := url.PathUnescape(address); err == nil {
		address = plain
	}
	if !strings.Contains(address, "@") {
		return calbell.Text{}.English, false
	}
	return address, true
}
