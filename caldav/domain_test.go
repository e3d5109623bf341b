package caldav_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
)

// zone is a DNS: "name target port" of services, and texts.
type zone struct {
	srv   []*net.SRV
	txt   []string
	err   error
	asked []string
}

func (z *zone) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	z.asked = append(z.asked, "_"+service+"._"+proto+"."+name)
	return "", z.srv, z.err
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	z.asked = append(z.asked, name)
	return z.txt, z.err
}

// names dials servers of this machine by the names that they have in a test; any other name
// is not there.
func names(hosts map[string]string) *http.Transport {
	return &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // loopback
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			to, ok := hosts[address]
			if !ok {
				return nil, &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}
			}
			return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(to, "https://"))
		},
	}
}

// srv makes records of "host" or "host:port", best first.
func srv(targets ...string) []*net.SRV {
	var out []*net.SRV
	for i, t := range targets {
		host, port, _ := strings.Cut(t, ":")
		n, err := strconv.Atoi(port)
		if err != nil {
			n = 443
		}
		out = append(out, &net.SRV{Target: host, Port: uint16(n), Priority: uint16(i)})
	}
	return out
}

// TestDiscoverDomain: from a host name or a mail address the way leads to the calendars.
func TestDiscoverDomain(t *testing.T) {
	dav := func(base string) map[string]string {
		return map[string]string{base: about(base, toPrincipal), "/p/": about("/p/", toHome), "/home/": calendarAt("/home/a/", "A")}
	}
	tests := []struct {
		name, account string
		dns           zone
		hosts         string // the server's names, "host:port …"
		answers       map[string]string
		want          string // where the calendar is
	}{
		{"by DNS", "example.org", zone{srv: srv("dav.example.org.")}, "dav.example.org:443", dav("/.well-known/caldav"), "https://dav.example.org/home/a/"},
		{"by mail address", "alice@example.org", zone{srv: srv("dav.example.org.")}, "dav.example.org:443", dav("/.well-known/caldav"), "https://dav.example.org/home/a/"},
		{"with port and path", "example.org", zone{srv: srv("dav.example.org:8443"), txt: []string{"v=x", "path=/cal/"}}, "dav.example.org:8443", dav("/cal/"), "https://dav.example.org:8443/home/a/"},
		{"path of another place", "example.org", zone{srv: srv("dav.example.org"), txt: []string{"path=//evil.example.net/"}}, "dav.example.org:443", dav("/.well-known/caldav"), "https://dav.example.org/home/a/"},
		{"the second server", "example.org", zone{srv: srv("down.example.org", "dav.example.org")}, "dav.example.org:443", dav("/.well-known/caldav"), "https://dav.example.org/home/a/"},
		{"no DNS, but the host itself", "example.org", zone{err: errors.New("SERVFAIL")}, "example.org:443", dav("/.well-known/caldav"), "https://example.org/home/a/"},
		{"no service", "alice@example.org", zone{srv: srv(".")}, "example.org:443", dav("/"), "https://example.org/home/a/"},
		{"a known provider by DNS", "example.org", zone{srv: srv("caldav.fastmail.com.")}, "caldav.fastmail.com:443", dav("/.well-known/caldav"), "https://caldav.fastmail.com/home/a/"},
		{"a provider's own address", "alice@icloud.com", zone{}, "caldav.icloud.com:443", dav("/"), "https://caldav.icloud.com/home/a/"},
		{"another domain by DNS, and the host itself", "example.org", zone{srv: srv("dav.example.net.")}, "example.org:443 dav.example.net:443", dav("/.well-known/caldav"), "https://example.org/home/a/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := newStranger(t, true, pages(tt.answers))
			hosts := map[string]string{}
			for _, h := range strings.Fields(tt.hosts) {
				hosts[h] = server.URL
			}
			c, err := caldav.New(calbell.Account{Name: "home", URL: tt.account, Password: password, Username: user}, caldav.Options{Resolver: &tt.dns, Transport: names(hosts)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.CloseIdle)
			d, err := c.Discover(t.Context())
			if got := found(d, ""); err != nil || !slices.Equal(got, []string{"A " + tt.want}) {
				t.Errorf("got %q, %v\n%+v", got, err, d.Probes)
			}
			for _, name := range tt.dns.asked {
				if name != "_caldavs._tcp.example.org" {
					t.Errorf("the DNS was asked for %s", name)
				}
			}
		})
	}
}

// TestDiscoverForgedDNS: what the DNS says is not signed, so credentials do not go to
// another domain's servers; people are told which, and decide.
func TestDiscoverForgedDNS(t *testing.T) {
	for _, target := range []string{"dav.example.net.", "example.org.evil.example.", "evilexample.org."} {
		evil := newStranger(t, true, pages(map[string]string{"/.well-known/caldav": about("/", toHome), "/home/": calendarAt("/home/a/", "A")}))
		host := strings.TrimSuffix(target, ".")
		c, err := caldav.New(calbell.Account{Name: "home", URL: "alice@example.org", Password: password},
			caldav.Options{Resolver: &zone{srv: srv(target)}, Transport: names(map[string]string{host + ":443": evil.URL})})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdle)
		d, err := c.Discover(t.Context())
		if err == nil || !strings.Contains(err.Error(), host) || !strings.Contains(calbell.HintOf(err).English, "https://"+host+"/") || len(d.Calendars) != 0 {
			t.Errorf("%v (%s)", err, calbell.HintOf(err))
		}
		if evil.requests.Load() != 0 || evil.credentials.Load() != 0 {
			t.Errorf("%d requests reached %s", evil.requests.Load(), host)
		}
		if len(d.Probes) < 2 || d.Probes[0].Method != "SRV" || d.Probes[0].OK {
			t.Errorf("%+v", d.Probes)
		}
	}
}

// TestDiscoverDomainRefused: a wrong password is tried at one of a domain's servers alone.
func TestDiscoverDomainRefused(t *testing.T) {
	server := newStranger(t, true, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })
	hosts := map[string]string{"a.example.org:443": server.URL, "b.example.org:443": server.URL, "example.org:443": server.URL}
	c, err := caldav.New(calbell.Account{Name: "home", URL: "alice@example.org", Password: password}, caldav.Options{Resolver: &zone{srv: srv("a.example.org", "b.example.org")}, Transport: names(hosts)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	_, err = c.Discover(t.Context())
	if calbell.KindOf(err) != calbell.KindRefused || server.requests.Load() != 1 || !strings.Contains(err.Error(), `as "alice@example.org"`) {
		t.Errorf("%d requests, %v", server.requests.Load(), err)
	}
}

// TestDiscoverLinkOnly: where a password is of no use none is sent, and people are told what is.
func TestDiscoverLinkOnly(t *testing.T) {
	for _, account := range []string{"alice@gmail.com", "outlook.com", "alice@proton.me"} {
		dns := &zone{}
		c, err := caldav.New(calbell.Account{Name: "home", URL: account, Username: user, Password: password}, caldav.Options{Resolver: dns, Transport: names(nil)})
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Discover(t.Context())
		if calbell.KindOf(err) != calbell.KindRefused || !strings.Contains(calbell.HintOf(err).English, "iCal address") && !strings.Contains(calbell.HintOf(err).English, ".ics") || len(d.Probes) != 0 {
			t.Errorf("%s: %v (%s)", account, err, calbell.HintOf(err))
		}
	}
}

// TestSlowDNS: a resolver that does not answer holds nothing up longer than its time.
func TestSlowDNS(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	c, err := caldav.New(calbell.Account{Name: "home", URL: "example.org", Username: user, Password: password}, caldav.Options{Resolver: deaf{}, Transport: names(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Discover(ctx); err == nil {
		t.Error("no error")
	}
}

// deaf never answers.
type deaf struct{}

func (deaf) LookupSRV(ctx context.Context, _, _, _ string) (string, []*net.SRV, error) {
	<-ctx.Done()
	return "", nil, ctx.Err()
}

func (deaf) LookupTXT(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
