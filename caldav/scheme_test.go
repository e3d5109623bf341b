package caldav_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav"
)

// A server that is spoken to by the wrong one of http and https is reported as that, with the scheme to
// write; whatever its url looks like, and in the sync of a calendar as in discovery.
func TestWrongScheme(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	secure.StartTLS()
	defer secure.Close()
	// As nginx: it reads the request and refuses it.
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<title>400 The plain HTTP request was sent to HTTPS port</title>", http.StatusBadRequest)
	}))
	defer refusing.Close()
	strict := refusing.Listener.Addr().String()
	for _, tt := range []struct{ name, url, says, hint string }{
		{"https to plain http", "https://" + plain.Listener.Addr().String() + "/dav/", "speaks plain http here", "Begin the account's url with http://"},
		{"host and port alone", plain.Listener.Addr().String(), "speaks plain http here", "Begin the account's url with http://"},
		{"http to https", "http://" + strict + "/dav/", "speaks https here", "Begin the account's url with https://"},
		{"http to one that closes", "http://" + secure.Listener.Addr().String() + "/dav/", "cannot reach", "It ended the connection without an answer. If it speaks https"},
		{"a subscription by https", "https://" + plain.Listener.Addr().String() + "/x.ics", "speaks plain http here", "Begin the account's url with http://"},
		{"a subscription by http", "http://" + strict + "/x.ics", "speaks https here", "Begin the account's url with https://"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := newClient(t, tt.url, caldav.Options{})
			check := func(err error) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(calbell.HintOf(err).English, tt.hint) {
					t.Errorf("%v\n  hint: %s", err, calbell.HintOf(err))
				}
			}
			_, err := client.Discover(t.Context())
			if !strings.HasSuffix(tt.url, ".ics") { // those are not asked before they are read
				check(err)
			}
			url := tt.url
			if !strings.Contains(url, "://") {
				url = "https://" + url
			}
			check(client.Changes(t.Context(), calbell.Calendar{ID: "c", Account: "home", Name: "Team", URL: url}, nil, func(caldav.Batch) error { return nil }))
		})
	}
}

// What a proxy says of the server behind it says nothing about the account's url.
func TestWrongSchemeBehindAProxy(t *testing.T) {
	proxy := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "400 The plain HTTP request was sent to HTTPS port", http.StatusBadRequest)
	}))
	defer proxy.Close()
	pool := x509.NewCertPool()
	pool.AddCert(proxy.Certificate())
	_, err := newClient(t, proxy.URL+"/dav/", caldav.Options{RootCAs: pool}).Discover(t.Context())
	if err == nil || strings.Contains(err.Error()+calbell.HintOf(err).English, "https://") {
		t.Errorf("%v\n  %s", err, calbell.HintOf(err))
	}
}
