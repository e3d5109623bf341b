package main

import (
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/api/types"
)

// What needs attention is named in the status, once, and --check counts it.
func TestStatusNamesWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	ago := time.Now().Add(-3 * time.Hour)
	account := func(name string, h calbell.AccountHealth) calbell.AccountState {
		return calbell.AccountState{Account: name, AccountHealth: h}
	}
	calendar := func(account string, state calbell.SyncState) types.CalendarRow {
		c := types.CalendarRow{Calendar: calbell.Calendar{Account: account, Name: "Team", SyncedAt: ago}, State: state}
		switch state {
		case calbell.SyncFailing:
			c.FailingSince, c.LastError = ago, calbell.Plain("it says no")
		case calbell.SyncOverdue:
			c.OverdueSince = ago.Add(time.Hour)
		}
		return c
	}
	for name, tt := range map[string]struct {
		report types.StatusReport
		says   []string
		counts string // "": nothing needs attention
	}{
		"all is well": {
			types.StatusReport{
				Accounts:  []calbell.AccountState{account("home", calbell.AccountHealth{State: calbell.SyncOK}), account("added", calbell.AccountHealth{State: calbell.SyncNew, Whole: true})},
				Calendars: []types.CalendarRow{calendar("home", calbell.SyncOK)},
			}, []string{"accounts:\n  added: not synced yet\n", "home/Team: synced 3 h ago"}, "",
		},
		"never let in": {
			types.StatusReport{
				Accounts: []calbell.AccountState{account("home", calbell.AccountHealth{State: calbell.SyncFailing, Whole: true, FailingSince: ago, LastError: calbell.Plain("refused (401)"), Hint: calbell.Plain("Look at it.")})},
			}, []string{"  home: failing since ", ": refused (401)\n    Look at it.\n"}, "that fail: 1",
		},
		"fails as one": {
			types.StatusReport{
				Accounts:  []calbell.AccountState{account("home", calbell.AccountHealth{State: calbell.SyncFailing, Whole: true, FailingSince: ago, LastError: calbell.Plain("refused (401)")})},
				Calendars: []types.CalendarRow{calendar("home", calbell.SyncFailing), calendar("home", calbell.SyncFailing)},
			}, []string{"  home: failing since "}, "that fail: 1",
		},
		"a calendar": {
			types.StatusReport{
				Accounts:  []calbell.AccountState{account("home", calbell.AccountHealth{State: calbell.SyncFailing})},
				Calendars: []types.CalendarRow{calendar("home", calbell.SyncFailing), calendar("home", calbell.SyncOK)},
			}, []string{"home/Team: failing since"}, "that fail: 1",
		},
		"overdue": {
			types.StatusReport{
				Accounts:  []calbell.AccountState{account("home", calbell.AccountHealth{State: calbell.SyncOverdue})},
				Calendars: []types.CalendarRow{calendar("home", calbell.SyncOverdue)},
			}, []string{"home/Team: overdue since ", ": synced 3 h ago"}, "that are overdue: 1",
		},
		"a long reason, whole": {
			types.StatusReport{Accounts: []calbell.AccountState{{
				Account: "home",
				AccountHealth: calbell.AccountHealth{
					State: calbell.SyncFailing, Whole: true, LastError: calbell.Plain(strings.Repeat("long ", 20) + "reason"), Hint: calbell.Plain(strings.Repeat("hint ", 20) + "end"),
				},
			}}},
			[]string{"long reason\n", "hint end\n"},
			"accounts or calendars that fail: 1",
		},
		"others": {
			types.StatusReport{Troubles: []calbell.Text{calbell.Plain("the clock: it stands still")}, Webhooks: []types.WebhookRow{{State: "suspended"}, {State: "ok"}}},
			nil, "trouble of the program itself: 1, webhooks that refuse: 1",
		},
	} {
		var out strings.Builder
		printStatus(&out, tt.report)
		for _, text := range tt.says {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%s: no %q in:\n%s", name, text, &out)
			}
		}
		err := attention(tt.report)
		if (err == nil) != (tt.counts == "") || err != nil && !strings.HasSuffix(err.Error(), tt.counts) {
			t.Errorf("%s: %v, want %q", name, err, tt.counts)
		}
	}
}

// A person who waits reads what for, and for how long.
func TestProgressLine(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, tt := range []struct {
		p    calbell.SyncProgress
		want string
	}{
		{calbell.SyncProgress{Account: "home", Since: now.Add(-time.Second)}, "home: looking for calendars"},
		{calbell.SyncProgress{Account: "home", Since: now.Add(-12 * time.Second)}, "home: looking for calendars for 12s"},
		{calbell.SyncProgress{Account: "home", Waits: true, Since: now.Add(-70 * time.Second)}, "home: waiting for other syncs for 1m10s"},
		{calbell.SyncProgress{Account: "home", Calendar: "Team", Since: now.Add(-30 * time.Second)}, "home/Team: asking what changed for 30s"},
		{calbell.SyncProgress{Account: "home", Calendar: "Team", Done: 3, Total: 9, Since: now.Add(-30 * time.Second)}, "home/Team: 3 of 9 events"},
	} {
		if got := progressLine(tt.p, now); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
