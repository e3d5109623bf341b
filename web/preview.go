package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/templates/markup"
	"calbell/web/chat"
	"calbell/web/form"
	"calbell/webhook/dialect"
)

// preview is what a webhook would post, as its receiver would show it.
type preview struct {
	webhookPages
	types.Preview
	Bubble template.HTML // "": the body itself is shown
	Failed error
}

// Sender returns the name that the message is posted under.
func (p preview) Sender() string {
	if p.Username != "" {
		return p.Username
	}
	return "Calbell"
}

// Pretty returns the body, indented if it is JSON.
func (p preview) Pretty() string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(p.Body), "", "  ") != nil {
		return p.Body
	}
	return out.String()
}

// preview renders what a webhook would post.
func (v webhookPages) preview(id calbell.WebhookID, n types.NewWebhook, sample string) preview {
	r := types.PreviewRequest{Sample: types.Sample{Name: sample}, Webhook: types.WebhookDraft{NewWebhook: n, Name: n.Name, URL: n.URL}}
	if id != "" {
		if row, err := v.site.s.Webhooks.Get(v.ctx(), v.Who, string(id)); err == nil && row.Editable {
			r.Of = string(id)
		}
	}
	out, err := v.site.s.Webhooks.Preview(v.ctx(), v.Who, r, v.Now)
	p := v.bubble(out)
	p.Failed = err
	return p
}

// bubble returns a message in the look of its chat.
func (v webhookPages) bubble(out types.Preview) preview {
	p := preview{webhookPages: v, Preview: out}
	switch dialect.Of(calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: out.Kind}}).Markup {
	case markup.Markdown:
		p.Bubble = chat.Markdown(out.Text)
	case markup.Mrkdwn:
		p.Bubble = chat.Mrkdwn(out.Text)
	}
	return p
}

// livePreview answers the script with the preview of the form as it is now.
func (v webhookPages) livePreview() error {
	id := v.Trimmed("of")
	var keep types.NewWebhook
	if id != "" {
		var err error
		if keep, _, err = v.site.s.Webhooks.Request(v.ctx(), v.Who, id); err != nil {
			return err
		}
	}
	n, err := v.webhookAsked(keep)
	p := v.preview(calbell.WebhookID(id), n, v.Trimmed("sample"))
	if err != nil {
		p.Failed = err
	}
	return v.fragment("webhook", "preview", p)
}

// tested is the result of a test, in words.
type tested struct {
	calbell.Try
	OK   bool
	Text string
	Next string // the next step; "" when there is none
}

// testWebhook posts a sample message, and redirects to the webhook's page, which shows the
// result.
func (v webhookPages) testWebhook() error {
	id := v.r.PathValue("id")
	r, err := v.site.s.Webhooks.Test(v.ctx(), v.Who, id, types.Sample{Name: v.Trimmed("sample")})
	if err != nil { // the form, if one was sent, has been stored already
		return v.again(err, func() error { return v.webhookForm(false) })
	}
	q := url.Values{"tested": {string(r.Delivery)}}
	if sample := v.Trimmed("sample"); sample != "" {
		q.Set("sample", sample)
	}
	http.Redirect(v.w, v.r, webhookPath(calbell.WebhookID(id))+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// tested returns the result of the test that the address names by its delivery; nil when
// there is none of this webhook.
func (p webhookForm) tested() *tested {
	id := p.Trimmed("tested")
	if id == "" {
		return nil
	}
	d, err := p.site.s.Deliveries.Get(p.ctx(), p.Who, calbell.ReminderID(id))
	if err != nil || d.Webhook != p.ID() || d.Notice == nil || d.Notice.Kind != calbell.NoticeTest || len(d.Tries) == 0 {
		return nil
	}
	return as[webhookPages](p.view).told(d.Tries[len(d.Tries)-1])
}

// told describes the result of a test.
func (v webhookPages) told(r calbell.Try) *tested {
	t := &tested{Try: r, OK: r.Verdict == calbell.Accepted}
	took := fmt.Sprintf("%d ms", r.Took.Milliseconds())
	switch {
	case t.OK:
		t.Text = v.T("test.delivered", r.At.In(v.Zone).Format("15:04:05"), r.Status, took)
	case r.Status == 0:
		t.Text, t.Next = v.T("test.failed"), v.T("test.unreachable")
	default:
		t.Text, t.Next = v.T("test.refused", r.Status, took), v.Say(r.Hint)
	}
	return t
}

// Chips returns the most useful variables, which people insert with a click.
func (v webhookPages) Chips() []string {
	return []string{"subject", "date", "time", "when", "location", "description", "link", "organizer", "calendar", "minutes"}
}

// AllVariables returns all variables with their meanings.
func (v *view) AllVariables() []form.Choice {
	var list []form.Choice
	for _, name := range service.Variables() {
		list = append(list, form.Choice{Value: name, Text: v.T("variable." + name)})
	}
	return list
}

func defaultTemplate(kind calbell.WebhookKind) string { return service.DefaultTemplate(kind) }

// localeChoices returns the languages of messages.
func localeChoices(v *view) []form.Choice {
	var list []form.Choice
	for _, name := range service.Locales() {
		list = append(list, form.Choice{Value: name, Text: v.T("locale." + name)})
	}
	return list
}

// Field returns the label of a webhook's field.
func (v *view) Field(name string) string { return v.Say(dialect.FieldText(name)) }
