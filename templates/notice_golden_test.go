package templates

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"calbell"
)

// TestNoticesGolden compares every kind of notice in every locale for every kind of chat,
// about a webhook and events whose names try to do more than name.
func TestNoticesGolden(t *testing.T) {
	const file = "testdata/notices.txt"
	one := calbell.Notice{Subject: "@all *Ops* <!here>", Reason: calbell.Plain("answer 404: `gone`"), Hint: calbell.Plain("make it anew"), Since: noticeSince}
	missed := missedNotice(2, 1)
	missed.Items[0].Subject = "@channel [x](https://example.org/trap)"
	special := map[string]calbell.Notice{"missed": missed}
	maps.Copy(special, agendaNotices("@channel [x](https://example.org/trap)"))
	var b strings.Builder
	for _, l := range Locales() {
		for _, kind := range append([]string{"suspended", "restored", "failing", "recovered", "trouble"}, slices.Sorted(maps.Keys(special))...) {
			for _, chat := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
				n, ok := special[kind]
				if !ok {
					n = one
					n.Kind = calbell.NoticeKind(kind)
				}
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
