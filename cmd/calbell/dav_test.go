package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"calbell/caldav/caldavtest"

	"github.com/rogpeppe/go-internal/testscript"
)

// davToken lets in at the script's calendar server, as a client certificate does.
const davToken = "canary-token-51c7e2"

// davCommand starts a calendar server with a calendar "Team" that an authority of its own certifies,
// and that lets in by token or client certificate alone: its address is $DAV, and the files are
// ca.pem, work.token, client.pem, client.key, and client.both with certificate and key.
func davCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: dav")
	}
	calendars := caldavtest.New(caldavtest.Options{})
	calendars.AddUser("alice", "password")
	calendars.AddCalendar("alice", caldavtest.Calendar{Path: "team", Name: "Team"})
	ca, caKey := davCertificate(ts, nil, nil)
	server, serverKey := davCertificate(ts, ca, caKey)
	client, clientKey := davCertificate(ts, ca, caKey)
	authorities := x509.NewCertPool()
	authorities.AddCert(ca)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) == 0 && r.Header.Get("Authorization") != "Bearer "+davToken {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.SetBasicAuth("alice", "password")
		calendars.ServeHTTP(w, r)
	}))
	s.TLS = &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: serverKey}},
		ClientCAs:    authorities, ClientAuth: tls.VerifyClientCertIfGiven, MinVersion: tls.VersionTLS12,
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail are what is tried
	s.StartTLS()
	ts.Defer(s.Close)
	ts.Setenv("DAV", s.URL+"/")
	secret, err := x509.MarshalECPrivateKey(clientKey)
	ts.Check(err)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: client.Raw})
	key := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
	for name, text := range map[string][]byte{
		"ca.pem":     pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}),
		"client.pem": cert, "client.key": key, "client.both": append(append([]byte{}, key...), cert...), "work.token": []byte(davToken + "\n"),
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), text, 0o600))
	}
}

// davCertificate makes a certificate for this machine; that of an authority when by is nil.
func davCertificate(ts *testscript.TestScript, by *x509.Certificate, byKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "example.org"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if by == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
		template.ExtKeyUsage, template.IPAddresses = nil, nil
		by, byKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, &key.PublicKey, byKey)
	ts.Check(err)
	cert, err := x509.ParseCertificate(der)
	ts.Check(err)
	return cert, key
}
