package service

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"calbell"
	"calbell/service/throttle"
)

// What a password costs (argon2id, RFC 9106). With 19 MiB and two passes it takes some 50 ms
// of one core; the hash says which it was made with, so that they can grow.
const (
	hashMemory  = 19 << 10 // KiB
	hashTime    = 2
	hashThreads = 1
	hashLength  = 32
	saltLength  = 16
	// maxHashMemory and maxHashTime bound what a stored hash may ask for.
	maxHashMemory, maxHashTime = 1 << 20, 100

	// minPassword is in characters; a shorter one is guessed. MaxPassword is in bytes.
	minPassword = 10
	maxPassword = 1024
)

// checkPassword refuses one that cannot be taken.
func checkPassword(fieldName, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return field(fieldName, fmt.Sprintf("the password has %d characters, at least %d are needed", n, minPassword), "four random words are easy to keep in mind")
	case len(password) > maxPassword:
		return field(fieldName, fmt.Sprintf("the password is longer than %d bytes", maxPassword), "")
	}
	return nil
}

// hashed returns the hash of a password in the PHC string format.
func hashed(password string) calbell.Secret {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never returns an error
	sum := argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashThreads, hashLength)
	return calbell.Secret(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)))
}

// nobodysHash is compared with where there is no hash: it costs the same, and no password
// has it.
func nobodysHash() calbell.Secret {
	return calbell.Secret(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads,
		strings.Repeat("A", 22), strings.Repeat("A", 43)))
}

// isPassword reports whether a hash is that of a password.
func isPassword(hash calbell.Secret, password string) bool {
	parts := strings.Split(hash.Reveal(), "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var version, memory, time, threads int
	_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
	_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads)
	salt, err3 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err4 := base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case err1 != nil, err2 != nil, err3 != nil, err4 != nil, version != argon2.Version, len(want) < saltLength:
		return false
	case memory < 8, memory > maxHashMemory, time < 1, time > maxHashTime, threads < 1, threads > 255:
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(time), uint32(memory), uint8(threads), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// hash returns the hash of a password that a caller who is signed in sets, by turns.
func (s *core) hash(ctx context.Context, password string) (h calbell.Secret, err error) {
	err = s.throttle.Hash(ctx, throttle.KnownCaller(), func() { h = hashed(password) })
	return h, err
}

// compare is isPassword by turns. "" stands for the hash of a user without one.
func (s *core) compare(ctx context.Context, a *throttle.Attempt, hash calbell.Secret, password string) (ok bool, err error) {
	none := hash == ""
	if none {
		hash = nobodysHash()
	}
	err = s.throttle.Hash(ctx, a, func() { ok = isPassword(hash, password) && !none })
	return ok, err
}
