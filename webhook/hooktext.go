package webhook

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"calbell/webhook/dialect"
)

// A chat that answers 400 refuses either this message or the webhook. Only its text shows
// which, and that decides between one dead reminder and a suspended webhook.

const (
	// maxReason limits a text that is read as a reason. Longer ones are pages, or echo the
	// message, whose words strangers choose.
	maxReason = 300
	// maxReasonWords limits the words of a reason that are examined.
	maxReasonWords = 60
	// mattermostPrefix and mattermostSuffix begin and end the identifiers of Mattermost's
	// webhook errors; some proxies cut the suffix off.
	mattermostPrefix, mattermostSuffix = "web.incoming_webhook.", ".app_error"
)

// namesHook reports whether the body of a 400 is about the webhook, not about the message.
func namesHook(body []byte) bool {
	return slices.ContainsFunc(reasons(body), func(r string) bool {
		if strings.HasPrefix(r, mattermostPrefix) {
			return refusesWebhook(strings.TrimSuffix(r, mattermostSuffix) + mattermostSuffix)
		}
		// Words such as invalid_webhook are read as a sentence too.
		return slices.ContainsFunc(wordsOf(r), refusesWebhook) || sentenceNames(wordsOf(strings.ReplaceAll(r, "_", " ")), isHook)
	})
}

// reasons returns the texts of a body in which a server gives its reason: the known fields of a
// JSON object, or a short plain text.
func reasons(body []byte) []string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return short(string(body))
	}
	found := reasonFields(fields)
	var inner map[string]json.RawMessage
	if json.Unmarshal(fields["error"], &inner) == nil {
		found = append(found, reasonFields(inner)...)
	}
	return found
}

func reasonFields(fields map[string]json.RawMessage) []string {
	var found []string
	for _, name := range []string{
		"id", "error", "code", "type", "message", "description", "detail", "detailed_error", "title", "reason",
	} {
		var s string
		if json.Unmarshal(fields[name], &s) == nil {
			found = append(found, short(s)...)
		}
	}
	return found
}

func short(s string) []string {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" || len(s) > maxReason {
		return nil
	}
	return []string{s}
}

// refusesWebhook reports whether an identifier is a chat's and concerns the webhook, its
// workspace or its channel: the next message would fail too.
func refusesWebhook(id string) bool {
	c, known := dialect.CodeOf(id)
	return known && c.About != dialect.AboutMessage
}

// sentenceNames reports whether a sentence refuses a thing: "invalid webhook" and "the hook was
// deleted" do, but neither "invalid webhook payload" nor "webhook: invalid text". is reports
// whether a word names the thing.
func sentenceNames(words []string, is func(string) bool) bool {
	for i, w := range words {
		if is(w) && (goneBefore(words[:i]) && !aboutMessage(words[i+1:]) || goneAfter(words[i+1:])) {
			return true
		}
	}
	return false
}

func isHook(w string) bool {
	return slices.Contains([]string{"webhook", "webhooks", "hook", "hooks", "integration", "integrations"}, w)
}

// gone reports whether a word describes a webhook that does not work.
func gone(w string) bool {
	switch w {
	case "invalid", "unknown", "deleted", "removed", "disabled", "deactivated", "inactive", "revoked",
		"expired", "archived", "nonexistent", "nonexisting", "locked", "blocked", "forbidden", "unauthorized":
		return true
	}
	return false
}

// goneBefore reports whether the words before the webhook refuse it, after skipping filler
// words: "couldn't find the incoming" webhook.
func goneBefore(words []string) bool {
	for i, w := range slices.Backward(words) {
		switch w {
		case "the", "this", "an", "a", "any", "incoming", "slack", "that", "requested", "specified", "web":
			continue
		case "find":
			return i > 0 && negative(words[i-1])
		case "such":
			return i > 0 && words[i-1] == "no"
		}
		return gone(w)
	}
	return false
}

// goneAfter reports whether the words after the webhook refuse it.
func goneAfter(words []string) bool {
	for i, w := range words {
		switch rest := words[i+1:]; {
		case aboutMessage(words[i:]):
			return false
		case gone(w):
			return !aboutMessage(rest)
		case negative(w) && len(rest) > 0 && slices.Contains([]string{"found", "exist", "exists", "active", "enabled", "valid"}, rest[0]):
			return true
		}
	}
	return false
}

func negative(w string) bool {
	return w == "not" || w == "cannot" || w == "never" || strings.HasSuffix(w, "n't")
}

// aboutMessage reports whether the next word names a part of the message.
func aboutMessage(words []string) bool {
	if len(words) == 0 {
		return false
	}
	switch words[0] {
	case "payload", "body", "data", "message", "messages", "request", "format", "json", "content", "text",
		"attachment", "attachments", "field", "fields", "block", "blocks", "parameter", "parameters", "type", "syntax":
		return true
	}
	return false
}

// wordsOf splits at everything but letters, digits, "_" and apostrophes.
func wordsOf(s string) []string {
	s = strings.ReplaceAll(s, "’", "'")
	words := strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '\''
	})
	return words[:min(len(words), maxReasonWords)]
}
