package client

import (
	"context"
	"net/url"

	"calbell"
	"calbell/api/types"
)

// at returns a method and path with an escaped name at the end.
func at(path, name string) string { return path + "/" + url.PathEscape(name) }

// Patch is a JSON merge patch (RFC 7396) of a request; nil removes a key.
type Patch map[string]any

// people has the requests about users, their tokens and the set-up link.
type people struct{ *connection }

// definitions has the requests about stored accounts, settings of calendars, webhooks and
// rules.
type definitions struct{ *connection }

// Users lists the users.
func (c people) Users(ctx context.Context) (r []types.UserRow, err error) {
	return r, c.do(ctx, "GET /users", nil, nil, &r)
}

// AddUser creates a user.
func (c people) AddUser(ctx context.Context, n types.NewUser) (r types.UserRow, err error) {
	return r, c.do(ctx, "POST /users", nil, n, &r)
}

// EditUser changes a user.
func (c people) EditUser(ctx context.Context, name string, p Patch) (r types.UserRow, err error) {
	return r, c.do(ctx, at("PATCH /users", name), nil, p, &r)
}

// RemoveUser removes a user with everything that belongs to them.
func (c people) RemoveUser(ctx context.Context, name string) error {
	return c.do(ctx, at("DELETE /users", name), nil, nil, nil)
}

// UserRemoval returns what would be removed with a user.
func (c people) UserRemoval(ctx context.Context, name string) (r types.Removal, err error) {
	return r, c.do(ctx, at("GET /users", name)+"/removal", nil, nil, &r)
}

// SetPassword changes a user's password.
func (c people) SetPassword(ctx context.Context, name, password string) error {
	return c.do(ctx, at("POST /users", name)+"/password", nil, types.NewPassword{New: password}, nil)
}

// AddSetupLink creates the link that creates the first admin.
func (c people) AddSetupLink(ctx context.Context) (r types.MadeSetupLink, err error) {
	return r, c.do(ctx, "POST /setup-link", nil, nil, &r)
}

// Tokens lists all tokens.
func (c people) Tokens(ctx context.Context) (r []calbell.Token, err error) {
	return r, c.do(ctx, "GET /tokens", nil, nil, &r)
}

// AddToken creates a token.
func (c people) AddToken(ctx context.Context, n types.NewToken) (r types.MadeToken, err error) {
	return r, c.do(ctx, "POST /tokens", nil, n, &r)
}

// RemoveToken revokes a token.
func (c people) RemoveToken(ctx context.Context, id string) error {
	return c.do(ctx, at("DELETE /tokens", id), nil, nil, nil)
}

// Accounts lists the accounts.
func (c definitions) Accounts(ctx context.Context) (r []types.AccountRow, err error) {
	return r, c.do(ctx, "GET /accounts", nil, nil, &r)
}

// Discover looks for the calendars of an account that is not stored.
func (c definitions) Discover(ctx context.Context, n types.NewAccount) (r types.Discovered, err error) {
	return r, c.do(ctx, "POST /accounts/discover", nil, n, &r)
}

// AddAccount stores an account.
func (c definitions) AddAccount(ctx context.Context, n types.NewAccount) (r types.AccountRow, err error) {
	return r, c.do(ctx, "POST /accounts", nil, n, &r)
}

// EditAccount changes a stored account.
func (c definitions) EditAccount(ctx context.Context, name string, p Patch) (r types.AccountRow, err error) {
	return r, c.do(ctx, at("PATCH /accounts", name), nil, p, &r)
}

// RemoveAccount removes a stored account with its calendars.
func (c definitions) RemoveAccount(ctx context.Context, name string) error {
	return c.do(ctx, at("DELETE /accounts", name), nil, nil, nil)
}

// AccountRemoval returns what would be removed with a stored account.
func (c definitions) AccountRemoval(ctx context.Context, name string) (r types.Removal, err error) {
	return r, c.do(ctx, at("GET /accounts", name)+"/removal", nil, nil, &r)
}

// EditCalendar changes the stored settings of a calendar.
func (c definitions) EditCalendar(ctx context.Context, name string, p Patch) (r types.CalendarRow, err error) {
	return r, c.do(ctx, at("PATCH /calendars", name)+"/settings", nil, p, &r)
}

// EditWebhook changes a stored webhook.
func (c definitions) EditWebhook(ctx context.Context, name string, p Patch) (r types.WebhookRow, err error) {
	return r, c.do(ctx, at("PATCH /webhooks", name), nil, p, &r)
}

// Rules lists the rules.
func (c definitions) Rules(ctx context.Context) (r []types.RuleEntry, err error) {
	return r, c.do(ctx, "GET /rules", nil, nil, &r)
}

// AddRule stores a rule.
func (c definitions) AddRule(ctx context.Context, n types.NewRule) (r types.RuleEntry, err error) {
	return r, c.do(ctx, "POST /rules", nil, n, &r)
}

// EditRule changes a stored rule.
func (c definitions) EditRule(ctx context.Context, name string, p Patch) (r types.RuleEntry, err error) {
	return r, c.do(ctx, at("PATCH /rules", name), nil, p, &r)
}

// RemoveRule removes a stored rule.
func (c definitions) RemoveRule(ctx context.Context, name string) error {
	return c.do(ctx, at("DELETE /rules", name), nil, nil, nil)
}
