package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service/authz"
	"calbell/store"
)

const (
	// tokenPrefix is the prefix of tokens, by which scanners for leaked secrets find them.
	tokenPrefix = "calbell_"
	// maxTokens limits the tokens of one user.
	maxTokens = 100
	// touchEvery is the precision of LastUsedAt, so that not every request writes to the database.
	touchEvery = time.Hour
)

// Tokens manages the tokens with which programs use the API as a user.
type Tokens struct{ *core }

// secretText returns 256 random bits as text, and their hash. They cannot be guessed, so a
// plain SHA-256 hash protects them.
func secretText() (text, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never returns an error
	text = base64.RawURLEncoding.EncodeToString(b)
	return text, hashOf(text)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// List returns the caller's tokens; over the socket, those of all users.
func (s *Tokens) List(ctx context.Context, who calbell.Caller) ([]calbell.Token, error) {
	if err := requireCaller(who); err != nil {
		return nil, err
	}
	if who.Local {
		return s.store.Tokens().All(ctx)
	}
	return s.store.Tokens().Of(ctx, store.OwnedBy(who.Name))
}

// Add creates a token. Its text is not stored, so it can be shown only now. A caller with a
// token cannot create one with more scopes.
func (s *Tokens) Add(ctx context.Context, who calbell.Caller, n types.NewToken, now time.Time) (types.MadeToken, error) {
	owner, err := s.tokenOwner(ctx, who, n)
	if err != nil {
		return types.MadeToken{}, err
	}
	for i, scope := range n.Scopes {
		switch {
		case !slices.Contains([]calbell.Scope{calbell.ScopeRead, calbell.ScopeWrite, calbell.ScopeAdmin}, scope):
			return types.MadeToken{}, field(fmt.Sprintf("scopes[%d]", i), calbell.T("service:no-scope", "%q is no scope", scope), calbell.T("service:one-of", "one of: %s", "read, write, admin"))
		case scope == calbell.ScopeAdmin && owner.Role != calbell.RoleAdmin, !who.Allows(scope):
			return types.MadeToken{}, &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:token-scope-more-than", "a token with the scope %q is more than you may give", scope)}
		}
	}
	switch {
	case len(n.Scopes) == 0:
		return types.MadeToken{}, field("scopes", calbell.T("service:token-needs-scope", "a token needs a scope"), calbell.T("service:read-write-or-admin", "read, write or admin"))
	case strings.TrimSpace(n.Name) == "":
		return types.MadeToken{}, field("name", calbell.T("service:token-needs-name", "a token needs a name"), calbell.T("service:say-what-used", "say what it is used for"))
	case len(n.Name) > calbell.MaxNameBytes:
		return types.MadeToken{}, tooLong("name", calbell.MaxNameBytes)
	case !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(now):
		return types.MadeToken{}, field("expires_at", calbell.T("service:time-passed", "that time has passed"), calbell.Text{})
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	if err := s.requireSignedIn(ctx, who); err != nil {
		return types.MadeToken{}, err
	}
	if have, err := s.store.Tokens().Of(ctx, store.OwnedBy(owner.Name)); err != nil || len(have) >= maxTokens {
		return types.MadeToken{}, orUsage(err, calbell.T("service:tokens-enough", "%d tokens are enough", maxTokens), calbell.T("service:revoke-those-nobody-uses", "revoke those that nobody uses"))
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never returns an error
	text, hash := secretText()
	t := calbell.Token{
		ID: calbell.TokenID(hex.EncodeToString(id)), Owner: owner.Name, Name: strings.TrimSpace(n.Name), Scopes: n.Scopes,
		Hash: hash, MadeAt: now.UTC(), ExpiresAt: n.ExpiresAt.UTC(),
	}
	return types.MadeToken{Token: t, Text: tokenPrefix + string(t.ID) + "_" + text}, s.store.Tokens().Put(ctx, t)
}

// tokenOwner returns the user whom a new token belongs to.
func (s *Tokens) tokenOwner(ctx context.Context, who calbell.Caller, n types.NewToken) (calbell.User, error) {
	if err := requireCaller(who); err != nil {
		return calbell.User{}, err
	}
	switch {
	case who.Local && n.User == "":
		return calbell.User{}, field("user", calbell.T("service:whose-token", "whose token is it to be?"), calbell.T("service:calbell-token-create-name", "calbell token create NAME --user USER"))
	case who.Local:
		return s.findUser(ctx, n.User)
	case n.User != "" && !authz.SamePerson(n.User, who.Name):
		return calbell.User{}, &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("service:token-can-only-made", "a token of %q can only be made by themselves", n.User)}
	}
	return s.findUser(ctx, who.Name)
}

// Remove revokes a token of the caller; over the socket, of any user.
func (s *Tokens) Remove(ctx context.Context, who calbell.Caller, id calbell.TokenID) error {
	if err := requireCaller(who); err != nil {
		return err
	}
	t, err := s.store.Tokens().Get(ctx, id)
	if calbell.IsNotFound(err) || err == nil && !who.Local && !authz.SamePerson(t.Owner, who.Name) {
		err = notFound(calbell.NounToken, string(id), nil)
	}
	if err != nil {
		return err
	}
	return s.news.signedOut(s.store.Tokens().Remove(ctx, id))
}

// Bearer returns the caller of a token; ok is false when the token is unknown, revoked or
// expired.
func (s *Tokens) Bearer(ctx context.Context, text string, now time.Time) (who calbell.Caller, ok bool, err error) {
	rest, _ := strings.CutPrefix(text, tokenPrefix)
	id, secret, _ := strings.Cut(rest, "_")
	t, err := s.store.Tokens().Get(ctx, calbell.TokenID(id))
	if calbell.KindOf(err) == calbell.KindNotFound {
		return calbell.Caller{}, false, nil
	}
	if err != nil {
		return calbell.Caller{}, false, err
	}
	if subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(t.Hash)) != 1 || t.Over(now) {
		return calbell.Caller{}, false, nil
	}
	u, err := s.store.Users().Get(ctx, t.Owner)
	if err != nil {
		return calbell.Caller{}, false, err
	}
	if now.Sub(t.LastUsedAt) >= touchEvery {
		t.LastUsedAt = now.UTC()
		// touch must not restore a token that is being revoked.
		if err := s.touch(ctx, t); err != nil {
			return calbell.Caller{}, false, err
		}
	}
	who = callerOf(u)
	who.Scopes, who.Token = append([]calbell.Scope{}, t.Scopes...), t.ID
	return who, true, nil
}

// touch records that a token was used, if it still exists.
func (s *Tokens) touch(ctx context.Context, t calbell.Token) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	if _, err := s.store.Tokens().Get(ctx, t.ID); err != nil {
		return err
	}
	return s.store.Tokens().Put(ctx, t)
}
