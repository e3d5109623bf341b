package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestShow(t *testing.T) {
	const text = `
sync: {interval: 1m, timeout: 2m}
delivery: {private_networks: [], proxy: 'http://anna:CANARY@proxy.example.org:3128'}
accounts:
  - name: home
    url: https://cloud.example.org/private-CANARY/basic.ics
    username: &user anna
    password: CANARY
    owner: *user
webhooks:
  - name: team
    url: https://chat.example.org/hooks/CANARY
    kind: json
    icon_url: https://example.org/bell.png
    payload:
      event: "%subject%"
      api_key: CANARY
      nested: [{access_token: CANARY}, 7]
`
	env := map[string]string{"CALBELL_SYNC_INTERVAL": "2m", "CALBELL_SERVER_LISTEN": "[::1]:0", "TZ": "UTC"}
	cfg, err := Parse([]byte(text), "/etc/calbell/c.yaml", from(env))
	if err != nil {
		t.Fatal(err)
	}
	shown := cfg.Show()
	for i := range shown {
		shown[i].Effect = ""
	}
	for _, want := range []Shown{ // without when they take effect, see TestEffects
		{"time_zone", "UTC", FromDefault, "", false},
		{"sync.interval", "2m", FromEnvironment, "", false},
		{"sync.timeout", "2m", FromFile, "", false},
		{"sync.before_reminders", "true", FromDefault, "", false},
		{"data.backup", "/var/lib/calbell/backup", FromDefault, "", false},
		{"data.keep_deliveries", "90d", FromDefault, "", false},
		{"log.level", "info", FromDefault, "", false},
		{"scheduler.all_day_time", "09:00", FromDefault, "", false},
		{"server.listen", "[::1]:0", FromEnvironment, "", false},
		{"delivery.proxy", "[secret]", FromFile, "", false},
		{"delivery.private_networks", "[]", FromFile, "", false},
		{"accounts[0].url", "https://cloud.example.org/[secret]", FromFile, "", false},
		{"accounts[0].password", "[secret]", FromFile, "", false},
		{"accounts[0].owner", "anna", FromFile, "", false},
		{"webhooks[0].url", "https://chat.example.org/[secret]", FromFile, "", false},
		{"webhooks[0].icon_url", "https://example.org/[secret]", FromFile, "", false},
		{"webhooks[0].payload.event", "%subject%", FromFile, "", false},
		{"webhooks[0].payload.nested[0].access_token", "[secret]", FromFile, "", false},
		{"webhooks[0].payload.nested[1]", "7", FromFile, "", false},
	} {
		if !slices.Contains(shown, want) {
			t.Errorf("no %v", want)
		}
	}
	if all := fmt.Sprint(shown); strings.Contains(all, "CANARY") {
		t.Errorf("a secret is shown: %s", all)
	}
	keys := map[string]bool{}
	for _, s := range shown {
		if keys[s.Key] {
			t.Errorf("%s is shown twice", s.Key)
		}
		keys[s.Key] = true
	}
	if Default().Show() != nil {
		t.Error("the defaults have no file to show")
	}
}
