package client

import (
	"context"
	"net/url"
	"strconv"

	"calbell"
	"calbell/api/types"
)

// AddReminder attaches reminders to the event that n names, or mutes it.
func (c *Client) AddReminder(ctx context.Context, n types.NewReminder) (r types.AttachedReminders, err error) {
	return r, c.do(ctx, "POST /events/"+url.PathEscape(n.Event)+"/reminders", nil, n, &r)
}

// PreviewReminder returns what AddReminder would attach.
func (c *Client) PreviewReminder(ctx context.Context, n types.NewReminder) (r types.AttachedReminders, err error) {
	return r, c.do(ctx, "POST /events/"+url.PathEscape(n.Event)+"/reminders/preview", nil, n, &r)
}

// RemoveReminder removes an attached reminder or a mute.
func (c *Client) RemoveReminder(ctx context.Context, id string) error {
	return c.do(ctx, "DELETE /bindings/"+url.PathEscape(id), nil, nil, nil)
}

// Unmute removes the mutes of an event, or of one instance; instance "" means all. It
// returns their number.
func (c *Client) Unmute(ctx context.Context, event string, instance calbell.RecurrenceID) (removed int, err error) {
	v := url.Values{}
	if instance != "" {
		v.Set("instance", string(instance))
	}
	var r types.Unmuted
	err = c.do(ctx, "POST /events/"+url.PathEscape(event)+"/unmute", v, nil, &r)
	return r.Removed, err
}

// Explain returns an event with the reasons for its reminders. ref is the ID of an event or
// of a delivery, or a UID.
func (c *Client) Explain(ctx context.Context, ref string) (r types.EventDetail, err error) {
	return r, c.do(ctx, "GET /explain/"+url.PathEscape(ref), nil, nil, &r)
}

// TestRules returns, for each rule, whether it matches an event, and which one decides.
func (c *Client) TestRules(ctx context.Context, event string) (r []types.RuleRow, err error) {
	return r, c.do(ctx, "GET /events/"+url.PathEscape(event)+"/rules", nil, nil, &r)
}

// setBool sets a parameter if it is true.
func setBool(v url.Values, name string, is bool) {
	if is {
		v.Set(name, strconv.FormatBool(is))
	}
}
