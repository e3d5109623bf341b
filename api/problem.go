package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

// status returns the HTTP status of an error.
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
	case calbell.KindUnreachable, calbell.KindRefused, calbell.KindPartly:
		return http.StatusBadGateway
	}
	if e != nil && e.RetryAfter > 0 {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Problem is a [types.Problem] in the form that huma returns errors in.
type Problem struct {
	huma.ErrorModel
	Kind calbell.ErrorKind `json:"kind,omitempty"`
	Hint string            `json:"hint,omitempty"`

	retryAfter time.Duration
}

// GetHeaders returns WWW-Authenticate for requests without credentials, and Retry-After for
// callers who have to wait.
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

// problem converts an error to a problem; nil stays nil.
func problem(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return huma.Error503ServiceUnavailable("the request was cancelled")
	}
	p := &Problem{Kind: calbell.KindOf(err), Hint: calbell.HintOf(err).English}
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

// MarshalJSON writes the problem as one flat object.
func (p *Problem) MarshalJSON() ([]byte, error) {
	out := types.Problem{Title: p.Title, Status: p.Status, Detail: p.Detail, Kind: p.Kind, Hint: p.Hint}
	for _, d := range p.Errors {
		out.Errors = append(out.Errors, types.Fault{Message: d.Message, Location: d.Location})
	}
	return json.Marshal(out)
}

// withHint returns the error of a field with its hint.
func withHint(f calbell.FieldError) string {
	if f.Hint.IsZero() {
		return f.What.English
	}
	return f.What.English + ": " + f.Hint.English
}

// teller rewrites problems of requests that huma rejected, in the form of the service's
// errors: with a kind and a next step. The values in the request are not repeated, since
// one may be a webhook's URL.
type teller struct{ schemas huma.Registry }

// told implements huma.Transformer.
func (t teller) told(ctx huma.Context, _ string, v any) (any, error) {
	switch p := v.(type) {
	case *huma.ErrorModel:
		return t.refusal(ctx.Operation(), p), nil
	case *Problem:
		if ctx.Operation().RequestBody == nil { // the fault is in the URL
			for _, d := range p.Errors {
				d.Location = "query." + strings.TrimPrefix(d.Location, "body.")
			}
		}
	}
	return v, nil
}

// maxFaults limits the faults that the detail of a problem names. All of them are in its
// errors.
const maxFaults = 5

func (t teller) refusal(op *huma.Operation, m *huma.ErrorModel) *Problem {
	p := &Problem{ErrorModel: *m, Kind: calbell.KindUsage, Hint: nextStep(m.Status)}
	if m.Status >= 500 {
		p.Kind = calbell.KindFailed
	}
	var faults []string
	for _, d := range m.Errors {
		if words := choices(d.Message); len(words) > 0 {
			d.Message = "unknown value"
			if given, _ := d.Value.(string); calbell.Nearest(given, words) != "" {
				d.Message += fmt.Sprintf(", did you mean %q?", calbell.Nearest(given, words))
			}
			p.Hint = "one of " + strings.Join(words, ", ")
		}
		d.Value = nil
		name := strings.TrimPrefix(strings.TrimPrefix(d.Location, "body."), "query.")
		if near := t.nearest(op, d, name); near != "" {
			d.Message += fmt.Sprintf(", did you mean %q?", near)
		}
		faults = append(faults, name+": "+d.Message)
	}
	if len(faults) > 0 {
		p.Detail = "this is not taken: " + strings.Join(faults[:min(maxFaults, len(faults))], "; ")
	}
	return p
}

// choices returns the allowed words from the message of a schema's check; nil when it is
// about something else.
func choices(message string) []string {
	list, ok := strings.CutPrefix(message, `expected value to be one of "`)
	if !ok {
		return nil
	}
	return strings.Split(strings.TrimSuffix(list, `"`), ", ")
}

// nearest returns the known name that is close to an unknown one; "" when none is, or the
// fault is another one.
func (t teller) nearest(op *huma.Operation, d *huma.ErrorDetail, name string) string {
	var names []string
	switch {
	case strings.HasPrefix(d.Location, "query.") && d.Message == "unknown query parameter":
		for _, p := range op.Parameters {
			if p.In == "query" {
				names = append(names, p.Name)
			}
		}
	case strings.HasPrefix(d.Location, "body.") && d.Message == "unexpected property" && op.RequestBody != nil:
		for _, m := range op.RequestBody.Content {
			s := m.Schema
			if s.Ref != "" {
				s = t.schemas.SchemaFromRef(s.Ref)
			}
			names = slices.AppendSeq(names, maps.Keys(s.Properties))
		}
	}
	return calbell.Nearest(name, names)
}

// nextStep returns the hint for a request that cannot be understood.
func nextStep(status int) string {
	switch status {
	case http.StatusNotFound:
		return "what there is: " + documentPath
	case http.StatusMethodNotAllowed:
		return "the Allow header has what is; see " + documentPath
	case http.StatusRequestEntityTooLarge:
		return "send less: a request has at most a megabyte, a sign-in 16 kilobytes"
	case http.StatusUnsupportedMediaType:
		return "send JSON as application/json; a change also as " + mergePatch
	case http.StatusBadRequest:
		return "send a JSON object; " + documentPath + " describes it"
	case http.StatusUnprocessableEntity:
		return documentPath + " describes what is taken"
	}
	return ""
}

// describeProblems adds the schema of problems to the document.
func describeProblems(schemas huma.Registry) {
	s := schemas.Map()["ErrorModel"]
	s.Properties["kind"] = &huma.Schema{
		Type: huma.TypeInteger, Description: "Classifies it: 1 failed, 2 the request is wrong, 3 partly done, 5 not allowed, 6 not found, 8 a server cannot be reached, 9 a server refused",
	}
	s.Properties["hint"] = &huma.Schema{Type: huma.TypeString, Description: "The next step"}
}

// routed answers unknown paths and methods with a problem.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		s := &statusOnly{header: http.Header{}}
		if h.ServeHTTP(s, r); s.status < http.StatusBadRequest { // a redirect to the clean form of the path
			h.ServeHTTP(w, r)
			return
		}
		p := &Problem{Kind: calbell.KindNotFound, Hint: nextStep(s.status)}
		p.Status, p.Title = s.status, http.StatusText(s.status)
		p.Detail = fmt.Sprintf("there is nothing at %.200q", r.URL.Path)
		if s.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", s.header.Get("Allow"))
			p.Kind, p.Detail = calbell.KindUsage, fmt.Sprintf("%.20q is not possible at %.200q", r.Method, r.URL.Path)
		}
		write(w, p)
	})
}

// statusOnly is a ResponseWriter that records only the status.
type statusOnly struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (s *statusOnly) Header() http.Header { return s.header }

// WriteHeader implements http.ResponseWriter.
func (s *statusOnly) WriteHeader(status int) { s.status = status }

// Write implements http.ResponseWriter.
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }

// write answers with a problem outside of operations.
func write(w http.ResponseWriter, err error) {
	p := err.(*Problem)
	for name, value := range p.headers() {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // an error means that the client has gone
}
