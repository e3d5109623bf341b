package access

import (
	"context"
	"time"

	"github.com/alexedwards/scs/v2"

	"calbell"
	"calbell/store"
)

// Sessions stores sessions; see [store.Sessions].
type Sessions interface {
	Session(ctx context.Context, id string, now time.Time) (data []byte, ok bool, err error)
	PutSession(ctx context.Context, s store.Session, now time.Time) error
	RemoveSession(ctx context.Context, id string) error
}

// Keys of the values in a session.
const (
	keyName  = "name"
	keyEpoch = "epoch"
)

// SignIn starts a session for a user in the requesting browser. It replaces any session that
// the browser had, which prevents session fixation.
func (g *Gate) SignIn(ctx context.Context, u calbell.User) error {
	if err := g.sessions.RenewToken(ctx); err != nil {
		return err
	}
	g.sessions.Put(ctx, keyName, u.Name)
	g.sessions.Put(ctx, keyEpoch, u.Epoch)
	if a, ok := ctx.Value(askerKey{}).(asker); ok {
		g.browsers.remember(a.w, a.r, u.Name, time.Now())
	}
	return nil
}

// SignOut ends the session of the requesting browser.
func (g *Gate) SignOut(ctx context.Context) error { return g.sessions.Destroy(ctx) }

// signedIn returns the caller of the session; the anonymous Caller when there is none. It ends
// a session that began before a change of the password.
func (g *Gate) signedIn(ctx context.Context) (calbell.Caller, error) {
	name := g.sessions.GetString(ctx, keyName)
	if name == "" {
		return calbell.Caller{}, nil
	}
	who, ok, err := g.o.People.Caller(ctx, name, g.sessions.GetInt64(ctx, keyEpoch))
	if err != nil || ok {
		return who, err
	}
	return calbell.Caller{}, g.sessions.Destroy(ctx)
}

// sessionStore adapts Sessions to scs. The ID is the hash of the cookie.
type sessionStore struct{ s Sessions }

// FindCtx implements scs.CtxStore.
func (s sessionStore) FindCtx(ctx context.Context, id string) ([]byte, bool, error) {
	return s.s.Session(ctx, id, time.Now())
}

// CommitCtx implements scs.CtxStore.
func (s sessionStore) CommitCtx(ctx context.Context, id string, data []byte, until time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data) // scs has just encoded it
	if err != nil {
		return err
	}
	name, _ := values[keyName].(string)
	return s.s.PutSession(ctx, store.Session{ID: id, Owner: calbell.Slug(name), Data: data, ExpiresAt: until}, time.Now())
}

// DeleteCtx implements scs.CtxStore.
func (s sessionStore) DeleteCtx(ctx context.Context, id string) error {
	return s.s.RemoveSession(ctx, id)
}

// Find implements scs.Store. scs uses FindCtx instead.
func (s sessionStore) Find(id string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), id)
}

// Commit implements scs.Store. scs uses CommitCtx instead.
func (s sessionStore) Commit(id string, data []byte, until time.Time) error {
	return s.CommitCtx(context.Background(), id, data, until)
}

// Delete implements scs.Store. scs uses DeleteCtx instead.
func (s sessionStore) Delete(id string) error { return s.DeleteCtx(context.Background(), id) }
