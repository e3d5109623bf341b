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

// PreviewReminder says what AddReminder would make.
func (c *Client) PreviewReminder(ctx context.Context, n types.NewReminder) (r types.AttachedReminders, err error) {
	return r, c.do(ctx, "POST /events/"+url.PathEscape(n.Event)+"/reminders/preview", nil, n, &r)
}

// RemoveReminder takes an attached reminder, or a mute, back.
func (c *Client) RemoveReminder(ctx context.Context, id string) error {
	return c.do(ctx, "DELETE /bindings/"+url.PathEscape(id), nil, nil, nil)
}

// Unmute lets an event ring again; instance "" = whatever mutes it.
func (c *Client) Unmute(ctx context.Context, event string, instance calbell.RecurrenceID) (removed int, err error) {
	v := url.Values{}
	if instance != "" {
		v.Set("instance", string(instance))
	}
	var r types.Unmuted
	err = c.do(ctx, "POST /events/"+url.PathEscape(event)+"/unmute", v, nil, &r)
	return r.Removed, err
}

// Explain returns an event with why it rings or does not; ref is an event or a delivery.
func (c *Client) Explain(ctx context.Context, ref string) (r types.EventDetail, err error) {
	return r, c.do(ctx, "GET /explain/"+url.PathEscape(ref), nil, nil, &r)
}

// TestRules says which rules match an event, and which decides.
func (c *Client) TestRules(ctx context.Context, event string) (r []types.RuleRow, err error) {
	return r, c.do(ctx, "GET /events/"+url.PathEscape(event)+"/rules", nil, nil, &r)
}

// setBool sets what is not false.
func setBool(v url.Values, name string, is bool) {
	if is {
		v.Set(name, strconv.FormatBool(is))
	}
}
