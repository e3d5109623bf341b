package daemon

import (
	"crypto/tls"
	"net"
	"net/http"
	"strings"

	"calbell"
	"calbell/access"
	"calbell/api"
	"calbell/config"
	"calbell/web"
)

// gate is what stands before the page and the API.
func (d *Daemon) gate(cfg config.Server) *access.Gate {
	return access.New(access.Options{
		People: d.service, Sessions: d.store, TrustedProxies: cfg.TrustedProxies, BrowserKey: d.store.DeriveKey("browsers"),
		Secure: cfg.Cert != "" || strings.HasPrefix(cfg.BaseURL, "https://"),
		Failed: func(err error) { d.log.Error("answer a request", "err", err) },
	})
}

// pageHandler answers at server.listen.
func (d *Daemon) pageHandler(gate *access.Gate) http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range d.doors(gate) {
		mux.Handle(pattern, h)
	}
	return mux
}

// doors are all handlers at server.listen by pattern: the probes answer everybody, the metrics
// monitors, because their labels name what belongs to people. All else is behind the gate: the
// API for sessions and tokens, the page for sessions alone.
func (d *Daemon) doors(gate *access.Gate) map[string]http.Handler {
	return map[string]http.Handler{
		"GET /healthz": probe(d.unwell),
		"GET /readyz":  probe(d.unready),
		"GET /metrics": gate.Monitored(d.metrics.handler()),
		"/api/v1/":     gate.API(api.Handler(d.service, d.o.Version, access.Caller, gate)),
		"/": gate.Page(web.Handler(d.service, web.Options{
			Who: access.Caller, Door: gate, Welcomed: d.welcomed, Failed: func(err error) { d.log.Error("answer a request", "err", err) },
		})),
	}
}

// listenPage listens at server.listen.
func listenPage(cfg config.Server, gate *access.Gate) (net.Listener, error) {
	if path, ok := strings.CutPrefix(cfg.Listen, "unix:"); ok {
		return listenUnix(path)
	}
	failed := func(err error, hint string) error {
		return &calbell.Error{Kind: calbell.KindFailed, What: "listen on " + cfg.Listen, Err: plain(err), Hint: hint}
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
		return nil, failed(err, "another program may use this port: change server.listen")
	}
	l = access.Limit(l, gate.Trusts)
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	return l, nil
}
