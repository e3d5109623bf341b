package passhash

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"calbell"
)

// Cost is what a password costs (argon2id, RFC 9106). A hash says which it was made with, so that
// it can grow.
type Cost struct {
	memory uint32 // KiB
	passes uint32
}

// Full returns the cost of passwords: 19 MiB and two passes take some 50 ms of one core.
func Full() Cost { return Cost{memory: 19 << 10, passes: 2} }

// Cheap returns a cost for tests about something else. Whoever gets such a hash guesses the password.
func Cheap() Cost { return Cost{memory: 64, passes: 1} }

const (
	hashThreads = 1
	hashLength  = 32
	saltLength  = 16
	// maxHashMemory and maxHashTime bound what a stored hash may ask for.
	maxHashMemory, maxHashTime = 1 << 20, 100
)

// New returns the hash of a password in the PHC string format.
func (c Cost) New(password string) calbell.Secret {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never returns an error
	sum := argon2.IDKey([]byte(password), salt, c.passes, c.memory, hashThreads, hashLength)
	return calbell.Secret(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, hashThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)))
}

// Nobody returns what to compare with where there is no hash: it costs the same, and no password
// has it.
func (c Cost) Nobody() calbell.Secret {
	return calbell.Secret(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, hashThreads,
		strings.Repeat("A", 22), strings.Repeat("A", 43)))
}

// Matches reports whether a hash is that of a password.
func Matches(hash calbell.Secret, password string) bool {
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
