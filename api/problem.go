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
	case calbell.KindUnreachable, calbell.KindRefused, calbell.KindPartly:
		return http.StatusBadGateway
	}
	if e != nil && e.RetryAfter > 0 {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Problem is a [types.Problem] as huma answers errors.
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

// MarshalJSON writes what goes over the wire, which is flat.
func (p *Problem) MarshalJSON() ([]byte, error) {
	out := types.Problem{Title: p.Title, Status: p.Status, Detail: p.Detail, Kind: p.Kind, Hint: p.Hint}
	for _, d := range p.Errors {
		out.Errors = append(out.Errors, types.Fault{Message: d.Message, Location: d.Location})
	}
	return json.Marshal(out)
}

// withHint is what is wrong with a field, with the next step.
func withHint(f calbell.FieldError) string {
	if f.Hint.IsZero() {
		return f.What.English
	}
	return f.What.English + ": " + f.Hint.English
}

// teller tells what was refused before a rule was asked, as rules tell it: with a kind and a next
// step. What was sent is not repeated: it may be a webhook's URL.
type teller struct{ schemas huma.Registry }

// told is a huma.Transformer.
func (t teller) told(ctx huma.Context, _ string, v any) (any, error) {
	switch p := v.(type) {
	case *huma.ErrorModel:
		return t.refusal(ctx.Operation(), p), nil
	case *Problem:
		if ctx.Operation().RequestBody == nil { // then what is wrong stands in the address
			for _, d := range p.Errors {
				d.Location = "query." + strings.TrimPrefix(d.Location, "body.")
			}
		}
	}
	return v, nil
}

// maxFaults is how many faults the detail of a problem names; the rest is under errors.
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

// choices returns the words of which a value had to be one, by the message of the schema's check; none
// when it says something else.
func choices(message string) []string {
	list, ok := strings.CutPrefix(message, `expected value to be one of "`)
	if !ok {
		return nil
	}
	return strings.Split(strings.TrimSuffix(list, `"`), ", ")
}

// nearest is the name that was meant by one that there is not; "" when none is near, or the
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

// nextStep is what to do about a request that is not understood.
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

// describeProblems has the document say what problems hold.
func describeProblems(schemas huma.Registry) {
	s := schemas.Map()["ErrorModel"]
	s.Properties["kind"] = &huma.Schema{
		Type: huma.TypeInteger, Description: "Classifies it: 1 failed, 2 the request is wrong, 3 partly done, 5 not allowed, 6 not found, 8 a server cannot be reached, 9 a server refused",
	}
	s.Properties["hint"] = &huma.Schema{Type: huma.TypeString, Description: "The next step"}
}

// routed answers with a problem where there is nothing, or nothing by that method.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		s := &statusOnly{header: http.Header{}}
		if h.ServeHTTP(s, r); s.status < http.StatusBadRequest { // the same address, written otherwise
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

// statusOnly learns how a handler would answer.
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
