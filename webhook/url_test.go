package webhook

import (
	"net/netip"
	"strings"
	"testing"

	"calbell"
)

func TestCheckURL(t *testing.T) {
	open := Options{Unguarded: true}
	loopback := Options{PrivateNetworks: []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}}
	for _, tt := range []struct {
		name string
		url  string
		opts Options
		want string // part of the error; "" = none
	}{
		{"mattermost", "https://chat.example.org/hooks/s3cr3tpart", Options{}, ""},
		{"slack", "https://hooks.example.org/services/T0000/B0000/s3cr3tpart", Options{}, ""},
		{"port", "https://chat.example.org:8443/hooks/s3cr3tpart", Options{}, ""},
		{"query", "https://chat.example.org/in?token=s3cr3tpart", Options{}, ""},
		{"user and password", "https://calbell:s3cr3tpart@example.org/in", Options{}, ""},
		{"upper-case scheme", "HTTPS://chat.example.org/hooks/s3cr3tpart", Options{}, ""},
		{"no path", "https://s3cr3tpart.example.org", Options{}, ""},
		{"final dot", "https://chat.example.org./s3cr3tpart", Options{}, ""},
		{"public address", "https://8.8.8.8/s3cr3tpart", Options{}, ""},
		{"public IPv6 address", "https://[2606:4700::1111]/s3cr3tpart", Options{}, ""},

		{"missing", "", Options{}, "missing"},
		{"too long", "https://example.org/s3cr3tpart" + strings.Repeat("a", maxURLBytes), Options{}, "longer"},
		{"control character", "https://example.org/s3cr3tpart\n", Options{}, "cannot be read"},
		{"bad escape", "https://example.org/s3cr3tpart%zz", Options{}, "cannot be read"},
		{"bad port", "https://user:s3cr3t/part@example.org/", Options{}, "cannot be read"},
		{"space in host", "https://exam ple.org/s3cr3tpart", Options{}, "cannot be read"},
		{"relative", "/hooks/s3cr3tpart", Options{}, "absolute"},
		{"no scheme", "chat.example.org/hooks/s3cr3tpart", Options{}, "absolute"},
		{"no host", "https:///hooks/s3cr3tpart", Options{}, "absolute"},
		{"port only", "https://:443/hooks/s3cr3tpart", Options{}, "absolute"},
		{"opaque", "https:chat.example.org/s3cr3tpart", Options{}, "absolute"},
		{"file", "file:///etc/s3cr3tpart", Options{}, "absolute"},
		{"ftp", "ftp://example.org/s3cr3tpart", open, "absolute"},
		{"fragment", "https://example.org/in#s3cr3tpart", Options{}, "# part"},
		{"empty fragment", "https://example.org/s3cr3tpart#", Options{}, "# part"},
		{"port 0", "https://example.org:0/s3cr3tpart", Options{}, "port"},
		{"port too large", "https://example.org:65536/s3cr3tpart", Options{}, "port"},
		{"port empty", "https://example.org:/s3cr3tpart", Options{}, "port"},
		{"not ASCII", "https://zürich.example.org/s3cr3tpart", Options{}, "beyond a to z"},

		{"loopback", "https://127.0.0.1/s3cr3tpart", Options{}, "127.0.0.1 is refused"},
		{"loopback IPv6", "https://[::1]:8065/s3cr3tpart", Options{}, "::1 is refused"},
		{"mapped", "https://[::ffff:127.0.0.1]/s3cr3tpart", Options{}, "127.0.0.1 is refused"},
		{"zone", "https://[fe80::1%25eth0]/s3cr3tpart", Options{}, "fe80::1 is refused"},
		{"metadata", "https://169.254.169.254/s3cr3tpart", Options{}, "169.254.169.254 is refused"},
		{"localhost", "https://localhost/s3cr3tpart", Options{}, "127.0.0.1 is refused"},
		{"localhost below", "https://chat.LOCALHOST./s3cr3tpart", Options{}, "127.0.0.1 is refused"},
		{"one number", "https://2130706433/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"short address", "https://127.1/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"octal address", "https://0177.0.0.1/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"hex address", "https://0x7f.0.0.0x1/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"hex number", "https://0x7f000001/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"final dot after an address", "https://127.0.0.1./s3cr3tpart", Options{}, "neither a name nor an address"},
		{"octal short address", "https://0177.1/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"octal number", "https://017700000001/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"upper-case hex", "https://0X7F.1/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"too many parts", "https://127.0.0.0.1/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"beyond 32 bits", "https://4294967297/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"dotless zero", "https://0/s3cr3tpart", Options{}, "neither a name nor an address"},
		{"brackets around IPv4", "https://[127.0.0.1]/s3cr3tpart", Options{}, "cannot be read"},
		{"NAT64", "https://[64:ff9b::7f00:1]/s3cr3tpart", Options{}, "is refused"},
		{"6to4", "https://[2002:7f00:1::]/s3cr3tpart", Options{}, "is refused"},
		{"IPv4-compatible", "https://[::127.0.0.1]/s3cr3tpart", Options{}, "is refused"},
		{"ideographic dots", "https://127。0。0。1/s3cr3tpart", Options{}, "beyond a to z"},
		{"ideographic dots, escaped", "https://127%E3%80%820%E3%80%820%E3%80%821/s3cr3tpart", Options{}, "beyond a to z"},
		{"halfwidth dots", "https://169｡254｡169｡254/s3cr3tpart", Options{}, "beyond a to z"},
		{"fullwidth digits", "https://１２７.0.0.1/s3cr3tpart", Options{}, "beyond a to z"},
		{"circled digits", "https://①②⑦.⓪.⓪.①/s3cr3tpart", Options{}, "beyond a to z"},
		{"escaped digits", "https://%31%32%37.0.0.1/s3cr3tpart", Options{}, "cannot be read"},
		{"userinfo that looks like the host", "https://chat.example.org@127.0.0.1/s3cr3tpart", Options{}, "127.0.0.1 is refused"},
		{"backslash", `https://chat.example.org\@127.0.0.1/s3cr3tpart`, Options{}, "cannot be read"},
		{"odd number, unguarded", "http://127.1/s3cr3tpart", open, "neither a name nor an address"},

		{"http", "http://chat.example.org/hooks/s3cr3tpart", Options{}, "plain http"},
		{"http to a public address", "http://8.8.8.8/s3cr3tpart", Options{}, "plain http to 8.8.8.8 is refused"},
		{"http to a public address with private networks", "http://8.8.8.8/s3cr3tpart", loopback, "plain http to 8.8.8.8 is refused"},
		{"http name with private networks", "http://chat.example.org/s3cr3tpart", loopback, ""},
		{"http localhost with private networks", "http://localhost:8065/hooks/s3cr3tpart", loopback, ""},
		{"http in a private network", "http://127.0.0.1:9000/hooks/s3cr3tpart", loopback, ""},
		{"https in a private network", "https://127.0.0.1:9000/hooks/s3cr3tpart", loopback, ""},
		{"other private network", "http://10.0.0.1/s3cr3tpart", loopback, "10.0.0.1 is refused"},
		{"unguarded http", "http://chat.example.org/s3cr3tpart", open, ""},
		{"unguarded loopback", "http://[::1]:9000/s3cr3tpart", open, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckURL(tt.url, tt.opts)
			if tt.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if calbell.HintOf(err).IsZero() || calbell.KindOf(err) != calbell.KindUsage {
				t.Errorf("kind %d, hint %q", calbell.KindOf(err), calbell.HintOf(err))
			}
			if said := err.Error() + calbell.HintOf(err).English; strings.Contains(said, "s3cr3t") {
				t.Errorf("shows the secret: %q", said)
			}
		})
	}
}

// Whatever is typed, the error does not repeat its path.
func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{"https://example.org", "http://127.0.0.1:9", "https://u:p@h", "x", "https://[::1%25a]", "//h", "https:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, before string) {
		const canary = "qZ7canaryX"
		err := CheckURL(before+"/"+canary, Options{})
		if err != nil && strings.Contains(err.Error()+calbell.HintOf(err).English, canary) {
			t.Errorf("%q: %v", before, err)
		}
	})
}
