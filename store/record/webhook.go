package record

import (
	"cmp"
	"encoding/json"
	"time"

	"calbell"
	"calbell/store"
)

// webhook is a webhook with its URL as plain text: calbell.Secret is "[secret]" in JSON too.
type webhook struct {
	calbell.Webhook
	URL string `json:"url"`
}

// Webhooks returns the kind of webhooks. A webhook of the file and a stored one with the same
// ID both have a row: the rows come from [Sealer.Webhook], not from the kind.
func Webhooks() Kind[calbell.Webhook] {
	k := newKind("webhook", "webhook", func(w *calbell.Webhook) string { return string(w.ID) },
		func(w calbell.Webhook) webhook { return webhook{w, w.URL.Reveal()} },
		func(r webhook) calbell.Webhook {
			w := r.Webhook
			w.URL = calbell.Secret(r.URL)
			w.Attachments, w.Blocks, w.Payload = plainNumbers(w.Attachments), plainNumbers(w.Blocks), plainNumbers(w.Payload)
			return w
		})
	k.Order = func(a, b calbell.Webhook) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) }
	k.Groups = func(w *calbell.Webhook) []store.Group {
		if w.Share {
			return []store.Group{store.OwnedBy(w.Owner), store.Shared}
		}
		return []store.Group{store.OwnedBy(w.Owner)}
	}
	k.Check = func(w *calbell.Webhook) error {
		if w.ID != "" {
			return nil
		}
		return usage(calbell.English("store webhook %q: it has no ID", w.Name))
	}
	return k
}

// CloneWebhook returns a webhook with copies of its trees.
func CloneWebhook(w calbell.Webhook) calbell.Webhook {
	w.Attachments, w.Blocks, w.Payload = cloneTree(w.Attachments), cloneTree(w.Blocks), cloneTree(w.Payload)
	return w
}

// WebhookStates returns the kind of webhooks' states.
func WebhookStates() Kind[store.WebhookState] {
	k := newKind("webhook", "state of webhook", func(s *store.WebhookState) string { return string(s.ID) },
		func(s store.WebhookState) store.WebhookState {
			st := &s.WebhookState
			for _, at := range []*time.Time{
				&st.PausedUntil, &st.OutageSince, &st.OutageSeen, &st.LostSince, &st.RefusedAt, &st.SuspendedAt, &st.RefusedSince, &st.ProbedAt, &st.ProbeAt, &st.Last.At,
			} {
				*at = at.UTC()
			}
			packTexts(&st.Reason, &st.Hint)
			return s
		}, func(s store.WebhookState) store.WebhookState {
			unpackTexts(&s.Reason, &s.Hint)
			return s
		})
	k.Order = func(a, b store.WebhookState) int { return cmp.Compare(a.ID, b.ID) }
	return k
}

// cloneTree copies a tree of maps, lists and scalars.
func cloneTree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = cloneTree(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloneTree(e)
		}
		return out
	}
	return v
}

// plainNumbers converts the numbers of a decoded tree to int64 where they are whole and fit,
// else to float64, so that a payload is posted as it was written: float64 alone would change
// 9007199254740993.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = plainNumbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = plainNumbers(e)
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
