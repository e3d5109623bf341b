package access

import (
	"net"
	"net/netip"
	"sync"
)

const (
	// MaxConnections limits the open connections at the page's address: each takes a file
	// descriptor and some kB.
	MaxConnections = 1024
	// maxFromOne limits the connections from one network, so that nobody takes them all. It
	// does not apply to trusted proxies.
	maxFromOne = 100
)

// Limit returns a listener that closes connections beyond the limits at once. trusted reports
// whether maxFromOne does not apply to an address.
func Limit(l net.Listener, trusted func(netip.Addr) bool) net.Listener {
	return &limited{Listener: l, trusted: trusted, from: make(map[netip.Addr]int)}
}

// Trusts reports whether an address is a trusted proxy's, or this machine's own.
func (g *Gate) Trusts(a netip.Addr) bool { return a.IsLoopback() || g.trusts(a) }

type limited struct {
	net.Listener
	trusted func(netip.Addr) bool

	mu   sync.Mutex
	open int
	from map[netip.Addr]int
}

// Accept returns the next connection within the limits.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		at, free := l.remote(c)
		if l.enter(at, free) {
			return &counted{Conn: c, leave: sync.OnceFunc(func() { l.leave(at) })}, nil
		}
		_ = c.Close() // the error does not matter
	}
}

// remote returns the network of a connection, and whether maxFromOne does not apply to it.
func (l *limited) remote(c net.Conn) (at netip.Addr, free bool) {
	from, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}, true // a unix socket
	}
	at = from.Addr().Unmap().WithZone("")
	free = l.trusted(at)
	if p, err := at.Prefix(64); err == nil && at.Is6() {
		at = p.Addr()
	}
	return at, free
}

func (l *limited) enter(at netip.Addr, free bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= MaxConnections || !free && l.from[at] >= maxFromOne {
		return false
	}
	l.open++
	l.from[at]++
	return true
}

func (l *limited) leave(at netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if l.from[at]--; l.from[at] == 0 {
		delete(l.from, at)
	}
}

// counted is a connection that counts until it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
