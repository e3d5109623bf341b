package caldav

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"calbell/caldav/transport"

	"calbell"
)

// explainStatus turns a refusal into an error for people.
func (c *Client) explainStatus(subject string, e *transport.StatusError) error {
	if e.Spoken != "" && !e.Elsewhere {
		return wrongScheme(subject, e.Host, e.Spoken)
	}
	out := &calbell.Error{Kind: calbell.KindFailed, Err: e, RetryAfter: e.RetryAfter, Account: final(e) && !e.Elsewhere}
	switch {
	case e.Status == http.StatusUnauthorized:
		out.Kind = calbell.KindRefused
		out.What, out.Hint = c.explainSignIn(e)
	case e.Status == http.StatusForbidden, e.Status == http.StatusPaymentRequired, e.Status == http.StatusProxyAuthRequired:
		out.Kind = calbell.KindRefused
		out.What = fmt.Sprintf("refused (%d) by %s%s", e.Status, e.Host, c.as())
		out.Hint = hintFor(c.start)
		if e.Condition == "need-privileges" {
			out.Hint = "This user may not do that there: ask the calendar's owner, or whoever runs the server."
		}
	case e.Status == http.StatusNotFound || e.Status == http.StatusGone:
		out.What = "not found at " + e.Host
		if c.address.feed {
			out.Hint = hintOf("ics")
			break
		}
		out.Hint = "It may have been removed or renamed, or the address is not that of calendar programs: look it up in the server's own settings."
	case e.RetryAfter > 0:
		out.What = fmt.Sprintf("%s asks to wait %s", e.Host, e.RetryAfter.Round(time.Second))
		out.Hint = hintForStatus(e.Status)
	default:
		out.What = e.Host + " cannot answer"
		out.Hint = hintForStatus(e.Status)
	}
	out.What = subject + ": " + out.What
	return out
}

// explainSignIn says of a 401 what was refused, and what to do about it.
func (c *Client) explainSignIn(e *transport.StatusError) (what, hint string) {
	takes := strings.Join(e.Schemes, ", ")
	password := takes == "" || e.Offers("Basic") || e.Digest
	switch {
	case e.Elsewhere:
		return fmt.Sprintf("redirected to %s, which asks for a sign-in; credentials are not sent to another server", e.Host),
			"If " + e.Host + " is yours, give its address as the account's url."
	case c.account.Token != "" && takes != "" && !e.Offers("Bearer"):
		return fmt.Sprintf("token refused (401) by %s, which takes %s", e.Host, takes),
			"Give the account a username and a password in place of the token."
	case c.account.Token != "":
		return "token refused (401) by " + e.Host, "Tokens expire and are revoked: make a new one at the provider."
	case !password && e.Offers("Bearer"):
		return fmt.Sprintf("sign-in refused (401) by %s, which takes %s and no password", e.Host, takes),
			"Give the account a token of that server in place of the password, or an address that takes an app password."
	case !password:
		return fmt.Sprintf("sign-in refused (401) by %s, which takes %s and no password", e.Host, takes),
			"Passwords are sent as Basic or Digest, and tokens as Bearer: one of these must be enabled at the server."
	case c.account.Username == "":
		return fmt.Sprintf("%s asks for a sign-in (401), and the account has no username", e.Host),
			"Give it a username and a password. " + hintFor(c.start)
	}
	return fmt.Sprintf("sign-in refused (401) by %s as %q", e.Host, c.account.Username), hintFor(c.start)
}

// hintForStatus says what to do about a status that is none of sign-in.
func hintForStatus(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusMisdirectedRequest:
		return "It does not answer to this name, or not to this question. Nextcloud answers so until the name is among its trusted_domains."
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return "There is no CalDAV at this address: give the one that the provider shows for calendar programs."
	case http.StatusLocked:
		return "It is locked at the server, perhaps while somebody works on it. It is tried again by itself."
	case http.StatusTooManyRequests:
		return "It was asked too often, or with a wrong password too often. It is tried again by itself; if the password is wrong, change it first."
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return "A proxy answers, and the server behind it does not: does that run? It is tried again by itself."
	case http.StatusServiceUnavailable:
		return "It is overloaded, or under maintenance. It is tried again by itself."
	case http.StatusInsufficientStorage:
		return "Its disk or the person's quota is full."
	}
	if status/100 == 5 {
		return "That is a fault of the server, whose log says more. It is tried again by itself."
	}
	return "Is this the address that the provider shows for calendar programs?"
}
