package webhooktest

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
)

const (
	dnsHeader       = 12
	dnsA, dnsAAAA   = 1, 28
	dnsNXDomain     = 3
	maxDNSLabels    = 64
	dnsAnswerFlags  = 0x8180 // a response, recursion asked for and available
	dnsNamePointer  = 0xc00c // points to the name in the question
	dnsFixedFields  = 4      // type and class of a question
	dnsAnswerTTL    = 0      // never cached: the next look-up may give another address
	dnsStreamPrefix = 2      // RFC 1035 §4.2.2: length before each message on a stream
)

// DNS returns a resolver that calls lookup instead of a name server, at every look-up: a name
// may resolve to another address the second time. lookup gets the name in lower case without
// the final dot; it returns no addresses for an unknown host.
func DNS(lookup func(name string) []netip.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serveDNS(server, lookup)
		return client, nil
	}}
}

// serveDNS answers the queries on one connection.
func serveDNS(c net.Conn, lookup func(string) []netip.Addr) {
	defer c.Close()
	for {
		var size [dnsStreamPrefix]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		reply, err := answerDNS(query, lookup)
		if err != nil {
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

// answerDNS answers a query with one question (RFC 1035 §4).
func answerDNS(query []byte, lookup func(string) []netip.Addr) ([]byte, error) {
	name, end, err := questionName(query)
	if err != nil {
		return nil, err
	}
	kind := binary.BigEndian.Uint16(query[end:])
	addrs := lookup(strings.ToLower(name))
	flags := uint16(dnsAnswerFlags)
	if len(addrs) == 0 {
		flags |= dnsNXDomain
	}
	var answers []byte
	count := uint16(0)
	for _, a := range addrs {
		if a.Is4() != (kind == dnsA) || a.Is6() != (kind == dnsAAAA) {
			continue
		}
		answers = appendAnswer(answers, kind, a)
		count++
	}
	reply := append([]byte{}, query[:2]...)
	for _, v := range []uint16{flags, 1, count, 0, 0} {
		reply = binary.BigEndian.AppendUint16(reply, v)
	}
	reply = append(reply, query[dnsHeader:end+dnsFixedFields]...)
	return append(reply, answers...), nil
}

func appendAnswer(b []byte, kind uint16, a netip.Addr) []byte {
	for _, v := range []uint16{dnsNamePointer, kind, 1} {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	b = binary.BigEndian.AppendUint32(b, dnsAnswerTTL)
	b = binary.BigEndian.AppendUint16(b, uint16(len(a.AsSlice())))
	return append(b, a.AsSlice()...)
}

// questionName returns the name of the question, and where its type begins.
func questionName(query []byte) (name string, end int, err error) {
	var labels []string
	at := dnsHeader
	for range maxDNSLabels {
		if at >= len(query) {
			break
		}
		n := int(query[at])
		at++
		if n == 0 && at+dnsFixedFields <= len(query) {
			return strings.Join(labels, "."), at, nil
		}
		if n == 0 || at+n > len(query) {
			break
		}
		labels = append(labels, string(query[at:at+n]))
		at += n
	}
	return "", 0, errors.New("malformed question")
}
