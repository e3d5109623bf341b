package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"calbell/config/yamltree"

	"calbell"
)

const twoCalendars = `
accounts:
  - name: home
    url: https://cloud.example.org
    calendars:
      - name: team
        webhook: Kchat Team
      - name: ops
        webhook: ops-alerts
      - name: silent
webhooks:
  - name: 'kChat #team'
    url: https://chat.example.org/hooks/x
`

func TestCheckWebhooks(t *testing.T) {
	cfg, err := Parse([]byte(twoCalendars), "config.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range [][]string{{"ops-alerts"}, {"Ops Alerts"}, {"x", "OPS alerts!"}} {
		if err := cfg.CheckWebhooks(stored); err != nil {
			t.Errorf("stored %q: %v", stored, err)
		}
	}
	for _, c := range []struct {
		stored []string
		want   string
	}{
		{nil, "config.yaml:9:18: no webhook of this name\n"},
		{[]string{"ops-alert"}, `config.yaml:9:18: no webhook "ops-alerts", did you mean "ops-alert"?` + "\n"},
		{[]string{""}, "config.yaml:9:18: no webhook of this name\n"},
	} {
		err := cfg.CheckWebhooks(c.stored)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || calbell.KindOf(err) != calbell.KindConfig {
			t.Errorf("stored %q: %v, want %q", c.stored, err, c.want)
		}
	}
}

func TestJoin(t *testing.T) {
	cfg, err := Parse([]byte(twoCalendars), "config.yaml", from(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := Join(); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	if err := Join(nil, nil); err != nil {
		t.Errorf("of nil: %v", err)
	}
	late := cfg.ErrorAt("webhooks[0].url", 0, 0, calbell.Plain("late"), calbell.Text{})
	early := cfg.ErrorAt("accounts[0].name", 0, 0, calbell.Plain("early"), calbell.Text{})
	wrapped := fmt.Errorf("check: %w", cfg.ErrorAt("accounts[0].calendars[0].name", 0, 0, calbell.Plain("middle"), calbell.Text{}))
	foreign := &calbell.Error{Kind: calbell.KindFailed, What: calbell.Plain("elsewhere"), Hint: calbell.Plain("look there")}
	got := Join(late, nil, foreign, wrapped, early, errors.Join(late, nil))
	var all yamltree.Errors
	if !errors.As(got, &all) || calbell.KindOf(got) != calbell.KindConfig {
		t.Fatalf("%T is no *calbell.Error of findings", got)
	}
	var order []string
	for _, e := range all {
		order = append(order, e.Msg.English)
	}
	if want := "elsewhere early middle late late"; strings.Join(order, " ") != want {
		t.Errorf("order %q, want %q", order, want)
	}
	var one *yamltree.Error
	if !errors.As(got, &one) {
		t.Error("errors.As finds no single finding")
	}
	if all[0].Hint.English != "look there" {
		t.Errorf("the hint of another's error is %q", all[0].Hint)
	}
}

func TestManyFindingsAreCounted(t *testing.T) {
	var b strings.Builder
	for i := range 50 + 7 {
		fmt.Fprintf(&b, "key%d: 1\n", i)
	}
	_, err := Parse([]byte(b.String()), "config.yaml", from(nil))
	if err == nil || !strings.HasSuffix(err.Error(), "\nand 7 more") {
		t.Errorf("error %.100v", err)
	}
}
