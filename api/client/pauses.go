package client

import (
	"context"

	"calbell/api/types"
)

// Pauses lists what is paused.
func (c *Client) Pauses(ctx context.Context) (r []types.PauseRow, err error) {
	return r, c.do(ctx, "GET /pauses", nil, nil, &r)
}

// Pause pauses until a time, or ends a pause.
func (c *Client) Pause(ctx context.Context, p types.PauseRequest) (r types.PauseRow, err error) {
	return r, c.do(ctx, "PUT /pauses", nil, p, &r)
}
