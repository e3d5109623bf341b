package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"calbell"
)

func TestDescribe(t *testing.T) {
	s := NewSender(Options{Timeout: 15 * time.Second})
	defer s.Close()
	addr := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Addr: addr, Err: err} }
	expired := x509.CertificateInvalidError{Reason: x509.Expired, Detail: "it was last week"}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	late, end := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer end()
	for _, tt := range []struct {
		name    string
		ctx     context.Context
		verdict calbell.Verdict
		stage   string
		err     error
		want    string
	}{
		{"stopped", stopped, calbell.Unknown, "", io.EOF, "stopped before the answer came"},
		{"no answer", late, calbell.Unknown, "", io.EOF, "no answer in time (15s)"},
		{"not connected", late, calbell.NotSent, "", io.EOF, "not connected in time (15s)"},
		{"not connected, stuck", late, calbell.NotSent, "connecting to 192.0.2.1:443", io.EOF, "not connected in time (15s): stuck at connecting to 192.0.2.1:443"},
		{"a time-out of the socket", t.Context(), calbell.NotSent, "", dial(syscall.ETIMEDOUT), "not connected in time (15s)"},
		{
			"a time-out under an error that denies it", t.Context(), calbell.NotSent, "the TLS handshake",
			&net.OpError{Op: "proxyconnect", Net: "tcp", Err: &tlsError{err: context.DeadlineExceeded}}, "not connected in time (15s): stuck at the TLS handshake",
		},
		{"lost", t.Context(), calbell.Unknown, "", io.ErrUnexpectedEOF, "connection lost before the answer: unexpected EOF"},
		{
			"reset", t.Context(), calbell.Unknown, "",
			fmt.Errorf("post: %w", &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), "connection lost before the answer: connection reset by peer",
		},
		{"refused", t.Context(), calbell.NotSent, "", dial(syscall.ECONNREFUSED), "connect: 192.0.2.1:443: connection refused (nothing listens at this address and port)"},
		{"no route", t.Context(), calbell.NotSent, "", dial(syscall.EHOSTUNREACH), "connect: 192.0.2.1:443: no route to host"},
		{
			"no such host", t.Context(), calbell.NotSent, "", dial(&net.DNSError{Name: "chat.example.org", Err: "no such host", IsNotFound: true}),
			`look up "chat.example.org": no such host (check the host name in the URL)`,
		},
		{
			"name server", t.Context(), calbell.NotSent, "", dial(&net.DNSError{Name: "chat.example.org", Err: "server misbehaving", IsTemporary: true}),
			`look up "chat.example.org": server misbehaving (the name server did not answer; check this machine's network)`,
		},
		{
			"guard", t.Context(), calbell.NotSent, "", dial(&AddressError{Addr: netip.MustParseAddr("10.0.0.1")}),
			"address 10.0.0.1 is refused: it is not public (check the name; if it is on your own network, list that network under delivery.private_networks)",
		},
		{
			"expired", t.Context(), calbell.NotSent, "", &tlsError{&tls.CertificateVerificationError{Err: expired}},
			"tls: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: it was last week (the certificate has expired, or the clock of one side is wrong)",
		},
		{
			"expired, behind a proxy", t.Context(), calbell.NotSent, "", &tls.CertificateVerificationError{Err: expired},
			"tls: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: it was last week (the certificate has expired, or the clock of one side is wrong)",
		},
		{
			"no TLS", t.Context(), calbell.NotSent, "", &tlsError{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}},
			"tls: the server does not speak TLS on this port (check the port in the URL)",
		},
		{"alert", t.Context(), calbell.NotSent, "", &tlsError{errors.New("handshake failure")}, "tls: handshake failure"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(s.describe(tt.ctx, tt.verdict, calbell.Plain(tt.stage), tt.err).English, "tls: tls: ", "tls: ")
			if want := strings.ReplaceAll(tt.want, "tls: tls: ", "tls: "); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
