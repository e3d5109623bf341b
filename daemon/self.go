package daemon

import (
	"net"
	"net/netip"
	"sync/atomic"
)

// self is the address at which this program serves the page.
type self struct {
	at atomic.Pointer[netip.AddrPort] // nil: not listening yet, or on a unix socket
}

// is reports whether an address is that of this program: the page's port on any address of
// this machine. Webhooks and accounts of users must not reach it, whatever networks the
// configuration opens, because requests from this machine may read metrics without a token.
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

// isLocal reports whether an address belongs to an interface of this machine. It returns
// true when the interfaces cannot be listed.
func isLocal(addr netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	for _, one := range all {
		if prefix, err := netip.ParsePrefix(one.String()); err == nil && prefix.Addr().Unmap() == addr {
			return true
		}
	}
	return err != nil
}
