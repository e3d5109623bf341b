package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell"
)

// StatusError is an answer with a status that does not serve. It stands in the chain of
// the [*calbell.Error] that the methods return; use errors.As.
type StatusError struct {
	Method string
	Host   string
	Status int
	// RetryAfter is how long the server asked to be left alone; 0 = it did not.
	RetryAfter time.Duration
	// Condition is the local name of the precondition that the server named as violated
	// (RFC 4918 §16), such as "valid-sync-token"; "" when it named none.
	Condition string
	// Message is what the server says in its own words, shortened; "" = nothing.
	Message string
	// Schemes are the ways to sign in that a 401 offers, such as "Basic".
	Schemes []string
	// Spoken is the scheme that the server speaks, if it says that the other one was wrong; "": it does
	// not.
	Spoken string
	// Digest: one of these is Digest of a kind that can be answered.
	Digest bool
	// At is what was asked, where redirects led; nil: not known.
	At *url.URL
	// Elsewhere: the answer came from another origin, to which a redirect led and to which
	// credentials are not sent.
	Elsewhere bool
}

// Error returns method and status, and what the server says; the host is for the line around it.
func (e *StatusError) Error() string {
	return e.Text().English
}

// Text returns the same with its key.
func (e *StatusError) Text() calbell.Text {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	if e.Condition != "" {
		status += " (" + e.Condition + ")"
	}
	said := calbell.T("transport:answered", "%s was answered %s", e.Method, status)
	if e.Message != "" {
		return calbell.Chain(said, calbell.Plain(strconv.Quote(e.Message)))
	}
	return said
}

// Offers reports whether an answer offers a way to sign in.
func (e *StatusError) Offers(scheme string) bool {
	return slices.ContainsFunc(e.Schemes, func(s string) bool { return strings.EqualFold(s, scheme) })
}

// AnswerError is an answer that cannot be understood, whatever its status.
type AnswerError struct {
	Why calbell.Text
	Err error
}

// Error says why.
func (e *AnswerError) Error() string {
	return e.Text().English
}

// Text returns the same with its keys.
func (e *AnswerError) Text() calbell.Text {
	if e.Err == nil {
		return e.Why
	}
	return calbell.Chain(e.Why, calbell.TextOfError(e.Err))
}

// Unwrap returns what the answer was read by.
func (e *AnswerError) Unwrap() error { return e.Err }

// LostError is a request that got no (whole) answer.
type LostError struct {
	Host string
	Err  error
}

// Text returns that of Plain.
func (e *LostError) Text() calbell.Text { return calbell.TextOfError(e.Plain()) }

// Error is that of Plain.
func (e *LostError) Error() string { return e.Plain().Error() }

// Unwrap returns the error of the network.
func (e *LostError) Unwrap() error { return e.Err }

// Plain returns the error without addresses and system calls: who reads it is told the host.
func (e *LostError) Plain() error {
	err := e.Err
	var op *net.OpError
	var dns *net.DNSError
	if errors.As(err, &dns) { // its own text names the resolver
		return calbell.Errorf("transport:look-up", "look up %q: %s", dns.Name, dns.Err)
	}
	if !errors.As(err, &op) {
		return err
	}
	switch op.Op {
	case "remote error", "local error", "proxyconnect": // TLS alerts and a proxy name themselves
		return err
	}
	var call *os.SyscallError
	if errors.As(op.Err, &call) {
		return call.Err
	}
	return op.Err
}

// CertificateHint says what to do about a certificate that is not accepted; the zero text when the
// error is none of that.
func CertificateHint(err error) calbell.Text {
	var verify *tls.CertificateVerificationError
	var alert *net.OpError
	switch {
	case errors.As(err, &verify):
		return calbell.T("transport:own-authority", "If the server's certificate is your own authority's, name that authority's file as the account's ca_file; commands take it as --ca-file.")
	case errors.As(err, &alert) && alert.Op == "remote error": // what crypto/tls calls an alert
		return calbell.T("transport:client-certificate", "The server refused the TLS connection: it may want a client_certificate, or another one; commands take it as --client-certificate.")
	}
	return calbell.Text{}
}

// StatusOf returns the status that err tells of; 0 when it tells of none.
func StatusOf(err error) int {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Status
	}
	return 0
}

// bare takes the URL out of an error of net/http: it is long, and of no use to people.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
