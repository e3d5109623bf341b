package api

import (
	"context"

	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

// registerPauses registers the operations of pauses.
func (a *api) registerPauses() {
	huma.Register(a.API, op("GET", "/pauses", "pauses", "What is paused"),
		func(ctx context.Context, _ *none) (*body[[]types.PauseRow], error) {
			return answerList(a.s.Pauses.List(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("PUT", "/pauses", "pause", "Pause a calendar, a webhook or everything until a time, or end that"),
		func(ctx context.Context, in *struct {
			IfMatch string `header:"If-Match" doc:"The ETag as which the pause of the same was seen; absent: whatever it is" maxLength:"100"`
			Body    types.PauseRequest
		},
		) (*tagged[types.PauseRow], error) {
			r, err := a.s.Pauses.Set(ctx, caller(ctx), in.IfMatch, in.Body)
			return answerTagged(r.ETag, r, err)
		})
}
