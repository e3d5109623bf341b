package webhooktest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Reply is one way to answer a request.
type Reply struct {
	early bool // answers before the request's body is read
	serve func(exchange)
}

// exchange is a request that has not been answered yet.
type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	closing <-chan struct{}
}

// Func answers as f does. The body has been read before, and is in the recorded [Request].
func Func(f http.HandlerFunc) Reply {
	return Reply{serve: func(x exchange) { f(x.w, x.r) }}
}

// OK accepts as kChat, Mattermost and Slack do: 200 and "ok".
func OK() Reply { return Status(http.StatusOK, "ok", "Content-Type", "text/plain") }

// Status answers with a status and a body. header lists names and values in turn.
func Status(code int, body string, header ...string) Reply {
	return Func(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, body)
	})
}

// HTML answers 200 with a sign-in page, as captive portals do.
func HTML() Reply {
	page := "<!DOCTYPE html><html><head><title>Welcome</title></head><body><form>Please sign in, it is ok</form></body></html>"
	return Status(http.StatusOK, page, "Content-Type", "text/html; charset=utf-8")
}

// Empty answers 200 without a body.
func Empty() Reply { return Status(http.StatusOK, "") }

// Huge answers 200 with n bytes, or as many as the client reads.
func Huge(n int64) Reply {
	return Func(func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("ok "), 10_000)
		for left := n; left > 0; {
			m, err := w.Write(chunk[:min(left, int64(len(chunk)))])
			if err != nil {
				return
			}
			left -= int64(m)
		}
	})
}

// Gzip answers 200 with a compressed text, whether requested or not.
func Gzip(text string) Reply {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return Status(http.StatusOK, b.String(), "Content-Encoding", "gzip", "Content-Type", "text/plain")
}

// GzipBomb answers 200 with a small body that inflates to n bytes.
func GzipBomb(n int) Reply { return Gzip(strings.Repeat("o", n)) }

// Redirect answers with a 3xx status that points to a path of the same receiver, whose
// requests [Receiver.Redirected] counts. The location carries the query of the request.
func Redirect(code int) Reply {
	return Func(func(w http.ResponseWriter, r *http.Request) {
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		w.Header().Set("Location", fmt.Sprintf("%s://%s%s%s", scheme, r.Host, redirected, r.URL.RequestURI()))
		w.WriteHeader(code)
	})
}

// Hang reads the request and never answers.
func Hang() Reply {
	return Reply{serve: exchange.hang}
}

// HangEarly never answers and does not even read the body.
func HangEarly() Reply {
	return Reply{early: true, serve: exchange.hang}
}

// Late answers after d. It sends nothing when the client has gone by then.
func Late(d time.Duration, reply Reply) Reply {
	return Reply{early: reply.early, serve: func(x exchange) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		if !x.wait(timer.C) {
			panic(http.ErrAbortHandler)
		}
		reply.serve(x)
	}}
}

// Held answers when release is closed.
func Held(release <-chan struct{}, reply Reply) Reply {
	return Reply{early: reply.early, serve: func(x exchange) {
		select {
		case <-release:
			reply.serve(x)
		case <-x.r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-x.closing:
			panic(http.ErrAbortHandler)
		}
	}}
}

// hang waits until the client or the receiver closes, and aborts. A handler that returned would
// answer 200, which a closing client may still read.
func (x exchange) hang() {
	x.wait(nil)
	panic(http.ErrAbortHandler)
}

// wait returns true when the timer fires, and false when the client or the receiver closes.
func (x exchange) wait(timer <-chan time.Time) bool {
	select {
	case <-timer:
		return true
	case <-x.r.Context().Done():
	case <-x.closing:
	}
	return false
}

// Drip sends raw, an answer with its status line and header, one byte per interval, and then
// nothing more: slow-loris.
func Drip(interval time.Duration, raw string) Reply {
	return Reply{serve: func(x exchange) {
		conn := x.hijack()
		if conn == nil {
			return
		}
		defer conn.Close()
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for i := range len(raw) {
			if _, err := io.WriteString(conn, raw[i:i+1]); err != nil || !x.wait(tick.C) {
				return
			}
		}
		x.wait(nil)
	}}
}

// Raw sends bytes unchanged as the answer and closes the connection.
func Raw(raw string) Reply {
	return Reply{serve: func(x exchange) {
		if conn := x.hijack(); conn != nil {
			io.WriteString(conn, raw)
			conn.Close()
		}
	}}
}

// ResetPoint says when a connection is reset.
type ResetPoint int

// The points, in the order of an exchange.
const (
	BeforeBody   ResetPoint = iota // the request's header was read, its body was not
	BeforeAnswer                   // the whole request was read
	MidHeader                      // half of the answer's header was sent
	MidBody                        // a part of the answer's body was sent
	AfterBody                      // the whole answer was sent
)

// Reset cuts the connection at a point, with a TCP reset where there is TCP.
func Reset(at ResetPoint) Reply {
	sent := map[ResetPoint]string{
		MidHeader: "HTTP/1.1 200 OK\r\nContent-Ty",
		MidBody:   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\no",
		AfterBody: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok",
	}[at]
	return Reply{early: at == BeforeBody, serve: func(x exchange) {
		conn := x.hijack()
		if conn == nil {
			return
		}
		if at == AfterBody {
			// A reset may overtake the data before it: an orderly close lets the data arrive.
			io.WriteString(conn, sent)
			conn.Close()
			return
		}
		io.WriteString(conn, sent)
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}}
}

// Repeat returns n times the same reply, for [Receiver.Script].
func Repeat(n int, reply Reply) []Reply {
	all := make([]Reply, n)
	for i := range all {
		all[i] = reply
	}
	return all
}

// hijack takes over the connection; nil when it is closed.
func (x exchange) hijack() net.Conn {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		return nil
	}
	return conn
}
