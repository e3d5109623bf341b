package service

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"calbell"
	"calbell/api/types"
	"calbell/store"
	"calbell/templates"
	"calbell/webhook/dialect"
)

// newWebhook lays what was asked for over what stays as it is: ID, owner, origin and, when no
// other is given, the URL. What the fields mean is checked by [Webhooks.checkWebhook].
func newWebhook(keep calbell.Webhook, n types.NewWebhook) (calbell.Webhook, error) {
	w := calbell.Webhook{
		ID: keep.ID, Owner: keep.Owner, Origin: keep.Origin, URL: keep.URL, Name: strings.TrimSpace(n.Name), WebhookSpec: n.WebhookSpec,
	}
	if url := strings.TrimSpace(n.URL); url != "" {
		w.URL = calbell.Secret(url)
	}
	if err := setKind(&w, keep); err != nil {
		return w, err
	}
	if calbell.Slug(w.Name) == "" {
		return w, checked(calbell.CheckName(w.Name))
	}
	return w, nil
}

// setKind sets the requested kind, else the one that the URL implies. A webhook whose URL
// does not change keeps its kind, even if today's rules would imply another.
func setKind(w *calbell.Webhook, keep calbell.Webhook) (err error) {
	if w.URL == keep.URL && keep.Kind != "" {
		if w.Kind == "" || w.Kind == keep.Kind {
			w.Kind = keep.Kind
			return nil
		}
	}
	w.Kind, err = dialect.KindOfURL(w.Kind, w.URL.Reveal())
	return err
}

// WebhookRequestOf returns the request that would create a webhook, without its URL.
func WebhookRequestOf(w calbell.Webhook) types.NewWebhook {
	return types.NewWebhook{Name: w.Name, WebhookSpec: w.WebhookSpec}
}

const (
	// maxWebhooks limits the webhooks of one user.
	maxWebhooks = 200
	// maxDefinition limits a definition with its templates, in bytes of JSON.
	maxDefinition = 256 << 10
)

// checkWebhookCount rejects a webhook beyond a user's limit. Webhooks of the admins are not
// limited.
func (s *Webhooks) checkWebhookCount(ctx context.Context, owner string) error {
	if calbell.Slug(owner) == "" {
		return nil
	}
	list, err := s.store.Webhooks().Of(ctx, store.OwnedBy(owner))
	n := 0
	for _, w := range list {
		if w.Origin == calbell.OriginStored {
			n++
		}
	}
	if err == nil && n >= maxWebhooks {
		err = &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:webhooks-enough", "%d webhooks are enough", maxWebhooks), Hint: calbell.T("service:remove-one-first", "remove one first")}
	}
	return err
}

// checkSize rejects a definition that is larger than any message needs.
func checkSize(w calbell.Webhook) error {
	text, err := json.Marshal(w)
	if err != nil || len(text) <= maxDefinition {
		return err
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:webhook-templates-more-than", "the webhook's templates have more than %d kB together", maxDefinition>>10), Hint: calbell.T("service:message-cut-some-thousand", "a message is cut at some thousand characters")}
}

// checkWebhook returns what is wrong with a definition as an error with its fields; nil when it can
// be used.
func (s *Webhooks) checkWebhook(w calbell.Webhook) error {
	found := templates.CheckHook(w)
	if err := s.sender.CheckURL(w.URL); err != nil {
		found = append(found, templates.FieldFault("url", err))
	}
	if len(found) == 0 {
		return nil
	}
	// The name may be what is wrong, and as long as a request.
	e := &calbell.Error{Kind: calbell.KindUsage, What: calbell.T("service:webhook-problem", "webhook %.100q: %s", w.Name, found[0].Text()), Hint: found[0].Hint}
	for _, f := range found {
		e.Fields = append(e.Fields, calbell.FieldError{Name: f.Field, What: f.Placed(), Hint: f.Hint})
	}
	return e
}

// hostOf is what may be shown of a webhook's URL.
func hostOf(u calbell.Secret) string {
	parsed, err := url.Parse(u.Reveal())
	if err != nil {
		return ""
	}
	return parsed.Host
}
