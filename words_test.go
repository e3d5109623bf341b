package calbell

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// Whatever prints a Secret prints that it is one.
func TestSecretIsNeverPrinted(t *testing.T) {
	const canary = "hunter2-canary"
	s := Secret(canary)
	holder := struct {
		URL  Secret
		List []Secret
		Map  map[string]Secret
		Ptr  *Secret
	}{s, []Secret{s}, map[string]Secret{"k": s}, &s}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "holder", holder)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "holder", holder)
	text, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	type element struct{ URL Secret }
	markup, err := xml.Marshal(element{s})
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{
		fmt.Sprint(s), fmt.Sprintf("%s %v %q %+v %#v", s, s, s, s, s), fmt.Sprintf("%v %+v", holder, holder),
		fmt.Sprintf("%#v", []Secret{s}), fmt.Errorf("x: %v", s).Error(), log.String(), string(text), string(markup),
	} {
		if strings.Contains(out, canary) {
			t.Errorf("printed: %s", out)
		}
	}
	if s.Reveal() != canary {
		t.Error("Reveal does not reveal")
	}
}

func TestEmptySecretIsSeenToBeEmpty(t *testing.T) {
	if text, err := json.Marshal(Secret("")); err != nil || string(text) != `""` {
		t.Errorf("%s, %v", text, err)
	}
	var s Secret
	if err := json.Unmarshal([]byte(`"value"`), &s); err != nil || s.Reveal() != "value" {
		t.Errorf("read %q, %v", s.Reveal(), err)
	}
}

func TestSlug(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"team", "team"},
		{"kChat #team", "kchat-team"},
		{"  Two   words  ", "two-words"},
		{"team.ops", "team-ops"},
		{"Équipe", "équipe"},
		{"E\u0301quipe", "équipe"}, // composed otherwise, the same name
		{"ÄÖÜ/ß", "äöü-ß"},
		{"日本 語", "日本-語"},
		{"a--b__c", "a-b-c"},
		{"#!", ""},
		{"", ""},
	} {
		got := Slug(tt.name)
		if got != tt.want {
			t.Errorf("Slug(%q) = %q, want %q", tt.name, got, tt.want)
		}
		if again := Slug(got); again != got {
			t.Errorf("the slug of %q is not its own slug: %q", got, again)
		}
	}
}

func FuzzSlug(f *testing.F) {
	for _, s := range []string{"kChat #team", "İstanbul", "ǅ", "\xff", "e\u0301\u0327"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once, twice := Slug(s), Slug(Slug(s)); once != twice {
			t.Errorf("Slug(%q) = %q, and of that %q", s, once, twice)
		}
	})
}

func TestWithoutVariables(t *testing.T) {
	for template, want := range map[string]string{
		"": "", "plain": "plain", "%subject%": "x", "a%subject%b%time_zone%": "axbx", "https://example.org/%uid|max:9%.png": "https://example.org/x.png",
		"50% off, %20 and %%": "50% off, %20 and %%", "%a|b": "%a|b", "100%é%": "100x", "%": "%", "%a": "%a", "%subject|max:3\n%": "%subject|max:3\n%",
	} {
		if got := WithoutVariables(template); got != want {
			t.Errorf("%q: %q, want %q", template, got, want)
		}
	}
}

func TestReminderID(t *testing.T) {
	due := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	base := NewReminderID("team", "a", "", due)
	if len(base) != 32 {
		t.Errorf("ID %q has %d characters", base, len(base))
	}
	if same := NewReminderID("team", "a", "", due.In(time.FixedZone("x", 3600))); same != base {
		t.Error("the same instant in another zone is another reminder")
	}
	seen := map[ReminderID]string{base: "base"}
	for name, id := range map[string]ReminderID{
		"webhook":       NewReminderID("ops", "a", "", due),
		"uid":           NewReminderID("team", "b", "", due),
		"instance":      NewReminderID("team", "a", "2026-11-23", due),
		"instant":       NewReminderID("team", "a", "", due.Add(time.Second)),
		"moved border":  NewReminderID("tea", "ma", "", due),
		"moved border2": NewReminderID("team", "", "a", due),
	} {
		if other, ok := seen[id]; ok {
			t.Errorf("%s and %s have one ID", name, other)
		}
		seen[id] = name
	}
}

func TestCalendarCalled(t *testing.T) {
	c := Calendar{Name: "Équipe", URL: "https://dav.example.org/anna/my%20team/"}
	for name, want := range map[string]bool{
		"Équipe": true, "équipe": true, "E\u0301QUIPE": true, "my team": true, "My Team": true,
		"my%20team": false, "anna": false, "": false, "Équip": false,
	} {
		if got := c.Called(name); got != want {
			t.Errorf("Called(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	inner := &Error{Kind: KindRefused, What: Plain("sign-in refused"), Hint: Plain("use an app password")}
	outer := fmt.Errorf("sync: %w", &Error{Kind: KindPartly, What: Plain("1 of 2 failed"), Err: inner})
	if got := KindOf(outer); got != KindPartly {
		t.Errorf("kind %d, want that of the outermost", got)
	}
	if got := HintOf(outer); got.English != "use an app password" {
		t.Errorf("hint %q", got)
	}
	if got := outer.Error(); got != "sync: 1 of 2 failed: sign-in refused" {
		t.Errorf("text %q", got)
	}
	if KindOf(nil) != 0 || KindOf(io.EOF) != KindFailed || !HintOf(io.EOF).IsZero() || !HintOf(nil).IsZero() {
		t.Error("plain errors")
	}
	if e := (&Error{Kind: KindUsage, Err: io.EOF}); e.Error() != "EOF" || !errors.Is(e, io.EOF) {
		t.Errorf("%v", e)
	}
}

func TestStatusFinal(t *testing.T) {
	for s, want := range map[Status]bool{
		StatusPlanned: false, StatusWaiting: false, StatusInFlight: false, StatusHeld: false,
		StatusSent: true, StatusDead: true, StatusMissed: true, StatusCancelled: true, StatusDropped: true,
	} {
		if s.Final() != want {
			t.Errorf("%s.Final() = %v", s, !want)
		}
	}
}
