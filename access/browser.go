package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"calbell"
)

const (
	// browserLifetime is how long a browser is recognized after the latest sign-in in it:
	// people who return after a long holiday are not strangers.
	browserLifetime = 180 * 24 * time.Hour
	// maxBrowserUsers is how many users one browser is recognized for, the latest ones: enough
	// for a family, and the cookie stays small.
	maxBrowserUsers = 4
	// browserID and browserProof are the lengths in bytes of a proof's random ID and of the
	// whole proof: the ID, the time in seconds, and an HMAC-SHA-256.
	browserID    = 16
	browserProof = browserID + 8 + sha256.Size
)

// browsers recognizes browsers in which a user signed in before, by a cookie. The cookie does
// not authenticate: it lets sign-ins of the user pass the limits that attackers use up. It
// stays valid after a change of the password, because a user who was signed out everywhere must
// be able to get in. See the OWASP page "Slow Down Online Guessing Attacks with Device
// Cookies".
type browsers struct {
	key    []byte // empty: no browser is recognized
	cookie string // name of the cookie
	secure bool
}

// known returns the ID of the browser if a proof shows that the user signed in there; ""
// otherwise.
func (b browsers) known(r *http.Request, name string, now time.Time) string {
	for _, p := range b.proofs(r) {
		if id, ok := b.check(p, name, now); ok {
			return id
		}
	}
	return ""
}

// proofs returns the proofs in the cookie, unchecked.
func (b browsers) proofs(r *http.Request) []string {
	c, err := r.Cookie(b.cookie)
	if err != nil || len(b.key) == 0 || c.Value == "" {
		return nil
	}
	proofs := strings.SplitN(c.Value, ".", maxBrowserUsers+1)
	return proofs[:min(len(proofs), maxBrowserUsers)]
}

// check returns the ID in a proof that is valid for a user.
func (b browsers) check(proof, name string, now time.Time) (id string, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(proof)
	if err != nil || len(raw) != browserProof {
		return "", false
	}
	signed, mac := raw[:browserID+8], raw[browserID+8:]
	since := time.Unix(int64(binary.BigEndian.Uint64(signed[browserID:])), 0)
	if !hmac.Equal(mac, b.sign(signed, name)) || now.Sub(since) >= browserLifetime {
		return "", false
	}
	return hex.EncodeToString(signed[:browserID]), true
}

// sign returns the HMAC of an ID and a time for a user. It covers the name, which the cookie
// does not contain.
func (b browsers) sign(signed []byte, name string) []byte {
	h := hmac.New(sha256.New, b.key)
	h.Write(signed)
	h.Write([]byte(calbell.Slug(name)))
	return h.Sum(nil)
}

// remember adds a proof to the cookie that a user signed in in this browser now. It keeps the
// proofs of other users.
func (b browsers) remember(w http.ResponseWriter, r *http.Request, name string, now time.Time) {
	if len(b.key) == 0 {
		return
	}
	signed := make([]byte, browserID, browserProof)
	_, _ = rand.Read(signed) // never returns an error
	signed = binary.BigEndian.AppendUint64(signed, uint64(now.Unix()))
	proofs := []string{base64.RawURLEncoding.EncodeToString(append(signed, b.sign(signed, name)...))}
	for _, p := range b.proofs(r) {
		if _, same := b.check(p, name, now); !same && len(p) == len(proofs[0]) && len(proofs) < maxBrowserUsers {
			proofs = append(proofs, p)
		}
	}
	http.SetCookie(w, &http.Cookie{
		Name: b.cookie, Value: strings.Join(proofs, "."), Path: "/", MaxAge: int(browserLifetime / time.Second),
		Secure: b.secure, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// Peer returns the origin of a request for a sign-in as the named user; the zero Peer when the
// request did not pass a Gate.
func (g *Gate) Peer(ctx context.Context, name string) calbell.Peer {
	a, ok := ctx.Value(askerKey{}).(asker)
	if !ok {
		return calbell.Peer{}
	}
	return calbell.Peer{Addr: a.from, Browser: g.browsers.known(a.r, name, time.Now())}
}
