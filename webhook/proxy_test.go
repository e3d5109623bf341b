package webhook_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/webhook"
	"calbell/webhook/webhooktest"
)

// A proxy that stops in the middle costs an attempt, and nothing after it: net/http makes
// connections without the attempt's deadline, so a bound of our own must end each.
func TestSendThroughAProxyThatHangs(t *testing.T) {
	silent := func(net.Conn, *bufio.Reader) {}
	tunnel := func(c net.Conn, r *bufio.Reader) {
		if _, err := http.ReadRequest(r); err == nil {
			io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
		}
	}
	for _, tt := range []struct {
		name, scheme string
		begin        func(net.Conn, *bufio.Reader) // what it does before it hangs
	}{
		{"CONNECT without an answer", "http", silent},
		{"TLS to the proxy", "https", silent},
		{"the other side's TLS", "http", tunnel},
		{"socks5", "socks5", silent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			closed := make(chan error, 1)
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					closed <- err
					return
				}
				defer conn.Close()
				r := bufio.NewReader(conn)
				tt.begin(conn, r)
				// Until the daemon gives up; the bound of the test stands far off.
				conn.SetReadDeadline(time.Now().Add(20 * time.Second))
				_, err = io.Copy(io.Discard, r)
				closed <- err
			}()
			proxy := &url.URL{Scheme: tt.scheme, Host: listener.Addr().String(), User: url.UserPassword("user", secret)}
			s := sender(t, webhook.Options{Proxy: proxy, Timeout: 100 * time.Millisecond})
			try := s.Send(t.Context(), hook(calbell.KindKChat, "https://chat.example.org"), message(), time.Now())
			if try.Verdict != calbell.NotSent || !strings.Contains(try.Error.English, "not connected in time (100ms)") {
				t.Errorf("%+v", try)
			}
			noSecret(t, try)
			if err := <-closed; err != nil {
				t.Errorf("the connection to the proxy stays open: %v", err)
			}
		})
	}
}

// The bound on the way to a connection is none on the connection: two answers that together
// take longer than an attempt may come over one.
func TestSendThroughATunnel(t *testing.T) {
	t.Parallel()
	const timeout, slow = 3 * time.Second, 1800 * time.Millisecond
	chat := webhooktest.NewTLS(nil)
	defer chat.Close()
	proxy, tunnels := tunnelTo(t, chat.Addr())
	s := sender(t, webhook.Options{Proxy: proxy, RootCAs: chat.RootCAs(), Timeout: timeout, PrivateNetworks: []calbell.Network{{Prefix: netip.MustParsePrefix("10.0.0.0/8")}}})
	chat.Script(webhooktest.Late(slow, webhooktest.OK()), webhooktest.Late(slow, webhooktest.OK()), webhooktest.Hang())
	for i, want := range []calbell.Verdict{calbell.Accepted, calbell.Accepted, calbell.Unknown} {
		if try := s.Send(t.Context(), hook(calbell.KindKChat, "https://example.com"), message(), time.Now()); try.Verdict != want {
			t.Errorf("post %d: %+v, want %s", i, try, want)
		}
	}
	if n := len(tunnels); n != 1 {
		t.Errorf("%d tunnels for three posts", n)
	}
}

// tunnelTo is a proxy that connects every CONNECT to one address. Each tunnel is counted
// in the channel that it returns.
func tunnelTo(t *testing.T, addr string) (*url.URL, <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	tunnels := make(chan struct{}, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tunnels <- struct{}{}
			go relay(conn, addr)
		}
	}()
	return &url.URL{Scheme: "http", Host: listener.Addr().String()}, tunnels
}

// relay answers one CONNECT and copies both ways until either side closes.
func relay(conn net.Conn, addr string) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	if _, err := http.ReadRequest(r); err != nil {
		return
	}
	to, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer to.Close()
	io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		io.Copy(to, r)
		to.Close()
	}()
	io.Copy(conn, to)
}

// Whoever reads that a post failed learns that it was the proxy, and nothing of its address.
func TestProxyThatRefuses(t *testing.T) {
	for _, tt := range []struct {
		answer, says string
	}{
		{"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy of delivery.proxy refused the connection: 403 Forbidden (it does not let the host of the webhook through"},
		{"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "the proxy of delivery.proxy refused the connection: 407 Proxy Authentication Required (it asks for a sign-in"},
		{"HTTP/1.1 502 Bad Gateway\r\n\r\n", "the proxy of delivery.proxy refused the connection: 502 Bad Gateway (it does not reach the host"},
		{"", "the proxy of delivery.proxy: connection refused (check its address"},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		proxy := &url.URL{Scheme: "http", Host: listener.Addr().String(), User: url.UserPassword("user", secret)}
		if tt.answer == "" {
			listener.Close()
		} else {
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					io.WriteString(conn, tt.answer)
				}
			}()
		}
		w := hook(calbell.KindKChat, "https://chat.example.org")
		w.Owner = "bob"
		try := sender(t, webhook.Options{Proxy: proxy}).Send(t.Context(), w, message(), time.Now())
		if try.Verdict != calbell.NotSent || !strings.HasPrefix(try.Error.English, tt.says) || strings.Contains(try.Error.English, "127.0.0.1") {
			t.Errorf("%+v, want %q", try, tt.says)
		}
		noSecret(t, try)
		listener.Close()
	}
}
