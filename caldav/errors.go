package caldav

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"calbell"
	"calbell/internal/scheme"
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
	// spoken is the scheme that the server speaks, if it says that the other one was wrong; "": it does
	// not.
	spoken string
	digest bool     // one is Digest of a kind that can be answered
	at     *url.URL // what was asked, where redirects led; nil: not known
	// Elsewhere: the answer came from another origin, to which a redirect led and to which
	// credentials are not sent.
	Elsewhere bool
}

// Error returns method and status, and what the server says; the host is for the line around it.
func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s was answered %d %s", e.Method, e.Status, http.StatusText(e.Status))
	if e.Condition != "" {
		s += " (" + e.Condition + ")"
	}
	if e.Message != "" {
		s += ": " + quote(e.Message)
	}
	return s
}

// BrakeError says that so many objects are absent from a listing that nothing was
// deleted: a fault of the server is likelier than a calendar emptied by hand.
type BrakeError struct {
	// Absent are the known objects that the listing does not have.
	Absent []calbell.Href
	// Known is how many objects of the calendar are stored.
	Known int
	// Seen is how many listings have agreed so far, the first of them at Since.
	Seen  int
	Since time.Time
}

// Error says how many are absent.
func (e *BrakeError) Error() string {
	return fmt.Sprintf("%d of %d events are absent from the server's listing; none was deleted here", len(e.Absent), e.Known)
}

// answerError is an answer that cannot be understood, whatever its status.
type answerError struct {
	host string
	why  string
	err  error
}

func (e *answerError) Error() string {
	if e.err == nil {
		return e.why
	}
	return e.why + ": " + e.err.Error()
}

func (e *answerError) Unwrap() error { return e.err }

// transportError is a request that got no (whole) answer.
type transportError struct {
	host string
	err  error
}

func (e *transportError) Error() string { return plain(e.err).Error() }
func (e *transportError) Unwrap() error { return e.err }

// explain turns an error of the wire into one for people. subject names what was being
// read, such as `calendar "Team"`. nil and a *calbell.Error pass unchanged.
func (c *Client) explain(subject string, err error) error {
	var told *calbell.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	var status *StatusError
	if errors.As(err, &status) {
		return c.explainStatus(subject, status)
	}
	var busy *busyError
	if errors.As(err, &busy) {
		return explainBusy(subject, busy)
	}
	var transport *transportError
	if errors.As(err, &transport) && !errors.Is(err, context.Canceled) {
		if c.o.Guard != nil && hides(err) {
			return &calbell.Error{
				Kind: calbell.KindUnreachable, What: subject + ": cannot reach " + transport.host, Account: true,
				Hint: "check the name; if it is on your own network, list that network under delivery.private_networks", Err: errNoAddress,
			}
		}
		if spoken := scheme.OfError(transport.err); spoken != "" {
			return wrongScheme(subject, transport.host, spoken)
		}
		if hint := certificateHint(err); hint != "" {
			return &calbell.Error{Kind: calbell.KindUnreachable, What: subject + ": cannot trust " + transport.host, Account: true, Hint: hint, Err: transport.err}
		}
		return &calbell.Error{
			Kind: calbell.KindUnreachable,
			What: subject + ": cannot reach " + transport.host, Account: true,
			Hint: c.transportHint(transport.err), Err: plain(transport.err),
		}
	}
	hint := hintForRedirect(err)
	if hint != "" && c.address.feed { // where it leads is as secret as the account's url
		hint = hintOf("ics")
	}
	return &calbell.Error{Kind: calbell.KindFailed, What: subject, Hint: hint, Err: err}
}

// errNoAddress is what is said of a host that may not be reached and of one that does not
// exist.
var errNoAddress = errors.New("the host has no public address")

// hides reports whether an error would tell which names of the inner network there are.
func hides(err error) bool {
	var dns *net.DNSError
	var guard interface{ Hides() bool }
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &guard) && guard.Hides()
}

// transportHint says what to do about a server that gives no answer: what the guard says, if
// it was that, else what is usually wrong.
func (c *Client) transportHint(err error) string {
	var guard interface{ Hint() string }
	switch {
	case errors.As(err, &guard):
		return guard.Hint()
	case c.start != nil && c.start.Scheme == "http" && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)):
		return "It ended the connection without an answer. If it speaks https there, begin the account's url with https://."
	}
	return "Is the account's url right, does the server run, and may this machine reach it?"
}

// wrongScheme is the error for a server that was spoken to by the wrong one of http and https; spoken
// is the other one.
func wrongScheme(subject, host, spoken string) error {
	e := &calbell.Error{
		Kind: calbell.KindUnreachable, Account: true, What: subject + ": " + host + " speaks https here, and the account's url begins with http://",
		Hint: "Begin the account's url with https://.",
	}
	if spoken == scheme.HTTP {
		e.What = subject + ": " + host + " speaks plain http here, and no https"
		e.Hint = "Begin the account's url with http://, if its password may go there for all to see; or give the port at which it speaks https."
	}
	return e
}

// certificateHint says what to do about a certificate that is not accepted; "" when the
// error is none of that.
func certificateHint(err error) string {
	var verify *tls.CertificateVerificationError
	var alert *net.OpError
	switch {
	case errors.As(err, &verify):
		return "If the server's certificate is your own authority's, name that authority's file as the account's ca_file; commands take it as --ca-file."
	case errors.As(err, &alert) && alert.Op == "remote error": // what crypto/tls calls an alert
		return "The server refused the TLS connection: it may want a client_certificate, or another one; commands take it as --client-certificate."
	}
	return ""
}

// plain drops addresses and system calls from a network error: who reads it is told the host.
func plain(err error) error {
	var op *net.OpError
	var dns *net.DNSError
	if errors.As(err, &dns) { // its own text names the resolver
		return fmt.Errorf("look up %q: %s", dns.Name, dns.Err)
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

// as says under which name the account signs in.
func (c *Client) as() string {
	if c.account.Username == "" {
		return ""
	}
	return " as " + quote(c.account.Username)
}

// final reports whether an error ends the work on a calendar: asking in another way would
// get the same answer, or would knock on a door that asked to be left alone; or it is the
// caller's own; or there is no memory for its answer.
func final(err error) bool {
	var own *callerError
	if errors.As(err, &own) || isBusy(err) {
		return true
	}
	var status *StatusError
	if errors.As(err, &status) {
		return status.Status == http.StatusUnauthorized || status.Status == http.StatusTooManyRequests ||
			status.RetryAfter > 0
	}
	var transport *transportError
	return errors.As(err, &transport)
}

// statusOf returns the status that err tells of; 0 when it tells of none.
func statusOf(err error) int {
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

func quote(s string) string { return strconv.Quote(s) }
