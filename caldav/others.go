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

const (
	// maxProxied bounds the people whose calendars are read for the person who signed in: each costs
	// two requests.
	maxProxied = 20
	// maxSubscriptions bounds the subscriptions of one account that are shown.
	maxSubscriptions = 100
	// maxInvitations bounds the places where a sign-in is looked for.
	maxInvitations = 3
)

// fromProxied reads the calendars of those who made the signed-in person their proxy (Apple's
// caldav-proxy, which DAViCal has too). They are shown as other people's. What cannot be read of one
// of them costs nothing else; the error is one that ends the discovery.
func (d *discovery) fromProxied(ctx context.Context, at place) error {
	defer func() { d.proxied = "" }()
	me, err := d.toPrincipal(ctx, at)
	if err != nil || !me.found {
		return err
	}
	seen := map[string]bool{}
	for _, h := range append(me.props.Prop(pProxyRead).Hrefs(), me.props.Prop(pProxyWrite).Hrefs()...) {
		u := resolve(h, me.url)
		if u == nil || len(seen) >= maxProxied {
			continue
		}
		d.proxied = canonical(calbell.Href(u.EscapedPath()))
		if seen[d.proxied] || d.isMe(d.proxied) {
			continue
		}
		seen[d.proxied] = true
		err := d.ofProxied(ctx, u)
		switch {
		case transport.StatusOf(err) == http.StatusUnauthorized: // of that person alone; and nobody knocks again
			return nil
		case err != nil && stops(ctx, err):
			return err
		}
	}
	return nil
}

// toPrincipal returns the principal of the person who signed in, from a place where their calendars
// were found: that place itself, or the principal that it names. DAViCal's root names both, and
// answers for the principal what it leaves empty. A place of somebody else leads nowhere.
func (d *discovery) toPrincipal(ctx context.Context, at place) (me place, err error) {
	if d.isMe(canonical(calbell.Href(at.url.EscapedPath()))) {
		return at, nil
	}
	if at.principal == nil || at.is(tPrincipal) {
		return place{}, nil
	}
	if me, err = d.look(ctx, at.principal); err != nil && stops(ctx, err) {
		return place{}, err
	}
	same := func(a, b *url.URL) bool { return a.Path == b.Path }
	if err != nil || !slices.EqualFunc(me.homes, at.homes, same) { // calendars were found all the same
		return place{}, nil
	}
	return me, nil
}

// ofProxied reads the calendars of one person.
func (d *discovery) ofProxied(ctx context.Context, principal *url.URL) error {
	them, err := d.lookOnce(ctx, principal)
	for _, home := range them.homes {
		if _, failed := d.list(ctx, home); failed != nil {
			err = failed
			if stops(ctx, err) {
				return err
			}
		}
	}
	return err
}

// lend marks a calendar as that of a person who made others their proxies.
func (m *marks) lend(owner string) {
	m.shared = true
	if len(m.owners) == 0 {
		m.owners = []string{strings.Clone(owner)}
	}
}

// notTheirs returns an error when the address that was given was refused, and is one of somebody
// else beside the calendars that were found: those were not asked for.
func (d *discovery) notTheirs(from *url.URL, refusal error) error {
	if transport.StatusOf(refusal) != http.StatusForbidden || !d.isBeside(from) {
		return nil
	}
	d.out.Calendars, d.out.Subscriptions = nil, nil
	return &calbell.Error{
		Kind: calbell.KindRefused,
		What: calbell.Chain(d.c.accountText(), d.c.refusedPath(from)),
		Hint: calbell.T("caldav:may-another-person-who", "It may be another person's, who has to share it first. For this person's own calendars give %s as the account's url.", d.home()),
		Err:  refusal,
	}
}

// home returns where the calendars that were found are.
func (d *discovery) home() string {
	if len(d.out.HomeSets) > 0 {
		return d.out.HomeSets[0]
	}
	return d.c.start.Scheme + "://" + d.c.start.Host + "/"
}

// isBeside reports whether a URL is where a server keeps people's calendars: below a collection that
// holds a home or principal of this person, but neither that nor above. Elsewhere pages may refuse what
// they do not know.
func (d *discovery) isBeside(from *url.URL) bool {
	at := strings.TrimSuffix(from.Path, "/")
	beside := false
	for _, own := range append(d.out.HomeSets[:len(d.out.HomeSets):len(d.out.HomeSets)], d.out.Principal) {
		u, err := url.Parse(own)
		if err != nil || own == "" || !transport.SameOrigin(u, from) {
			continue
		}
		mine := strings.TrimSuffix(u.Path, "/")
		if strings.HasPrefix(mine+"/", at+"/") {
			return false
		}
		beside = beside || strings.HasPrefix(at, strings.TrimSuffix(path.Dir(mine), "/")+"/")
	}
	return beside && from.Path != wellKnown
}

// addSubscription keeps a link that the server keeps for the person.
func (d *discovery) addSubscription(u *url.URL, r dav.Response) error {
	source := r.Prop(pSource)
	for _, h := range append(source.Hrefs(), source.Value()) {
		link, err := url.Parse(strings.TrimSpace(h))
		if err != nil || link.Host == "" || link.User != nil || len(h) > maxHrefBytes || len(d.out.Subscriptions) >= maxSubscriptions {
			continue
		}
		switch strings.ToLower(link.Scheme) {
		case "http", "https", "webcal", "webcals":
			s := calbell.Subscription{Name: strings.Clone(calendarName(r.Prop(pDisplayName).Value(), u)), URL: strings.Clone(link.String())}
			d.out.Subscriptions = append(d.out.Subscriptions, s)
			return d.held.add(calendarCost + len(s.Name) + len(s.URL))
		}
	}
	return nil
}

// signInElsewhere has the server ask for a sign-in after a place answered everybody: servers that take
// Digest alone ask where there is something to hide. It reports whether that place may say more now.
// The error is one that ends the discovery, such as a wrong password.
func (d *discovery) signInElsewhere(ctx context.Context, p place) (bool, error) {
	if p.props.Prop(pPrincipal).Kid(tAnonymous) == nil || d.c.account.Username == "" || d.invited {
		return false, nil
	}
	d.invited = true
	places := p.props.Prop(pPrincipals).Hrefs()
	if len(places) == 0 {
		places = d.inside(ctx, p.url)
	}
	for _, h := range places[:min(len(places), maxInvitations)] {
		u := resolve(h, p.url)
		if u == nil || !transport.SameOrigin(u, p.url) {
			continue
		}
		at, err := d.lookOnce(ctx, u)
		switch {
		case err != nil && stops(ctx, err):
			return false, err
		case at.found && at.props.Prop(pPrincipal).Kid(tAnonymous) == nil:
			return true, nil
		}
	}
	return false, nil
}

// inside returns the hrefs of some collections inside another; none when they cannot be listed.
func (d *discovery) inside(ctx context.Context, u *url.URL) (hrefs []string) {
	q := query{method: "PROPFIND", url: u, depth: "1", body: dav.Propfind(pResourceType), bounds: dav.BoundsOfProps()}
	_, _ = d.c.ask(ctx, q, func(r dav.Response) error { // without them the server has not asked, as before
		self := canonical(hrefOf(r.Href, u)) == canonical(hrefOf(u.EscapedPath(), u))
		if !self && isCollection(r) && len(hrefs) < maxInvitations {
			hrefs = append(hrefs, strings.Clone(r.Href))
		}
		return nil
	})
	return hrefs
}
