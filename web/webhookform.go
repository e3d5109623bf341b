package web

import (
	"slices"
	"strconv"
	"strings"

	"calbell"
	"calbell/api/types"
	"calbell/web/form"
)

// webhookAsked returns the request n with the form's fields in place. The error names the
// fields that cannot be read; the others are set all the same.
func (v webhookPages) webhookAsked(n types.NewWebhook) (types.NewWebhook, error) {
	n.Name, n.URL, n.Kind = v.Trimmed("name"), v.Trimmed("url"), calbell.WebhookKind(v.Trimmed("kind"))
	n.Template = strings.ReplaceAll(v.Value("template"), "\r\n", "\n")
	n.Channel, n.Username = v.Trimmed("channel"), v.Trimmed("username")
	n.IconURL, n.IconEmoji = v.Trimmed("icon_url"), v.Trimmed("icon_emoji")
	n.Locale, n.TimeZone = v.Trimmed("locale"), v.Trimmed("time_zone")
	n.Style, n.Missed = v.Trimmed("style"), v.Trimmed("missed")
	n.Success, n.Encoding = v.Trimmed("success"), v.Trimmed("encoding")
	n.Owner = v.ReadOwner(v.Who.Name)
	n.Mentions = ""
	if v.Checked("deny_mentions") {
		n.Mentions = "deny"
	}
	n.Previews = nil
	if b, err := strconv.ParseBool(v.Trimmed("previews")); err == nil {
		n.Previews = &b
	}
	n.Share, n.Combine, n.Corrections = v.Checked("share"), v.Checked("combine"), v.Checked("corrections")
	return n, form.Join(
		v.ReadQuiet(&n.Quiet), v.ReadJSON("attachments", &n.Attachments), v.ReadJSON("blocks", &n.Blocks), v.ReadJSON("payload", &n.Payload),
	)
}

// Open reports whether a folded part of the form is shown unfolded, because it has values
// or errors. The part is named by its first field.
func (p webhookForm) Open(part string) bool {
	held, names := false, []string{}
	switch f := p.F; part {
	case "channel":
		held = f.Channel+f.Username+f.IconURL+f.IconEmoji != ""
		names = []string{"channel", "username", "icon_url", "icon_emoji"}
	case "locale":
		names = []string{"locale", "time_zone", "style", "missed", "previews", "quiet"}
	case "payload":
		held = p.JSONText("attachments", f.Attachments)+p.JSONText("blocks", f.Blocks)+p.JSONText("payload", f.Payload)+f.Success+f.Encoding != ""
		names = []string{"attachments", "blocks", "payload", "success", "encoding"}
	}
	return held || slices.ContainsFunc(names, func(name string) bool { return p.FieldProblem(name) != "" })
}
