package config

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/viper"
)

// What docs/decisions/0004-viper.md says of viper. A version that behaves otherwise is a
// reason to think again.
func TestViperTraps(t *testing.T) {
	read := func(text string) *viper.Viper {
		v := viper.New()
		v.SetConfigType("yaml")
		if err := v.ReadConfig(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if got := read("webhooks: {Ops: x}").GetStringMapString("webhooks"); got["Ops"] != "" || got["ops"] != "x" {
		t.Errorf("keys keep their case now: %v", got)
	}
	var hooks struct {
		Webhooks map[string]struct{ URL string }
	}
	if err := read("webhooks: {team.ops: {url: x}}").Unmarshal(&hooks); err != nil || hooks.Webhooks["team.ops"].URL != "" {
		t.Errorf("a key with a dot stays whole now: %+v, %v", hooks, err)
	}
	if got := read("interval: 30").GetDuration("interval"); got != 30*time.Nanosecond {
		t.Errorf("a bare number is %v now", got)
	}
	t.Setenv("CALBELL_SERVER_SOCKET", "/from/the/environment")
	v := read("locale: en")
	v.SetEnvPrefix("calbell")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AutomaticEnv()
	var into struct{ Server struct{ Socket string } }
	if err := v.Unmarshal(&into); err != nil || into.Server.Socket != "" {
		t.Errorf("a variable of a key that nobody named is seen now: %+v, %v", into, err)
	}
}

// The one thing asked of viper: the environment, else the file, else nothing.
func TestEnvValueIsALayer(t *testing.T) {
	for _, c := range []struct{ file, env, want string }{
		{"file", "env", "env"}, {"file", "", "file"}, {"", "env", "env"}, {"", "", ""},
	} {
		v := viper.New()
		if c.file != "" {
			v.SetDefault("server.socket", c.file)
		}
		if err := v.BindFlagValue("server.socket", envValue{"CALBELL_SERVER_SOCKET", c.env}); err != nil {
			t.Fatal(err)
		}
		if got := v.GetString("server.socket"); got != c.want || v.IsSet("server.socket") != (c.want != "") {
			t.Errorf("file %q, environment %q: %q, set %v", c.file, c.env, got, v.IsSet("server.socket"))
		}
	}
}
