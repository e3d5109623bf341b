package api

import (
	"context"
	"net/http"
	"time"

	"calbell"
	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

func (a *api) registerUsers() {
	huma.Register(a.API, adminOp("GET", "/users", "users", "Users"),
		func(ctx context.Context, _ *none) (*body[[]types.UserRow], error) {
			return answerList(a.s.People.List(ctx, caller(ctx)))
		})
	huma.Register(a.API, created(adminOp("POST", "/users", "add-user", "Make a user")),
		func(ctx context.Context, in *struct{ Body types.NewUser }) (*tagged[types.UserRow], error) {
			r, err := a.s.People.Add(ctx, caller(ctx), in.Body, time.Now())
			return answerTagged(r.ETag, r, err)
		})
	huma.Register(a.API, op("GET", "/users/{name}", "user", "One user: oneself or, for admins, any"),
		func(ctx context.Context, in *byName) (*tagged[types.UserRow], error) {
			r, err := a.s.People.Get(ctx, caller(ctx), in.Name)
			return answerTagged(r.ETag, r, err)
		})
	registerPatch(a, op(http.MethodPatch, "/users/{name}", "set-user", "Change a user: admins the role, users their language and zone"), a.s.People.Request, a.s.People.Set)
	huma.Register(a.API, adminOp("DELETE", "/users/{name}", "remove-user", "Remove a user with all that is theirs"),
		func(ctx context.Context, in *edited) (*none, error) {
			return &none{}, problem(a.s.People.Remove(ctx, caller(ctx), in.Name, in.IfMatch, time.Now()))
		})
	huma.Register(a.API, adminOp("GET", "/users/{name}/removal", "user-removal", "What goes when a user is removed"),
		func(ctx context.Context, in *byName) (*body[types.Removal], error) {
			return answer(a.s.People.Removal(ctx, caller(ctx), in.Name))
		})
	huma.Register(a.API, scoped(op("POST", "/users/{name}/password", "set-password", "Change a password: all sessions and tokens of the user end"), calbell.ScopeAdmin),
		func(ctx context.Context, in *struct {
			Name string `path:"name" doc:"Name or slug"`
			Body types.NewPassword
		},
		) (*none, error) {
			return &none{}, problem(a.s.People.SetPassword(ctx, caller(ctx), in.Name, in.Body, time.Now()))
		})
	huma.Register(a.API, op("POST", "/users/{name}/sign-out", "sign-out-everywhere", "End all sessions and tokens of a user"),
		func(ctx context.Context, in *byName) (*none, error) {
			return &none{}, problem(a.s.People.SignOutEverywhere(ctx, caller(ctx), in.Name, time.Now()))
		})
	huma.Register(a.API, created(adminOp("POST", "/setup-link", "add-setup-link", "Make the link that makes the first admin; over the socket alone")),
		func(ctx context.Context, _ *none) (*body[types.MadeSetupLink], error) {
			return answer(a.s.People.AddSetupLink(ctx, caller(ctx), time.Now()))
		})
}

func (a *api) registerTokens() {
	huma.Register(a.API, op("GET", "/tokens", "tokens", "One's own tokens"),
		func(ctx context.Context, _ *none) (*body[[]calbell.Token], error) {
			return answerList(a.s.Tokens.List(ctx, caller(ctx)))
		})
	huma.Register(a.API, created(op("POST", "/tokens", "add-token", "Make a token: its text is shown this once")),
		func(ctx context.Context, in *struct{ Body types.NewToken }) (*body[types.MadeToken], error) {
			return answer(a.s.Tokens.Add(ctx, caller(ctx), in.Body, time.Now()))
		})
	huma.Register(a.API, op("DELETE", "/tokens/{id}", "remove-token", "Revoke a token"),
		func(ctx context.Context, in *byID) (*none, error) {
			return &none{}, problem(a.s.Tokens.Remove(ctx, caller(ctx), calbell.TokenID(in.ID)))
		})
}

// registerSessions registers signing in and out. There are no sessions on the unix socket.
func (a *api) registerSessions() {
	if a.door == nil {
		return
	}
	huma.Register(a.API, scoped(op("POST", "/session", "sign-in", "Sign in: a cookie stands for the session"), public),
		func(ctx context.Context, in *struct{ Body types.SignIn }) (*body[calbell.User], error) {
			u, err := a.s.People.SignIn(ctx, in.Body, a.door.Peer(ctx, in.Body.Name), time.Now())
			if err == nil {
				err = a.door.SignIn(ctx, u)
			}
			return answer(u, err)
		})
	huma.Register(a.API, scoped(op("DELETE", "/session", "sign-out", "Sign out"), public),
		func(ctx context.Context, _ *none) (*none, error) {
			return &none{}, problem(a.door.SignOut(ctx))
		})
	setup := scoped(op("POST", "/setup", "set-up", "Make the first admin, with a set-up link, and sign in"), public)
	setup.DefaultStatus = http.StatusCreated
	huma.Register(a.API, setup, func(ctx context.Context, in *struct{ Body types.SetUp }) (*body[calbell.User], error) {
		u, err := a.s.People.SetUp(ctx, in.Body, time.Now())
		if err == nil {
			err = a.door.SignIn(ctx, u)
		}
		return answer(u, err)
	})
}

func (a *api) registerAccounts() {
	huma.Register(a.API, op("GET", "/accounts", "accounts", "Sign-ins at calendar servers"),
		func(ctx context.Context, _ *none) (*body[[]types.AccountRow], error) {
			return answerList(a.s.Accounts.List(ctx, caller(ctx)))
		})
	huma.Register(a.API, created(op("POST", "/accounts", "add-account", "Store an account; its calendars are looked for at once")),
		func(ctx context.Context, in *struct{ Body types.NewAccount }) (*tagged[types.AccountRow], error) {
			r, err := a.s.Accounts.Add(ctx, caller(ctx), in.Body)
			return answerTagged(r.ETag, r, err)
		})
	huma.Register(a.API, op("POST", "/accounts/discover", "discover", "Look for the calendars of an account that is not stored (yet)"),
		func(ctx context.Context, in *struct{ Body types.NewAccount }) (*body[types.Discovered], error) {
			return answer(a.s.Accounts.Discover(ctx, caller(ctx), in.Body))
		})
	huma.Register(a.API, op("GET", "/accounts/{name}", "account", "One account"),
		func(ctx context.Context, in *byName) (*tagged[types.AccountRow], error) {
			r, err := a.s.Accounts.Get(ctx, caller(ctx), in.Name)
			return answerTagged(r.ETag, r, err)
		})
	registerPatch(a, op(http.MethodPatch, "/accounts/{name}", "set-account", "Change a stored account; without a password it keeps the one it has"), a.s.Accounts.Request, a.s.Accounts.Set)
	huma.Register(a.API, op("DELETE", "/accounts/{name}", "remove-account", "Remove a stored account with its calendars"),
		func(ctx context.Context, in *edited) (*none, error) {
			return &none{}, problem(a.s.Accounts.Remove(ctx, caller(ctx), in.Name, in.IfMatch, time.Now()))
		})
	huma.Register(a.API, op("GET", "/accounts/{name}/removal", "account-removal", "What goes when a stored account is removed"),
		func(ctx context.Context, in *byName) (*body[types.Removal], error) {
			return answer(a.s.Accounts.Removal(ctx, caller(ctx), in.Name))
		})
	huma.Register(a.API, op("POST", "/accounts/{name}/discover", "discover-account", "Look for the calendars of an account"),
		func(ctx context.Context, in *byName) (*body[types.Discovered], error) {
			return answer(a.s.Accounts.DiscoverStored(ctx, caller(ctx), in.Name))
		})
}

func (a *api) registerRules() {
	huma.Register(a.API, op("GET", "/rules", "rules", "Rules, in the order in which they are asked"),
		func(ctx context.Context, _ *none) (*body[[]types.RuleEntry], error) {
			return answerList(a.s.Rules.List(ctx, caller(ctx)))
		})
	huma.Register(a.API, created(op("POST", "/rules", "add-rule", "Store a rule")),
		func(ctx context.Context, in *struct{ Body types.NewRule }) (*tagged[types.RuleEntry], error) {
			r, err := a.s.Rules.Add(ctx, caller(ctx), in.Body)
			return answerTagged(r.ETag, r, err)
		})
	huma.Register(a.API, op("GET", "/rules/{name}", "rule", "One stored rule, by ID or name"),
		func(ctx context.Context, in *byName) (*tagged[types.RuleEntry], error) {
			r, err := a.s.Rules.Get(ctx, caller(ctx), in.Name)
			return answerTagged(r.ETag, r, err)
		})
	registerPatch(a, op(http.MethodPatch, "/rules/{name}", "set-rule", "Change a stored rule"), a.s.Rules.Request, a.s.Rules.Set)
	huma.Register(a.API, op("DELETE", "/rules/{name}", "remove-rule", "Remove a stored rule"),
		func(ctx context.Context, in *edited) (*none, error) {
			return &none{}, problem(a.s.Rules.Remove(ctx, caller(ctx), in.Name, in.IfMatch))
		})
}
