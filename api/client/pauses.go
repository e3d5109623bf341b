package client

import (
	"context"

	"calbell/api/types"
)

// Pauses lists the current pauses.
func (c *Client) Pauses(ctx context.Context) (r []types.PauseRow, err error) {
	return r, c.do(ctx, "GET /pauses", nil, nil, &r)
}

// Pause stores a pause, or ends one when Until is zero.
func (c *Client) Pause(ctx context.Context, p types.PauseRequest) (r types.PauseRow, err error) {
	return r, c.do(ctx, "PUT /pauses", nil, p, &r)
}
