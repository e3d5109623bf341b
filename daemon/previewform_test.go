package daemon_test

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// live asks for the preview of a form as the script does.
func (v *visitor) live(form url.Values) string {
	v.h.Helper()
	status, _, page := v.send("/webhooks/_preview", form)
	if status != http.StatusOK {
		v.h.Errorf("the preview: %d\n%s", status, page)
	}
	return page
}

// body is what a preview says is posted.
func body(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)<pre tabindex="0" class="body">(.*?)</pre>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no body in\n%s", page)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(html.UnescapeString(m[1]))); err != nil {
		t.Fatalf("%v in %s", err, m[1])
	}
	return out.String()
}

// A test posts what the preview shows, to the byte, whatever the sample and the kind.
func TestTestPostsThePreview(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	for _, kind := range []string{"kchat", "slack", "json"} {
		form := hookForm(bob.get("/webhooks/_new"), "name", "of "+kind, "kind", kind, "url", i.chat.URL("/hooks/bobs-hook"), "template", "*%subject%* %date% <b> @channel [[%location%]] %description%")
		bob.does("/webhooks/_new", form)
		form.Set("of", "bob.of-"+kind)
		form.Set("url", "")
		for _, sample := range []string{"timed", "all-day", "empty", "hostile"} {
			form.Set("sample", sample)
			want := body(t, bob.live(form))
			bob.does("/webhooks/bob.of-"+kind+"/test", url.Values{"sample": {sample}})
			posted := i.chat.Requests()
			var got bytes.Buffer
			i.ok(json.Compact(&got, posted[len(posted)-1].Body))
			if got.String() != want {
				t.Errorf("%s, %s: posted\n%s\nshown\n%s", kind, sample, got.String(), want)
			}
		}
	}
}

// The preview looks like the chat's own picture of the message, counts, and says what is wrong.
func TestPreviewInWords(t *testing.T) {
	t.Parallel()
	i := inhabit(t)
	bob := i.signIn("Bob")
	form := hookForm(bob.get("/webhooks/_new"), "name", "new")
	for _, c := range []struct {
		with  []string
		shown []string
		not   string
	}{
		{[]string{"template", "**%subject%**"}, []string{"<strong>", "Every variable is known", "of 3900 characters"}, "<b>Weekly"},
		{[]string{"template", "*%subject%*", "kind", "slack"}, []string{"<b>", "Shown as Slack"}, "<strong>"},
		{[]string{"template", "%subject%", "kind", "json"}, []string{`class="body"`, "Shown as Generic JSON"}, "bubble"},
		{[]string{"template", "x", "kind", "", "url", "https://hooks.slack.com/services/T/B/secret"}, []string{"Shown as Slack"}, "secret"},
		{[]string{"template", "%subjcet% %locaton%", "url", ""}, []string{"did you mean “subject”", "did you mean “location”"}, "Every variable"},
		{[]string{"template", "%subject%", "username", "Robot <b>"}, []string{"Robot &lt;b&gt;"}, "Robot <b>"},
		{[]string{"sample", "hostile"}, []string{"bubble"}, "<script"},
		{[]string{"sample", "none such"}, []string{"note bad"}, "bubble"},
		{[]string{"sample", "timed", "attachments", "[1"}, []string{"note bad", "no JSON"}, "bubble"},
	} {
		for n := 0; n < len(c.with); n += 2 {
			form.Set(c.with[n], c.with[n+1])
		}
		page := bob.live(form)
		for _, want := range c.shown {
			if !strings.Contains(page, want) {
				t.Errorf("%q: no %q in\n%s", c.with, want, page)
			}
		}
		if strings.Contains(page, c.not) {
			t.Errorf("%q: %q in\n%s", c.with, c.not, page)
		}
	}
}
