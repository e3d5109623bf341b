package caldavtest_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
	"calbell/ical"
	"calbell/ical/edit"
)

// TestWriteBack: an alarm that is patched into an event on a server comes back as what it
// is, with the webhooks that it names, however the server stores texts.
func TestWriteBack(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(*testing.T) caldavtest.Site
	}{
		{"memory", memory(caldavtest.Options{}, calbell.LevelToken)},
		{"radicale", func(t *testing.T) caldavtest.Site { return site(caldavtest.StartRadicale(t), calbell.LevelToken)(t) }},
		{"xandikos", func(t *testing.T) caldavtest.Site { return site(caldavtest.StartXandikos(t), calbell.LevelToken)(t) }},
	} {
		t.Run(tt.name, func(t *testing.T) { writeBack(t, tt.start(t)) })
	}
}

func writeBack(t *testing.T, s caldavtest.Site) {
	const uid = "back@example.org"
	client, err := caldav.New(s.Account, caldav.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdle()
	cal := calbell.Calendar{ID: "team", Account: s.Account.Name, URL: s.Calendar, Name: s.Name}
	href := caldav.NewHref(cal, uid)
	text := caldavtest.Event(uid, `Übergabe\, zweiter Teil`, "X-OTHER:kept\r\n")
	if _, err := client.Put(t.Context(), cal, href, []byte(text), ""); err != nil {
		t.Fatal(err)
	}
	before, stored := fetch(t, client, cal), get(t, s, href)
	patch := edit.AlarmPatch{
		Binding: "b-1", Lead: calbell.Lead{Days: 1, Exact: time.Hour}, Description: "Übergabe, zweiter Teil", Webhooks: []string{"ops, night", "team"},
	}
	raw, err := edit.PatchAlarms(before.Raw, uid, []edit.AlarmPatch{patch}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Put(t.Context(), cal, href, raw, before.ETag); err != nil {
		t.Fatal(err)
	}
	after := fetch(t, client, cal)
	onlyAlarmAdded(t, get(t, s, href), stored)
	if found := written(t, after.Raw); len(found) != 1 || !slices.Equal(found[0].Alarm.Webhooks, patch.Webhooks) ||
		found[0].Alarm.Description != patch.Description || !found[0].Trigger.Equal(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("came back as %+v\n%s", found, after.Raw)
	}
	again, err := edit.PatchAlarms(after.Raw, uid, []edit.AlarmPatch{patch}, nil)
	if err != nil || string(again) != string(after.Raw) {
		t.Errorf("%v: it is not known again in\n%s", err, after.Raw)
	}
	raw, err = edit.PatchAlarms(after.Raw, uid, nil, []calbell.BindingID{"b-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Put(t.Context(), cal, href, raw, after.ETag); err != nil {
		t.Fatal(err)
	}
	if last := fetch(t, client, cal); string(last.Raw) != string(before.Raw) {
		t.Errorf("taken out again, the server has\n%q\nand had\n%q", last.Raw, before.Raw)
	}
	if last := get(t, s, href); last != stored {
		t.Errorf("taken out again, the server hands out\n%q\nand did\n%q", last, stored)
	}
}

// get returns the bytes of an object by a plain GET: an answer in XML has lost its CRs.
func get(t *testing.T, s caldavtest.Site, href calbell.Href) string {
	t.Helper()
	u, err := url.Parse(s.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.Scheme+"://"+u.Host+string(href), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(s.Account.Username, s.Account.Password.Reveal())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s: %v", href, resp.Status, err)
	}
	return string(text)
}

// onlyAlarmAdded wants a text to be another one and an alarm of ours, byte for byte, with as many
// lines that do not end with CRLF.
func onlyAlarmAdded(t *testing.T, with, without string) {
	t.Helper()
	const mark = "BEGIN:VALARM"
	i := strings.LastIndex(with[:max(0, strings.Index(with, "X-CALBELL-BINDING"))], mark)
	if i < 0 {
		t.Fatalf("no alarm of ours in\n%q", with)
	}
	_, rest, ok := strings.Cut(with[i:], "END:VALARM")
	rest = strings.TrimLeft(rest, "\r")
	if !ok || with[:i]+strings.TrimPrefix(rest, "\n") != without {
		t.Errorf("the server hands out\n%q\nand did\n%q", with, without)
	}
	bare := func(s string) int { return strings.Count(s, "\n") - strings.Count(s, "\r\n") }
	if bare(with) != bare(without) {
		t.Errorf("%d lines end with LF alone, and %d did", bare(with), bare(without))
	}
	t.Logf("%d lines, %d of them with LF alone", strings.Count(with, "\n"), bare(with))
}

// fetch returns the only object of a calendar.
func fetch(t *testing.T, client *caldav.Client, cal calbell.Calendar) (o calbell.Object) {
	t.Helper()
	nothing := func() (map[calbell.Href]calbell.ETag, error) { return nil, nil }
	err := client.Changes(t.Context(), cal, nothing, func(b caldav.Batch) error {
		for _, o = range b.Objects {
			break
		}
		return nil
	})
	if err != nil || o.ETag == "" || !o.Problem.IsZero() {
		t.Fatalf("%v: %+v", err, o)
	}
	return o
}

// written returns the alarms of a text that have a binding.
func written(t *testing.T, raw []byte) []calbell.AlarmInstant {
	t.Helper()
	f, err := ical.Parse(raw, ical.Options{})
	if err != nil || len(f.Events) != 1 {
		t.Fatalf("%v: %d events", err, len(f.Events))
	}
	list, _ := f.Events[0].Alarms(time.Time{}, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), calbell.MaxAlarms)
	return slices.DeleteFunc(list, func(a calbell.AlarmInstant) bool { return a.Alarm.Binding == "" })
}
