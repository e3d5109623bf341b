package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"calbell"
	"calbell/api/types"
	"calbell/service"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// maxBody limits a request's body, maxStrange that of operations without sign-in, in bytes.
const maxBody, maxStrange = 1 << 20, 16 << 10

// Door starts and ends the sessions of browsers.
type Door interface {
	SignIn(ctx context.Context, u calbell.User) error
	SignOut(ctx context.Context) error
	// Peer returns where a sign-in as a user comes from.
	Peer(ctx context.Context, name string) calbell.Peer
}

// Handler returns the API at /api/v1. who returns the caller of a request. door is nil on
// the unix socket, where there are no sessions.
func Handler(s *service.Service, version string, who func(*http.Request) calbell.Caller, door Door) http.Handler {
	mux := &mux{}
	newAPI(mux, s, version, door)
	return withCaller(http.MaxBytesHandler(patient(routed(&mux.ServeMux)), maxBody), who)
}

// Routes returns the pattern of every operation and of the documents that describe them, in
// the form of [http.ServeMux], so that a test can try each of them as every kind of caller.
// door is as for [Handler].
func Routes(door Door) []string {
	mux := &mux{}
	newAPI(mux, service.New(service.Options{}), "", door)
	return mux.patterns
}

// mux is an [http.ServeMux] that lists its patterns.
type mux struct {
	http.ServeMux
	patterns []string
}

// HandleFunc registers a handler. huma calls it.
func (m *mux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, handler)
}

// newAPI registers all operations with a mux.
func newAPI(mux *mux, s *service.Service, version string, door Door) {
	c := huma.DefaultConfig("Calbell", version)
	c.DocsPath = ""                   // huma's page loads scripts from other sites
	c.SchemasPath = ""                // the schemas are in the OpenAPI document
	c.OpenAPIPath = "/api/v1/openapi" // .json, .yaml
	c.CreateHooks = nil               // no $schema links in answers
	c.Transformers = append(c.Transformers, teller{c.Components.Schemas}.told)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "A token; see POST /tokens"},
		"session": {Type: "apiKey", In: "cookie", Name: "__Host-calbell", Description: "See POST /session; over plain http its name is calbell"},
	}
	a := &api{huma.NewGroup(humago.New(mux, c), "/api/v1"), s, door}
	a.API.UseMiddleware(a.allowed)
	a.register()
	describeProblems(c.Components.Schemas)
}

// patient leaves the read deadline of a body to the server. huma sets a deadline of its own
// before it reads a body. When the body has arrived already, the server keeps reading to
// notice a client that disconnects, and that deadline would end the connection during the
// request.
func patient(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(noDeadline{w}, r) })
}

// noDeadline is a ResponseWriter that ignores read deadlines.
type noDeadline struct{ http.ResponseWriter }

// SetReadDeadline does nothing. huma and [http.ResponseController] look for it here first.
func (noDeadline) SetReadDeadline(time.Time) error { return nil }

// Unwrap returns the wrapped ResponseWriter, for [http.ResponseController].
func (w noDeadline) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// api has the operations. They are registered with API itself, because huma checks its
// type.
type api struct {
	huma.API
	s    *service.Service
	door Door
}

type askedKey struct{}

// asked is what operations know about a request besides their input.
type asked struct {
	who calbell.Caller
	url *url.URL
}

// withCaller stores the caller of a request in its context.
func withCaller(h http.Handler, who func(*http.Request) calbell.Caller) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := who(r)
		if c.Name == "" && strings.HasPrefix(r.URL.Path, "/api/v1/openapi") {
			write(w, problem(unknownCaller()))
			return
		}
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), askedKey{}, asked{c, r.URL})))
	})
}

// caller returns the caller of a request; the anonymous caller when there is none in the
// context.
func caller(ctx context.Context) calbell.Caller {
	a, _ := ctx.Value(askedKey{}).(asked)
	return a.who
}

// body is an answer with a JSON body.
type body[T any] struct{ Body T }

// answer converts the result of a service method to an answer.
func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, problem(err)
	}
	return &body[T]{v}, nil
}

// scopeKey is the metadata key of an operation's scope.
const scopeKey = "scope"

// documentPath is the path of the OpenAPI document.
const documentPath = "/api/v1/openapi.json"

// public is the scope of operations without sign-in.
const public calbell.Scope = "public"

// op describes an operation. GET needs the scope read, every other method the scope write.
func op(method, path, id, summary string) huma.Operation {
	scope := calbell.ScopeWrite
	if method == http.MethodGet {
		scope = calbell.ScopeRead
	}
	return scoped(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary}, scope)
}

// adminOp describes an operation that only admins may do.
func adminOp(method, path, id, summary string) huma.Operation {
	return scoped(op(method, path, id, summary), calbell.ScopeAdmin)
}

// scoped sets the scope of an operation, for the check and for the document.
func scoped(o huma.Operation, scope calbell.Scope) huma.Operation {
	o.Metadata = map[string]any{scopeKey: scope}
	o.RejectUnknownQueryParameters = true // ignoring a misspelt filter would return the wrong things
	o.Security = []map[string][]string{{"token": {string(scope)}}, {"session": {}}}
	if scope == public {
		o.Security, o.MaxBodyBytes = []map[string][]string{{}}, maxStrange
	}
	return o
}

// created makes an operation answer 201.
func created(o huma.Operation) huma.Operation {
	o.DefaultStatus = http.StatusCreated
	return o
}

// allowed is the only check of scopes. It rejects callers who may not use the operation at
// all. What they may do to a particular thing is decided by the service.
func (a *api) allowed(ctx huma.Context, next func(huma.Context)) {
	who := caller(ctx.Context())
	scope, _ := ctx.Operation().Metadata[scopeKey].(calbell.Scope)
	var err error
	switch {
	case scope == public:
	case who.Name == "":
		err = unknownCaller()
	case !who.Allows(scope):
		err = &calbell.Error{
			Kind: calbell.KindNotAllowed, What: calbell.English("this token has not the scope %q", scope), Hint: calbell.English("make another: calbell token create"),
		}
	}
	if err == nil {
		next(ctx)
		return
	}
	refuse(ctx, problem(err))
}

// refuse answers with a problem before the operation is called.
func refuse(ctx huma.Context, err error) {
	p, ok := err.(*Problem)
	if !ok { // the client has gone
		ctx.SetStatus(http.StatusServiceUnavailable)
		return
	}
	for name, values := range p.headers() {
		ctx.SetHeader(name, values)
	}
	ctx.SetHeader("Content-Type", "application/problem+json")
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p) // an error means that the client has gone
}

// unknownCaller returns the error for a request without credentials.
func unknownCaller() error {
	return &calbell.Error{Kind: calbell.KindNotAllowed, What: calbell.T("api:nobody-signed", "nobody is signed in"), Hint: calbell.English("send a token, or sign in"), Err: errUnknown}
}

var errUnknown = errors.New("no token and no session")

func (a *api) register() {
	huma.Register(a.API, op("GET", "/status", "status", "State of the daemon, as far as the caller sees it"),
		func(ctx context.Context, _ *none) (*body[types.StatusReport], error) {
			return answer(a.s.Upkeep.Status(ctx, caller(ctx)))
		})
	huma.Register(a.API, adminOp("POST", "/reload", "reload", "Read the configuration again"),
		func(ctx context.Context, _ *none) (*body[types.ReloadReport], error) {
			return answer(a.s.Upkeep.Reload(ctx, caller(ctx)))
		})
	huma.Register(a.API, adminOp("GET", "/settings", "settings", "The configuration in force, and where each value comes from"),
		func(ctx context.Context, _ *none) (*body[[]types.SettingRow], error) {
			return answerList(a.s.Upkeep.Settings(caller(ctx)))
		})
	a.registerCalendars()
	a.registerAccounts()
	a.registerWebhooks()
	a.registerRules()
	a.registerEvents()
	a.registerDeliveries()
	a.registerUpkeep()
	a.registerPauses()
	a.registerAttaching()
	a.registerUsers()
	a.registerTokens()
	a.registerSessions()
	a.registerStream()
}
