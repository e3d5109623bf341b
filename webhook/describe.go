package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"syscall"

	"calbell"
	"calbell/internal/scheme"
)

// describe returns why an attempt ended without an answer. The caller masks it.
func (s *Sender) describe(ctx context.Context, v calbell.Verdict, stage calbell.Text, err error) calbell.Text {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return calbell.T("webhook:stopped-before-answer-came", "stopped before the answer came")
	case isTimeout(ctx, err) && v == calbell.Unknown:
		return calbell.T("webhook:no-answer-time", "no answer in time (%s)", s.opts.Timeout)
	case isTimeout(ctx, err) && !stage.IsZero():
		return calbell.T("webhook:not-connected-time-stuck", "not connected in time (%s): stuck at %s", s.opts.Timeout, stage)
	case isTimeout(ctx, err):
		return calbell.T("webhook:not-connected-time", "not connected in time (%s)", s.opts.Timeout)
	case scheme.OfError(err) == scheme.HTTPS:
		return join(calbell.T("webhook:server-speaks-https-here", "the server speaks https here, and the URL begins with http://"), httpsHint)
	case v == calbell.Unknown:
		return calbell.T("webhook:connection-lost-before-answer", "connection lost before the answer: %s", cause(err))
	}
	return join(explain(err))
}

// isTimeout reports whether an error is a time-out. It also examines errors wrapped by a
// net.OpError, which checks only the error directly below it.
func isTimeout(ctx context.Context, err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(ctx.Err(), context.DeadlineExceeded) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &t) && t.Timeout()
}

// explain returns what failed before the request was sent, and the next step.
func explain(err error) (what, hint calbell.Text) {
	var hidden *hiddenError
	var addr *AddressError
	var dns *net.DNSError
	var tlsErr *tlsError
	var cert *tls.CertificateVerificationError
	var proxy *proxyError
	switch {
	case errors.As(err, &proxy):
		return calbell.TextOfError(proxy), proxy.hint()
	case isProxyDial(err):
		return calbell.T("webhook:proxy-delivery-proxy", "the proxy of delivery.proxy: %s", proxyCause(err)), calbell.T("webhook:check-address-delivery-proxy", "check its address in delivery.proxy, and whether it runs")
	case errors.As(err, &hidden):
		return calbell.TextOfError(hidden), noAddressHint
	case errors.As(err, &addr):
		return addr.Detail(), addr.Hint()
	case errors.As(err, &dns):
		return explainDNS(dns)
	case errors.As(err, &tlsErr):
		return explainTLS(tlsErr.err)
	case errors.As(err, &cert): // behind a proxy, where net/http shakes hands
		return explainTLS(cert)
	}
	what = calbell.Chain(calbell.T("webhook:connect", "connect"), cause(err))
	if errors.Is(err, syscall.ECONNREFUSED) {
		hint = calbell.T("webhook:nothing-listens-address-port", "nothing listens at this address and port")
	}
	return what, hint
}

// httpsHint is the next step for a URL that begins with http:// and must not.
var httpsHint = calbell.T("webhook:write-https-url", "write https:// in the URL")

func explainDNS(e *net.DNSError) (what, hint calbell.Text) {
	if e.IsNotFound {
		return calbell.T("webhook:look-up-no-such", "look up %q: no such host", e.Name), calbell.T("webhook:check-host-name-url", "check the host name in the URL")
	}
	return calbell.T("webhook:look-up", "look up %q: %s", e.Name, e.Err), calbell.T("webhook:name-server-did-not", "the name server did not answer; check this machine's network")
}

func explainTLS(err error) (what, hint calbell.Text) {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	what = calbell.Chain(calbell.T("webhook:tls", "tls"), cause(err))
	switch {
	case errors.As(err, &authority):
		hint = calbell.T("webhook:certificate-signed-nobody-machine", "the certificate is signed by nobody this machine trusts; add its authority to the system's")
	case errors.As(err, &host):
		hint = calbell.T("webhook:certificate-another-name-use", "the certificate is for another name; use the name it was made for")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		hint = calbell.T("webhook:certificate-expired-or-clock", "the certificate has expired, or the clock of one side is wrong")
	case scheme.OfError(err) == scheme.HTTP:
		what, hint = calbell.T("webhook:tls-server-answers-plain", "tls: the server answers in plain http"), calbell.T("webhook:write-http-url-if", "write http:// in the URL, if the message may go there for all to see; or give the port at which it speaks https")
	case errors.As(err, &record):
		what, hint = calbell.T("webhook:tls-server-does-not", "tls: the server does not speak TLS on this port"), calbell.T("webhook:check-port-url", "check the port in the URL")
	}
	return what, hint
}

// cause returns the innermost useful part of an error: it keeps addresses and drops the layers
// above.
func cause(err error) calbell.Text {
	var op *net.OpError
	if !errors.As(err, &op) || op.Err == nil {
		return calbell.TextOfError(err)
	}
	var no syscall.Errno
	what := calbell.TextOfError(op.Err)
	if errors.As(op.Err, &no) {
		what = calbell.TextOfError(no)
	}
	if op.Op == "dial" && op.Addr != nil {
		return calbell.Chain(calbell.Plain(op.Addr.String()), what)
	}
	return what
}

// withHint returns an error with its next step, for places with room for one line.
func withHint(err error) calbell.Text {
	return join(calbell.TextOfError(err), calbell.HintOf(err))
}

func join(what, hint calbell.Text) calbell.Text {
	if hint.IsZero() {
		return what
	}
	return calbell.T("webhook:hinted", "%s (%s)", what, hint)
}
