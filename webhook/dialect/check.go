package dialect

import (
	"errors"
	"fmt"
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
		{"encoding", oneOf(w.Encoding, "encoding", encodingJSON, encodingForm)},
		{"success", oneOf(w.Success, "success", SuccessOK, Success2xx)},
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
		{"on_unknown", oneOf(w.OnUnknown, "on_unknown", "resend", "drop")},
		{"rate_per_second", checkRate(w.RatePerSecond)},
		{"missed", oneOf(w.Missed, "missed", "digest", "send", "drop")},
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

func fieldProblem(what, hint string) error {
	return &calbell.Error{Kind: calbell.KindUsage, What: what, Hint: hint}
}

func checkName(name string) error {
	switch {
	case calbell.Slug(name) == "":
		return fieldProblem("a name needs a letter or a digit", "people choose the webhook by it: team, ops, kChat #team")
	case len(name) > maxName:
		return fieldProblem(fmt.Sprintf("longer than %d bytes", maxName), "shorten it")
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
	return fieldProblem(fmt.Sprintf("%v is no number from 0 to %d", *perSecond, calbell.MaxRatePerSecond),
		"posts per second: 0.5 is one in two seconds, 0 is no bound")
}

// oneOf takes "" for the default and the listed values.
func oneOf(value, field string, allowed ...string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fieldProblem(fmt.Sprintf("unknown %s %q", field, value), "one of "+strings.Join(allowed, ", "))
}

func checkTemplate(t string) error {
	if len(t) > calbell.MaxTemplateBytes {
		return fieldProblem(fmt.Sprintf("longer than %d bytes", calbell.MaxTemplateBytes), "chats show some thousand characters")
	}
	return nil
}

// checkLine takes any one line of printable text.
func checkLine(s string) error {
	switch {
	case len(s) > maxField:
		return fieldProblem(fmt.Sprintf("longer than %d bytes", maxField), "shorten it")
	case strings.ContainsFunc(s, unicode.IsControl):
		return fieldProblem("holds a line break or a control character", "write it on one line")
	}
	return nil
}

func checkChannel(w calbell.Webhook) error {
	if err := checkLine(w.Channel); err != nil {
		return err
	}
	if Of(w).Takes.Channel && strings.ContainsFunc(w.Channel, unicode.IsSpace) {
		return fieldProblem(fmt.Sprintf("%q has a space", w.Channel), "use the channel's name as in its URL (town-square), not its display name; @user is a direct message")
	}
	return nil
}

func checkIcon(icon string) error {
	if err := checkLine(icon); icon == "" || err != nil {
		return err
	}
	if u, err := url.Parse(calbell.WithoutVariables(icon)); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fieldProblem("not an absolute http or https URL", "it is fetched by the chat: https://example.org/bell.png")
	}
	return nil
}

func checkEmoji(emoji string) error {
	if err := checkLine(emoji); err != nil {
		return err
	}
	if strings.ContainsFunc(emoji, unicode.IsSpace) {
		return fieldProblem(fmt.Sprintf("%q has a space", emoji), "use an emoji's short name, like :bell:")
	}
	return nil
}

func checkType(t string) error {
	if t != "" && (!strings.HasPrefix(t, typePrefix) || t == typePrefix) {
		return fieldProblem(fmt.Sprintf("%q does not begin with %q", t, typePrefix), "other types are the chat's own: "+typePrefix+"reminder")
	}
	return checkLine(t)
}

func checkAttachments(tree any) error {
	if tree == nil {
		return nil
	}
	list, ok := tree.([]any)
	if !ok || slices.ContainsFunc(list, func(v any) bool { _, isMap := v.(map[string]any); return !isMap }) {
		return fieldProblem("not a list of attachments", "each is a map of fields like fallback, color, title, text")
	}
	return checkTree(tree)
}

func checkBlocks(w calbell.Webhook) error {
	if w.Blocks == nil {
		return nil
	}
	const hint = "each is a map with a type, such as section, and what belongs to it"
	list, ok := w.Blocks.([]any)
	switch {
	case !Of(w).Takes.Blocks:
		return fieldProblem(fmt.Sprintf("kind %s has no blocks", Of(w).Kind), "they are Slack's; use template and attachments")
	case !ok || slices.ContainsFunc(list, func(v any) bool { return !isBlock(v) }):
		return fieldProblem("not a list of blocks", hint)
	case len(list) > maxBlocks:
		return fieldProblem(fmt.Sprintf("%d blocks are more than %d", len(list), maxBlocks), "Slack takes 50, and one may say that the message is late")
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
		return fieldProblem(fmt.Sprintf("kind %s has a body of its own", Of(w).Kind), "use template and attachments, or kind: json")
	}
	return checkTree(w.Payload)
}

func checkStyle(w calbell.Webhook) error {
	switch {
	case w.Style != "card":
		return oneOf(w.Style, "style", "text", "card")
	case !Of(w).Takes.Card:
		return fieldProblem(fmt.Sprintf("kind %s has no cards", Of(w).Kind), "write the whole body as payload")
	case w.Attachments != nil:
		return fieldProblem("a card is an attachment, and there are attachments already", "leave one of the two out")
	case w.Blocks != nil:
		return fieldProblem("a card shows the event, and so do the blocks", "leave one of the two out")
	}
	return nil
}

func checkMentions(w calbell.Webhook) error {
	if w.Mentions != "" && !Of(w).Takes.Mentions {
		return fieldProblem(fmt.Sprintf("what mentions people in kind %s is not known", Of(w).Kind), "tell the receiver itself, if it can be told, in payload")
	}
	return oneOf(w.Mentions, "mentions", "deny", "template")
}

func checkPreviews(w calbell.Webhook) error {
	if w.Previews != nil && Of(w).Previews == PreviewsUnknown {
		return fieldProblem(fmt.Sprintf("what shows previews in kind %s is not known", Of(w).Kind), "leave previews out; some receivers can be told in payload")
	}
	return nil
}

func checkLength(n int) error {
	if n != 0 && (n < calbell.MinMaxLength || n > calbell.MaxMaxLength) {
		return fieldProblem(fmt.Sprintf("%d is not between %d and %d", n, calbell.MinMaxLength, calbell.MaxMaxLength),
			fmt.Sprintf("characters; %d when absent, as old servers take it", calbell.MaxMessageRunes))
	}
	return nil
}

// checkTree takes what JSON can hold, within bounds.
func checkTree(tree any) error {
	nodes := 0
	if err := walkTree(tree, 0, &nodes); err != nil {
		return fieldProblem(err.Error(), "use texts, numbers, true, false, lists and maps")
	}
	if _, err := marshal(tree); err != nil {
		return fieldProblem("cannot be written as JSON", "numbers must be finite")
	}
	return nil
}

func walkTree(v any, depth int, nodes *int) error {
	*nodes++
	if *nodes > maxTreeNodes || depth > maxTreeDepth {
		return errors.New("too large or too deep")
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
		return fmt.Errorf("holds a %T", v)
	}
	return nil
}

// checkZone takes IANA names. "Local" would be whatever machine this runs on.
func checkZone(name string) error {
	if name == "" {
		return nil
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return fieldProblem(fmt.Sprintf("unknown time zone %q", name), "use an IANA name like Europe/Zurich")
	}
	return nil
}
