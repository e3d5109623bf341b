package client

import (
	"context"
	"fmt"
	"io"

	"calbell/api/types"
)

// Resend queues ended deliveries again.
func (c *Client) Resend(ctx context.Context, r types.ResendRequest) (result types.ResendResult, err error) {
	return result, c.do(ctx, "POST /deliveries/resend", nil, r, &result)
}

// CheckStore makes the daemon read its whole database.
func (c *Client) CheckStore(ctx context.Context) (r types.StoreCheck, err error) {
	return r, c.do(ctx, "POST /store/check", nil, nil, &r)
}

// Backup writes a copy of the daemon's database to w, and returns its size in bytes. After
// an error what was written is incomplete.
func (c *Client) Backup(ctx context.Context, w io.Writer) (int64, error) {
	resp, err := c.ask(ctx, "GET /backup", nil, nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		err = fmt.Errorf("read the backup: %w", err)
	}
	return n, err
}
