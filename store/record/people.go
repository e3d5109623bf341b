package record

import (
	"cmp"

	"calbell"
	"calbell/store"
)

// user is a user with the fields that calbell.User excludes from JSON.
type user struct {
	calbell.User
	PasswordHash string `json:"password_hash,omitempty"`
	Epoch        int64  `json:"epoch"`
}

// Users returns the kind of users, by slug.
func Users() Kind[calbell.User] {
	k := newKind("users", "user", func(u *calbell.User) string { return calbell.Slug(u.Name) },
		func(u calbell.User) user {
			u.MadeAt = u.MadeAt.UTC()
			return user{u, u.PasswordHash.Reveal(), u.Epoch}
		},
		func(r user) calbell.User {
			r.User.PasswordHash, r.User.Epoch = calbell.Secret(r.PasswordHash), r.Epoch
			return r.User
		})
	k.fold = calbell.Slug
	k.Groups = func(u *calbell.User) []store.Group { return []store.Group{store.WithRole(u.Role)} }
	k.OneGroup = true
	k.Order = func(a, b calbell.User) int { return cmp.Compare(a.Name, b.Name) }
	k.Check = func(u *calbell.User) error {
		if calbell.Slug(u.Name) != "" {
			return nil
		}
		return usage(calbell.T("record:store-user-name-no", "store user %q: the name has no letter or digit", u.Name))
	}
	return k
}

// token is a token with its hash.
type token struct {
	calbell.Token
	Hash string `json:"hash"`
}

// Tokens returns the kind of tokens.
func Tokens() Kind[calbell.Token] {
	k := newKind("tokens", "token", func(k *calbell.Token) string { return string(k.ID) },
		func(k calbell.Token) token {
			k.MadeAt, k.LastUsedAt, k.ExpiresAt = k.MadeAt.UTC(), k.LastUsedAt.UTC(), k.ExpiresAt.UTC()
			return token{k, k.Hash}
		},
		func(r token) calbell.Token {
			r.Token.Hash = r.Hash
			return r.Token
		})
	k.Groups = func(k *calbell.Token) []store.Group { return []store.Group{store.OwnedBy(k.Owner)} }
	k.OneGroup = true
	k.Order = func(a, b calbell.Token) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), a.MadeAt.Compare(b.MadeAt), cmp.Compare(a.ID, b.ID))
	}
	return k
}

// Sessions returns the kind of sessions.
func Sessions() Kind[store.Session] {
	k := newKind("sessions", "session", func(s *store.Session) string { return s.ID },
		func(s store.Session) store.Session {
			s.ExpiresAt = s.ExpiresAt.UTC()
			return s
		}, same[store.Session])
	k.Groups = func(s *store.Session) []store.Group {
		if s.Owner == "" {
			return nil
		}
		return []store.Group{store.OwnedBy(s.Owner)}
	}
	return k
}

// SetupLinks returns the kind of links that create the first admin: there is at most one.
func SetupLinks() Kind[store.SetupLink] {
	return newKind("setups", "set-up link", func(*store.SetupLink) string { return "" },
		func(l store.SetupLink) store.SetupLink {
			l.ExpiresAt = l.ExpiresAt.UTC()
			return l
		}, same[store.SetupLink])
}
