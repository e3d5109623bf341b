package access

import (
	"net"
	"net/netip"
	"sync"
)

const (
	// MaxConnections bounds what is open at the page's address: each costs a file and some kB.
	MaxConnections = 1024
	// maxFromOne bounds those from one network, so that nobody takes them all. A proxy, through
	// which all come, has no such bound.
	maxFromOne = 100
)

// Limit returns a listener that closes what comes in beyond the bounds at once. trusted are
// addresses without a bound of their own.
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

// Accept returns the next connection that is within the bounds.
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
		_ = c.Close() // nobody is there to hear of it
	}
}

// remote is the network of who connects, and whether it has no bound of its own.
func (l *limited) remote(c net.Conn) (at netip.Addr, free bool) {
	from, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}, true // by a unix socket
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

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
