package record

import (
	"encoding/json"

	"calbell"
)

// Webhook is a webhook with its URL in the clear: calbell.Secret prints as
// "[secret]", in JSON too.
type Webhook struct {
	calbell.Webhook
	URL string `json:"url"`
}

// WebhookState is the state of a webhook with its ID, which its key does not show.
type WebhookState struct {
	ID calbell.WebhookID `json:"id"`
	calbell.WebhookState
}

// CloneTree copies a tree of maps, lists and scalars.
func CloneTree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = CloneTree(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = CloneTree(e)
		}
		return out
	}
	return v
}

// PlainNumbers turns the numbers of a decoded tree into int64 where they are whole and
// fit, else float64, so that a payload is posted as it was written: through float64 alone
// 9007199254740993 would not be.
func PlainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = PlainNumbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = PlainNumbers(e)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	}
	return v
}
