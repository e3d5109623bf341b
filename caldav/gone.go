package caldav

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"calbell/caldav/dav"
	"calbell/caldav/transport"

	"calbell"
)

// Gone asks a calendar's own address, with the account's credentials, whether a calendar is still
// there. It is missing when the server itself answers 404, and removed when it answers 410, or
// says that it was deleted. Whatever else there is, be it another collection, is there. An error says that nothing was
// learnt. Callers see to it that the address is one of the account's server: see
// [calbell.Calendar.FoundBy].
func (c *Client) Gone(ctx context.Context, cal calbell.Calendar) (is calbell.Absence, err error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	subject := calendarText(cal)
	u, err := url.Parse(cal.URL)
	if err != nil || u.Host == "" {
		return calbell.AbsenceNone, &calbell.Error{Kind: calbell.KindConfig, What: calbell.T("caldav:url-unreadable", "%s: its url cannot be read", subject)}
	}
	q := query{method: "PROPFIND", url: u, depth: "0", body: dav.Propfind(pResourceType), bounds: dav.BoundsOfProps()}
	self := canonical(hrefOf(u.EscapedPath(), u))
	_, err = c.ask(ctx, q, func(r dav.Response) error {
		if canonical(hrefOf(r.Href, u)) == self {
			if is = absence(r.Status); r.Prop(pResourceType).Kid(tDeleted) != nil {
				is = calbell.AbsenceRemoved
			}
		}
		return nil
	})
	var refusal *transport.StatusError
	if errors.As(err, &refusal) && !refusal.Elsewhere && absence(refusal.Status) != calbell.AbsenceNone {
		return absence(refusal.Status), nil
	}
	if err != nil {
		return calbell.AbsenceNone, c.explain(subject, err)
	}
	return is, nil
}

// absence is what a status says of a calendar.
func absence(status int) calbell.Absence {
	switch status {
	case http.StatusNotFound:
		return calbell.AbsenceMissing
	case http.StatusGone:
		return calbell.AbsenceRemoved
	}
	return calbell.AbsenceNone
}
