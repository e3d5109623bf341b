package webhook

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell/webhook/dialect"

	"calbell"
)

// judge returns the try for an answer. now is the start of the attempt.
func judge(w calbell.Webhook, a answer, now time.Time) calbell.Try {
	try := calbell.Try{Status: a.status, Verdict: verdictOf(w, a)}
	if try.Verdict == calbell.Accepted && len(a.body) < minLast {
		try.Answer = oneLine(string(a.body)) // "ok": too short to hold a secret, and the usual case
		return try
	}
	mask := newMask(w.URL)
	try.Answer = mask.shown(a.body, a.cut)
	if try.Verdict != calbell.Accepted {
		try.Hint = advise(w, a, try.Verdict)
		try.RetryAfter = retryAfter(a.header, now)
		try.Error = mask.text(reason(a, try.Verdict, cutText(mask.hide(wordsOfAnswer(a)), maxWords)))
	}
	return try
}

// verdictOf classifies an answer. A status without a class of its own is a refusal of the
// webhook when the chat itself sent it. Such a refusal is confirmed once while the reminders
// are held, so a wrong guess loses none.
func verdictOf(w calbell.Webhook, a answer) calbell.Verdict {
	switch s := a.status; {
	case s < 200 || s > 599:
		return calbell.Unrecognised
	case s <= 299:
		return verdictOf2xx(w, a)
	case s == http.StatusRequestTimeout, s == http.StatusTooEarly, s == http.StatusTooManyRequests,
		s >= 500 && s != http.StatusNotImplemented && s != http.StatusHTTPVersionNotSupported:
		return calbell.RefusedForNow
	case isForeign(w, a):
		return calbell.Outage
	case wantsHTTPS(w, a):
		return hookRefused(w, a)
	case s == http.StatusBadRequest:
		return verdictOf400(w, a)
	case s == http.StatusRequestEntityTooLarge, s == http.StatusUnprocessableEntity:
		return calbell.MessageRefused
	}
	return hookRefused(w, a)
}

// hookRefused returns the verdict for a refused webhook. When the event chose the refused
// channel, only the message is refused: the next one may choose another.
func hookRefused(w calbell.Webhook, a answer) calbell.Verdict {
	if code := codeOf(a); code.About == dialect.AboutChannel && calbell.WithoutVariables(w.Channel) != w.Channel {
		return calbell.MessageRefused
	}
	return calbell.HookRefused
}

// verdictOf2xx requires a confirmation when the chat is known to send one: a captive portal and
// a login page answer 200 too. A page is never a confirmation.
func verdictOf2xx(w calbell.Webhook, a answer) calbell.Verdict {
	said, denied := yes(a)
	switch any2xx := dialect.SuccessOf(w) == dialect.Success2xx; {
	case isPage(a):
		return calbell.Outage
	case a.err != nil && !any2xx:
		return calbell.Unknown // the part with the verdict was lost
	case denied && w.Success == "":
		return verdictOfDenial(w, a)
	case any2xx || said:
		return calbell.Accepted
	}
	return calbell.Unrecognised
}

// verdictOfDenial classifies a 200 whose JSON says that it was not accepted.
func verdictOfDenial(w calbell.Webhook, a answer) calbell.Verdict {
	switch {
	case namesHook(a.body):
		return hookRefused(w, a)
	case slices.ContainsFunc(reasons(a.body), func(r string) bool {
		return strings.Contains(r, "rate") && strings.Contains(r, "limit") || strings.Contains(r, "internal")
	}):
		return calbell.RefusedForNow
	}
	return calbell.MessageRefused
}

func verdictOf400(w calbell.Webhook, a answer) calbell.Verdict {
	switch {
	case namesHook(a.body):
		return hookRefused(w, a)
	case a.err != nil:
		return calbell.RefusedForNow // not accepted; the reason may be in the lost part
	}
	return calbell.MessageRefused
}

// elsewhere returns the host of a redirect; "" when it names none. The rest of a Location may
// contain the secret.
func elsewhere(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return u.Hostname()
}

// retryAfter parses Retry-After (RFC 9110 §10.2.3): seconds or a date, at most
// [calbell.MaxRetryAfter]; 0 when there is no sensible value. A date is relative to the
// answer's own Date when it has one, since the two clocks may differ.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if strings.Trim(v, "0123456789") == "" {
		secs, err := strconv.ParseInt(v, 10, 64)
		if err != nil || secs > int64(calbell.MaxRetryAfter/time.Second) {
			return calbell.MaxRetryAfter // more digits than fit mean a long time
		}
		return time.Duration(secs) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), calbell.MaxRetryAfter)
}
