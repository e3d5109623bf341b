package webhook

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/internal/scheme"
	"calbell/webhook/dialect"
)

// Send posts a message and returns the try. It has no error: every end of an attempt is a
// verdict. now is the start of the attempt (Try.At). The Try never shows the URL's path, query
// or password.
//
// Cancelling ctx ends the attempt at once, with the verdict that applies then.
func (s *Sender) Send(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try {
	began := time.Now() // monotonic: setting the clock does not change Took
	try := s.attempt(ctx, w, m, now)
	try.At, try.Took = now, time.Since(began)
	return try
}

func (s *Sender) attempt(ctx context.Context, w calbell.Webhook, m calbell.Message, now time.Time) calbell.Try {
	target, err := parseURL(w.URL.Reveal(), s.guard)
	if err != nil {
		return calbell.Try{Verdict: calbell.NotSent, Error: withHint(err)}
	}
	body, contentType, err := dialect.Encode(w, m)
	if err != nil {
		return calbell.Try{Verdict: calbell.MessageRefused, Error: newMask(w.URL).text(calbell.TextOfError(err))}
	}
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	p := progress{own: s.own != nil}
	if err := ctx.Err(); err != nil {
		return s.lost(ctx, w, &progress{own: true}, err)
	}
	req := s.request(httptrace.WithClientTrace(ctx, p.trace()), target, body)
	req.Header.Set("Content-Type", contentType)
	if m.ID != "" {
		req.Header.Set("Webhook-Id", string(m.ID))
	}

	// RoundTrip instead of Client.Do: a client follows redirects, turns the POST into a GET,
	// sends our URL as Referer, and prints it in its errors.
	if err := failpoint.Before(failpoint.Post); err != nil {
		return s.lost(ctx, w, &progress{own: true}, err)
	}
	resp, err := s.rt.RoundTrip(req)
	if err != nil {
		return s.lost(ctx, w, &p, err)
	}
	defer resp.Body.Close()
	a := readAnswer(resp)
	if err := failpoint.After(failpoint.Post); err != nil {
		return s.lost(ctx, w, &p, err)
	}
	if m.Channel == "" {
		w.Channel = "" // this message named no channel
	}
	try := judge(w, a, now)
	// Answers of any server in a network listed as a whole are for admins only. Answers of a
	// chat that the configuration names by its port are for everybody. "ok" says no more than
	// the verdict.
	if isMembers(w) && s.guard.unnamed(p.reached()) && (try.Verdict != calbell.Accepted || len(try.Answer) >= minLast) {
		try.Answer = ""
		if try.Verdict != calbell.Accepted {
			try.Error = newMask(w.URL).text(reason(a, try.Verdict, ""))
			try.Hint = advise(w, answer{status: a.status, header: http.Header{}}, try.Verdict)
		}
	}
	return try
}

// request returns the POST. It has a GetBody (bytes.Reader), so that net/http can retry on
// another connection when nothing was written, and no Idempotency-Key.
func (s *Sender) request(ctx context.Context, target *url.URL, body []byte) *http.Request {
	reader := bytes.NewReader(body)
	req := &http.Request{
		Method: http.MethodPost, URL: target, Host: target.Host, Header: http.Header{},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(reader), ContentLength: int64(len(body)),
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}
	if u := target.User; u != nil {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
	}
	req.Header.Set("User-Agent", s.opts.UserAgent)
	req.Header.Set("Accept-Encoding", "identity")
	return req.WithContext(ctx)
}

// lost returns the try for an attempt that ended without an answer.
func (s *Sender) lost(ctx context.Context, w calbell.Webhook, p *progress, err error) calbell.Try {
	try := calbell.Try{Verdict: calbell.NotSent}
	if p.sent(err) && scheme.OfError(err) == "" { // a TLS error means that the message was not read
		try.Verdict = calbell.Unknown
	}
	if isMembers(w) {
		err = forMember(w, err)
	}
	try.Error = newMask(w.URL).text(s.describe(ctx, try.Verdict, stageFor(w, p.doing()), err))
	if try.Verdict == calbell.Unknown {
		try.Hint = adviceLost
	}
	return try
}
