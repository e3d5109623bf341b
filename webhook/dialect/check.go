package dialect

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"calbell"
)

const (
	// maxField limits channel, username and similar fields, in bytes.
	maxField = 1000
	// maxTreeNodes and maxTreeDepth limit the trees of attachments and payload.
	maxTreeNodes, maxTreeDepth = 10000, 32
	// typePrefix is the prefix that Mattermost requires of custom post types.
	typePrefix = "custom_"
	// maxBlocks limits the blocks of a message: Slack accepts 50, one of which is reserved for
	// the line that marks a late or repeated message.
	maxBlocks = 49
)

// FieldError reports an invalid field of a definition.
type FieldError struct {
	// Field is the field's name in the configuration file and the API.
	Field string
	// Err is a [*calbell.Error] with a hint.
	Err error
}

// Error returns the field and its error.
func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns the field's error.
func (e *FieldError) Unwrap() error { return e.Err }

// FieldErrors are all errors of a definition, in the order of its fields.
type FieldErrors []*FieldError

// Error returns the errors, separated by "; ".
func (es FieldErrors) Error() string {
	texts := make([]string, len(es))
	for i, e := range es {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors, so that errors.As finds the first [*FieldError].
func (es FieldErrors) Unwrap() []error {
	all := make([]error, len(es))
	for i, e := range es {
		all[i] = e
	}
	return all
}

// Check checks everything in a definition except its URL (see [CheckURL]) and the variables in
// its templates. It returns nil or [FieldErrors].
func Check(w calbell.Webhook) error {
	var found FieldErrors
	for _, f := range []struct {
		name string
		err  error
	}{
		{"name", checkName(w.Name)},
		{"kind", checkKind(w.Kind)},
		{"encoding", oneOf(w.Encoding, calbell.T("dialect:unknown-encoding", "unknown encoding %q", w.Encoding), encodingJSON, encodingForm)},
		{"success", oneOf(w.Success, calbell.T("dialect:unknown-success", "unknown success %q", w.Success), SuccessOK, Success2xx)},
		{"template", checkTemplate(w.Template)},
		{"channel", checkChannel(w)},
		{"username", checkLine(w.Username)},
		{"icon_url", checkIcon(w.IconURL)},
		{"icon_emoji", checkEmoji(w.IconEmoji)},
		{"type", checkType(w.Type)},
		{"attachments", checkAttachments(w.Attachments)},
		{"blocks", checkBlocks(w)},
		{"payload", checkPayload(w)},
		{"style", checkStyle(w)},
		{"mentions", checkMentions(w)},
		{"previews", checkPreviews(w)},
		{"max_length", checkLength(w.MaxLength)},
		{"time_zone", checkZone(w.TimeZone)},
		{"on_unknown", oneOf(w.OnUnknown, calbell.T("dialect:unknown-on-unknown", "unknown on_unknown %q", w.OnUnknown), "resend", "drop")},
		{"rate_per_second", checkRate(w.RatePerSecond)},
		{"missed", oneOf(w.Missed, calbell.T("dialect:unknown-missed", "unknown missed %q", w.Missed), "digest", "send", "drop")},
	} {
		if f.err != nil {
			found = append(found, &FieldError{f.name, f.err})
		}
	}
	if found == nil {
		return nil
	}
	return found
}

func fieldProblem(what, hint calbell.Text) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: what, Hint: hint}
}

func checkName(name string) error {
	for _, wrong := range calbell.CheckName(name) {
		return fieldProblem(wrong.What, cmp.Or(wrong.Hint, calbell.T("dialect:people-choose-webhook-team", "people choose the webhook by its name: team, ops, kChat #team")))
	}
	return nil
}

func checkKind(k calbell.WebhookKind) error {
	if k == "" {
		return nil // the URL decides
	}
	_, err := ParseKind(string(k))
	return err
}

// checkRate checks a rate; nil means the kind's own rate. It rejects NaN.
func checkRate(perSecond *float64) error {
	if perSecond == nil || *perSecond >= 0 && *perSecond <= calbell.MaxRatePerSecond {
		return nil
	}
	return fieldProblem(calbell.T("dialect:no-rate", "invalid rate %v: not between %d and %d", *perSecond, 0, calbell.MaxRatePerSecond),
		calbell.T("dialect:posts-per-second-one", "posts per second: 0.5 means one in two seconds, 0 means no limit"))
}

// oneOf accepts "" for the default and the listed values; unknown is the error for any other.
func oneOf(value string, unknown calbell.Text, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fieldProblem(unknown, calbell.T("dialect:one", "one of %s", strings.Join(allowed, ", ")))
}

func checkTemplate(t string) error {
	if len(t) > calbell.MaxTemplateBytes {
		return fieldProblem(calbell.T("dialect:longer-than-bytes", "longer than %d bytes", calbell.MaxTemplateBytes), calbell.T("dialect:chats-show-some-thousand", "chats show some thousand characters"))
	}
	return nil
}

// checkLine accepts one line of printable text.
func checkLine(s string) error {
	switch {
	case len(s) > maxField:
		return fieldProblem(calbell.T("dialect:longer-than-bytes", "longer than %d bytes", maxField), calbell.T("dialect:shorten", "shorten it"))
	case strings.ContainsFunc(s, unicode.IsControl):
		return fieldProblem(calbell.T("dialect:holds-line-break-or", "contains a line break or a control character"), calbell.T("dialect:write-one-line", "write it on one line"))
	}
	return nil
}

func checkChannel(w calbell.Webhook) error {
	if err := checkLine(w.Channel); err != nil {
		return err
	}
	if Of(w).Takes.Channel && strings.ContainsFunc(w.Channel, unicode.IsSpace) {
		return fieldProblem(calbell.T("dialect:space", "%q has a space", w.Channel), calbell.T("dialect:use-channel-name-url", "use the channel's name as in its URL (town-square), not its display name; @user is a direct message"))
	}
	return nil
}

func checkIcon(icon string) error {
	if err := checkLine(icon); icon == "" || err != nil {
		return err
	}
	if u, err := url.Parse(calbell.WithoutVariables(icon)); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fieldProblem(calbell.T("dialect:not-absolute-http-or", "not an absolute http or https URL"), calbell.T("dialect:fetched-chat-https-example", "the chat fetches it: https://example.org/bell.png"))
	}
	return nil
}

func checkEmoji(emoji string) error {
	if err := checkLine(emoji); err != nil {
		return err
	}
	if strings.ContainsFunc(emoji, unicode.IsSpace) {
		return fieldProblem(calbell.T("dialect:space", "%q has a space", emoji), calbell.T("dialect:use-emoji-short-name", "use an emoji's short name, like :bell:"))
	}
	return nil
}

func checkType(t string) error {
	if t != "" && (!strings.HasPrefix(t, typePrefix) || t == typePrefix) {
		return fieldProblem(calbell.T("dialect:does-not-begin", "%q does not begin with %q", t, typePrefix), calbell.T("dialect:other-types", "other types are the chat's own: custom_reminder"))
	}
	return checkLine(t)
}

func checkAttachments(tree any) error {
	if tree == nil {
		return nil
	}
	list, ok := tree.([]any)
	if !ok || slices.ContainsFunc(list, func(v any) bool { _, isMap := v.(map[string]any); return !isMap }) {
		return fieldProblem(calbell.T("dialect:not-list-attachments", "not a list of attachments"), calbell.T("dialect:each-map-fields-like", "each is a map of fields like fallback, color, title, text"))
	}
	return checkTree(tree)
}

func checkBlocks(w calbell.Webhook) error {
	if w.Blocks == nil {
		return nil
	}
	list, ok := w.Blocks.([]any)
	switch {
	case !Of(w).Takes.Blocks:
		return fieldProblem(calbell.T("dialect:kind-no-blocks", "kind %s has no blocks", Of(w).Kind), calbell.T("dialect:they-slack-use-template", "they are Slack's; use template and attachments"))
	case !ok || slices.ContainsFunc(list, func(v any) bool { return !isBlock(v) }):
		return fieldProblem(calbell.T("dialect:not-list-blocks", "not a list of blocks"), calbell.T("dialect:block-shape", "each is a map with a type, such as section, and what belongs to it"))
	case len(list) > maxBlocks:
		return fieldProblem(calbell.T("dialect:blocks-more-than", "%d blocks are more than %d", len(list), maxBlocks), calbell.T("dialect:slack-takes-50-one", "Slack takes 50, and one may say that the message is late"))
	}
	return checkTree(w.Blocks)
}

func isBlock(v any) bool {
	m, _ := v.(map[string]any)
	kind, _ := m["type"].(string)
	return kind != ""
}

func checkPayload(w calbell.Webhook) error {
	if w.Payload != nil && !Of(w).Takes.Payload {
		return fieldProblem(calbell.T("dialect:kind-body-own", "kind %s has a body of its own", Of(w).Kind), calbell.T("dialect:use-template-attachments-or", "use template and attachments, or kind: json"))
	}
	return checkTree(w.Payload)
}

func checkStyle(w calbell.Webhook) error {
	switch {
	case w.Style != "card":
		return oneOf(w.Style, calbell.T("dialect:unknown-style", "unknown style %q", w.Style), "text", "card")
	case !Of(w).Takes.Card:
		return fieldProblem(calbell.T("dialect:kind-no-cards", "kind %s has no cards", Of(w).Kind), calbell.T("dialect:write-whole-body-payload", "write the whole body as payload"))
	case w.Attachments != nil:
		return fieldProblem(calbell.T("dialect:card-attachment-attachments-already", "style card adds an attachment, but attachments are given too"), calbell.T("dialect:leave-one-two-out", "leave one of the two out"))
	case w.Blocks != nil:
		return fieldProblem(calbell.T("dialect:card-shows-event-so", "style card shows the event, but blocks are given too"), calbell.T("dialect:leave-one-two-out", "leave one of the two out"))
	}
	return nil
}

func checkMentions(w calbell.Webhook) error {
	if w.Mentions != "" && !Of(w).Takes.Mentions {
		return fieldProblem(calbell.T("dialect:what-mentions-people-kind", "kind %s has no known mentions", Of(w).Kind), calbell.T("dialect:tell-receiver-itself-if", "if the receiver has an option for mentions, set it in payload"))
	}
	return oneOf(w.Mentions, calbell.T("dialect:unknown-mentions", "unknown mentions %q", w.Mentions), "deny", "template")
}

func checkPreviews(w calbell.Webhook) error {
	if w.Previews != nil && Of(w).Previews == PreviewsUnknown {
		return fieldProblem(calbell.T("dialect:what-shows-previews-kind", "kind %s has no known previews", Of(w).Kind), calbell.T("dialect:leave-previews-out-some", "omit previews; if the receiver has an option for them, set it in payload"))
	}
	return nil
}

func checkLength(n int) error {
	if n != 0 && (n < calbell.MinMaxLength || n > calbell.MaxMaxLength) {
		return fieldProblem(calbell.T("dialect:not-between", "%d is not between %d and %d", n, calbell.MinMaxLength, calbell.MaxMaxLength),
			calbell.T("dialect:characters-when-absent-old", "characters; %d when absent, as old servers take it", calbell.MaxMessageRunes))
	}
	return nil
}

// checkTree accepts a tree that JSON can express, within limits.
func checkTree(tree any) error {
	nodes := 0
	if err := walkTree(tree, 0, &nodes); err != nil {
		return fieldProblem(calbell.TextOfError(err), calbell.T("dialect:use-texts-numbers-true", "use texts, numbers, true, false, lists and maps"))
	}
	if _, err := marshal(tree); err != nil {
		return fieldProblem(calbell.T("dialect:cannot-written-json", "cannot be written as JSON"), calbell.T("dialect:numbers-must-finite", "numbers must be finite"))
	}
	return nil
}

func walkTree(v any, depth int, nodes *int) error {
	*nodes++
	if *nodes > maxTreeNodes || depth > maxTreeDepth {
		return calbell.Errorf("dialect:too-large-or-too", "too large or too deep")
	}
	switch v := v.(type) {
	case map[string]any:
		for _, child := range v {
			if err := walkTree(child, depth+1, nodes); err != nil {
				return err
			}
		}
	case []any:
		for _, child := range v {
			if err := walkTree(child, depth+1, nodes); err != nil {
				return err
			}
		}
	case nil, string, bool, int, int64, uint64, float64:
	default:
		return calbell.Errorf("dialect:holds-type", "holds a %T", v)
	}
	return nil
}

// checkZone accepts IANA names. It rejects "Local", which depends on the machine.
func checkZone(name string) error {
	if name == "" {
		return nil
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return fieldProblem(calbell.T("dialect:unknown-time-zone", "unknown time zone %q", name), calbell.T("dialect:use-iana-name-like", "use an IANA name like Europe/Zurich"))
	}
	return nil
}
