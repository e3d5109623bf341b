package service

import (
	"context"
	"unicode/utf8"

	"calbell"
	"calbell/service/passhash"
	"calbell/service/throttle"
)

const (
	// minPassword is in characters; shorter ones are easy to guess. MaxPassword is in bytes.
	minPassword = 10
	maxPassword = 1024
)

// checkPassword rejects a password that is too short or too long.
func checkPassword(fieldName, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return field(fieldName, calbell.T("service:password-characters-least-needed", "the password has %d characters, at least %d are needed", n, minPassword), calbell.T("service:four-random-words-easy", "four random words are easy to keep in mind"))
	case len(password) > maxPassword:
		return field(fieldName, calbell.T("service:password-longer-than-bytes", "the password is longer than %d bytes", maxPassword), calbell.Text{})
	}
	return nil
}

// hash returns the hash of a password that a signed-in caller sets. It waits for a turn.
func (s *core) hash(ctx context.Context, password string) (h calbell.Secret, err error) {
	err = s.throttle.Hash(ctx, throttle.KnownCaller(), func() { h = s.passwords.New(password) })
	return h, err
}

// compare is [passhash.Matches] after waiting for a turn. The hash "" belongs to users
// without a password.
func (s *core) compare(ctx context.Context, a *throttle.Attempt, hash calbell.Secret, password string) (ok bool, err error) {
	none := hash == ""
	if none {
		hash = s.passwords.Nobody()
	}
	err = s.throttle.Hash(ctx, a, func() { ok = passhash.Matches(hash, password) && !none })
	return ok, err
}
