package templates

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calbell"
)

// zurich is a time by the clocks of Zurich: "2026-11-23 14:00".
func zurich(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, mustZone("Europe/Zurich"))
	if err != nil {
		panic(err)
	}
	return t
}

func timedRow(subject, start, end string) calbell.AgendaRow {
	return calbell.AgendaRow{Subject: subject, Start: zurich(start), End: zurich(end)}
}

func dayRowOf(subject, first, end string) calbell.AgendaRow {
	return calbell.AgendaRow{Subject: subject, Start: zurich(first + " 00:00"), End: zurich(end + " 00:00"), AllDay: true}
}

// week are rows as a calendar has them, in no order: a night shift over midnight, one from
// before, a point in time, a day, several days, and an end at midnight.
func week(title string) []calbell.AgendaRow {
	room := timedRow(title, "2026-11-23 14:00", "2026-11-23 15:30")
	room.Location, room.Calendar = "Room 4", "Team"
	return []calbell.AgendaRow{
		timedRow("Night shift", "2026-11-23 22:00", "2026-11-24 06:00"),
		room,
		timedRow("Maintenance", "2026-11-22 23:00", "2026-11-23 02:00"),
		timedRow("Deadline", "2026-11-23 09:00", "2026-11-23 09:00"),
		timedRow("Party", "2026-11-25 20:00", "2026-11-26 00:00"),
		dayRowOf("Holiday", "2026-11-23", "2026-11-24"),
		dayRowOf("Fair", "2026-11-25", "2026-11-28"),
	}
}

func agendaNotice(d calbell.Digest, from string, rows []calbell.AgendaRow) calbell.Notice {
	a := calbell.NewAgenda(d, zurich(from+" 00:00"), rows)
	return calbell.Notice{Kind: calbell.NoticeAgenda, Subject: "Morning", Since: a.From.UTC(), Agenda: &a}
}

// agendaNotices are digests and corrections about an event of this title.
func agendaNotices(title string) map[string]calbell.Notice {
	at := func(start, end string) calbell.Span { return calbell.Span{Start: zurich(start), End: zurich(end)} }
	change := func(kind calbell.NoticeKind, was, now calbell.Span) calbell.Notice {
		return calbell.Notice{Kind: kind, Subject: title, Since: noticeSince, Change: &calbell.Change{UID: "4711@example.org", Was: was, Now: now}}
	}
	was := at("2026-11-23 14:00", "2026-11-23 15:30")
	days := calbell.Span{Start: zurich("2026-11-24 00:00"), End: zurich("2026-11-26 00:00"), AllDay: true}
	return map[string]calbell.Notice{
		"agenda-day":   agendaNotice(calbell.Digest{Days: 1}, "2026-11-23", week(title)[:4]),
		"agenda-empty": agendaNotice(calbell.Digest{Days: 7}, "2026-11-23", nil),
		"agenda-week":  agendaNotice(calbell.Digest{Days: 7}, "2026-11-23", week(title)),
		"agenda-own":   agendaNotice(calbell.Digest{Days: 1, Head: "%subject%, %date|short%", Line: "- %subject% [[(%location%)]] %when%"}, "2026-11-23", week(title)[1:2]),
		"cancelled":    change(calbell.NoticeCancelled, was, calbell.Span{}),
		"moved":        change(calbell.NoticeMoved, was, at("2026-11-24 10:00", "2026-11-24 11:30")),
		"moved-days":   change(calbell.NoticeMoved, was, days),
		"moved-end":    change(calbell.NoticeMoved, was, at("2026-11-23 14:00", "2026-11-23 16:00")),
		"moved-today":  change(calbell.NoticeMoved, was, at("2026-11-23 16:00", "2026-11-23 17:30")),
	}
}

func TestAgenda(t *testing.T) {
	for _, tt := range []struct {
		locale, name, want string
	}{
		{"en", "agenda-day", "Agenda: Monday 23 November 2026\n• 22 Nov 2026, 23:00 – 02:00: Maintenance\n• 09:00: Deadline\n• 14:00 – 15:30: Review, Room 4\n• 22:00 – 24 Nov 2026, 06:00: Night shift"},
		{"fr-CH", "agenda-empty", "Agenda : lundi, 23 novembre – dimanche, 29 novembre 2026\nAucun événement."},
		{"de", "agenda-week", "Termine: Montag, 23. November – Sonntag, 29. November 2026\n\nMontag, 23. November\n• ganztägig: Holiday\n• 22.11.2026, 23:00 – 02:00: Maintenance\n• 09:00: Deadline\n• 14:00 – 15:30: Review, Room 4\n• 22:00 – 24.11.2026, 06:00: Night shift\n\nMittwoch, 25. November\n• 25.11.2026 – 27.11.2026: Fair\n• 20:00 – 00:00: Party"},
		{"it", "moved", "Spostato: Review, da lunedì 23 novembre 2026 14:00 a martedì 24 novembre 2026 10:00"},
		{"fr", "moved-today", "Déplacé : Review, du lundi 23 novembre 2026, 14:00 à 16:00"},
		{"en", "moved-end", "Moved: Review, from Monday 23 November 2026, 14:00 – 15:30 to 14:00 – 16:00"},
		{"de-CH", "moved-days", "Verschoben: Review, von Montag, 23. November 2026, 14:00 auf Dienstag, 24. November – Mittwoch, 25. November 2026"},
		{"fr", "cancelled", "Annulé : Review, lundi 23 novembre 2026, 14:00"},
	} {
		if got := noticed(t, calbell.KindJSON, tt.locale, agendaNotices("Review")[tt.name]).Text; got != tt.want {
			t.Errorf("%s, %s:\n%s\nwant\n%s", tt.name, tt.locale, got, tt.want)
		}
	}
}

// What is written in bold for a chat is so in its own way.
func TestAgendaBold(t *testing.T) {
	for kind, want := range map[calbell.WebhookKind]string{calbell.KindKChat: "Agenda: **Monday 23", calbell.KindSlack: "Agenda: *Monday 23", calbell.KindJSON: "Agenda: Monday 23"} {
		if got := noticed(t, kind, "en", agendaNotices("Review")["agenda-day"]).Text; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

// A digest in another zone than its reader's counts days by its own clock and says so.
func TestAgendaZone(t *testing.T) {
	rows := []calbell.AgendaRow{timedRow("Late call", "2026-11-24 02:00", "2026-11-24 03:00")} // the 23rd, 20:00 in New York
	from := time.Date(2026, 11, 23, 0, 0, 0, 0, mustZone("America/New_York"))
	a := calbell.NewAgenda(calbell.Digest{Days: 1, TimeZone: "America/New_York"}, from, rows)
	const want = "Agenda: Monday 23 November 2026 (America/New_York)\n• 20:00 – 21:00: Late call"
	if got := noticed(t, calbell.KindJSON, "en", calbell.Notice{Kind: calbell.NoticeAgenda, Agenda: &a}).Text; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A notice waits as JSON, which knows offsets and no zones.
func TestAgendaAfterWaiting(t *testing.T) {
	for name, n := range agendaNotices("Review") {
		b, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		var back calbell.Notice
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if got, want := noticed(t, calbell.KindKChat, "fr", back).Text, noticed(t, calbell.KindKChat, "fr", n).Text; got != want {
			t.Errorf("%s: %q, before %q", name, got, want)
		}
	}
}

// What does not fit is counted, and what was never kept with it.
func TestAgendaTooLong(t *testing.T) {
	var rows []calbell.AgendaRow
	for i := range calbell.MaxAgendaRows + 50 {
		rows = append(rows, timedRow(fmt.Sprintf("@all %d %s", i, strings.Repeat("x", 90)), "2026-11-23 14:00", "2026-11-23 15:00"))
	}
	for _, kind := range []calbell.WebhookKind{calbell.KindKChat, calbell.KindSlack, calbell.KindJSON} {
		n := agendaNotice(calbell.Digest{Days: 1, Line: "- %subject%"}, "2026-11-23", rows)
		text := noticed(t, kind, "en", n).Text
		lines := strings.Count(text, "\n- ")
		if want := fmt.Sprintf("\n… and %d more", calbell.MaxAgendaRows+50-lines); runes(text) > calbell.MaxMessageRunes || lines < 30 || !strings.HasSuffix(text, want) {
			t.Errorf("%s: %d runes, %d lines, the end is %q", kind, runes(text), lines, text[len(text)-60:])
		}
	}
}

// A mark in one title has no partner in the next, and a head that is too long stays whole.
func TestHostileAgenda(t *testing.T) {
	rows := []calbell.AgendaRow{timedRow("*a `b _c <https://x", "2026-11-23 14:00", "2026-11-23 15:00"), timedRow("d* e` f_ |g>", "2026-11-23 15:00", "2026-11-23 16:00")}
	text := noticed(t, calbell.KindKChat, "en", agendaNotice(calbell.Digest{Days: 1, Head: "x", Line: "%subject%"}, "2026-11-23", rows)).Text
	if want := "x\n\\*a \\`b \\_c &lt;https://x\nd\\* e\\` f\\_ &#124;g>"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
	text = noticed(t, calbell.KindSlack, "en", agendaNotice(calbell.Digest{Days: 1, Head: strings.Repeat("head ", 2000)}, "2026-11-23", rows)).Text
	if runes(text) > calbell.MaxMessageRunes || !strings.HasSuffix(text, "\n… and 2 more") {
		t.Errorf("%d runes, the end is %q", runes(text), text[len(text)-40:])
	}
}

func TestCheckDigest(t *testing.T) {
	for _, tt := range []struct{ head, line, want string }{
		{"", "", ""},
		{"%subject%: %date%", "%time% – %end_time% %subject% [[(%location%)]] %calendar%", ""},
		{"%subjct%", "", `head: line 1, column 1: unknown variable "subjct", did you mean "subject"?`},
		{"a\n%location%", "", `head: line 2, column 1: a digest's head knows no variable "location"`},
		{"", "%time% [[%subject%[[ %link%]]]]", `line: line 1, column 22: a digest's line knows no variable "link"`},
	} {
		err := errors.Join(CheckDigest(calbell.Digest{Head: tt.head, Line: tt.line})...)
		if got := fmt.Sprint(err); err == nil && tt.want != "" || err != nil && got != tt.want {
			t.Errorf("%q and %q: %v, want %q", tt.head, tt.line, err, tt.want)
		}
	}
}

// A program reads the events, not the text.
func TestAgendaAsJSON(t *testing.T) {
	for name, want := range map[string]string{
		"agenda-own": `{"agenda":{"days":1,"from":"2026-11-23","more":0,"rows":[{"all_day":false,"calendar":"Team","end":"2026-11-23T14:30:00Z","location":"Room 4","start":"2026-11-23T13:00:00Z","subject":"Review"}]},"kind":"agenda","since":"2026-11-22T23:00:00Z","subject":"Morning"}`,
		"moved-days": `{"change":{"now":{"all_day":true,"end":"2026-11-26","start":"2026-11-24"},"uid":"4711@example.org","was":{"all_day":false,"end":"2026-11-23T14:30:00Z","start":"2026-11-23T13:00:00Z"}},"kind":"moved","since":"2026-11-23T13:05:00Z","subject":"Review"}`,
	} {
		payload, ok := noticed(t, calbell.KindJSON, "en", agendaNotices("Review")[name]).Payload.(map[string]any)
		if !ok {
			t.Fatal("no payload")
		}
		b, err := json.Marshal(payload["notice"])
		if err != nil || string(b) != want {
			t.Errorf("%s (%v):\n%s\nwant\n%s", name, err, b, want)
		}
	}
}

func TestAgendaTextsCompile(t *testing.T) {
	for _, lang := range []string{"en", "fr", "de", "it"} {
		w := agendaTexts(lang)
		for _, text := range []string{w.head, w.moved, w.movedToday, w.cancelled} {
			if _, err := Compile(text); err != nil {
				t.Errorf("%s: %q: %v", lang, text, err)
			}
		}
		if w.empty == "" || w.colon == "" {
			t.Errorf("%s: a text is missing", lang)
		}
	}
}
