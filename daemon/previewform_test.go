package daemon_test

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
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
