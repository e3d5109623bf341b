package api

import (
	"context"
	"net/http"
	"time"

	"calbell"
	"calbell/api/types"

	"github.com/danielgtaylor/huma/v2"
)

// registerUpkeep registers the operations of the database, and those of ended deliveries.
func (a *api) registerUpkeep() {
	huma.Register(a.API, op("POST", "/deliveries/{id}/resend", "resend-delivery", "Send a delivery that has ended again"),
		func(ctx context.Context, in *byID) (*body[types.ResendResult], error) {
			return answer(a.s.Deliveries.Resend(ctx, caller(ctx), types.ResendRequest{IDs: []calbell.ReminderID{calbell.ReminderID(in.ID)}}))
		})
	huma.Register(a.API, op("GET", "/deliveries/{id}/message", "delivery-message", "The message of a delivery, from its event as it is now"),
		func(ctx context.Context, in *byID) (*body[types.Preview], error) {
			return answer(a.s.Deliveries.Message(ctx, caller(ctx), calbell.ReminderID(in.ID), time.Now()))
		})
	huma.Register(a.API, op("POST", "/deliveries/resend", "resend-deliveries", "Send several deliveries that have ended again"),
		func(ctx context.Context, in *struct{ Body types.ResendRequest }) (*body[types.ResendResult], error) {
			return answer(a.s.Deliveries.Resend(ctx, caller(ctx), in.Body))
		})
	huma.Register(a.API, adminOp("POST", "/store/check", "check-store", "Read the whole database and say what is wrong with it"),
		func(ctx context.Context, _ *none) (*body[types.StoreCheck], error) {
			return answer(a.s.Upkeep.CheckStore(ctx, caller(ctx)))
		})
	backup := adminOp("GET", "/backup", "backup", "The database as it is now, sealed")
	backup.Responses = map[string]*huma.Response{"200": {
		Description: "The database's file. It is whole only when the answer ends in order.",
		Content:     map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	huma.Register(a.API, backup, func(ctx context.Context, _ *none) (*huma.StreamResponse, error) {
		write, err := a.s.Upkeep.Backup(ctx, caller(ctx))
		if err != nil {
			return nil, problem(err)
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			c.SetHeader("Content-Type", "application/octet-stream")
			if err := write(c.Context(), c.BodyWriter()); err != nil {
				// The status has been sent, so only an aborted response shows that the backup is incomplete.
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}
