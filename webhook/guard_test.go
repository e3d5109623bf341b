package webhook

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"calbell"
)

// refusedAddresses are first, last and middle addresses of every network that is not a
// public host, in the spellings in which they may come.
const refusedAddresses = `
	0.0.0.0 0.0.0.1 0.255.255.255
	10.0.0.0 10.0.0.1 10.11.12.13 10.255.255.255
	100.64.0.0 100.64.0.1 100.100.100.200 100.127.255.255
	127.0.0.0 127.0.0.1 127.0.0.53 127.1.2.3 127.255.255.255
	168.63.129.16
	169.254.0.0 169.254.0.1 169.254.169.254 169.254.170.2 169.254.255.255
	172.16.0.0 172.16.0.1 172.20.1.1 172.31.255.255
	192.0.0.0 192.0.0.8 192.0.0.170 192.0.0.192 192.0.0.255
	192.0.2.0 192.0.2.1 192.0.2.255
	192.31.196.1 192.52.193.1 192.88.99.1 192.88.99.255 192.175.48.1
	192.168.0.0 192.168.0.1 192.168.1.254 192.168.255.255
	198.18.0.0 198.18.0.1 198.19.255.255
	198.51.100.0 198.51.100.7 198.51.100.255
	203.0.113.0 203.0.113.9 203.0.113.255
	224.0.0.0 224.0.0.1 232.1.2.3 239.255.255.255
	240.0.0.0 240.0.0.1 250.1.1.1 255.255.255.254 255.255.255.255

	:: ::1 ::2 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001
	::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:192.168.1.1 ::ffff:0.0.0.0
	0:0:0:0:0:ffff:7f00:0001
	::127.0.0.1 ::10.0.0.1 ::7f00:1 ::8.8.8.8
	::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8
	64:ff9b:: 64:ff9b::7f00:1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::8.8.8.8
	64:ff9b:1:: 64:ff9b:1::1 64:ff9b:1:ffff:ffff:ffff:ffff:ffff
	100:: 100::1 100:0:0:1::1
	1fff:ffff::1 4000::1 5f00::1 8000::1
	2001:: 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1 2001:2::1 2001:2:0:ffff::1 2001:10::1 2001:20::1 2001:30::1
	2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff
	2001:db8:: 2001:db8::1 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2001:0db8:0000:0000:0000:0000:0000:0001 2001:DB8::A
	2002:: 2002:7f00:1:: 2002:0a00:0001::1 2002:c0a8:101::1 2002:808:808::1
	2620:4f:8000::1 3fff:: 3fff::1 3fff:fff:ffff::1
	fc00:: fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fdff:ffff::1
	fe80:: fe80::1 fe80::1%eth0 fe80::1%1 fe80::a9fe:a9fe febf::1
	fec0:: fec0::1 feff:ffff::1
	ff00:: ff02::1 ff02::1%lo ff05::2 ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
`

// publicAddresses are real hosts' networks, and the neighbours of the refused ones.
const publicAddresses = `
	1.0.0.0 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
	168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0
	192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0
	203.0.112.255 203.0.114.0 223.255.255.255
	::ffff:8.8.8.8 ::ffff:101:101
	2000::1 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::1 2003::1 2606:4700::1111 2620:4f:7fff::1
	2a00:1450:4001::1 2a01:4f8::1 3ffe::1 3fff:1000::1
`

func TestGuardRefusesWhatIsNotPublic(t *testing.T) {
	refused := strings.Fields(refusedAddresses)
	if len(refused) < 80 {
		t.Fatalf("only %d addresses", len(refused))
	}
	g := newGuard(Options{})
	for _, s := range refused {
		err := g.check(netip.AddrPortFrom(netip.MustParseAddr(s), 443), true)
		var refusal *AddressError
		if !errors.As(err, &refusal) || refusal.Plain {
			t.Errorf("%s: got %v, want it refused", s, err)
			continue
		}
		if !strings.Contains(refusal.Hint().English, "delivery.private_networks") {
			t.Errorf("%s: hint %q does not name the setting", s, refusal.Hint())
		}
	}
}

func TestGuardTakesPublicAddressesByHTTPSOnly(t *testing.T) {
	g := newGuard(Options{})
	for _, s := range strings.Fields(publicAddresses) {
		if err := g.check(netip.AddrPortFrom(netip.MustParseAddr(s), 443), true); err != nil {
			t.Errorf("%s: %v", s, err)
		}
		var refusal *AddressError
		if err := g.check(netip.AddrPortFrom(netip.MustParseAddr(s), 443), false); !errors.As(err, &refusal) || !refusal.Plain {
			t.Errorf("%s by plain http: got %v, want it refused", s, err)
		}
	}
}

func TestGuardDialsWhatItSees(t *testing.T) {
	control := newGuard(Options{}).control(true)
	for _, s := range strings.Fields(refusedAddresses) {
		addr := netip.AddrPortFrom(netip.MustParseAddr(s), 443).String()
		if err := control(t.Context(), "tcp", addr, nil); err == nil {
			t.Errorf("%s was let through", addr)
		}
	}
	for _, s := range strings.Fields(publicAddresses) {
		addr := netip.AddrPortFrom(netip.MustParseAddr(s), 443).String()
		if err := control(t.Context(), "tcp", addr, nil); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
	for _, garbage := range []string{"", "host", "host:443", "1.2.3.4", "1.2.3.4:http", "[::1]"} {
		if err := control(t.Context(), "tcp", garbage, nil); err == nil {
			t.Errorf("%q was let through", garbage)
		}
	}
}

func TestGuardPrivateNetworks(t *testing.T) {
	for _, tt := range []struct {
		networks string
		addr     string
		want     bool
	}{
		{"127.0.0.0/8", "127.0.0.1", true},
		{"127.0.0.0/8", "::ffff:127.0.0.1", true},
		{"127.0.0.0/8", "::127.0.0.1", false},
		{"127.0.0.0/8", "::1", false},
		{"127.0.0.0/8", "0.0.0.0", false},
		{"127.0.0.0/8", "10.0.0.1", false},
		{"127.0.0.0/8", "64:ff9b::7f00:1", false},
		{"127.0.0.1/32", "127.0.0.2", false},
		{"10.1.2.3/8", "10.200.0.1", true}, // host bits do not matter
		{"::ffff:10.0.0.0/104", "10.0.0.1", true},
		{"::ffff:10.0.0.0/104", "::ffff:10.0.0.1", true},
		{"::ffff:10.0.0.0/104", "172.16.0.1", false},
		{"fd00::/8", "fd12:3456::1", true},
		{"fd00::/8", "fc00::1", false},
		{"fe80::/10", "fe80::1%eth0", true},
		{"::1/128", "::1", true},
		{"192.168.0.0/16 10.0.0.0/8", "10.0.0.1", true},
		{"192.168.0.0/16 10.0.0.0/8", "172.16.0.1", false},
		{"0.0.0.0/0", "127.0.0.1", true},
		{"0.0.0.0/0", "::1", false},
		{"::/0", "::1", true},
		{"::/0", "127.0.0.1", false},
	} {
		var o Options
		for _, n := range strings.Fields(tt.networks) {
			o.PrivateNetworks = append(o.PrivateNetworks, calbell.Network{Prefix: netip.MustParsePrefix(n)})
		}
		g := newGuard(o)
		for _, secure := range []bool{true, false} {
			if got := g.check(netip.AddrPortFrom(netip.MustParseAddr(tt.addr), 443), secure) == nil; got != tt.want {
				t.Errorf("%s with %s, secure %v: allowed %v, want %v", tt.addr, tt.networks, secure, got, tt.want)
			}
		}
	}
}

func TestGuardOff(t *testing.T) {
	g := newGuard(Options{Unguarded: true})
	for _, s := range strings.Fields(refusedAddresses + publicAddresses) {
		if err := g.check(netip.AddrPortFrom(netip.MustParseAddr(s), 443), false); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// Writing an address as IPv4-mapped, or with a zone, must not change what is decided.
func FuzzGuardSpellings(f *testing.F) {
	for _, s := range strings.Fields(refusedAddresses + publicAddresses) {
		f.Add(netip.MustParseAddr(s).AsSlice())
	}
	g := newGuard(Options{})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		public := g.public(a)
		if a.Is4() && g.public(netip.AddrFrom16(a.As16())) != public {
			t.Errorf("%s: another answer when IPv4-mapped", a)
		}
		if a.Is6() && g.public(a.WithZone("eth0")) != public {
			t.Errorf("%s: another answer with a zone", a)
		}
		if public && (a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified()) {
			t.Errorf("%s counts as public", a)
		}
	})
}
