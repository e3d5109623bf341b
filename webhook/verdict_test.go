package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"calbell"
)

var (
	kchat = calbell.Webhook{URL: "https://chat.example.org/hooks/s3cr3tpart", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindKChat}}
	slack = calbell.Webhook{URL: "https://hooks.example.org/services/T0/B0/s3cr3tpart", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindSlack}}
	plain = calbell.Webhook{URL: "https://example.org/in/s3cr3tpart", WebhookSpec: calbell.WebhookSpec{Kind: calbell.KindJSON}}
)

// Every status has one class, whichever the kind, unless it is a 2xx.
func TestVerdictOfEveryStatus(t *testing.T) {
	classes := map[calbell.Verdict][]int{
		calbell.RefusedForNow:  {408, 425, 429, 500, 502, 503, 504, 506, 507, 508, 510, 511, 520, 521, 522, 530, 599},
		calbell.MessageRefused: {400, 413, 422},
		calbell.Outage: {
			300, 301, 302, 303, 304, 305, 306, 307, 308, 399,
			401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 414, 415, 416, 417, 418, 421, 423, 424, 426, 428, 431, 451, 499,
			501, 505,
		},
		calbell.Unrecognised: {100, 101, 102, 103, 199, 600, 999},
	}
	for want, statuses := range classes {
		for _, status := range statuses {
			for _, w := range []calbell.Webhook{kchat, slack, plain} {
				for _, body := range []string{"", "ok", "no"} {
					if got := verdictOf(w, answer{status: status, body: []byte(body)}); got != want {
						t.Errorf("%d %q for %s: %s, want %s", status, body, w.Kind, got, want)
					}
				}
			}
		}
	}
	for status := range 1000 {
		try := judge(kchat, answer{status: status, header: http.Header{}, body: []byte("ok")}, time.Now())
		if success := status >= 200 && status <= 299; (try.Verdict == calbell.Accepted) != success {
			t.Errorf("%d: %s", status, try.Verdict)
		}
		if try.Error.IsZero() != (try.Verdict == calbell.Accepted) {
			t.Errorf("%d: %s with error %q", status, try.Verdict, try.Error)
		}
	}
}

func TestSuccess(t *testing.T) {
	lost := errors.New("unexpected EOF")
	with := func(w calbell.Webhook, success string) calbell.Webhook { w.Success = success; return w }
	for _, tt := range []struct {
		name string
		hook calbell.Webhook
		a    answer
		want calbell.Verdict
	}{
		{"ok", kchat, answer{status: 200, body: []byte("ok")}, calbell.Accepted},
		{"ok, slack", slack, answer{status: 200, body: []byte("ok")}, calbell.Accepted},
		{"ok, mattermost", calbell.Webhook{WebhookSpec: calbell.WebhookSpec{Kind: "mattermost"}}, answer{status: 200, body: []byte("ok")}, calbell.Accepted},
		{"upper case", kchat, answer{status: 200, body: []byte("OK")}, calbell.Accepted},
		{"mixed case", kchat, answer{status: 200, body: []byte("oK")}, calbell.Accepted},
		{"white space", kchat, answer{status: 200, body: []byte(" \t\r\n\u00a0ok\u2003\n")}, calbell.Accepted},
		{"201", kchat, answer{status: 201, body: []byte("ok\n")}, calbell.Accepted},
		{"JSON that says yes", slack, answer{status: 200, body: []byte(`{"ok":true}`)}, calbell.Accepted},
		{"Rocket.Chat says yes", kchat, answer{status: 200, body: []byte(`{"success": true}`)}, calbell.Accepted},
		{"Zulip says yes", slack, answer{status: 200, body: []byte(`{"result":"success","msg":"","id":7}`)}, calbell.Accepted},
		{"a status in JSON", slack, answer{status: 201, body: []byte(`{"status":"OK"}`)}, calbell.Accepted},
		{"JSON in a page's clothes", slack, answer{status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(`{"ok":true}`)}, calbell.Accepted},
		{"yes and no", slack, answer{status: 200, body: []byte(`{"ok":true,"success":false,"error":"x"}`)}, calbell.MessageRefused},
		{"JSON that says no, to the webhook", slack, answer{status: 200, body: []byte(`{"ok":false,"error":"no_service"}`)}, calbell.HookRefused},
		{"JSON that says no, of kind json", plain, answer{status: 200, body: []byte(`{"ok":false,"error":"user_not_found"}`)}, calbell.HookRefused},
		{"JSON that says no, to the message", kchat, answer{status: 200, body: []byte(`{"result":"error","msg":"too long"}`)}, calbell.MessageRefused},
		{"JSON that says no, for now", slack, answer{status: 200, body: []byte(`{"ok":false,"error":"rate_limited"}`)}, calbell.RefusedForNow},
		{"JSON that says no, and any 2xx will do", with(plain, "2xx"), answer{status: 200, body: []byte(`{"success":false}`)}, calbell.Accepted},
		{"JSON that says neither", kchat, answer{status: 200, body: []byte(`{"id":7}`)}, calbell.Unrecognised},
		{"JSON that is cut", kchat, answer{status: 200, body: []byte(`{"ok":true}`), cut: true}, calbell.Unrecognised},
		{"empty", kchat, answer{status: 200}, calbell.Unrecognised},
		{"white space alone", kchat, answer{status: 200, body: []byte(" \n")}, calbell.Unrecognised},
		{"204", kchat, answer{status: 204}, calbell.Unrecognised},
		{"okay", kchat, answer{status: 200, body: []byte("okay")}, calbell.Unrecognised},
		{"in quotes", kchat, answer{status: 200, body: []byte(`"ok"`)}, calbell.Unrecognised},
		{"not ok", kchat, answer{status: 200, body: []byte("not ok")}, calbell.Unrecognised},
		{"fullwidth letters", kchat, answer{status: 200, body: []byte("ｏｋ")}, calbell.Unrecognised},
		{"Kelvin sign folds to k", kchat, answer{status: 200, body: []byte("oK")}, calbell.Accepted},
		{"page", kchat, answer{status: 200, body: []byte("<html>ok</html>")}, calbell.Outage},
		{"error with 200", slack, answer{status: 200, body: []byte("invalid_token")}, calbell.Unrecognised},
		{"ok and more to come", kchat, answer{status: 200, body: []byte("ok"), cut: true}, calbell.Unrecognised},
		{"lost after ok", kchat, answer{status: 200, body: []byte("ok"), err: lost}, calbell.Unknown},
		{"lost at once", kchat, answer{status: 200, err: lost}, calbell.Unknown},

		{"json takes anything", plain, answer{status: 200, body: []byte("whatever")}, calbell.Accepted},
		{"json takes no page", plain, answer{status: 200, body: []byte("<html>")}, calbell.Outage},
		{"json takes no page by its type", plain, answer{status: 200, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body: []byte("<p>Sign in</p>")}, calbell.Outage},
		{"json takes no page that is packed", plain, answer{status: 200, header: http.Header{"Content-Type": {"text/html"}, "Content-Encoding": {"gzip"}}, body: []byte{0x1f, 0x8b}}, calbell.Outage},
		{"json takes no page in UTF-16", plain, answer{status: 200, body: []byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00")}, calbell.Outage},
		{"json takes no XHTML", plain, answer{status: 203, body: []byte("<?xml version=\"1.0\"?>\n<!-- x -->\n<!DOCTYPE html>")}, calbell.Outage},
		{"json takes a word of a script that says html", plain, answer{status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: []byte("queued")}, calbell.Accepted},
		{"json takes markup inside of JSON", plain, answer{status: 200, body: []byte(`{"text":"<html>"}`)}, calbell.Accepted},
		{"json takes XML", plain, answer{status: 200, body: []byte(`<?xml version="1.0"?><response>ok</response>`)}, calbell.Accepted},
		{"json 204", plain, answer{status: 204}, calbell.Accepted},
		{"json 299", plain, answer{status: 299}, calbell.Accepted},
		{"json, body lost", plain, answer{status: 202, err: lost}, calbell.Accepted},
		{"json, success ok", with(plain, "ok"), answer{status: 200, body: []byte("queued")}, calbell.Unrecognised},
		{"json, success ok, ok", with(plain, "ok"), answer{status: 200, body: []byte("Ok")}, calbell.Accepted},
		{"kchat, success 2xx", with(kchat, "2xx"), answer{status: 200, body: []byte("queued")}, calbell.Accepted},
		{"kchat, success 2xx, page", with(kchat, "2xx"), answer{status: 200, body: []byte("<!DOCTYPE html><title>Sign in</title>")}, calbell.Outage},
		{"kchat, success 2xx, 204", with(kchat, "2xx"), answer{status: 204}, calbell.Accepted},
		{"kchat, success 2xx, 302", with(kchat, "2xx"), answer{status: 302}, calbell.Outage},

		{"400, reason lost", kchat, answer{status: 400, err: lost}, calbell.RefusedForNow},
		{"400, reason read", kchat, answer{status: 400, body: []byte("Invalid webhook"), err: lost}, calbell.HookRefused},
		{"400, page", kchat, answer{status: 400, body: []byte("<html><title>400 Bad Request</title></html>")}, calbell.Outage},
		{"404, page lost", kchat, answer{status: 404, err: lost}, calbell.Outage},
		{"503, page lost", kchat, answer{status: 503, err: lost}, calbell.RefusedForNow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := verdictOf(tt.hook, tt.a); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestReasonOfARefusal(t *testing.T) {
	for _, tt := range []struct {
		hook calbell.Webhook
		a    answer
		want string
	}{
		{kchat, answer{status: 503}, "answered 503 Service Unavailable"},
		{kchat, answer{status: 599}, "answered 599"},
		{kchat, answer{status: 200}, `answered 200 OK without text, where "ok" was expected`},
		{kchat, answer{status: 200, body: []byte("<html>")}, `answered 200 OK with a web page`},
		{kchat, answer{status: 403, body: []byte("<html><title>\n Just a &quot;moment&quot;… </title></html>")}, `answered 403 Forbidden with the web page "Just a \"moment\"…"`},
		{kchat, answer{status: 200, body: []byte("queued")}, `answered 200 OK, but not "ok": queued`},
		{kchat, answer{status: 404, body: []byte(`{"id":"web.incoming_webhook.channel.app_error","message":"Couldn't find the channel.","status_code":404}`)}, "answered 404 Not Found: Couldn't find the channel."},
		{slack, answer{status: 403, body: []byte("invalid_token\n")}, "answered 403 Forbidden: invalid_token"},
		{plain, answer{status: 404, body: []byte(`{"error":{"code":"x","message":"no such hook s3cr3tpart"}}`)}, "answered 404 Not Found: no such hook [secret]"},
		{plain, answer{status: 404, body: []byte("404 Not Found")}, "answered 404 Not Found"},
		{plain, answer{status: 404, body: []byte(`{"a":[1,2`)}, "answered 404 Not Found"},
		{plain, answer{status: 404, body: []byte(strings.Repeat("x", maxWords-5) + "s3cr3tpart")}, "answered 404 Not Found: " + strings.Repeat("x", maxWords-5) + "[s…"},
		{kchat, answer{status: 200, err: errors.New("unexpected EOF")}, "answered 200 OK, but its text was lost: unexpected EOF"},
		{kchat, answer{status: 301, header: http.Header{"Location": {"https://new.example.org/hooks/s3cr3tpart"}}}, `answered 301 Moved Permanently to host "new.example.org"; redirects are not followed`},
		{kchat, answer{status: 302, header: http.Header{"Location": {"/login?from=/hooks/s3cr3tpart"}}}, "answered 302 Found; redirects are not followed"},
		{kchat, answer{status: 307, header: http.Header{"Location": {"https://a b/"}}}, "answered 307 Temporary Redirect; redirects are not followed"},
		{kchat, answer{status: 101}, "answered 101 Switching Protocols, which makes no sense here"},
		{kchat, answer{status: 999}, "answered 999, which makes no sense here"},
	} {
		if got := judge(tt.hook, tt.a, time.Now()).Error; got.English != tt.want {
			t.Errorf("%d:\ngot  %s\nwant %s", tt.a.status, got, tt.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, tt := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"0", "", 0},
		{"1", "", time.Second},
		{"30", "", 30 * time.Second},
		{" 30 ", "", 30 * time.Second},
		{"007", "", 7 * time.Second},
		{"3600", "", time.Hour},
		{"3601", "", time.Hour},
		{"1000000000", "", time.Hour},
		{"99999999999999999999999999", "", time.Hour},
		{"9223372036854775807", "", time.Hour},
		{"-1", "", 0},
		{"+5", "", 0},
		{"1.5", "", 0},
		{"1e3", "", 0},
		{"٣", "", 0}, // digits, but not of HTTP
		{"soon", "", 0},
		{"30 seconds", "", 0},
		{"30, 60", "", 0},
		{at(20 * time.Second), "", 20 * time.Second},
		{at(-20 * time.Second), "", 0},
		{at(2 * time.Hour), "", time.Hour},
		{now.Add(20 * time.Second).Format(time.RFC850), "", 20 * time.Second},
		{now.Add(20 * time.Second).Format(time.ANSIC), "", 20 * time.Second},
		{now.Add(20 * time.Second).Format(time.RFC3339), "", 0},
		{at(20 * time.Second), at(-10 * time.Minute), 10*time.Minute + 20*time.Second}, // its clock is behind ours
		{at(10*time.Minute + 20*time.Second), at(10 * time.Minute), 20 * time.Second},  // ahead
		{at(20 * time.Second), "yesterday", 20 * time.Second},
		{"Fri, 31 Dec 9999 23:59:59 GMT", "", time.Hour},
	} {
		h := http.Header{}
		if tt.value != "" {
			h.Set("Retry-After", tt.value)
		}
		if tt.date != "" {
			h.Set("Date", tt.date)
		}
		if got := retryAfter(h, now); got != tt.want {
			t.Errorf("Retry-After %q, Date %q: %s, want %s", tt.value, tt.date, got, tt.want)
		}
	}
}

func TestRetryAfterIsHeardFromAnyRefusal(t *testing.T) {
	h := http.Header{"Retry-After": {"30"}}
	for _, status := range []int{429, 503, 500, 403, 301} {
		if try := judge(kchat, answer{status: status, header: h}, time.Now()); try.RetryAfter != 30*time.Second {
			t.Errorf("%d: %s", status, try.RetryAfter)
		}
	}
	if try := judge(kchat, answer{status: 200, header: h, body: []byte("ok")}, time.Now()); try.RetryAfter != 0 {
		t.Errorf("accepted, and yet a rest of %s", try.RetryAfter)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"1", "-1", "Sun, 22 Nov 2026 12:00:00 GMT", "x"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		h := http.Header{"Retry-After": {value}, "Date": {date}}
		if got := retryAfter(h, time.Unix(0, 0)); got < 0 || got > calbell.MaxRetryAfter {
			t.Errorf("%q: %s", value, got)
		}
	})
}

// The two halves of 400: about the webhook, and about this message.
func TestNamesHook(t *testing.T) {
	mattermost := func(id, message string) string {
		return fmt.Sprintf(`{"id":%q,"message":%q,"detailed_error":"","request_id":"a1b2","status_code":400}`, id, message)
	}
	hook := []string{
		mattermost("web.incoming_webhook.invalid.app_error", "Invalid webhook."),
		mattermost("web.incoming_webhook.invalid.app_error", "Ungültiger Webhook."),
		mattermost("web.incoming_webhook.disabled.app_error", "désactivé"),
		mattermost("web.incoming_webhook.general.app_error", "Failed to handle the payload of media type application/json for incoming webhook a1b2c3."),
		mattermost("web.incoming_webhook.channel.app_error", "Couldn't find the channel."),
		mattermost("web.incoming_webhook.channel_locked.app_error", "not permitted"),
		mattermost("web.incoming_webhook.user.app_error", "Couldn't find the user."),
		mattermost("web.incoming_webhook.permissions.app_error", "Inappropriate channel permissions."),
		"no_service", "no_service_id", "no_active_hooks", "no_team", "team_disabled", "invalid_token", "channel_is_archived",
		"channel_not_found", "user_not_found", "action_prohibited", "posting_to_general_channel_denied",
		" No_Service\n", "error: invalid_token", `{"ok":false,"error":"invalid_token"}`, `["invalid_token"]`, `{"error":{"code":"channel_is_archived","message":""}}`,
		"Invalid webhook", "invalid Webhook.", "Unknown webhook", "Invalid incoming webhook!", "Deleted hook",
		"The webhook was deleted", "This hook has been removed.", "webhook disabled", "Webhook is not enabled",
		"Incoming webhooks have been disabled by the system admin.", "webhook not found", "Webhook does not exist",
		"The incoming webhook doesn't exist any more", "The webhook doesn’t exist", "No such webhook", "Couldn't find the webhook",
		"cannot find webhook", "Webhook token has expired", "Hook URL is invalid", "Webhook ID is unknown",
		"invalid_webhook", "webhook_not_found", "webhook-disabled", `{"error":{"code":"hook_deleted","description":""}}`,
		`{"success":false,"error":"Invalid integration id or token provided."}`, `{"result":"error","error":{"code":"x","description":"Unknown webhook"}}`,
		`{"message":"Unknown Webhook","code":10015}`, `{"title":"Bad Request","detail":"the webhook has been revoked"}`,
	}
	message := []string{
		"", "bad request", "invalid_payload", "no_text", "too_many_attachments", "invalid_blocks", "msg_too_long", "missing_text_or_fallback_or_attachments",
		mattermost("web.incoming_webhook.parse.app_error", "Unable to parse incoming data."),
		mattermost("web.incoming_webhook.decode.app_error", "Unable to decode the webhook payload."),
		mattermost("web.incoming_webhook.text.app_error", "No text specified."),
		mattermost("web.incoming_webhook.split_props_length.app_error", "Unable to split webhook props."),
		mattermost("api.webhook.incoming.error", "Could not decode the multipart payload of incoming webhook."),
		"Invalid webhook payload", "invalid webhook message format", "The webhook payload is invalid", "webhook: invalid payload",
		"Invalid JSON", "Invalid JSON in the body of the webhook", "Webhook message has an invalid field", "The message was deleted",
		"text is required", "webhook received invalid data", "webhook content is not valid", "unhook invalid", "hooked deleted", "a webhook", "webhook ok",
		"invalid_webhook_payload", "webhook_text_invalid", `{"error":{"code":"validation_failed","description":"The text field is required"}}`,
		`{"error":"invalid_payload"}`, `{"message":"Cannot send an empty message","code":50006}`, `{"text":"invalid_token"}`, `{"message":{"text":"no_service"}}`,
		// A receiver that echoes the message, whose words are a stranger's, in a long text.
		"cannot take " + strings.Repeat("x ", maxReason) + " invalid_token",
		`{"message":"` + strings.Repeat("x ", maxReason) + ` invalid webhook"}`,
	}
	for _, body := range hook {
		if !namesHook([]byte(body)) {
			t.Errorf("not seen as about the webhook: %s", body)
		}
		if got := verdictOf(kchat, answer{status: 400, body: []byte(body)}); got != calbell.HookRefused {
			t.Errorf("%s: %s", body, got)
		}
	}
	for _, body := range message {
		if namesHook([]byte(body)) {
			t.Errorf("seen as about the webhook: %s", body)
		}
		if got := verdictOf(slack, answer{status: 400, body: []byte(body)}); got != calbell.MessageRefused {
			t.Errorf("%s: %s", body, got)
		}
	}
}

// What stands between answers in the chat's place; only the chat's own words refuse the webhook.
func TestAnswersFromBetween(t *testing.T) {
	html := http.Header{"Content-Type": {"text/html"}}
	for _, tt := range []struct {
		status int
		header http.Header
		body   string
		want   calbell.Verdict
	}{
		{404, nil, "404 page not found\n", calbell.Outage},
		{404, nil, "default backend - 404", calbell.Outage},
		{404, html, "<html><body><h1>Not Found</h1></body></html>", calbell.Outage},
		{405, html, "<html><title>405 Not Allowed</title></html>", calbell.Outage},
		{403, http.Header{"Cf-Mitigated": {"challenge"}}, "", calbell.Outage},
		{403, nil, "Forbidden", calbell.Outage},
		{401, http.Header{"Www-Authenticate": {"Basic"}}, "Unauthorized", calbell.Outage},
		{407, nil, `{"message":"Sign in at the proxy"}`, calbell.Outage},
		{410, nil, "", calbell.Outage},
		{404, nil, `{"message":"no Route matched with those values"}`, calbell.Outage},
		{403, nil, `{"message":"Missing Authentication Token"}`, calbell.Outage},
		{404, nil, `{"error":"Not Found"}`, calbell.Outage},
		{501, html, "<h1>Unsupported method</h1>", calbell.Outage},
		{302, nil, `{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook."}`, calbell.Outage},
		{404, nil, `{"id":"web.incoming_webhook.channel.app_error","message":"Canal introuvable."}`, calbell.HookRefused},
		{501, nil, `{"id":"web.incoming_webhook.disabled.app_error","message":"x"}`, calbell.HookRefused},
		{401, nil, `{"message":"Invalid or expired session, please login again."}`, calbell.HookRefused},
		{404, nil, `{"message":"Unknown Webhook","code":10015}`, calbell.HookRefused},
		{404, nil, "no_service", calbell.HookRefused},
		{410, nil, "channel_is_archived", calbell.HookRefused},
		{403, nil, "action_prohibited", calbell.HookRefused},
		{404, nil, "Channel not found", calbell.HookRefused},
		{403, nil, "invalid token", calbell.HookRefused},
		{410, nil, "This webhook was removed.", calbell.HookRefused},
		{502, html, "<html>", calbell.RefusedForNow},
		{429, html, "<html>", calbell.RefusedForNow},
		{413, html, "<html><title>413 Request Entity Too Large</title></html>", calbell.MessageRefused},
	} {
		header := tt.header
		if header == nil {
			header = http.Header{}
		}
		if got := verdictOf(kchat, answer{status: tt.status, header: header, body: []byte(tt.body)}); got != tt.want {
			t.Errorf("%d %v %q: %s, want %s", tt.status, header, tt.body, got, tt.want)
		}
	}
	if got := verdictOf(plain, answer{status: 404, body: []byte(`{"error":"Not Found"}`)}); got != calbell.HookRefused {
		t.Errorf("a receiver of JSON in its own words: %s", got)
	}
}

func FuzzJudge(f *testing.F) {
	f.Add(400, []byte(`{"id":"web.incoming_webhook.invalid.app_error"}`), "30")
	f.Add(200, []byte("ok"), "")
	f.Add(302, []byte("<html>s3cr3tpart"), "x")
	f.Fuzz(func(t *testing.T, status int, body []byte, value string) {
		try := judge(kchat, answer{status: status, body: body, header: http.Header{"Retry-After": {value}, "Location": {value}}}, time.Unix(0, 0))
		if try.Verdict == "" || len(try.Answer) > calbell.MaxAnswerShown || len(try.Error.English) > maxErrorShown {
			t.Errorf("%+v", try)
		}
		if strings.ContainsAny(try.Answer+try.Error.English, "\n\r\t\x00\x1b\u202e") {
			t.Errorf("not one printable line: %q", try.Answer)
		}
		if strings.Contains(try.Answer+try.Error.English, "s3cr3tpart") {
			t.Errorf("shows the secret: %+v", try)
		}
	})
}
