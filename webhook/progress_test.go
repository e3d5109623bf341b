package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"testing"
)

func TestSentIsWhatTheConnectionCounted(t *testing.T) {
	lost := errors.New("EOF")
	for _, tt := range []struct {
		name string
		do   func(p *progress, trace *httptrace.ClientTrace, conn *countedConn)
		want bool
	}{
		{"no connection", func(_ *progress, trace *httptrace.ClientTrace, _ *countedConn) { trace.GetConn("") }, false},
		{"connected", func(_ *progress, trace *httptrace.ClientTrace, c *countedConn) {
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{Conn: c})
		}, false},
		{"only buffered", func(_ *progress, trace *httptrace.ClientTrace, c *countedConn) {
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{Conn: c})
			trace.WroteHeaders()
		}, false},
		{"one byte", func(_ *progress, trace *httptrace.ClientTrace, c *countedConn) {
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{Conn: c})
			c.written.Add(1)
		}, true},
		{"bytes of an earlier request", func(_ *progress, trace *httptrace.ClientTrace, c *countedConn) {
			c.written.Add(100)
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{Conn: c, Reused: true})
			trace.WroteHeaders()
		}, false},
		{"begun again after nothing was written", func(_ *progress, trace *httptrace.ClientTrace, c *countedConn) {
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{Conn: c, Reused: true})
			trace.WroteHeaders()
			trace.GetConn("")
		}, false},
		{"a connection of another transport, idle", func(_ *progress, trace *httptrace.ClientTrace, c *countedConn) {
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{Conn: c.Conn})
		}, false},
		{"a connection of another transport, in doubt", func(_ *progress, trace *httptrace.ClientTrace, c *countedConn) {
			trace.GetConn("")
			trace.GotConn(httptrace.GotConnInfo{Conn: c.Conn})
			trace.WroteHeaders()
		}, true},
		{"own transport, stopped before it asked for one", func(p *progress, _ *httptrace.ClientTrace, _ *countedConn) { p.own = true }, false},
		{"a transport that reports nothing", func(*progress, *httptrace.ClientTrace, *countedConn) {}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := net.Pipe()
			defer client.Close()
			defer server.Close()
			var p progress
			tt.do(&p, p.trace(), &countedConn{Conn: client})
			if got := p.sent(lost); got != tt.want {
				t.Errorf("sent %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNeverConnected(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{&net.OpError{Op: "dial", Err: io.EOF}, true},
		{&net.OpError{Op: "read", Err: io.EOF}, false},
		{&net.OpError{Op: "write", Err: io.EOF}, false},
		{&net.DNSError{}, true},
		{fmt.Errorf("post: %w", &net.OpError{Op: "dial", Err: &net.DNSError{}}), true},
		{io.EOF, false},
		{context.DeadlineExceeded, false},
	} {
		if got := neverConnected(tt.err); got != tt.want {
			t.Errorf("%#v: %v", tt.err, got)
		}
	}
}

func TestCountedConnCountsWhatWasTaken(t *testing.T) {
	client, server := net.Pipe()
	c := &countedConn{Conn: client}
	read := make(chan struct{})
	go func() {
		defer close(read)
		io.ReadFull(server, make([]byte, 3))
		server.Close()
	}()
	if n, err := c.Write([]byte("abcdef")); n != 3 || err == nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	<-read
	if _, err := c.Write([]byte("g")); err == nil {
		t.Error("wrote to a closed connection")
	}
	if got := c.written.Load(); got != 3 {
		t.Errorf("counted %d", got)
	}
}
