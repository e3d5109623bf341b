package templates

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"calbell"
)

var update = flag.Bool("update", false, "write the files of testdata and docs/messages.md anew; read the difference before you commit it")

// arguments are given to the modifiers that take one.
var arguments = map[string]string{
	"format": "EEE d MMM y HH:mm", "tz": "America/New_York", "locale": "de-CH", "max": "6", "default": "nothing", "link": "Open",
}

// TestGolden compares every variable with every modifier that fits it: those with words
// of ours in every locale, the others for every kind.
func TestGolden(t *testing.T) {
	var b strings.Builder
	for _, v := range vocabulary() {
		for _, src := range withModifiers(&v) {
			if v.shape == moments || v.shape == localised {
				for _, l := range Locales() {
					fmt.Fprintf(&b, "%s [%s] %s\n", src, l, goldenText(t, calbell.KindKChat, l, src))
				}
				continue
			}
			for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
				fmt.Fprintf(&b, "%s [%s] %s\n", src, kind, goldenText(t, kind, "en", src))
			}
		}
	}
	const file = "testdata/golden.txt"
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

// withModifiers returns a variable alone and with each modifier that fits.
func withModifiers(v *variable) []string {
	out := []string{"%" + v.Name + "%"}
	for _, m := range Modifiers() {
		word := m.Name
		if arg, ok := arguments[word]; ok {
			word += ":" + arg
		}
		if fits(m.Name, v) {
			out = append(out, "%"+v.Name+"|"+word+"%")
		}
	}
	return out
}

func goldenText(t *testing.T, kind calbell.WebhookKind, locale, src string) string {
	t.Helper()
	h, err := CompileHook(calbell.Webhook{Name: "Team chat", WebhookSpec: calbell.WebhookSpec{Kind: kind, Template: "a " + src + " z", Locale: locale}})
	if err != nil {
		t.Fatal(err)
	}
	d := goldenData()
	if !strings.HasPrefix(src, "%late") {
		d.Now = d.Due
	}
	return strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(h.Render(d).Text, "a "), " z"), "\n", "⏎")
}

// goldenData is an event in New York, two days and a bit ahead of a reader in Zurich, with
// text that is read differently by each kind, and a reminder 73 minutes late.
func goldenData() Data {
	newYork, zurich := mustZone("America/New_York"), mustZone("Europe/Zurich")
	start := time.Date(2026, 11, 25, 9, 30, 0, 0, newYork)
	due := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	return Data{
		Calendar: "Team & co", Due: due, Now: due.Add(73 * time.Minute), Zone: zurich,
		Alarm: calbell.Alarm{Description: "Leave *now*"},
		Instance: &calbell.Instance{
			UID: "4711@example.org", Start: start, End: start.Add(26*time.Hour + 5*time.Minute),
			Summary: "Review *Q3* <draft> & plan_v2", Location: "Room 4 | 2nd floor",
			Description: "First _line_\n\n- second & third", URL: "https://example.org/a_b?c=d&e=f",
			Conferences: []string{"https://meet.example.org/a*b"}, Categories: []string{"Finance", "", "R&D"},
			Organizer: calbell.Person{Name: "@anna", Address: "anna@example.org"},
			Attendees: []calbell.Person{{Address: "ben@example.org"}, {Name: "Zoë [IT]"}},
			Status:    "TENTATIVE", Recurrence: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
		},
	}
}

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}
