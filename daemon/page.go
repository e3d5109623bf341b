package daemon

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"calbell"
	"calbell/access"
	"calbell/api"
	"calbell/config"
	"calbell/web"
)

// gate returns the gate that authenticates requests to the page and the API.
func (f *front) gate(cfg config.Server) *access.Gate {
	return access.New(access.Options{
		People: callers{f.service.People, f.service.Tokens}, Sessions: f.store, TrustedProxies: cfg.TrustedProxies, BrowserKey: f.store.DeriveKey("browsers"),
		Secure: cfg.Cert != "" || strings.HasPrefix(cfg.BaseURL, "https://"),
		Failed: func(err error) { f.log.Error("answer a request", "err", err) },
	})
}

// hosts returns the host names that the page accepts.
func (f *front) hosts(cfg config.Server) *access.Hosts {
	return access.NewHosts(PageHosts(cfg), func(host string) {
		f.log.Warn("a request for an unknown host name was rejected", "host", host, "hint", "if it is the page's, add it to server.hosts and restart")
	})
}

// PageHosts returns the host names that the page accepts under a configuration, in lower
// case: those of server.base_url, server.listen and server.hosts. Loopback names and IP
// addresses are accepted too.
func PageHosts(cfg config.Server) []string {
	var names []string
	if u, err := url.Parse(cfg.BaseURL); err == nil && u.Hostname() != "" {
		names = append(names, u.Hostname())
	}
	host, _, err := net.SplitHostPort(cfg.Listen)
	if _, addrErr := netip.ParseAddr(host); err == nil && addrErr != nil && host != "" && !strings.HasPrefix(cfg.Listen, "unix:") {
		names = append(names, strings.ToLower(host))
	}
	for _, name := range cfg.Hosts {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// pageHandler returns the handler of server.listen. Probes accept any host: load balancers
// use names of their own, and the answers concern nobody.
func (f *front) pageHandler(gate *access.Gate, hosts *access.Hosts) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range f.doors(gate) {
		if pattern != healthz && pattern != readyz {
			h = hosts.Guard(h)
		}
		mux.Handle(pattern, h)
	}
	return mux
}

// healthz and readyz are the patterns of the probes.
const healthz, readyz = "GET /healthz", "GET /readyz"

// doors returns the handlers of server.listen by pattern. Probes are open to everybody. Metrics are
// for callers on this machine and for admins, because labels name things of users. Everything else
// is behind the gate: the API for sessions and tokens, the page for sessions only.
func (f *front) doors(gate *access.Gate) map[string]http.Handler {
	return map[string]http.Handler{
		healthz:        probe(f.probes.unwell),
		readyz:         probe(f.probes.unready),
		"GET /metrics": gate.Monitored(f.metrics.handler()),
		"/api/v1/":     gate.API(api.Handler(f.service, f.version, access.Caller, gate)),
		"/": gate.Page(web.Handler(f.service, web.Options{
			Who: access.Caller, Door: gate, Welcomed: f.welcomed, Failed: func(err error) { f.log.Error("answer a request", "err", err) },
		})),
	}
}

// listenPage listens at server.listen.
func listenPage(cfg config.Server, gate *access.Gate) (net.Listener, error) {
	if path, ok := strings.CutPrefix(cfg.Listen, "unix:"); ok {
		return listenUnix(path)
	}
	failed := func(err error, hint string) error {
		return &calbell.Error{Kind: calbell.KindFailed, What: calbell.English("listen on %s", cfg.Listen), Err: plain(err), Hint: calbell.Plain(hint)}
	}
	var secure *tls.Config
	if cfg.Cert != "" {
		pair := &certificate{cert: cfg.Cert, key: cfg.Key}
		if _, err := pair.get(nil); err != nil {
			return nil, failed(err, "server.tls names PEM files of a certificate and its key")
		}
		secure = &tls.Config{GetCertificate: pair.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, failed(err, pageSteps().of(err, "change server.listen"))
	}
	l = access.Limit(l, gate.Trusts)
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	return l, nil
}
