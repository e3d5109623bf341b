package webhook

import (
	"strings"
	"testing"
	"unicode/utf8"

	"calbell"
)

func TestMaskedURL(t *testing.T) {
	for url, want := range map[calbell.Secret]string{
		"":                                   "",
		"https://chat.example.org/hooks/abc": "https://chat.example.org/[secret]",
		"http://127.0.0.1:9000/hooks/abc":    "http://127.0.0.1:9000/[secret]",
		"https://anna:geheim@example.org/?t=abc#d": "https://example.org/[secret]",
		"https://example.org":                      "https://example.org/[secret]",
		"hooks/abc":                                "[secret]",
		"https://exa mple.org/abc":                 "[secret]",
		"mailto:anna@example.org":                  "[secret]",
	} {
		if got := Masked(url); got != want {
			t.Errorf("%q: %q, want %q", url.Reveal(), got, want)
		}
	}
}

func TestAnswerShown(t *testing.T) {
	const hook = "https://chat.example.org/hooks/k8h1n2p3q4"
	for _, tt := range []struct {
		name, url, body, want string
	}{
		{"as it is", hook, "channel_not_found", "channel_not_found"},
		{"the id", hook, "incoming webhook k8h1n2p3q4.", "incoming webhook [secret]."},
		{"in other letters", hook, "WEBHOOK K8H1N2P3Q4", "WEBHOOK [secret]"},
		{"the path", hook, "no /hooks/k8h1n2p3q4 here", "no [secret] here"},
		{"the URL", hook, "moved: " + hook, "moved: [secret]"},
		{"escaped slashes", hook, `{"path":"\/hooks\/k8h1n2p3q4"}`, `{"path":"\/hooks\/[secret]"}`},
		{"inside a word", hook, "xk8h1n2p3q4x", "x[secret]x"},
		{"twice", hook, "k8h1n2p3q4 k8h1n2p3q4", "[secret] [secret]"},
		{"split by a format character", hook, "k8h1n\u200b2p3q4", "[secret]"},
		{"short id", "http://127.0.0.1:9000/hooks/abc", "no hook abc, alphabet abcd", "no hook [secret], alphabet abcd"},
		{"short id, whole path", "http://127.0.0.1:9000/hooks/abc", "GET /hooks/abc", "GET [secret]"},
		{"all of slack's parts", "https://hooks.example.org/services/T012345/B067890/s3cr3tpart", "T012345 B067890 s3cr3tpart services", "[secret] [secret] [secret] services"},
		{"query", "https://example.org/in?token=geheim99", "token geheim99", "token [secret]"},
		{"escaped query", "https://example.org/in?token=ge%20heim", "ge heim or ge%20heim", "[secret] or [secret]"},
		{"password", "https://anna:geheim99@example.org/in", "anna with geheim99", "[secret] with [secret]"},
		{"password as it is sent", "https://anna:geheim99@example.org/in", "Authorization: Basic YW5uYTpnZWhlaW05OQ==", "Authorization: Basic [secret]"},
		{"percent-encoded path", "https://example.org/a%2Fb%20cdef", "/a%2Fb%20cdef or /a/b cdef", "[secret] or [secret]"},
		{"path that is not UTF-8", "https://example.org/%ff%feabc", "no /\xff\xfeabc nor /%ff%feabc", "no [secret] nor [secret]"},
		{"nothing to hide", "https://example.org/", "example.org /", "example.org /"},
		{"lines", hook, "<html>\r\n\t<b>no</b>\n</html>\n", "<html> <b>no</b> </html>"},
		{"control characters", hook, "a\x00b\x1b[31mc\u202ed\ufeff", "a b [31mcd"},
		{"not UTF-8", hook, "a\xff\xfeb", "a\ufffd\ufffdb"},
		{"empty", hook, " \n ", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := newMask(calbell.Secret(tt.url)).shown([]byte(tt.body), false); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestAnswerShownIsBounded(t *testing.T) {
	m := newMask("https://chat.example.org/hooks/k8h1n2p3q4")
	for _, unit := range []string{"a", "é", "東", "🔔", "a ", "k8h1n2p3q4 "} {
		for n := range 20 {
			got := m.shown([]byte(strings.Repeat("x", n)+strings.Repeat(unit, calbell.MaxAnswerShown+1)), false)
			if len(got) > calbell.MaxAnswerShown || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
				t.Errorf("%d bytes, ends in %q", len(got), got[max(0, len(got)-10):])
			}
		}
	}
	if got := m.shown([]byte(strings.Repeat("a", calbell.MaxAnswerShown)), false); len(got) != calbell.MaxAnswerShown || strings.HasSuffix(got, "…") {
		t.Errorf("cut although it fits: %d bytes", len(got))
	}
}

// The secret may lie across the place where reading stopped.
func TestHalfASecretIsNotShown(t *testing.T) {
	const secret = "k8h1n2p3q4k8h1n2p3q4"
	m := newMask("https://chat.example.org/hooks/" + secret)
	for kept := range len(secret) {
		body := strings.Repeat(" ", 100) + secret[:kept]
		if got := m.shown([]byte(body), true); got != "" {
			t.Errorf("shows %q", got)
		}
	}
}

// A masked reason keeps its key, so that it is said in the reader's language, and hides the secret
// there as in English.
func TestMaskedTextKeepsItsKey(t *testing.T) {
	m := newMask("https://chat.example.org/hooks/k8h1n2p3q4")
	inner := calbell.T("test:inner", "no hook %s", "k8h1n2p3q4")
	for name, tt := range map[string]struct {
		text, want calbell.Text
	}{
		"nothing to hide": {calbell.T("test:outer", "answered %s: %s", "404", "no"), calbell.T("test:outer", "answered %s: %s", "404", "no")},
		"an argument":     {calbell.T("test:outer", "answered %s: %s", "404", "k8h1n2p3q4\nx"), calbell.T("test:outer", "answered %s: %s", "404", "[secret] x")},
		"quoted":          {calbell.T("test:quoted", "answered %q", "k8h1n2p3q4"), calbell.T("test:quoted", "answered %q", "[secret]")},
		"a text inside":   {calbell.T("test:outer", "answered %s: %s", "404", inner), calbell.T("test:outer", "answered %s: %s", "404", calbell.T("test:inner", "no hook %s", "[secret]"))},
		"the sentence":    {calbell.T("test:sentence", "no k8h1n2p3q4 here"), calbell.Plain("no [secret] here")},
		"a long one":      {calbell.T("test:long", "answered %s", strings.Repeat("x", 2*maxErrorShown)), calbell.Plain("answered " + strings.Repeat("x", maxErrorShown-len("answered …")) + "…")},
	} {
		if got := m.text(tt.text); got != tt.want {
			t.Errorf("%s: %s %q\nwant %s %q", name, got.Key, got.Stored(), tt.want.Key, tt.want.Stored())
		}
	}
}

// Whatever surrounds it, the last part of the path is not shown.
func FuzzMask(f *testing.F) {
	f.Add("/hooks/", "before ", " after")
	f.Add("/a?b=c&d=", "\x00", "\xff")
	f.Fuzz(func(t *testing.T, path, before, after string) {
		const secret = "qZ7canaryX9"
		m := newMask(calbell.Secret("https://chat.example.org/" + path + "/" + secret))
		text := m.text(calbell.T("test:outer", "%q: %s", before, before+secret+after))
		if strings.Contains(text.Stored(), secret) || len(text.English) > maxErrorShown {
			t.Errorf("%q", text.Stored())
		}
		for _, got := range []string{m.clean(before + secret + after), m.shown([]byte(before+secret+after), false)} {
			if strings.Contains(got, secret) || len(got) > calbell.MaxAnswerShown || strings.ContainsAny(got, "\n\r\x00") {
				t.Errorf("%q", got)
			}
		}
	})
}
