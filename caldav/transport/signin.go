package transport

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/icholy/digest"
)

// signIn is how the account signs in at one origin. It is used by one request at a time:
// the account's turn guards it.
type signIn struct {
	challenge *digest.Challenge // nil: Basic, which is sent without being asked for
	count     int               // requests signed with the challenge's nonce
}

// sign adds the credentials to a request that began at q.url and goes to at, if they may
// go there.
func (c *Client) sign(r *http.Request, first, at *url.URL) error {
	if !CredentialsMayGo(first, at) {
		return nil
	}
	if c.account.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.account.Token.Reveal())
		return nil
	}
	if c.account.Username == "" {
		return nil
	}
	s := c.signIns[at.Host]
	if s == nil || s.challenge == nil {
		r.SetBasicAuth(c.account.Username, c.account.Password.Reveal())
		return nil
	}
	s.count++
	credentials, err := digest.Digest(s.challenge, digest.Options{
		Method: r.Method, URI: at.RequestURI(), GetBody: r.GetBody, Count: s.count,
		Username: c.account.Username, Password: c.account.Password.Reveal(),
	})
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", credentials.String())
	return nil
}

// challenged reports whether a refused request is worth sending again: the server takes
// Digest sign-in alone (RFC 7616), or has a new nonce.
func (c *Client) challenged(resp *http.Response, first, at *url.URL) bool {
	if resp.StatusCode != http.StatusUnauthorized || c.account.Token != "" || c.account.Username == "" || !CredentialsMayGo(first, at) {
		return false
	}
	var found *digest.Challenge
	for _, offer := range challenges(resp.Header) {
		if scheme, _, _ := strings.Cut(offer, " "); strings.EqualFold(scheme, "Basic") {
			return false // it was sent, and refused
		}
		if ch := readChallenge(offer); ch != nil && found == nil {
			found = ch
		}
	}
	if found == nil {
		return false
	}
	old := c.signIns[at.Host]
	c.signIns[at.Host] = &signIn{challenge: found}
	// A nonce that is answered with another one is worn out, whether the server says so or
	// not; the same one again means that the password is wrong.
	return old == nil || old.challenge == nil || found.Stale || old.challenge.Nonce != found.Nonce
}

// readChallenge reads a Digest challenge that can be answered; nil otherwise.
func readChallenge(offer string) *digest.Challenge {
	ch, err := digest.ParseChallenge(strings.TrimSpace(offer))
	if err != nil {
		return nil
	}
	for i, q := range ch.QOP {
		ch.QOP[i] = strings.TrimSpace(q)
	}
	if !digest.CanDigest(ch) {
		return nil
	}
	return ch
}
