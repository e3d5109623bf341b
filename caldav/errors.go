package caldav

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"calbell"
	"calbell/caldav/transport"
	"calbell/internal/scheme"
)

// StatusError is an answer with a status that does not serve. It stands in the chain of
// the [*calbell.Error] that the methods return; use errors.As.
type StatusError = transport.StatusError

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
	return e.Text().English
}

// Text returns the same with its key.
func (e *BrakeError) Text() calbell.Text {
	return calbell.T("caldav:absent", "%d of %d events are absent from the server's listing; none was deleted here", len(e.Absent), e.Known)
}

// explain turns an error of the wire into one for people. subject names what was being
// read, such as `calendar "Team"`. nil and a *calbell.Error pass unchanged.
func (c *Client) explain(subject calbell.Text, err error) error {
	var told *calbell.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	var status *transport.StatusError
	if errors.As(err, &status) {
		return c.explainStatus(subject, status)
	}
	var busy *busyError
	if errors.As(err, &busy) {
		return explainBusy(subject, busy)
	}
	var lost *transport.LostError
	if errors.As(err, &lost) && !errors.Is(err, context.Canceled) {
		if c.o.Guard != nil && hides(err) {
			return &calbell.Error{
				Kind: calbell.KindUnreachable, What: calbell.T("caldav:cannot-reach", "%s: cannot reach %s", subject, lost.Host), Account: true,
				Hint: calbell.T("caldav:check-name-if-your", "check the name; if it is on your own network, list that network under delivery.private_networks"), Err: errNoAddress,
			}
		}
		if spoken := scheme.OfError(lost.Err); spoken != "" {
			return wrongScheme(subject, lost.Host, spoken)
		}
		if hint := transport.CertificateHint(err); !hint.IsZero() {
			return &calbell.Error{Kind: calbell.KindUnreachable, What: calbell.T("caldav:cannot-trust", "%s: cannot trust %s", subject, lost.Host), Account: true, Hint: hint, Err: lost.Err}
		}
		return &calbell.Error{
			Kind: calbell.KindUnreachable,
			What: calbell.T("caldav:cannot-reach", "%s: cannot reach %s", subject, lost.Host), Account: true,
			Hint: c.lostHint(lost.Err), Err: lost.Plain(),
		}
	}
	hint := transport.RedirectHint(err)
	if !hint.IsZero() && c.address.feed { // where it leads is as secret as the account's url
		hint = hintOf("ics")
	}
	return &calbell.Error{Kind: calbell.KindFailed, What: subject, Hint: hint, Err: err}
}

// errNoAddress is what is said of a host that may not be reached and of one that does not
// exist.
var errNoAddress = calbell.Errorf("caldav:host-no-public-address", "the host has no public address")

// hides reports whether an error would tell which names of the inner network there are.
func hides(err error) bool {
	var dns *net.DNSError
	var guard interface{ Hides() bool }
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &guard) && guard.Hides()
}

// lostHint says what to do about a server that gives no answer: what the guard says, if
// it was that, else what is usually wrong.
func (c *Client) lostHint(err error) calbell.Text {
	var guard interface{ Hint() calbell.Text }
	switch {
	case errors.As(err, &guard):
		return guard.Hint()
	case c.start != nil && c.start.Scheme == "http" && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)):
		return calbell.T("caldav:ended-connection-without-answer", "It ended the connection without an answer. If it speaks https there, begin the account's url with https://.")
	}
	return calbell.T("caldav:account-url-right-does", "Is the account's url right, does the server run, and may this machine reach it?")
}

// wrongScheme is the error for a server that was spoken to by the wrong one of http and https; spoken
// is the other one.
func wrongScheme(subject calbell.Text, host, spoken string) error {
	e := &calbell.Error{
		Kind: calbell.KindUnreachable, Account: true, What: calbell.T("caldav:speaks-https-here-account", "%s: %s speaks https here, and the account's url begins with http://", subject, host),
		Hint: calbell.T("caldav:begin-account-url-https", "Begin the account's url with https://."),
	}
	if spoken == scheme.HTTP {
		e.What = calbell.T("caldav:speaks-plain-http-here", "%s: %s speaks plain http here, and no https", subject, host)
		e.Hint = calbell.T("caldav:begin-account-url-http", "Begin the account's url with http://, if its password may go there for all to see; or give the port at which it speaks https.")
	}
	return e
}

// refused returns that a server refused, and whom it refused.
func (c *Client) refused(status int, host string) calbell.Text {
	if c.account.Username == "" {
		return calbell.T("caldav:refused", "refused (%d) by %s", status, host)
	}
	return calbell.T("caldav:refused-as", "refused (%d) by %s as %q", status, host, c.account.Username)
}

// refusedPath returns that a server refused one of its addresses, and to whom.
func (c *Client) refusedPath(u *url.URL) calbell.Text {
	if c.account.Username == "" {
		return calbell.T("caldav:path-refused", "%s is refused (403) by %s", u.EscapedPath(), u.Host)
	}
	return calbell.T("caldav:path-refused-as", "%s is refused (403) by %s as %q", u.EscapedPath(), u.Host, c.account.Username)
}

// accountText names the account as a subject.
func (c *Client) accountText() calbell.Text {
	return calbell.T("plan:account", "account %q", c.account.Key())
}

// calendarText names a calendar as a subject.
func calendarText(c calbell.Calendar) calbell.Text {
	return calbell.T("plan:calendar", "calendar %q", c.Name)
}

// final reports whether an error ends the work on a calendar: asking in another way would
// get the same answer, or would knock on a door that asked to be left alone; or it is the
// caller's own; or there is no memory for its answer.
func final(err error) bool {
	var own *callerError
	if errors.As(err, &own) || isBusy(err) {
		return true
	}
	var status *transport.StatusError
	if errors.As(err, &status) {
		return status.Status == http.StatusUnauthorized || status.Status == http.StatusTooManyRequests ||
			status.RetryAfter > 0
	}
	var lost *transport.LostError
	return errors.As(err, &lost)
}

func quote(s string) string { return strconv.Quote(s) }
