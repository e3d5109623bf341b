package daemon

import (
	"net"
	"net/netip"
	"testing"
)

// Each address of this machine with the page's port is the page; other ports and machines are
// not.
func TestIsSelf(t *testing.T) {
	var s self
	if s.is(netip.MustParseAddrPort("127.0.0.1:8470")) {
		t.Error("a program that does not listen refuses itself")
	}
	for _, listen := range []string{"127.0.0.1:8470", "[::]:8470", "0.0.0.0:8470", "[::ffff:192.0.2.7]:8470", "192.0.2.7:8470"} {
		at := netip.MustParseAddrPort(listen)
		s.at.Store(&at)
		own := []string{"127.0.0.1", "127.5.6.7", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"}
		if at.Addr().Unmap() == netip.MustParseAddr("192.0.2.7") {
			own = append(own, "192.0.2.7", "::ffff:192.0.2.7")
		}
		all, err := net.InterfaceAddrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			own = append(own, netip.MustParsePrefix(a.String()).Addr().String())
		}
		for _, host := range own {
			addr := netip.MustParseAddr(host)
			if !s.is(netip.AddrPortFrom(addr, 8470)) || s.is(netip.AddrPortFrom(addr, 8471)) {
				t.Errorf("listening at %s: %s", listen, host)
			}
		}
		if s.is(netip.MustParseAddrPort("198.51.100.7:8470")) {
			t.Errorf("listening at %s: another machine counts as this one", listen)
		}
	}
}
