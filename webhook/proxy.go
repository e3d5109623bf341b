package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"calbell"
)

// proxyError reports that the configured proxy refused to connect to a webhook's host.
type proxyError struct{ status int }

func (e *proxyError) Error() string { return e.Text().English }

// Text returns the error for people.
func (e *proxyError) Text() calbell.Text {
	return calbell.T("webhook:proxy-refused", "the proxy of delivery.proxy refused the connection: %s", statusLine(e.status))
}

// hint returns the next step.
func (e *proxyError) hint() calbell.Text {
	switch {
	case e.status == http.StatusProxyAuthRequired:
		return calbell.T("webhook:asks-sign-write-user", "it asks for a sign-in: write user and password in delivery.proxy")
	case e.status >= 500:
		return calbell.T("webhook:does-not-reach-host", "it does not reach the host of the webhook: check the host name, or ask whoever runs the proxy")
	}
	return calbell.T("webhook:does-not-let-host", "it does not let the host of the webhook through: ask whoever runs the proxy")
}

// tunnelAnswered stores the status of a refused CONNECT; net/http returns its text only.
func tunnelAnswered(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return &proxyError{resp.StatusCode}
	}
	return nil
}

// isProxyDial reports whether a connection to the proxy itself failed.
func isProxyDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "proxyconnect"
}

// proxyCause returns the innermost part of such an error, without the proxy's address: members
// read it too.
func proxyCause(err error) calbell.Text {
	var op *net.OpError
	for errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return calbell.TextOfError(err)
}
