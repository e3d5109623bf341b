package calbell_test

import (
	"strings"
	"testing"

	"calbell"
)

func TestRemindLines(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"#remind ops", "ops"},
		{"  #Remind   Ops  ", "Ops"},
		{"#remind: ops", "ops"},
		{"#remind\u00a0ops -15m", "ops@15m"},
		{"#remind ops -15m, -1d@09:00", "ops@15m,1d@09:00"},
		{"#remind ops 15m 1w", "ops@15m,1w"},
		{"#remind ops \u221215m", "ops@15m"},
		{"#remind ops \u201315m, \u20111d@09:00", "ops@15m,1d@09:00"},
		{"#remind ops \u201415m", "ops@15m"},
		{"\u200b#remind\u202fops\ufeff -15m\u200b", "ops@15m"},
		{"\u2022 #remind ops -15m", "ops@15m"},
		{" - #remind ops", "ops"},
		{"*\t#remind none", "none"},
		{"-#remind ops", ""},
		{"> #remind ops", ""},
		{"#remind ops, kChat #team -2h", "ops,kChat #team@2h"},
		{"#remind none", "none"},
		{"#REMIND NONE", "none"},
		{"#remind", "!it names no webhook and no time"},
		{"#remind -15m", "@15m"},
		{"#remind ops -15x", "ops!invalid time before an event \"15x\""},
		{"#remind ops -15m soon", "ops@15m!\"soon\" follows a time"},
		{"#reminder ops", ""},
		{"please #remind ops", ""},
		{"#remindops", ""},
		{"one\n#remind ops\r\ntwo\n#remind team 5m", "ops team@5m"},
		{"nothing here", ""},
	} {
		var got []string
		for _, l := range calbell.RemindLines(tt.text) {
			s := strings.Join(l.Webhooks, ",")
			for i, lead := range l.Leads {
				s += map[bool]string{true: "@", false: ","}[i == 0] + lead.String()
			}
			if l.None {
				s = "none"
			}
			if !l.Bad.IsZero() {
				s += "!" + l.Bad.English
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, s, tt.want)
		}
	}
}

func TestRemindLinesAreBounded(t *testing.T) {
	text := strings.Repeat("#remind "+strings.Repeat("a,", 1000)+strings.Repeat("1m ", 1000)+"\n", 1000)
	lines := calbell.RemindLines(text)
	if len(lines) != calbell.MaxRouted {
		t.Errorf("%d lines", len(lines))
	}
	for _, l := range lines {
		if len(l.Webhooks) > calbell.MaxRouted || len(l.Leads) > calbell.MaxRouted {
			t.Fatalf("%d webhooks, %d leads", len(l.Webhooks), len(l.Leads))
		}
	}
}
