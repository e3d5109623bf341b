package daemon_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/daemon"
)

// writeCertificate puts a new certificate and its key into files.
func writeCertificate(t *testing.T, cert, key string, number int64) *x509.CertPool {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{key: {Type: "PRIVATE KEY", Bytes: secret}, cert: {Type: "CERTIFICATE", Bytes: der}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Now().Add(time.Duration(number) * time.Second) // file systems count coarsely
	if err := os.Chtimes(cert, at, at); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return pool
}

// TestTLS: with a certificate the page speaks TLS and marks its cookies so; a renewed one is
// taken up.
func TestTLS(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir := t.TempDir()
	h.cfg.Server.Listen = freeAddress(t)
	h.cfg.Server.Cert, h.cfg.Server.Key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	pool := writeCertificate(t, h.cfg.Server.Cert, h.cfg.Server.Key, 1)
	h.start()
	_, err := h.client.AddUser(t.Context(), types.NewUser{Name: "Anna", Password: password})
	h.ok(err)
	ask := func(pool *x509.CertPool) (*http.Response, error) {
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
		defer tr.CloseIdleConnections()
		c := http.Client{Transport: tr}
		resp, err := c.Post("https://"+h.cfg.Server.Listen+"/api/v1/session", "application/json", strings.NewReader(`{"name":"Anna","password":"`+password+`"}`))
		if err == nil {
			resp.Body.Close()
		}
		return resp, err
	}
	resp, err := ask(pool)
	h.ok(err)
	names := map[string]bool{}
	for _, c := range resp.Cookies() {
		names[c.Name] = c.Secure && c.HttpOnly
	}
	if resp.StatusCode != 200 || !maps.Equal(names, map[string]bool{"__Host-calbell": true, "__Host-calbell-browser": true}) || resp.ProtoMajor != 2 {
		t.Errorf("%d, %s, cookies %v", resp.StatusCode, resp.Proto, resp.Cookies())
	}
	renewed := writeCertificate(t, h.cfg.Server.Cert, h.cfg.Server.Key, 2)
	if _, err := ask(pool); err == nil {
		t.Error("the old certificate is still shown")
	}
	if _, err := ask(renewed); err != nil {
		t.Errorf("the renewed certificate: %v", err)
	}
	h.ok(os.WriteFile(h.cfg.Server.Cert, []byte("half of it"), 0o600)) // while it is being replaced
	if _, err := ask(renewed); err != nil {
		t.Errorf("while a certificate is replaced: %v", err)
	}
	if resp, err := http.Get("http://" + h.cfg.Server.Listen + "/"); err == nil && resp.StatusCode != http.StatusBadRequest {
		t.Errorf("plain http: %d", resp.StatusCode)
	}
}

// TestPageBySocket: a proxy of this machine may come by a unix socket.
func TestPageBySocket(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := filepath.Join(filepath.Dir(h.cfg.Server.Socket), "p")
	h.cfg.Server.Listen = "unix:" + path
	h.start()
	c := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}}
	resp, err := c.Get("http://calbell/healthz")
	h.ok(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("healthz: %d", resp.StatusCode)
	}
}

// TestBadCertificate stops the start, and says why.
func TestBadCertificate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cfg.Server.Cert, h.cfg.Server.Key = filepath.Join(t.TempDir(), "none.pem"), filepath.Join(t.TempDir(), "none.pem")
	d, err := daemon.New(h.cfg, daemon.Options{Log: slog.New(slog.DiscardHandler)})
	h.ok(err)
	if err := d.Run(t.Context()); err == nil || !strings.Contains(calbell.HintOf(err).English, "server.tls") {
		t.Errorf("error %v, hint %q", err, calbell.HintOf(err))
	}
	h.ok(d.Close())
}
