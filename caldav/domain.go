package caldav

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"calbell/caldav/transport"

	"calbell"
)

const (
	// dnsTimeout bounds one look-up.
	dnsTimeout = 5 * time.Second
	// maxTargets bounds the servers that are tried of those that a domain names.
	maxTargets = 4
)

// Resolver looks services up in the DNS; *[net.Resolver] is one.
type Resolver interface {
	// LookupSRV returns the servers of a service, best first (RFC 2782).
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, servers []*net.SRV, err error)
	// LookupTXT returns the texts of a name.
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// fromDomain walks from a host name or mail address to the calendars (RFC 6764 §6): by what
// is known of the provider, by the DNS, and by the well-known address of the host itself.
func (d *discovery) fromDomain(ctx context.Context, domain string) error {
	if p, ok := ProviderOf(domain); ok && p.URL == "" && d.c.account.Token == "" {
		return &calbell.Error{Kind: calbell.KindRefused, What: calbell.T("caldav:account-nothing-sign-password", "account %q: %s has nothing to sign in to with a password", d.c.account.Key(), p.Name), Hint: p.Hint}
	} else if ok && p.URL != "" {
		u, err := url.Parse(p.URL)
		if err != nil {
			return err
		}
		return d.walk(ctx, u)
	}
	var first error
	for _, u := range d.services(ctx, domain) {
		// A refusal is an answer; only a server that is not there leaves room for the next.
		err := d.walk(ctx, u)
		if err == nil || stops(ctx, err) && !unreachable(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// unreachable: another server may be there.
func unreachable(err error) bool {
	var lost *transport.LostError
	return errors.As(err, &lost)
}

// services returns where the calendars of a domain may be: the servers that it names in
// the DNS, and itself.
func (d *discovery) services(ctx context.Context, domain string) []*url.URL {
	own := &url.URL{Scheme: "https", Host: domain, Path: wellKnown}
	// Without TLS there is nothing to look for: _caldav._tcp is never asked for.
	servers := d.lookupSRV(ctx, domain)
	if len(servers) == 0 {
		return []*url.URL{own}
	}
	path := d.lookupPath(ctx, domain)
	var out []*url.URL
	for _, s := range servers[:min(len(servers), maxTargets)] {
		host := strings.TrimSuffix(s.Target, ".")
		if s.Port != 443 { // the usual one is left out, as people and certificates do
			host = net.JoinHostPort(host, strconv.Itoa(int(s.Port)))
		}
		out = append(out, urlOf(&url.URL{Scheme: "https", Host: host}, calbell.Href(path)))
	}
	return append(out, own)
}

// lookupSRV returns the servers of a domain that credentials may go to. The DNS can be
// forged, and then TLS proves only that the forger owns the name he wrote (RFC 6764 §8): so
// only servers of the domain itself are taken, and those of providers that are known.
func (d *discovery) lookupSRV(ctx context.Context, domain string) []*net.SRV {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	began := time.Now()
	_, all, err := d.c.o.Resolver.LookupSRV(ctx, "caldavs", "tcp", domain)
	probe := Probe{Method: "SRV", URL: "_caldavs._tcp." + domain, Took: time.Since(began)}
	var trusted []*net.SRV
	var names []string
	for _, s := range all {
		host := strings.TrimSuffix(s.Target, ".")
		if !isDomain(host) || s.Port == 0 { // "." says that there is no such service
			continue
		}
		names = append(names, host)
		if _, known := ProviderOf(host); known || within(host, domain) {
			trusted = append(trusted, s)
		}
	}
	switch probe.OK = len(trusted) > 0; {
	case probe.OK:
		probe.Answer = calbell.T("caldav:served-by", "calendars are served by %s", strings.TrimSuffix(trusted[0].Target, "."))
	case len(names) > 0:
		probe.Answer = calbell.T("caldav:other-domain", "names %s, which is another domain's; if it is right, give https://%s/ as the account's url", names[0], names[0])
		d.elsewhere = names[0]
	case err != nil && !isNoSuchHost(err):
		probe.Answer = calbell.T("caldav:no-dns-answer", "no answer from the DNS")
	default:
		probe.Answer = calbell.T("caldav:names-no-server", "names no server")
	}
	d.out.Probes = append(d.out.Probes, probe)
	return trusted
}

func isNoSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// lookupPath returns the path that a domain names beside its servers (RFC 6764 §4), else the
// well-known one.
func (d *discovery) lookupPath(ctx context.Context, domain string) string {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	texts, err := d.c.o.Resolver.LookupTXT(ctx, "_caldavs._tcp."+domain)
	if err == nil { // without an answer the well-known path is as good
		for _, text := range texts {
			if path, ok := strings.CutPrefix(text, "path="); ok && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") {
				return path
			}
		}
	}
	return wellKnown
}

// explainDomain adds to an error of a domain what it said about another one.
func (d *discovery) explainDomain(err error) error {
	var told *calbell.Error
	if err == nil || d.elsewhere == "" || errors.As(err, &told) && transport.StatusOf(err) == http.StatusUnauthorized {
		return err
	}
	return &calbell.Error{
		Kind: calbell.KindOf(err), What: calbell.T("caldav:account-says-calendars-which", "account %q: %s says that its calendars are at %s, which is not of its domain; credentials are not sent there", d.c.account.Key(), d.c.address.domain, d.elsewhere),
		Hint: calbell.T("caldav:if-right-give-https", "If that is right, give https://%s/ as the account's url.", d.elsewhere), Err: err,
	}
}
