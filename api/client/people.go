package client

import (
	"context"
	"net/url"

	"calbell"
)

// at is a path with a name in it.
func at(path, name string) string { return path + "/" + url.PathEscape(name) }

// Patch says what is to change of a thing (RFC 7396): keys of its request, nil takes one away.
type Patch map[string]any

// Users lists the users.
func (c *Client) Users(ctx context.Context) (r []calbell.UserRow, err error) {
	return r, c.do(ctx, "GET", "/users", nil, nil, &r)
}

// AddUser makes a user.
func (c *Client) AddUser(ctx context.Context, n calbell.NewUser) (r calbell.UserRow, err error) {
	return r, c.do(ctx, "POST", "/users", nil, n, &r)
}

// EditUser changes a user.
func (c *Client) EditUser(ctx context.Context, name string, p Patch) (r calbell.UserRow, err error) {
	return r, c.do(ctx, "PATCH", at("/users", name), nil, p, &r)
}

// RemoveUser removes a user with all that is theirs.
func (c *Client) RemoveUser(ctx context.Context, name string) error {
	return c.do(ctx, "DELETE", at("/users", name), nil, nil, nil)
}

// UserRemoval returns what goes when a user is removed.
func (c *Client) UserRemoval(ctx context.Context, name string) (r calbell.Removal, err error) {
	return r, c.do(ctx, "GET", at("/users", name)+"/removal", nil, nil, &r)
}

// SetPassword changes a user's password.
func (c *Client) SetPassword(ctx context.Context, name, password string) error {
	return c.do(ctx, "POST", at("/users", name)+"/password", nil, calbell.NewPassword{New: password}, nil)
}

// AddSetupLink makes the link that makes the first admin.
func (c *Client) AddSetupLink(ctx context.Context) (r calbell.MadeSetupLink, err error) {
	return r, c.do(ctx, "POST", "/setup-link", nil, nil, &r)
}

// Tokens lists all tokens.
func (c *Client) Tokens(ctx context.Context) (r []calbell.Token, err error) {
	return r, c.do(ctx, "GET", "/tokens", nil, nil, &r)
}

// AddToken makes a token.
func (c *Client) AddToken(ctx context.Context, n calbell.NewToken) (r calbell.MadeToken, err error) {
	return r, c.do(ctx, "POST", "/tokens", nil, n, &r)
}

// RemoveToken revokes a token.
func (c *Client) RemoveToken(ctx context.Context, id string) error {
	return c.do(ctx, "DELETE", at("/tokens", id), nil, nil, nil)
}

// Accounts lists the accounts.
func (c *Client) Accounts(ctx context.Context) (r []calbell.AccountRow, err error) {
	return r, c.do(ctx, "GET", "/accounts", nil, nil, &r)
}

// Discover looks for the calendars of an account that is not stored.
func (c *Client) Discover(ctx context.Context, n calbell.NewAccount) (r calbell.Discovered, err error) {
	return r, c.do(ctx, "POST", "/accounts/discover", nil, n, &r)
}

// AddAccount stores an account.
func (c *Client) AddAccount(ctx context.Context, n calbell.NewAccount) (r calbell.AccountRow, err error) {
	return r, c.do(ctx, "POST", "/accounts", nil, n, &r)
}

// EditAccount changes a stored account.
func (c *Client) EditAccount(ctx context.Context, name string, p Patch) (r calbell.AccountRow, err error) {
	return r, c.do(ctx, "PATCH", at("/accounts", name), nil, p, &r)
}

// RemoveAccount removes a stored account with its calendars.
func (c *Client) RemoveAccount(ctx context.Context, name string) error {
	return c.do(ctx, "DELETE", at("/accounts", name), nil, nil, nil)
}

// AccountRemoval returns what goes when a stored account is removed.
func (c *Client) AccountRemoval(ctx context.Context, name string) (r calbell.Removal, err error) {
	return r, c.do(ctx, "GET", at("/accounts", name)+"/removal", nil, nil, &r)
}

// EditCalendar changes what people set for a calendar.
func (c *Client) EditCalendar(ctx context.Context, name string, p Patch) (r calbell.CalendarRow, err error) {
	return r, c.do(ctx, "PATCH", at("/calendars", name)+"/settings", nil, p, &r)
}

// EditWebhook changes a stored webhook.
func (c *Client) EditWebhook(ctx context.Context, name string, p Patch) (r calbell.WebhookRow, err error) {
	return r, c.do(ctx, "PATCH", at("/webhooks", name), nil, p, &r)
}

// Rules lists the rules.
func (c *Client) Rules(ctx context.Context) (r []calbell.RuleEntry, err error) {
	return r, c.do(ctx, "GET", "/rules", nil, nil, &r)
}

// AddRule stores a rule.
func (c *Client) AddRule(ctx context.Context, n calbell.NewRule) (r calbell.RuleEntry, err error) {
	return r, c.do(ctx, "POST", "/rules", nil, n, &r)
}

// EditRule changes a stored rule.
func (c *Client) EditRule(ctx context.Context, name string, p Patch) (r calbell.RuleEntry, err error) {
	return r, c.do(ctx, "PATCH", at("/rules", name), nil, p, &r)
}

// RemoveRule removes a stored rule.
func (c *Client) RemoveRule(ctx context.Context, name string) error {
	return c.do(ctx, "DELETE", at("/rules", name), nil, nil, nil)
}
