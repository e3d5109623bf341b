package caldav

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"calbell"
)

// Gone asks a calendar's own address, with the account's credentials, whether a calendar is still
// there. It is gone when the server itself answers 404 or 410, or says that it was deleted.
// Whatever else there is, be it another collection, is not gone. An error says that nothing was
// learnt. Callers see to it that the address is one of the account's server: see
// [calbell.Calendar.FoundBy].
func (c *Client) Gone(ctx context.Context, cal calbell.Calendar) (gone bool, err error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	subject := "calendar " + quote(cal.Name)
	u, err := url.Parse(cal.URL)
	if err != nil || u.Host == "" {
		return false, &calbell.Error{Kind: calbell.KindConfig, What: subject + ": its url cannot be read"}
	}
	q := request{method: "PROPFIND", url: u, depth: "0", body: propfindBody(pResourceType), bounds: boundsOfProps()}
	self := canonical(hrefOf(u.EscapedPath(), u))
	_, err = c.ask(ctx, q, func(r response) error {
		if canonical(hrefOf(r.href, u)) == self {
			gone = isGone(r.status) || r.prop(pResourceType).kid(tDeleted) != nil
		}
		return nil
	})
	var refusal *StatusError
	if errors.As(err, &refusal) && !refusal.Elsewhere && isGone(refusal.Status) {
		return true, nil
	}
	return gone && err == nil, c.explain(subject, err)
}

func isGone(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }
