package caldav

import (
	"net/http"
	"strings"
	"time"

	"calbell/caldav/transport"

	"calbell"
)

// explainStatus turns a refusal into an error for people.
func (c *Client) explainStatus(subject calbell.Text, e *transport.StatusError) error {
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
		out.What = c.refused(e.Status, e.Host)
		out.Hint = hintFor(c.start)
		if e.Condition == "need-privileges" {
			out.Hint = calbell.T("caldav:user-may-not-do", "This user may not do that there: ask the calendar's owner, or whoever runs the server.")
		}
	case e.Status == http.StatusNotFound || e.Status == http.StatusGone:
		out.What = calbell.T("caldav:not-found", "not found at %s", e.Host)
		if c.address.feed {
			out.Hint = hintOf("ics")
			break
		}
		out.Hint = calbell.T("caldav:may-been-removed-or", "It may have been removed or renamed, or the address is not that of calendar programs: look it up in the server's own settings.")
	case e.RetryAfter > 0:
		out.What = calbell.T("caldav:asks-wait", "%s asks to wait %s", e.Host, e.RetryAfter.Round(time.Second))
		out.Hint = hintForStatus(e.Status)
	default:
		out.What = calbell.T("caldav:cannot-answer", "%s cannot answer", e.Host)
		out.Hint = hintForStatus(e.Status)
	}
	out.What = calbell.Chain(subject, out.What)
	return out
}

// explainSignIn says of a 401 what was refused, and what to do about it.
func (c *Client) explainSignIn(e *transport.StatusError) (what, hint calbell.Text) {
	takes := strings.Join(e.Schemes, ", ")
	password := takes == "" || e.Offers("Basic") || e.Digest
	switch {
	case e.Elsewhere:
		return calbell.T("caldav:redirected-which-asks-sign", "redirected to %s, which asks for a sign-in; credentials are not sent to another server", e.Host),
			calbell.T("caldav:if-yours-give-address", "If %s is yours, give its address as the account's url.", e.Host)
	case c.account.Token != "" && takes != "" && !e.Offers("Bearer"):
		return calbell.T("caldav:token-refused-401-which", "token refused (401) by %s, which takes %s", e.Host, takes),
			calbell.T("caldav:give-account-username-password", "Give the account a username and a password in place of the token.")
	case c.account.Token != "":
		return calbell.T("caldav:token-refused-401", "token refused (401) by %s", e.Host), calbell.T("caldav:tokens-expire-revoked-make", "Tokens expire and are revoked: make a new one at the provider.")
	case !password && e.Offers("Bearer"):
		return calbell.T("caldav:sign-refused-401-which", "sign-in refused (401) by %s, which takes %s and no password", e.Host, takes),
			calbell.T("caldav:give-account-token-server", "Give the account a token of that server in place of the password, or an address that takes an app password.")
	case !password:
		return calbell.T("caldav:sign-refused-401-which", "sign-in refused (401) by %s, which takes %s and no password", e.Host, takes),
			calbell.T("caldav:passwords-sent-basic-or", "Passwords are sent as Basic or Digest, and tokens as Bearer: one of these must be enabled at the server.")
	case c.account.Username == "":
		return calbell.T("caldav:asks-sign-401-account", "%s asks for a sign-in (401), and the account has no username", e.Host),
			calbell.T("caldav:give-username-password", "Give it a username and a password. %s", hintFor(c.start))
	}
	return calbell.T("caldav:sign-refused-401", "sign-in refused (401) by %s as %q", e.Host, c.account.Username), hintFor(c.start)
}

// hintForStatus says what to do about a status that is none of sign-in.
func hintForStatus(status int) calbell.Text {
	switch status {
	case http.StatusBadRequest, http.StatusMisdirectedRequest:
		return calbell.T("caldav:does-not-answer-name", "It does not answer to this name, or not to this question. Nextcloud answers so until the name is among its trusted_domains.")
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return calbell.T("caldav:no-caldav-address-give", "There is no CalDAV at this address: give the one that the provider shows for calendar programs.")
	case http.StatusLocked:
		return calbell.T("caldav:locked-server-perhaps-while", "It is locked at the server, perhaps while somebody works on it. It is tried again by itself.")
	case http.StatusTooManyRequests:
		return calbell.T("caldav:asked-too-often-or", "It was asked too often, or with a wrong password too often. It is tried again by itself; if the password is wrong, change it first.")
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return calbell.T("caldav:proxy-answers-server-behind", "A proxy answers, and the server behind it does not: does that run? It is tried again by itself.")
	case http.StatusServiceUnavailable:
		return calbell.T("caldav:overloaded-or-under-maintenance", "It is overloaded, or under maintenance. It is tried again by itself.")
	case http.StatusInsufficientStorage:
		return calbell.T("caldav:disk-or-person-quota", "Its disk or the person's quota is full.")
	}
	if status/100 == 5 {
		return calbell.T("caldav:fault-server-whose-log", "That is a fault of the server, whose log says more. It is tried again by itself.")
	}
	return calbell.T("caldav:address-provider-shows-calendar", "Is this the address that the provider shows for calendar programs?")
}
