package calbell

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Network is a set of addresses, at one port or at all of them.
type Network struct {
	netip.Prefix
	Port uint16 // 0 = every port
}

// ErrHostBits is the error for a network with bits beyond its length, such as 10.0.0.1/8.
var ErrHostBits = errors.New("host bits are set")

// ParseNetwork parses a network in CIDR form or a single address, with or without a port:
// 10.0.0.0/8, 192.168.1.7, 192.168.1.7:8065, 10.0.0.0/8:443, fd00::/8, [fd00::7]:8065,
// [fd00::/8]:443. A network with host bits is returned unchanged, with [ErrHostBits].
func ParseNetwork(text string) (Network, error) {
	address, port, err := cutPort(text)
	if err != nil {
		return Network{}, err
	}
	prefix, err := netip.ParsePrefix(address)
	if err != nil {
		addr, err := netip.ParseAddr(address)
		if err != nil || addr.Zone() != "" {
			return Network{}, Errorf("domain:invalid-network", "invalid network %q", text)
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	n := Network{Prefix: prefix, Port: port}
	if prefix != prefix.Masked() {
		return n, ErrHostBits
	}
	return n, nil
}

// cutPort splits a network from its port: after the brackets of IPv6, and after the only colon
// of IPv4.
func cutPort(text string) (address string, port uint16, err error) {
	digits := ""
	switch {
	case strings.HasPrefix(text, "["):
		var ok bool
		if address, digits, ok = strings.Cut(text[1:], "]:"); !ok {
			return "", 0, Errorf("domain:invalid-network", "invalid network %q", text)
		}
		if !strings.Contains(address, ":") {
			return "", 0, Errorf("domain:invalid-network", "invalid network %q", text)
		}
	case strings.Count(text, ":") == 1:
		address, digits, _ = strings.Cut(text, ":")
	default:
		return text, 0, nil
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return "", 0, Errorf("domain:invalid-port", "invalid port %q", digits)
	}
	return address, uint16(n), nil
}

// Covers reports whether an address at a port belongs to the network.
func (n Network) Covers(a netip.AddrPort) bool {
	return (n.Port == 0 || n.Port == a.Port()) && n.Contains(a.Addr())
}

// String formats the network for [ParseNetwork].
func (n Network) String() string {
	switch {
	case n.Port == 0:
		return n.Prefix.String()
	case n.Addr().Is6():
		return fmt.Sprintf("[%s]:%d", n.Prefix, n.Port)
	}
	return fmt.Sprintf("%s:%d", n.Prefix, n.Port)
}
