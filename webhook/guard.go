package webhook

import (
	"context"
	"net/netip"
	"slices"
	"syscall"

	"calbell"
)

// A user who defines a webhook chooses a URL that this machine then requests. Without a guard,
// users reach everything that the machine can: metadata services of clouds, databases, routers.
// IANA keeps the lists of special-purpose addresses (RFC 6890 and its registries).

// specialV4 returns the IPv4 networks without public hosts.
func specialV4() []string {
	return []string{
		"0.0.0.0/8",        // this network; 0.0.0.0 connects to the machine itself
		"10.0.0.0/8",       // private
		"100.64.0.0/10",    // shared by carriers (CGNAT)
		"127.0.0.0/8",      // loopback
		"168.63.129.16/32", // the host agent of a large cloud, on an address that looks public
		"169.254.0.0/16",   // link-local, metadata services
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // protocol assignments
		"192.0.2.0/24",     // documentation
		"192.31.196.0/24",  // AS112
		"192.52.193.0/24",  // AMT
		"192.88.99.0/24",   // 6to4 relays
		"192.168.0.0/16",   // private
		"192.175.48.0/24",  // AS112
		"198.18.0.0/15",    // benchmarking
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast
		"240.0.0.0/4",      // reserved, and broadcast
	}
}

// specialV6 returns the networks inside 2000::/3 without public hosts. Outside of 2000::/3
// there are none: loopback, IPv4-mapped and -compatible, NAT64 (64:ff9b::/96 and
// 64:ff9b:1::/48), discard, unique local, link-local, site-local, multicast.
func specialV6() []string {
	return []string{
		"2001::/23",         // protocol assignments: Teredo, benchmarking, ORCHID
		"2001:db8::/32",     // documentation
		"2002::/16",         // 6to4 holds an IPv4 address
		"2620:4f:8000::/48", // AS112
		"3fff::/20",         // documentation
	}
}

// NewGuard returns the address check for other code that fetches URLs of users. It permits
// public hosts by TLS, and the given networks with or without TLS. It always refuses the
// listeners of this program, which self reports; self may be nil. Its error is an
// [*AddressError].
func NewGuard(privateNetworks []calbell.Network, self func(netip.AddrPort) bool) func(address netip.AddrPort, secure bool) error {
	return newGuard(Options{PrivateNetworks: privateNetworks, Self: self}).check
}

// guard decides which addresses may be reached.
type guard struct {
	off     bool
	self    func(netip.AddrPort) bool // nil: the program listens nowhere
	allowed []calbell.Network
	special []netip.Prefix
	global6 netip.Prefix
}

func newGuard(o Options) guard {
	g := guard{off: o.Unguarded, self: o.Self, global6: netip.MustParsePrefix("2000::/3")}
	for _, p := range o.PrivateNetworks {
		g.allowed = append(g.allowed, calbell.Network{Prefix: plainPrefix(p.Prefix), Port: p.Port})
	}
	for _, s := range slices.Concat(specialV4(), specialV6()) {
		g.special = append(g.special, netip.MustParsePrefix(s))
	}
	return g
}

// plainPrefix converts an IPv4-mapped network (::ffff:10.0.0.0/104) to IPv4.
func plainPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// plainAddr removes the zone and unmaps IPv4 in IPv6, so that prefixes match.
func plainAddr(a netip.Addr) netip.Addr { return a.WithZone("").Unmap() }

// private reports whether the configuration lists the address's network and port.
func (g guard) private(a netip.AddrPort) bool {
	a = netip.AddrPortFrom(plainAddr(a.Addr()), a.Port())
	return slices.ContainsFunc(g.allowed, func(n calbell.Network) bool { return n.Covers(a) })
}

// unnamed reports whether an address is permitted as part of a network, and not as a service
// whose port the configuration names.
func (g guard) unnamed(a netip.AddrPort) bool {
	a = netip.AddrPortFrom(plainAddr(a.Addr()), a.Port())
	return g.private(a) && !slices.ContainsFunc(g.allowed, func(n calbell.Network) bool { return n.Port != 0 && n.Covers(a) })
}

// public reports whether the address is that of a public host.
func (g guard) public(a netip.Addr) bool {
	a = plainAddr(a)
	if !a.IsValid() || a.Is6() && !g.global6.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(g.special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// check returns an [AddressError] when the address may not be reached.
func (g guard) check(a netip.AddrPort, secure bool) error {
	addr := plainAddr(a.Addr())
	switch {
	case g.off:
		return nil
	case g.self != nil && g.self(netip.AddrPortFrom(addr, a.Port())):
		return &AddressError{Addr: addr, Self: true}
	case g.private(a):
		return nil
	case !g.public(addr):
		return &AddressError{Addr: addr}
	case !secure:
		return &AddressError{Addr: addr, Plain: true}
	}
	return nil
}

// control is a net.Dialer's ControlContext: it checks the resolved address of each socket
// before it is connected.
func (g guard) control(secure bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return calbell.Errorf("webhook:check-address", "check address %q: %w", address, err)
		}
		return g.check(ap, secure)
	}
}

// AddressError is the guard's refusal of an address.
type AddressError struct {
	Addr netip.Addr
	// Plain is set when the address may be reached, but not by plain http.
	Plain bool
	// Self is set when this program itself listens there.
	Self bool
}

// Error returns why an address is refused. It does not name the address: the user would learn
// what names of the internal network resolve to.
func (e *AddressError) Error() string { return e.Text().English }

// Text returns the text of the error.
func (e *AddressError) Text() calbell.Text {
	if e.Plain {
		return calbell.T("webhook:plain-http-refused", "plain http is refused: messages would be readable in transit")
	}
	return calbell.T("webhook:host-no-public-address", "the host has no public address")
}

// Detail returns the text with the address, for admins.
func (e *AddressError) Detail() calbell.Text {
	switch {
	case e.Self:
		return calbell.T("webhook:address-refused-program-listens", "address %s is refused: Calbell itself listens there", e.Addr)
	case e.Plain:
		return calbell.T("webhook:plain-http-refused-would", "plain http to %s is refused: messages would be readable in transit", e.Addr)
	}
	return calbell.T("webhook:address-refused-not-public", "address %s is refused: it is not public", e.Addr)
}

// Hint names the setting that allows the address.
func (e *AddressError) Hint() calbell.Text {
	switch {
	case e.Self:
		return calbell.T("webhook:give-url-chat-or", "give the URL of the chat or calendar server")
	case e.Plain:
		return calbell.T("webhook:use-https-or-list", "use https, or list the network under delivery.private_networks if it is yours")
	}
	return noAddressHint
}

var noAddressHint = calbell.T("webhook:check-name-if-your", "check the name; if it is on your own network, list that network under delivery.private_networks")

// Hides reports whether the error must look like that of a host that does not exist.
func (e *AddressError) Hides() bool { return !e.Plain }
