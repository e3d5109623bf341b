package api

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"slices"

	"calbell"

	"github.com/danielgtaylor/huma/v2"
)

// tagged is an answer with an ETag.
type tagged[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// answerTagged is answer with an ETag.
func answerTagged[T any](tag string, v T, err error) (*tagged[T], error) {
	if err != nil {
		return nil, problem(err)
	}
	return &tagged[T]{tag, v}, nil
}

// edited is the name of the thing to change, and the ETag of the state that the caller saw.
type edited struct {
	Name    string `path:"name" doc:"ID, name or slug"`
	IfMatch string `header:"If-Match" doc:"The ETag as which it was seen; absent: whatever it is" maxLength:"100"`
}

// mergePatch is the media type of RFC 7396.
const mergePatch = "application/merge-patch+json"

// registerPatch registers a change by JSON merge patch (RFC 7396): keys in the request are
// replaced, null removes a key, the others stay. get returns the request that would create
// the thing as it is, and its ETag; set takes the changed request. The result is validated
// like a request to create the thing.
func registerPatch[N, R any](a *api, o huma.Operation,
	get func(ctx context.Context, who calbell.Caller, name string) (N, string, error),
	set func(ctx context.Context, who calbell.Caller, name, etag string, n N) (R, error),
) {
	registry := a.OpenAPI().Components.Schemas
	whole := huma.SchemaFromType(registry, reflect.TypeFor[N]())
	// get leaves the secret URL out, and a request without one keeps it, so it is not required here.
	whole.Required = slices.DeleteFunc(slices.Clone(whole.Required), func(key string) bool { return key == "url" })
	whole.PrecomputeMessages()
	part := *whole
	part.Required = nil
	o.SkipValidateBody = true // the merged request is validated instead
	o.Middlewares = huma.Middlewares{a.onlyJSON}
	o.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mergePatch: {Schema: &part}}}
	huma.Register(a.API, o, func(ctx context.Context, in *struct {
		Name    string         `path:"name" doc:"ID, name or slug"`
		IfMatch string         `header:"If-Match" doc:"The ETag as which it was seen; absent: whatever it is" maxLength:"100"`
		Body    map[string]any `contentType:"application/merge-patch+json"`
	},
	) (*tagged[R], error) {
		now, tag, err := get(ctx, caller(ctx), in.Name)
		if err != nil {
			return nil, problem(err)
		}
		if in.IfMatch != "" {
			tag = in.IfMatch
		}
		n, err := merged(registry, whole, now, in.Body)
		if err != nil {
			return nil, err
		}
		r, err := set(ctx, caller(ctx), in.Name, tag, n)
		return answerTagged(tagOf(r), r, err)
	})
}

// onlyJSON rejects bodies with another content type.
func (a *api) onlyJSON(ctx huma.Context, next func(huma.Context)) {
	switch kind, _, _ := mime.ParseMediaType(ctx.Header("Content-Type")); kind {
	case mergePatch, "application/json", "":
		next(ctx)
	default:
		ctx.SetHeader("Accept-Patch", mergePatch) // RFC 5789 §2.2
		_ = huma.WriteErr(a.API, ctx, http.StatusUnsupportedMediaType, fmt.Sprintf("%.100q is not understood here", kind))
	}
}

// tagOf returns the ETag of a row.
func tagOf(row any) string {
	f := reflect.ValueOf(row).FieldByName("ETag")
	if !f.IsValid() {
		return ""
	}
	return f.String()
}

// merged applies a patch to a request and validates the result.
func merged[N any](registry huma.Registry, schema *huma.Schema, now N, patch map[string]any) (n N, err error) {
	text, err := json.Marshal(now)
	if err != nil {
		return n, err
	}
	var whole any
	if err := json.Unmarshal(text, &whole); err != nil {
		return n, err
	}
	whole = merge(whole, patch)
	res := &huma.ValidateResult{}
	huma.Validate(registry, schema, huma.NewPathBuffer([]byte("body"), 4), huma.ModeWriteToServer, whole, res)
	if len(res.Errors) > 0 {
		return n, huma.Error422UnprocessableEntity("validation failed", res.Errors...)
	}
	if text, err = json.Marshal(whole); err != nil {
		return n, err
	}
	if err := json.Unmarshal(text, &n); err != nil {
		return n, huma.Error422UnprocessableEntity("validation failed", &huma.ErrorDetail{Location: "body", Message: err.Error()})
	}
	return n, nil
}

// merge is MergePatch of RFC 7396 §2.
func merge(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = map[string]any{}
	}
	for key, v := range p {
		if v == nil {
			delete(t, key)
		} else {
			t[key] = merge(t[key], v)
		}
	}
	return t
}
