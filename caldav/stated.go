package caldav

import (
	"strings"

	"calbell"

	"calbell/caldav/dav"
)

// A server that was restored from a backup answers a token from its future with "no changes", for
// ever, with that token again (sabre/dav) or with its own. But it states the token of its collections
// as a property too (RFC 6578 §4), which discovery reads in a request that it makes anyway. Another
// token than the stored one, stated or answered, while nothing is said to have changed since that one,
// tells of another state, and everything is compared.
//
// The property is believed only after it was the stored token once: some servers may write it in
// another form, or make one up for each answer. A comparison that finds nothing takes the belief
// away until then.

// statedToken returns the sync-token that a collection states; "" when it states none, or one that
// is longer than any token.
func statedToken(r dav.Response) string {
	if token := r.Prop(pSyncToken).Value(); len(token) <= maxTokenBytes {
		return strings.Clone(token)
	}
	return ""
}

// errOtherState marks an answer without changes by a server that states another token.
var errOtherState = calbell.Errorf("caldav:names-no-changes-yet", "it names no changes, and yet another state")

// doubt returns an error when an answer without changes cannot be the truth.
func (r *run) doubt(f finding) error {
	another := func(token string) bool { return token != "" && token != r.old.SyncToken }
	if !r.old.StatesToken || len(f.members)+len(f.gone) > 0 || !another(r.old.StatedToken) && !another(r.cal.SyncToken) {
		return nil
	}
	r.doubted = true
	return errOtherState
}

// statesToken reports whether the next sync may believe what the collection states.
func (r *run) statesToken() bool {
	if r.old.StatedToken != "" && r.old.StatedToken == r.old.SyncToken {
		return true
	}
	return r.old.StatesToken && !(r.doubted && r.quiet)
}
