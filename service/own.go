package service

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"calbell"
)

// same reports whether two names are of the same person.
func same(a, b string) bool { return a != "" && calbell.Slug(a) == calbell.Slug(b) }

// sees reports whether somebody sees, and so may act on, what has that owner. What has none is
// the admins'.
func sees(who calbell.Caller, owner string) bool {
	switch {
	case who.Local:
		return true
	case owner == "":
		return who.Admin
	}
	return same(who.Name, owner)
}

// mayUse reports whether somebody may send reminders through a webhook.
func mayUse(who calbell.Caller, w calbell.Webhook) bool {
	return sees(who, w.Owner) || w.Share && who.Name != ""
}

// owners are the owners of the accounts in force, by account.
func (s *core) owners() map[string]string {
	owners := make(map[string]string)
	for _, a := range s.config.Accounts() {
		owners[a.Key()] = a.Owner
	}
	return owners
}

// seesCalendar reports whether somebody sees a calendar: it is the account's owner's. One whose
// account is gone is nobody's.
func seesCalendar(who calbell.Caller, owners map[string]string, c calbell.Calendar) bool {
	owner, ok := owners[c.Account]
	return who.Local || ok && sees(who, owner)
}

// calendars returns the calendars that the caller sees, by account, then name.
func (s *core) calendars(ctx context.Context, who calbell.Caller) ([]calbell.Calendar, error) {
	if err := known(who); err != nil {
		return nil, err
	}
	all, err := s.store.Calendars(ctx)
	owners := s.owners()
	return slices.DeleteFunc(all, func(c calbell.Calendar) bool { return !seesCalendar(who, owners, c) }), err
}

// mayEdit reports whether somebody may change something, be it that what the file defines is
// changed there.
func mayEdit(who calbell.Caller, owner string, origin calbell.Origin) bool {
	return origin == calbell.OriginStored && sees(who, owner)
}

// known refuses nobody in particular.
func known(who calbell.Caller) error {
	if who.Name != "" {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: "nobody is signed in", Hint: "sign in, or send a token"}
}

// admin refuses callers who are not administrators.
func admin(who calbell.Caller) error {
	if err := known(who); err != nil || who.Admin && who.Allows(calbell.ScopeAdmin) {
		return err
	}
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: "only an administrator may do this"}
}

// stillIn refuses who was let in before their password changed, or before they became less than
// they were, or by a token that is worth nothing any more. What gives lasting access asks, holding
// editing: who waited there meanwhile is not to get it.
func (s *core) stillIn(ctx context.Context, who calbell.Caller) error {
	if who.Local {
		return nil
	}
	u, err := s.store.User(ctx, who.Name)
	out := err == nil && (u.Epoch != who.Epoch || who.Admin && u.Role != calbell.RoleAdmin)
	if err == nil && who.Token != "" {
		var t calbell.Token
		t, err = s.store.Token(ctx, who.Token)
		out = out || err == nil && t.Over(time.Now())
	}
	if out || calbell.KindOf(err) == calbell.KindNotFound {
		return &calbell.Error{Kind: calbell.KindNotAllowed, What: fmt.Sprintf("%q was signed out meanwhile", who.Name), Hint: "sign in again"}
	}
	return err
}

// local refuses callers who do not speak over the daemon's socket.
func local(who calbell.Caller) error {
	if who.Local {
		return nil
	}
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: "only the machine's administrator may do this", Hint: "run the command there"}
}

// newOwner is whose a new thing is to be: the caller's own unless they ask otherwise.
func (s *core) newOwner(ctx context.Context, who calbell.Caller, asked *string) (string, error) {
	switch {
	case asked == nil && who.Local, asked != nil && *asked == "" && who.Admin:
		return "", nil
	case asked == nil, same(*asked, who.Name) && !who.Local:
		return who.Name, nil
	case !who.Local:
		return "", &calbell.Error{Kind: calbell.KindNotAllowed, What: fmt.Sprintf("nothing can be made for %q by others", *asked)}
	}
	u, err := s.store.User(ctx, *asked)
	return u.Name, err
}

// ofFile is the error of who wants to change what the configuration's file defines.
func ofFile(what, name string) error {
	return &calbell.Error{
		Kind: calbell.KindUsage, What: fmt.Sprintf("%s %q is defined in the configuration file", what, name),
		Hint: "change it there, then: calbell reload",
	}
}

// etag names a state of something. It is keyed, because passwords may be among the parts:
// from a plain hash a short one could be guessed. The key is made anew at each start.
func (s *core) etag(parts ...any) string {
	h := hmac.New(sha256.New, s.tagKey[:])
	for _, p := range parts {
		if secret, ok := p.(calbell.Secret); ok {
			p = secret.Reveal()
		}
		text, err := json.Marshal(p)
		if err != nil { // of our own plain types: cannot happen, and a constant tag would hide it
			panic(err)
		}
		h.Write(text)
		h.Write([]byte{0})
	}
	return `"` + hex.EncodeToString(h.Sum(nil)[:8]) + `"`
}

// unchanged refuses an edit of something that is not any more what its editor saw. want is as
// If-Match has it (RFC 9110 §13.1.1): one ETag, several, or * for whatever there is; "" is of who
// does not care.
func unchanged(what, want, have string) error {
	if want == "" {
		return nil
	}
	for tag := range strings.SplitSeq(want, ",") { // no tag of ours holds a comma
		if tag = strings.TrimSpace(tag); tag == "*" || tag == have {
			return nil
		}
	}
	return &calbell.Error{
		Kind: calbell.KindFailed, What: "change " + what, Err: calbell.ErrChanged, Hint: "look at it again, then repeat your change",
	}
}
