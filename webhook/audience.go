package webhook

import (
	"errors"
	"net"
	"net/url"

	"calbell"
)

// The webhook's owner reads the errors of an attempt. An admin may know the addresses of the
// internal network. A member must not learn from errors which names it has, what they resolve
// to and what answers there.

// hiddenError is the error for both a host that may not be reached and one that does not exist:
// a difference would reveal which names exist.
type hiddenError struct {
	host string // as in the URL
	err  error
}

func (e *hiddenError) Error() string { return e.Text().English }
func (e *hiddenError) Unwrap() error { return e.err }

// Text returns the error for people.
func (e *hiddenError) Text() calbell.Text {
	return calbell.T("webhook:name-no-public-address", "%q has no public address", e.host)
}

// partlyRefused is the error for a host with one permitted address, which does not answer.
type partlyRefused struct{ address string }

func (e *partlyRefused) Error() string { return e.Text().English }

// Text returns the error for people.
func (e *partlyRefused) Text() calbell.Text {
	if e.address == "" {
		return calbell.T("webhook:host-silent", "the host did not answer")
	}
	return calbell.T("webhook:address-silent", "%s did not answer, and the host's other addresses are refused", e.address)
}

// isMembers reports whether a webhook belongs to a user, who may be no admin.
func isMembers(w calbell.Webhook) bool { return w.Owner != "" }

// forMember removes addresses from the error of a member's webhook. A refused host gets the
// same error as one that does not exist.
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

// stageFor returns the stage of an attempt, without the address for members.
func stageFor(w calbell.Webhook, stage calbell.Text) calbell.Text {
	if isMembers(w) && stage.Key == connectingTo("").Key {
		return calbell.T("webhook:connecting", "connecting")
	}
	return stage
}
