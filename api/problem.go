package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"calbell"

	"github.com/danielgtaylor/huma/v2"
)

// status says which HTTP status an error becomes.
func status(err error) int {
	var e *calbell.Error
	switch {
	case errors.Is(err, errUnknown):
		return http.StatusUnauthorized
	case errors.Is(err, calbell.ErrChanged):
		return http.StatusPreconditionFailed
	case errors.As(err, &e) && e.Kind == calbell.KindNotAllowed && e.RetryAfter > 0:
		return http.StatusTooManyRequests
	}
	switch calbell.KindOf(err) {
	case calbell.KindUsage, calbell.KindConfig:
		return http.StatusUnprocessableEntity
	case calbell.KindNotAllowed:
		return http.StatusForbidden
	case calbell.KindNotFound:
		return http.StatusNotFound
	case calbell.KindUnreachable, calbell.KindRefused:
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// Problem is an RFC 9457 problem with what the command line needs: kind and next step.
type Problem struct {
	huma.ErrorModel
	Kind calbell.ErrorKind `json:"kind,omitempty"`
	Hint string            `json:"hint,omitempty"`

	retryAfter time.Duration
}

// GetHeaders tells whoever is to say who they are, or to wait, so in the way of HTTP.
func (p *Problem) GetHeaders() http.Header {
	h := make(http.Header)
	for name, value := range p.headers() {
		h.Set(name, value)
	}
	return h
}

func (p *Problem) headers() map[string]string {
	h := make(map[string]string)
	switch {
	case p.Status == http.StatusUnauthorized:
		h["WWW-Authenticate"] = "Bearer"
	case p.retryAfter > 0:
		h["Retry-After"] = strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds())))
	}
	return h
}

// problem turns an error into the answer that tells it; nil stays nil.
func problem(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return huma.Error503ServiceUnavailable("the request was cancelled")
	}
	p := &Problem{Kind: calbell.KindOf(err), Hint: calbell.HintOf(err)}
	p.Status, p.Detail = status(err), err.Error()
	p.Title = http.StatusText(p.Status)
	var e *calbell.Error
	if errors.As(err, &e) {
		p.retryAfter = e.RetryAfter
	}
	for _, f := range calbell.FieldsOf(err) {
		p.Errors = append(p.Errors, &huma.ErrorDetail{Location: "body." + f.Name, Message: withHint(f)})
	}
	return p
}

// MarshalJSON writes the embedded model's members beside our own.
func (p *Problem) MarshalJSON() ([]byte, error) {
	type flat struct {
		Title  string              `json:"title,omitempty"`
		Status int                 `json:"status,omitempty"`
		Detail string              `json:"detail,omitempty"`
		Errors []*huma.ErrorDetail `json:"errors,omitempty"`
		Kind   calbell.ErrorKind   `json:"kind,omitempty"`
		Hint   string              `json:"hint,omitempty"`
	}
	return json.Marshal(flat{p.Title, p.Status, p.Detail, p.Errors, p.Kind, p.Hint})
}

// withHint is what is wrong with a field, with the next step.
func withHint(f calbell.FieldError) string {
	if f.Hint == "" {
		return f.What
	}
	return f.What + ": " + f.Hint
}

// write answers with a problem where no operation does.
func write(w http.ResponseWriter, err error) {
	p := err.(*Problem)
	for name, value := range p.headers() {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who does not read a refusal needs none
}
