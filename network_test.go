package calbell

import (
	"errors"
	"net/netip"
	"testing"
)

func TestParseNetwork(t *testing.T) {
	for _, tt := range []struct {
		text, want string // "" = an error
		yes, no    string
	}{
		{"10.0.0.0/8", "10.0.0.0/8", "10.2.3.4:1", "11.0.0.1:1"},
		{"192.168.1.7", "192.168.1.7/32", "192.168.1.7:9", "192.168.1.8:9"},
		{"10.0.0.0/8:443", "10.0.0.0/8:443", "10.2.3.4:443", "10.2.3.4:444"},
		{"192.168.1.7:8065", "192.168.1.7/32:8065", "192.168.1.7:8065", "192.168.1.7:22"},
		{"fd00::/8", "fd00::/8", "[fd00::1]:1", "[fe00::1]:1"},
		{"::1", "::1/128", "[::1]:1", "[::2]:1"},
		{"[fd00::/8]:443", "[fd00::/8]:443", "[fd00::1]:443", "[fd00::1]:80"},
		{"[::1]:65535", "[::1/128]:65535", "[::1]:65535", "127.0.0.1:65535"},
		{text: ""},
		{text: "localhost"},
		{text: "localhost:80"},
		{text: "10.0.0.0/8:"},
		{text: "10.0.0.0/8:0"},
		{text: "10.0.0.0/8:65536"},
		{text: "10.0.0.0/8:x"},
		{text: "10.0.0.0/33:80"},
		{text: "[fd00::/8]"},
		{text: "[fd00::/8]443"},
		{text: "[10.0.0.1]:80"},
		{text: "[]:80"},
		{text: "fe80::1%eth0"},
		{text: "[fe80::1%eth0]:80"},
		{text: "10.0.0.0:80/8"},
		{text: "10.0.0.1:+80"},
		{text: " 10.0.0.1"},
	} {
		n, err := ParseNetwork(tt.text)
		if (err == nil) != (tt.want != "") {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if err != nil {
			continue
		}
		if n.String() != tt.want {
			t.Errorf("%q is %s, want %s", tt.text, n, tt.want)
		}
		if again, err := ParseNetwork(n.String()); err != nil || again != n {
			t.Errorf("%q written as %s is read as %v, %v", tt.text, n, again, err)
		}
		if !n.Covers(netip.MustParseAddrPort(tt.yes)) || n.Covers(netip.MustParseAddrPort(tt.no)) {
			t.Errorf("%q covers %v, and %v", tt.text, n.Covers(netip.MustParseAddrPort(tt.yes)), n.Covers(netip.MustParseAddrPort(tt.no)))
		}
	}
	if n, err := ParseNetwork("10.0.0.1/8:80"); !errors.Is(err, ErrHostBits) || n.String() != "10.0.0.1/8:80" {
		t.Errorf("host bits: %v, %v", n, err)
	}
}
