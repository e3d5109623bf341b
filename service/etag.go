package service

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"calbell"
)

// etag returns a tag of the state of something. It is a keyed hash, because parts may be
// passwords, which could be guessed from a plain hash. The key is new at each start.
func (s *core) etag(parts ...any) string {
	h := hmac.New(sha256.New, s.tagKey[:])
	for _, p := range parts {
		if secret, ok := p.(calbell.Secret); ok {
			p = secret.Reveal()
		}
		text, err := json.Marshal(p)
		if err != nil { // impossible for these types; a constant tag would hide a mistake
			panic(err)
		}
		h.Write(text)
		h.Write([]byte{0})
	}
	return `"` + hex.EncodeToString(h.Sum(nil)[:8]) + `"`
}

// unchanged rejects an edit of something that changed since its editor saw it. want is as in
// If-Match (RFC 9110 §13.1.1): one ETag, several, or * for any; "" matches anything.
func unchanged(change calbell.Text, want, have string) error {
	if want == "" {
		return nil
	}
	for tag := range strings.SplitSeq(want, ",") { // our tags contain no commas
		if tag = strings.TrimSpace(tag); tag == "*" || tag == have {
			return nil
		}
	}
	return &calbell.Error{
		Kind: calbell.KindFailed, What: change, Err: calbell.ErrChanged, Hint: calbell.T("service:look-again-then-repeat", "look at it again, then repeat your change"),
	}
}
