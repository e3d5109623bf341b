package webhook

import (
	"net/http"
	"strings"

	"calbell/webhook/dialect"

	"calbell"
	"calbell/internal/scheme"
)

// The next steps after a failure. Each names all causes that the status can have with this
// definition; the meanings of a chat's error codes are in package dialect.
var (
	adviceNo       = calbell.T("webhook:chat-does-not-allow", "the chat does not allow it: the webhook may be disabled, or a rule may be against it; ask an admin of the chat")
	adviceTrouble  = calbell.T("webhook:server-trouble-own-tried", "the server has trouble of its own: it is tried again; if that goes on, ask whoever runs it")
	adviceWait     = calbell.T("webhook:too-many-messages-server", "too many messages: the server asks to wait")
	adviceSignIn   = calbell.T("webhook:server-asks-sign-check", "the server asks for a sign-in: check the token in the URL, or copy the URL anew from the chat")
	adviceMethod   = calbell.T("webhook:address-takes-no-posts", "this address takes no posts: copy the URL of the webhook anew from the chat, and not that of a page")
	adviceRedirect = calbell.T("webhook:redirects-not-followed-use", "redirects are not followed: use the address that the chat shows")
	adviceProxy    = calbell.T("webhook:proxy-between-asks-sign", "a proxy in between asks for a sign-in: write its user and password in delivery.proxy, or ask whoever runs the network")
	adviceBrowser  = calbell.T("webhook:something-between-wants-see", "something in between wants to see a browser: have whoever runs the chat let this machine's address through")
	adviceBetween  = calbell.T("webhook:not-chat-answered-but", "not the chat answered, but something before it: is the chat down, or is the URL wrong?")
	advicePage     = calbell.T("webhook:web-page-answered-not", "a web page answered, not the chat: is a sign-in page or a proxy in between, or is the URL that of a page?")
	adviceYes      = calbell.T("webhook:answer-not-chat-proxy", "the answer is not a chat's: is a proxy in between, or does this receiver need success: 2xx?")
	adviceLost     = calbell.T("webhook:look-chat-whether-message", "look in the chat whether the message arrived; if its server is slow, ask whoever runs it")
)

// advise returns the next step after an answer; the zero Text for a success.
func advise(w calbell.Webhook, a answer, v calbell.Verdict) calbell.Text {
	switch v {
	case calbell.Accepted:
		return calbell.Text{}
	case calbell.Unknown:
		return adviceLost
	case calbell.Outage:
		return adviseOutage(a)
	case calbell.Unrecognised:
		return adviceYes
	}
	if wantsHTTPS(w, a) {
		return httpsHint
	}
	if step := codeOf(a).Step(w.Channel != ""); !step.IsZero() {
		return step
	}
	return adviseStatus(a, v, w.Channel != "")
}

// adviseOutage returns the next step after an answer that did not come from the chat.
func adviseOutage(a answer) calbell.Text {
	switch {
	case a.status >= 300 && a.status <= 399:
		return adviceRedirect
	case a.status == http.StatusProxyAuthRequired:
		return adviceProxy
	case a.header.Get("Cf-Mitigated") != "", isPage(a) && strings.Contains(strings.ToLower(wordsOfAnswer(a)), "just a moment"):
		return adviceBrowser
	case a.status <= 299:
		return advicePage
	case a.status == http.StatusUnauthorized:
		return adviceSignIn
	case a.status == http.StatusMethodNotAllowed:
		return adviceMethod
	}
	return adviceBetween
}

// wantsHTTPS reports whether a webhook posts plain http to an https server. When the URL is
// https already, a proxy in between gave such an answer, not the chat.
func wantsHTTPS(w calbell.Webhook, a answer) bool {
	return strings.HasPrefix(strings.ToLower(w.URL.Reveal()), "http://") && scheme.OfAnswer(a.status, a.body) == scheme.HTTPS
}

// codeOf returns the meaning of the error code in a chat's answer; the zero Code when there is
// no known one.
func codeOf(a answer) dialect.Code {
	for _, r := range reasons(a.body) {
		if strings.HasSuffix(r, ".app_error") {
			c, _ := dialect.CodeOf(r)
			return c.At(a.status)
		}
		for _, word := range wordsOf(r) {
			if c, known := dialect.CodeOf(word); known {
				return c.At(a.status)
			}
		}
	}
	return dialect.Code{}
}

// adviseStatus returns the next step for a status whose body gives no reason.
func adviseStatus(a answer, v calbell.Verdict, channel bool) calbell.Text {
	switch s := a.status; {
	case s == http.StatusRequestEntityTooLarge, v == calbell.MessageRefused && speaksOfLength(a):
		return dialect.AdviceLong
	case v == calbell.MessageRefused:
		return dialect.AdviceMessage
	case s == http.StatusTooManyRequests:
		return adviceWait
	case v == calbell.RefusedForNow:
		return adviceTrouble
	case s == http.StatusUnauthorized:
		return adviceSignIn
	case s == http.StatusForbidden:
		if channel {
			return dialect.AdviceForbidden
		}
		return adviceNo
	case s == http.StatusMethodNotAllowed:
		return adviceMethod
	case s == http.StatusNotImplemented:
		return dialect.AdviceOff
	case s == http.StatusBadRequest && channel:
		return dialect.AdviceGoneOr
	}
	return dialect.AdviceGone
}
