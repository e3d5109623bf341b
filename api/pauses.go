package api

import (
	"context"

	"calbell"

	"github.com/danielgtaylor/huma/v2"
)

// registerPauses registers what people pause.
func (a *api) registerPauses() {
	huma.Register(a.API, op("GET", "/pauses", "pauses", "What is paused"),
		func(ctx context.Context, _ *none) (*body[[]calbell.PauseRow], error) {
			return answer(a.s.Pauses(ctx, caller(ctx)))
		})
	huma.Register(a.API, op("PUT", "/pauses", "pause", "Pause a calendar, a webhook or everything until a time, or end that"),
		func(ctx context.Context, in *struct{ Body calbell.PauseRequest }) (*body[calbell.PauseRow], error) {
			return answer(a.s.Pause(ctx, caller(ctx), in.Body))
		})
}
