package passhash

import (
	"strings"
	"testing"

	"calbell"
)

func TestHash(t *testing.T) {
	h := Full().New("correct horse battery")
	if !strings.HasPrefix(h.Reveal(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", h.Reveal())
	}
	if Full().New("correct horse battery") == h {
		t.Error("no salt")
	}
	other := calbell.Secret("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$bF4CvnnPWFvkI6rM/s4HHzrvgcGXBnBYPnJpEXUcoRk")
	for _, tt := range []struct {
		name, hash, password string
		want                 bool
	}{
		{"right", h.Reveal(), "correct horse battery", true},
		{"wrong", h.Reveal(), "correct horse batterx", false},
		{"empty", h.Reveal(), "", false},
		{"cheap", Cheap().New("correct horse battery").Reveal(), "correct horse battery", true},
		{"cheap and wrong", Cheap().New("correct horse battery").Reveal(), "correct horse batterx", false},
		{"nobody's", Full().Nobody().Reveal(), "", false},
		{"no hash", "", "", false},
		{"other parameters", other.Reveal(), "another", false},
		{"another kind", "$2a$10$abc", "abc", false},
		{"too much memory", strings.Replace(h.Reveal(), "m=19456", "m=99999999", 1), "correct horse battery", false},
		{"no time", strings.Replace(h.Reveal(), "t=2", "t=0", 1), "correct horse battery", false},
		{"no threads", strings.Replace(h.Reveal(), "p=1", "p=0", 1), "correct horse battery", false},
		{"a hash of nothing", h.Reveal()[:strings.LastIndex(h.Reveal(), "$")+1], "correct horse battery", false},
	} {
		if got := Matches(calbell.Secret(tt.hash), tt.password); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
