package web

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"calbell"
	"calbell/api/types"
	"calbell/service"
	"calbell/web/form"
	"calbell/webhook/dialect"
)

// webhookRoutes registers the pages of webhooks. IDs of webhooks contain no underscore.
func (w *site) webhookRoutes() {
	w.page("GET /webhooks", on(webhookPages.webhookList))
	w.page("GET /webhooks/_new", on(webhookPages.webhookPage))
	w.page("POST /webhooks/_new", on(webhookPages.saveWebhook))
	w.page("POST /webhooks/_preview", on(webhookPages.livePreview))
	w.page("GET /webhooks/{id}", on(webhookPages.webhookPage))
	w.page("POST /webhooks/{id}", on(webhookPages.saveWebhook))
	w.page("POST /webhooks/{id}/test", on(webhookPages.testWebhook))
	w.page("POST /webhooks/{id}/remove", on(webhookPages.removeWebhook))
}

// webhookRow is a webhook with its health as a chip.
type webhookRow struct {
	types.WebhookRow
	Health   state
	Path     string
	accepted string
}

// webhookPath returns the address of a webhook's page.
func webhookPath(id calbell.WebhookID) string { return "/webhooks/" + url.PathEscape(string(id)) }

// health returns the chip of a webhook.
func (v webhookPages) health(w types.WebhookRow) state {
	switch {
	case w.State.Refuses():
		return state{Class: "bad", Sign: "▲", Text: v.T("webhook." + string(w.State))}
	case w.State == calbell.WebhookPaused:
		return state{Class: "warn", Sign: "‖", Text: v.T("webhook.paused")}
	case w.State == calbell.WebhookNew:
		return state{Sign: "○", Text: v.T("webhook.untried")}
	case w.State == calbell.WebhookFailed && w.Last != nil:
		return state{Class: "warn", Sign: "✕", Text: v.lastTry(*w.Last)}
	}
	return state{Class: "ok", Sign: "●", Text: v.T("webhook.ok")}
}

// lastTry describes the result of the latest attempt, and its time.
func (v webhookPages) lastTry(t calbell.WebhookTry) string {
	key := "webhook.delivery-"
	if t.Test {
		key = "webhook.test-"
	}
	ago := v.From(t.At, v.Now)
	switch {
	case t.Verdict == calbell.Accepted:
		return v.T(key+"accepted", v.Moment(t.At.In(v.Zone), v.Now))
	case t.Status == 0:
		return v.T(key+"unanswered", ago)
	}
	return v.T(key+"refused", t.Status, ago)
}

// Accepted describes when the webhook accepted its latest post; "" when it did not.
func (w webhookRow) Accepted() string { return w.accepted }

func (v webhookPages) webhookRow(w types.WebhookRow) webhookRow {
	r := webhookRow{WebhookRow: w, Health: v.health(w), Path: webhookPath(w.ID)}
	if w.Last != nil && w.Last.Verdict == calbell.Accepted {
		r.accepted = v.lastTry(*w.Last)
	}
	return r
}

// webhookList is the list of webhooks.
type webhookList struct {
	webhookPages
	Rows []webhookRow
}

func (v webhookPages) webhookList() error {
	rows, err := v.site.s.Webhooks.List(v.ctx(), v.Who)
	if err != nil {
		return err
	}
	p := webhookList{webhookPages: v}
	for _, w := range rows {
		p.Rows = append(p.Rows, v.webhookRow(w))
	}
	return v.show("webhooks", v.T("nav.webhooks"), p)
}

// webhookForm is the page of a webhook: its definition, and a preview of its messages.
type webhookForm struct {
	webhookPages
	F         types.NewWebhook
	Now       *webhookRow // as it is stored; nil: a new one
	Tag       string
	Sample    string
	Live      preview
	Tested    *tested // nil: no test was just sent
	Samples   []form.Choice
	Kinds     []form.Choice
	Locales   []form.Choice
	Styles    []form.Choice
	Missed    []form.Choice
	Previews  []form.Choice
	Success   []form.Choice
	Encodings []form.Choice
	Owners    []form.Choice // none: there is no choice
}

// Opaque reports whether the viewer may use the webhook, but may not see its definition.
func (p webhookForm) Opaque() bool { return p.Now != nil && !p.Now.Editable && p.Now.Host == "" }

// IsNew reports whether the webhook is not stored yet.
func (p webhookForm) IsNew() bool { return p.Now == nil }

// Where returns the address of the webhook's page.
func (p webhookForm) Where() string {
	if p.Now == nil {
		return "/webhooks/_new"
	}
	return p.Now.Path
}

// ID returns the webhook's ID; "" for a new one.
func (p webhookForm) ID() calbell.WebhookID {
	if p.Now == nil {
		return ""
	}
	return p.Now.ID
}

// webhookPage shows the form with the stored values or, after it was sent, with the sent
// ones.
func (v webhookPages) webhookPage() error { return v.webhookForm(v.IsSent("name")) }

func (v webhookPages) webhookForm(asSent bool) error {
	p := webhookForm{webhookPages: v, Sample: cmp.Or(v.Trimmed("sample"), "next")}
	if err := v.storedWebhook(&p); err != nil {
		return err
	}
	var wrong error
	if asSent {
		p.F, wrong = v.webhookAsked(p.F)
		if p.Tag = v.ETag(p.Tag); v.Problem == nil {
			v.Problem = wrong
		}
	} else if (p.IsNew() || !p.Now.Editable) && p.F.Template == "" { // show the default template
		p.F.Template = defaultTemplate(p.F.Kind)
	}
	p.Tested = p.tested()
	if p.Live = v.preview(p.ID(), p.F, p.Sample); wrong != nil {
		p.Live.Failed = wrong
	}
	p.lists()
	var err error
	if p.IsNew() {
		p.Owners, err = v.ownerChoices(true, "")
	} else if p.Now.Editable {
		p.Owners, err = v.ownerChoices(false, p.Now.Owner)
	}
	if err != nil {
		return err
	}
	title := v.T("webhook.new")
	if !p.IsNew() {
		title = p.Now.Name
	}
	return v.show("webhook", title, p)
}

// storedWebhook loads the stored values. For a webhook that the caller may not change, only
// what is shown is loaded.
func (v webhookPages) storedWebhook(p *webhookForm) error {
	id := v.r.PathValue("id")
	if id == "" {
		return nil
	}
	row, err := v.site.s.Webhooks.Get(v.ctx(), v.Who, id)
	if err != nil {
		return err
	}
	now := v.webhookRow(row)
	p.Now, p.F = &now, service.WebhookRequestOf(row.Webhook)
	if row.Editable {
		p.F, p.Tag, err = v.site.s.Webhooks.Request(v.ctx(), v.Who, id)
	}
	return err
}

// lists loads the choices.
func (p *webhookForm) lists() {
	for _, name := range []string{"next", "timed", "all-day", "empty", "hostile"} {
		p.Samples = append(p.Samples, form.Choice{Value: name, Text: p.T("sample." + name)})
	}
	form.Choose(p.Samples, p.Sample)
	kinds := []form.Choice{{Value: "", Text: p.T("kind.guess")}}
	for _, d := range dialect.All() {
		kinds = append(kinds, form.Choice{Value: string(d.Kind), Text: p.T("kind." + string(d.Kind))})
	}
	p.Kinds = form.Choose(kinds, string(p.F.Kind))
	p.Locales = form.Choose(append([]form.Choice{{Value: "", Text: p.T("webhook.locale.default")}}, localeChoices(p.view)...), p.F.Locale)
	p.Styles = form.Choose([]form.Choice{{Value: "", Text: p.T("style.text")}, {Value: "card", Text: p.T("style.card")}}, strings.TrimPrefix(p.F.Style, "text"))
	previews := ""
	if p.F.Previews != nil {
		previews = strconv.FormatBool(*p.F.Previews)
	}
	p.Previews = form.Choose([]form.Choice{
		{Value: "", Text: p.T("previews.ours")}, {Value: "false", Text: p.T("previews.never")}, {Value: "true", Text: p.T("previews.always")},
	}, previews)
	p.Missed = form.Choose([]form.Choice{
		{Value: "", Text: p.T("missed.digest")}, {Value: "send", Text: p.T("missed.send")}, {Value: "drop", Text: p.T("missed.drop")},
	}, strings.TrimPrefix(p.F.Missed, "digest"))
	p.Success = form.Choose([]form.Choice{{Value: "", Text: p.T("success.by-kind")}, {Value: "ok", Text: p.T("success.ok")}, {Value: "2xx", Text: p.T("success.2xx")}}, p.F.Success)
	p.Encodings = form.Choose([]form.Choice{{Value: "", Text: "JSON"}, {Value: "form", Text: p.T("encoding.form")}}, strings.TrimPrefix(p.F.Encoding, "json"))
}

// saveWebhook stores the form. Depending on "do" it then sends a test, or only shows a
// preview without storing.
func (v webhookPages) saveWebhook() error {
	id, do := v.r.PathValue("id"), v.Trimmed("do")
	if do == "preview" {
		return v.webhookPage()
	}
	row, err := v.storeWebhook(id)
	switch {
	case err != nil:
		return v.again(err, v.webhookPage)
	case do == "test":
		v.r.SetPathValue("id", string(row.ID))
		return v.testWebhook()
	}
	return v.done("/webhooks", "webhook-saved")
}

// storeWebhook creates the webhook of the form, or changes the one with this ID.
func (v webhookPages) storeWebhook(id string) (types.WebhookRow, error) {
	var now types.NewWebhook
	if id != "" {
		var err error
		if now, _, err = v.site.s.Webhooks.Request(v.ctx(), v.Who, id); err != nil {
			return types.WebhookRow{}, err
		}
	}
	n, err := v.webhookAsked(now)
	switch {
	case err != nil:
		return types.WebhookRow{}, err
	case id == "":
		return v.site.s.Webhooks.Add(v.ctx(), v.Who, n)
	}
	return v.site.s.Webhooks.Set(v.ctx(), v.Who, id, v.Trimmed("etag"), n)
}

func (v webhookPages) removeWebhook() error {
	if err := v.site.s.Webhooks.Remove(v.ctx(), v.Who, v.r.PathValue("id"), ""); err != nil {
		return v.again(err, v.webhookPage)
	}
	return v.done("/webhooks", "webhook-removed")
}
