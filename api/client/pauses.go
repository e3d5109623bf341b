package client

import (
	"context"

	"calbell"
)

// Pauses lists what is paused.
func (c *Client) Pauses(ctx context.Context) (r []calbell.PauseRow, err error) {
	return r, c.do(ctx, "GET /pauses", nil, nil, &r)
}

// Pause pauses until a time, or ends a pause.
func (c *Client) Pause(ctx context.Context, p calbell.PauseRequest) (r calbell.PauseRow, err error) {
	return r, c.do(ctx, "PUT /pauses", nil, p, &r)
}
