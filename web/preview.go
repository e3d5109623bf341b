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

// Sender is the name at the message.
func (p preview) Sender() string {
	if p.Username != "" {
		return p.Username
	}
	return "Calbell"
}

// Pretty is the body, indented when it is JSON.
func (p preview) Pretty() string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(p.Body), "", "  ") != nil {
		return p.Body
	}
	return out.String()
}

// preview asks the engine what a webhook would post.
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

// bubble shows a message as its receiver would.
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

// tested is the answer to a test, in words.
type tested struct {
	calbell.Try
	OK   bool
	Text string
	Next string // what to do; "" when there is nothing
}

// testWebhook posts a message, and leads to the webhook's page, which tells the answer.
func (v webhookPages) testWebhook() error {
	id := v.r.PathValue("id")
	r, err := v.site.s.Webhooks.Test(v.ctx(), v.Who, id, types.Sample{Name: v.Trimmed("sample")})
	if err != nil { // what the form holds is stored, if there was one
		return v.again(err, func() error { return v.webhookForm(false) })
	}
	q := url.Values{"tested": {string(r.Delivery)}}
	if sample := v.Trimmed("sample"); sample != "" {
		q.Set("sample", sample)
	}
	http.Redirect(v.w, v.r, webhookPath(calbell.WebhookID(id))+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}

// tested is the answer to the test that the address names, by its record in the history; nil
// when it names none of this webhook's.
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

// told puts the answer to a test in words.
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

// Chips are the variables that people need most, for a click each.
func (v webhookPages) Chips() []string {
	return []string{"subject", "date", "time", "when", "location", "description", "link", "organizer", "calendar", "minutes"}
}

// AllVariables are all variables, with what each stands for.
func (v *view) AllVariables() []form.Choice {
	var list []form.Choice
	for _, name := range service.Variables() {
		list = append(list, form.Choice{Value: name, Text: v.T("variable." + name)})
	}
	return list
}

func defaultTemplate(kind calbell.WebhookKind) string { return service.DefaultTemplate(kind) }

// localeChoices are the languages that messages may be written in.
func localeChoices(v *view) []form.Choice {
	var list []form.Choice
	for _, name := range service.Locales() {
		list = append(list, form.Choice{Value: name, Text: v.T("locale." + name)})
	}
	return list
}

// Field returns what the viewer calls a field of a webhook.
func (v *view) Field(name string) string { return v.Say(dialect.FieldText(name)) }
