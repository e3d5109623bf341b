package daemon

import (
	"net"
	"net/netip"
	"sync/atomic"
)

// self is where this program listens for the page.
type self struct {
	at atomic.Pointer[netip.AddrPort] // nil: nowhere yet, or at a unix socket
}

// is reports whether an address is where this program listens: no webhook and no account of
// a user reaches it, whatever the configuration opens. From here the page would answer monitors
// without a token. Every address of this machine counts, with the page's port.
func (s *self) is(a netip.AddrPort) bool {
	at := s.at.Load()
	if at == nil || a.Port() != at.Port() {
		return false
	}
	addr := a.Addr().Unmap().WithZone("")
	if addr.IsLoopback() || addr.IsUnspecified() || addr == at.Addr().Unmap().WithZone("") {
		return true
	}
	return isLocal(addr)
}

// isLocal reports whether an interface of this machine has an address. When that cannot be found
// out, it has.
func isLocal(addr netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	for _, one := range all {
		if prefix, err := netip.ParsePrefix(one.String()); err == nil && prefix.Addr().Unmap() == addr {
			return true
		}
	}
	return err != nil
}
