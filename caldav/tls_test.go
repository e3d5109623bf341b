package caldav_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
)

// authority certifies servers and clients of one test.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir(), pool: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	a.key = newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	a.write(t, "ca.pem", &pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) write(t *testing.T, name string, blocks ...*pem.Block) {
	t.Helper()
	var text []byte
	for _, b := range blocks {
		text = append(text, pem.EncodeToMemory(b)...)
	}
	if err := os.WriteFile(a.path(name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

// issue certifies a server of this machine, or a client, and writes NAME.pem, NAME.key and
// NAME.both.
func (a *authority) issue(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert, private := &pem.Block{Type: "CERTIFICATE", Bytes: der}, &pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}
	a.write(t, name+".pem", cert)
	a.write(t, name+".key", private)
	a.write(t, name+".both", cert, private)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serve starts a server that the authority certified; it is told which clients show one.
func (a *authority) serve(t *testing.T, auth tls.ClientAuthType, answer func(w http.ResponseWriter, r *http.Request, shown bool)) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, r, len(r.TLS.PeerCertificates) > 0)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{a.issue(t, "server")}, ClientCAs: a.pool, ClientAuth: auth}
	s.StartTLS()
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

func discover(t *testing.T, a calbell.Account, o caldav.Options) (caldav.Discovery, error) {
	t.Helper()
	a.Name = "home"
	c, err := caldav.New(a, o)
	if err != nil {
		return caldav.Discovery{}, err
	}
	t.Cleanup(c.CloseIdle)
	return c.Discover(t.Context())
}

// TestClientCertificate: it signs in by itself, or beside a password, whether certificate and
// key are in one file or in two.
func TestClientCertificate(t *testing.T) {
	ca := newAuthority(t)
	ca.issue(t, "client")
	url := ca.serve(t, tls.RequireAndVerifyClientCert, func(w http.ResponseWriter, r *http.Request, shown bool) {
		if shown {
			pages(map[string]string{"/": about("/", toHome), "/home/": calendarAt("/home/a/", "A")})(w, r)
		}
	})
	text := func(name string) string {
		text, err := os.ReadFile(ca.path(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, tt := range []struct {
		name string
		a    calbell.Account
		want calbell.ErrorKind
		hint string
	}{
		{"one file", calbell.Account{ClientCertificate: ca.path("client.both"), CAFile: ca.path("ca.pem")}, 0, ""},
		{"two files", calbell.Account{ClientCertificate: ca.path("client.pem"), ClientKey: ca.path("client.key"), CAFile: ca.path("ca.pem")}, 0, ""},
		{"texts", calbell.Account{ClientKeyPEM: calbell.Secret(text("client.key")), AccountSpec: calbell.AccountSpec{ClientCertificatePEM: text("client.pem"), CAPEM: text("ca.pem")}}, 0, ""},
		{"a text without key", calbell.Account{AccountSpec: calbell.AccountSpec{ClientCertificatePEM: text("client.pem"), CAPEM: text("ca.pem")}}, calbell.KindConfig, "PEM"},
		{"a text without certificates", calbell.Account{AccountSpec: calbell.AccountSpec{CAPEM: "none"}}, calbell.KindConfig, "PEM"},
		{"none", calbell.Account{CAFile: ca.path("ca.pem")}, calbell.KindUnreachable, "client_certificate"},
		{"unknown authority", calbell.Account{ClientCertificate: ca.path("client.both")}, calbell.KindUnreachable, "ca_file"},
	} {
		tt.a.URL = url
		d, err := discover(t, tt.a, caldav.Options{})
		if calbell.KindOf(err) != tt.want || (len(d.Calendars) == 1) != (tt.want == 0) || !strings.Contains(calbell.HintOf(err).English, tt.hint) {
			t.Errorf("%s: %+v, %v (%s)", tt.name, d.Calendars, err, calbell.HintOf(err))
		}
	}
	// Users of the page name no files of this machine; texts of theirs are taken.
	anywhere := caldav.Options{Guard: func(netip.AddrPort, bool) error { return nil }}
	theirs := calbell.Account{URL: url, ClientKeyPEM: calbell.Secret(text("client.key")), AccountSpec: calbell.AccountSpec{ClientCertificatePEM: text("client.pem"), CAPEM: text("ca.pem")}}
	if d, err := discover(t, theirs, anywhere); err != nil || len(d.Calendars) != 1 {
		t.Errorf("texts of a user: %+v, %v", d, err)
	}
	theirs.CAFile = ca.path("ca.pem")
	if _, err := discover(t, theirs, anywhere); calbell.KindOf(err) != calbell.KindConfig {
		t.Errorf("a file of a user: %v", err)
	}
	pair, err := tls.LoadX509KeyPair(ca.path("client.pem"), ca.path("client.key"))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := discover(t, calbell.Account{URL: url}, caldav.Options{RootCAs: ca.pool, Certificates: []tls.Certificate{pair}}); err != nil || len(d.Calendars) != 1 {
		t.Errorf("by options: %+v, %v", d, err)
	}
}

// TestCertificateStaysHome: neither certificate nor token is shown where a redirect leads.
func TestCertificateStaysHome(t *testing.T) {
	ca := newAuthority(t)
	ca.issue(t, "client")
	var requests, betrayed atomic.Int32
	other := ca.serve(t, tls.RequestClientCert, func(w http.ResponseWriter, r *http.Request, shown bool) {
		requests.Add(1)
		if shown || r.Header.Get("Authorization") != "" {
			betrayed.Add(1)
		}
		w.WriteHeader(401)
	})
	var known atomic.Int32
	first := ca.serve(t, tls.RequestClientCert, func(w http.ResponseWriter, r *http.Request, shown bool) {
		if shown && r.Header.Get("Authorization") == "Bearer "+password {
			known.Add(1)
		}
		http.Redirect(w, r, other+"/x/", http.StatusTemporaryRedirect)
	})
	_, err := discover(t, calbell.Account{URL: first, Token: password, ClientCertificate: ca.path("client.both"), CAFile: ca.path("ca.pem")}, caldav.Options{})
	if err == nil || requests.Load() == 0 || betrayed.Load() != 0 || known.Load() == 0 {
		t.Errorf("%d requests, %d with credentials, %d at home, %v", requests.Load(), betrayed.Load(), known.Load(), err)
	}
}

// TestBearer: a token signs in alone, and is tried once.
func TestBearer(t *testing.T) {
	var asked []string
	s := newStranger(t, false, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "Bearer "+password {
			w.Header().Set("WWW-Authenticate", `Digest realm="x", nonce="y"`)
			w.WriteHeader(401)
			return
		}
		pages(map[string]string{"/": about("/", toHome), "/home/": calendarAt("/home/a/", "A")})(w, r)
	})
	if d, err := discover(t, calbell.Account{URL: s.URL, Token: password, Username: user, Password: "unused"}, caldav.Options{}); err != nil || len(d.Calendars) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	asked = nil
	_, err := discover(t, calbell.Account{URL: s.URL, Token: "worn-out-token"}, caldav.Options{})
	if len(asked) != 1 || calbell.KindOf(err) != calbell.KindRefused || !strings.Contains(err.Error(), "token refused") || strings.Contains(err.Error(), "worn-out") {
		t.Errorf("asked %d times, %v", len(asked), err)
	}
}

// TestBadFiles: a file that cannot be used is told of before anything is asked.
func TestBadFiles(t *testing.T) {
	ca := newAuthority(t)
	ca.issue(t, "a")
	ca.issue(t, "b")
	if err := os.WriteFile(ca.path("text"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(ca.path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for key, accounts := range map[string][]calbell.Account{
		"ca_file": {{CAFile: ca.path("none")}, {CAFile: ca.path("text")}, {CAFile: ca.dir}, {CAFile: ca.path("pipe")}, {CAFile: "/dev/zero"}, {CAFile: ca.path("a.key")}},
		"client_certificate": {
			{ClientCertificate: ca.path("none")},
			{ClientCertificate: ca.path("a.pem")},
			{ClientCertificate: ca.path("a.pem"), ClientKey: ca.path("b.key")},
		},
		"client_key": {{ClientCertificate: ca.path("a.pem"), ClientKey: ca.path("none")}},
	} {
		for _, a := range accounts {
			a.URL = "https://example.org/"
			_, err := discover(t, a, caldav.Options{})
			if calbell.KindOf(err) != calbell.KindConfig || !strings.Contains(err.Error(), key) || strings.Count(err.Error(), ca.dir) > 1 || calbell.HintOf(err).IsZero() {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
}

// TestGuard: the guard sees each address after the DNS, and may refuse it.
func TestGuard(t *testing.T) {
	s := newStranger(t, false, pages(map[string]string{"/": about("/", toHome), "/home/": calendarAt("/home/a/", "A")}))
	inside := errors.New("addresses of the inside are not for users")
	var seen []string
	guard := func(refuse error) func(netip.AddrPort, bool) error {
		return func(a netip.AddrPort, secure bool) error {
			seen = append(seen, fmt.Sprint(a, secure))
			return refuse
		}
	}
	url := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	_, err := discover(t, calbell.Account{URL: url, Username: user, Password: password}, caldav.Options{Guard: guard(inside)})
	if !errors.Is(err, inside) || s.requests.Load() != 0 || len(seen) == 0 || !strings.HasPrefix(seen[0], "127.0.0.1:") && !strings.HasPrefix(seen[0], "[::1]:") {
		t.Errorf("%v, %d requests, seen %v", err, s.requests.Load(), seen)
	}
	// A proxy would be asked in the server's place, and the guard would see its address alone.
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	seen = nil
	if _, err := discover(t, calbell.Account{URL: url}, caldav.Options{Guard: guard(nil)}); err != nil || len(seen) == 0 {
		t.Errorf("%v, seen %v", err, seen)
	}
	// Where the way leads on, the guard is asked again, and told that TLS is spoken.
	ca := newAuthority(t)
	other := ca.serve(t, tls.NoClientCert, func(w http.ResponseWriter, r *http.Request, _ bool) {
		pages(map[string]string{"/home/": calendarAt("/home/a/", "A")})(w, r)
	})
	first := newStranger(t, false, pages(map[string]string{"/": about("/", `<c:calendar-home-set><d:href>`+other+`/home/</d:href></c:calendar-home-set>`)}))
	seen = nil
	if _, err := discover(t, calbell.Account{URL: first.URL}, caldav.Options{Guard: guard(nil), RootCAs: ca.pool}); err != nil || len(seen) < 2 || !strings.HasSuffix(seen[len(seen)-1], " true") {
		t.Errorf("%v, seen %v", err, seen)
	}
	_, err = discover(t, calbell.Account{URL: first.URL}, caldav.Options{RootCAs: ca.pool, Guard: func(_ netip.AddrPort, secure bool) error {
		if secure {
			return refusal{}
		}
		return nil
	}})
	if hint := calbell.HintOf(err); !errors.As(err, &refusal{}) || hint.English != "ask someone else" {
		t.Errorf("%v (%s)", err, hint)
	}
}

// refusal is a guard's, with a hint.
type refusal struct{}

func (refusal) Error() string      { return "not for you" }
func (refusal) Hint() calbell.Text { return calbell.Plain("ask someone else") }

// hidden is a guard's refusal of an address that is not public.
type hidden struct{ refusal }

func (hidden) Hides() bool { return true }

// TestGuardHidesNames: a user of the page does not learn whether a name that may not be reached
// exists: both are told of in the same words, without an address.
func TestGuardHidesNames(t *testing.T) {
	s := newStranger(t, false, pages(nil))
	inside := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	refuse := caldav.Options{Guard: func(netip.AddrPort, bool) error { return hidden{} }}
	_, there := discover(t, calbell.Account{URL: inside}, refuse)
	_, absent := discover(t, calbell.Account{URL: "http://no-such-name.invalid:1/"}, refuse)
	for name, err := range map[string]error{"there": there, "absent": absent} {
		if err == nil || !strings.HasSuffix(err.Error(), ": the host has no public address") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calbell.HintOf(there) != calbell.HintOf(absent) || !strings.Contains(calbell.HintOf(there).English, "delivery.private_networks") {
		t.Errorf("hints %q and %q", calbell.HintOf(there), calbell.HintOf(absent))
	}
}
