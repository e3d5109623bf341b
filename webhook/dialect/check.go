package dialect

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"calbell"
)

const (
	// maxName bounds a webhook's name, in bytes.
	maxName = 200
	// maxField bounds channel, username and the like, in bytes.
	maxField = 1000
	// maxTree bounds the nodes of attachments and payload together with their depth.
	maxTreeNodes, maxTreeDepth = 10000, 32
	// typePrefix is what Mattermost asks of the type of a post that is not its own.
	typePrefix = "custom_"
	// maxBlocks bounds the blocks of a message: Slack takes 50, of which the line that marks
	// a late or repeated one is one.
	maxBlocks = 49
)

// FieldError says which field of a definition is wrong.
type FieldError struct {
	// Field is the field's name in the configuration file and the API.
	Field string
	// Err says what is wrong; a [*calbell.Error] with a hint.
	Err error
}

// Error names the field and what is wrong with it.
func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }

// FieldErrors are all that is wrong with a definition, in the order of its fields.
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

// Check judges everything of a definition but its URL (see [CheckURL]) and the variables
// in its templates. It returns nil or [FieldErrors].
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
	switch {
	case calbell.Slug(name) == "":
		return fieldProblem(calbell.T("dialect:name-needs-letter-or", "a name needs a letter or a digit"), calbell.T("dialect:people-choose-webhook-team", "people choose the webhook by it: team, ops, kChat #team"))
	case len(name) > maxName:
		return fieldProblem(calbell.T("dialect:longer-than-bytes", "longer than %d bytes", maxName), calbell.T("dialect:shorten", "shorten it"))
	}
	return checkLine(name)
}

func checkKind(k calbell.WebhookKind) error {
	if k == "" {
		return nil // that of the URL
	}
	_, err := ParseKind(string(k))
	return err
}

// checkRate takes nil for the kind's own rate. NaN is no rate.
func checkRate(perSecond *float64) error {
	if perSecond == nil || *perSecond >= 0 && *perSecond <= calbell.MaxRatePerSecond {
		return nil
	}
	return fieldProblem(calbell.T("dialect:no-rate", "%v is no number from %d to %d", *perSecond, 0, calbell.MaxRatePerSecond),
		calbell.T("dialect:posts-per-second-one", "posts per second: 0.5 is one in two seconds, 0 is no bound"))
}

// oneOf takes "" for the default and the listed values; unknown is what is wrong with any other.
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

// checkLine takes any one line of printable text.
func checkLine(s string) error {
	switch {
	case len(s) > maxField:
		return fieldProblem(calbell.T("dialect:longer-than-bytes", "longer than %d bytes", maxField), calbell.T("dialect:shorten", "shorten it"))
	case strings.ContainsFunc(s, unicode.IsControl):
		return fieldProblem(calbell.T("dialect:holds-line-break-or", "holds a line break or a control character"), calbell.T("dialect:write-one-line", "write it on one line"))
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
		return fieldProblem(calbell.T("dialect:not-absolute-http-or", "not an absolute http or https URL"), calbell.T("dialect:fetched-chat-https-example", "it is fetched by the chat: https://example.org/bell.png"))
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
		return fieldProblem(calbell.T("dialect:card-attachment-attachments-already", "a card is an attachment, and there are attachments already"), calbell.T("dialect:leave-one-two-out", "leave one of the two out"))
	case w.Blocks != nil:
		return fieldProblem(calbell.T("dialect:card-shows-event-so", "a card shows the event, and so do the blocks"), calbell.T("dialect:leave-one-two-out", "leave one of the two out"))
	}
	return nil
}

func checkMentions(w calbell.Webhook) error {
	if w.Mentions != "" && !Of(w).Takes.Mentions {
		return fieldProblem(calbell.T("dialect:what-mentions-people-kind", "what mentions people in kind %s is not known", Of(w).Kind), calbell.T("dialect:tell-receiver-itself-if", "tell the receiver itself, if it can be told, in payload"))
	}
	return oneOf(w.Mentions, calbell.T("dialect:unknown-mentions", "unknown mentions %q", w.Mentions), "deny", "template")
}

func checkPreviews(w calbell.Webhook) error {
	if w.Previews != nil && Of(w).Previews == PreviewsUnknown {
		return fieldProblem(calbell.T("dialect:what-shows-previews-kind", "what shows previews in kind %s is not known", Of(w).Kind), calbell.T("dialect:leave-previews-out-some", "leave previews out; some receivers can be told in payload"))
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

// checkTree takes what JSON can hold, within bounds.
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

// checkZone takes IANA names. "Local" would be whatever machine this runs on.
func checkZone(name string) error {
	if name == "" {
		return nil
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return fieldProblem(calbell.T("dialect:unknown-time-zone", "unknown time zone %q", name), calbell.T("dialect:use-iana-name-like", "use an IANA name like Europe/Zurich"))
	}
	return nil
}
