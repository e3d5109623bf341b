package daemon

import (
	"testing"

	"calbell/config"
)

func TestPageURL(t *testing.T) {
	for _, tt := range []struct {
		s    config.Server
		want string
	}{
		{config.Server{Listen: "127.0.0.1:8470"}, "http://127.0.0.1:8470"},
		{config.Server{Listen: "[::1]:8470", Cert: "x"}, "https://[::1]:8470"},
		{config.Server{Listen: ":8470"}, "http://localhost:8470"},
		{config.Server{Listen: "0.0.0.0:80"}, "http://localhost:80"},
		{config.Server{Listen: "127.0.0.1:0"}, ""},
		{config.Server{Listen: "unix:/run/page.sock"}, ""},
		{config.Server{Listen: ":8470", BaseURL: "https://calbell.example.org"}, "https://calbell.example.org"},
	} {
		if got := pageURL(tt.s); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.s, got, tt.want)
		}
	}
}
