package webhook

import (
	"errors"
	"net"
	"net/url"

	"calbell"
)

// What an attempt says of itself is read by the webhook's owner. An admin may know the addresses
// of the inner network; who only uses the page must not learn from errors which names it has,
// where they lead and what answers there.

// hiddenError is what is said of a host that may not be reached and of one that does not exist:
// the difference would tell which names there are.
type hiddenError struct {
	host string // as the URL names it
	err  error
}

func (e *hiddenError) Error() string { return e.Text().English }
func (e *hiddenError) Unwrap() error { return e.err }

// Text returns the error for people.
func (e *hiddenError) Text() calbell.Text {
	return calbell.T("webhook:name-no-public-address", "%q has no public address", e.host)
}

// partlyRefused is the error for a host of which one address may be reached and does not answer.
type partlyRefused struct{ address string }

func (e *partlyRefused) Error() string { return e.Text().English }

// Text returns the error for people.
func (e *partlyRefused) Text() calbell.Text {
	if e.address == "" {
		return calbell.T("webhook:host-silent", "the host did not answer")
	}
	return calbell.T("webhook:address-silent", "%s did not answer, and the host's other addresses are refused", e.address)
}

// isMembers reports whether a webhook belongs to somebody who may be no admin.
func isMembers(w calbell.Webhook) bool { return w.Owner != "" }

// forMember returns an error of a webhook without addresses. A refused host is not told from one
// that does not exist.
func forMember(w calbell.Webhook, err error) error {
	var refused *AddressError
	var dns *net.DNSError
	var partly *partlyRefused
	var op *net.OpError
	switch {
	case errors.As(err, &refused) && refused.Hides(), errors.As(err, &dns) && dns.IsNotFound:
		return &hiddenError{host: hostOf(w), err: err}
	case errors.As(err, &partly):
		return &partlyRefused{}
	case errors.As(err, &op) && op.Op == "dial":
		plain := *op
		plain.Addr, plain.Source = nil, nil
		return &plain
	}
	return err
}

// hostOf returns the host that a webhook's URL names.
func hostOf(w calbell.Webhook) string {
	u, err := url.Parse(w.URL.Reveal())
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// stageFor returns what an attempt was doing, without the address for members.
func stageFor(w calbell.Webhook, stage calbell.Text) calbell.Text {
	if isMembers(w) && stage.Key == connectingTo("").Key {
		return calbell.T("webhook:connecting", "connecting")
	}
	return stage
}
