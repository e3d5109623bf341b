package templates

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"calbell"
)

// TestNoticesGolden compares every kind of notice in every locale for every kind of chat,
// about a webhook and events whose names try to do more than name.
func TestNoticesGolden(t *testing.T) {
	const file = "testdata/notices.txt"
	one := calbell.Notice{Subject: "@all *Ops* <!here>", Reason: "answer 404: `gone`", Hint: "make it anew", Since: noticeSince}
	missed := missedNotice(2, 1)
	missed.Items[0].Subject = "@channel [x](https://example.org/trap)"
	var b strings.Builder
	for _, l := range Locales() {
		for _, kind := range []calbell.NoticeKind{
			calbell.NoticeMissed, calbell.NoticeSuspended, calbell.NoticeRestored, calbell.NoticeFailing, calbell.NoticeRecovered, calbell.NoticeTrouble,
		} {
			for _, chat := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
				n := one
				if kind == calbell.NoticeMissed {
					n = missed
				}
				n.Kind = kind
				text := noticed(t, chat, l, n).Text
				fmt.Fprintf(&b, "%s [%s, %s] %s\n", kind, l, chat, strings.ReplaceAll(text, "\n", "⏎"))
				if l == "de-CH" && strings.Contains(text, "ß") {
					t.Errorf("Switzerland writes ss: %q", text)
				}
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("other text than in %s (-want +got):\n%s", file, diff)
	}
}
