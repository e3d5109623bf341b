package caldav_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"calbell"
	"calbell/caldav"
	"calbell/caldav/caldavtest"
)

// hangUp ends a connection after some bytes: by a FIN, or by a RST.
func hangUp(t *testing.T, w http.ResponseWriter, reset bool, bytes string) {
	t.Helper()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_, _ = conn.Write([]byte(bytes))
	_ = conn.Close()
}

// TestClosedConnection: a question whose connection ends before an answer begins is asked once more,
// each kind of question, and what writes is not.
func TestClosedConnection(t *testing.T) {
	discover := func(b *bench) error { _, err := b.client.Discover(b.Context()); return err }
	sync := func(b *bench) error { _, err := b.try(); return err }
	read := func(b *bench) error {
		b.play(both(b.script, refuse("REPORT", multiget, http.StatusNotImplemented)))
		return sync(b)
	}
	write := func(b *bench) error { _, err := b.write(""); return err }
	for _, tt := range []struct {
		name, method, part string
		drops              int
		begun              string // what is written before
		do                 func(*bench) error
		ok                 bool
		asked              int // how often in all
	}{
		{"PROPFIND", "PROPFIND", "", 1, "", discover, true, 4},
		{"a report", "REPORT", syncReport, 1, "", sync, true, 2},
		{"a multiget", "REPORT", multiget, 1, "", sync, true, 2},
		{"GET", "GET", "", 1, "", read, true, 4},
		{"twice in a row", "PROPFIND", "", 2, "", discover, false, 2},
		{"an answer has begun", "PROPFIND", "", 1, "HTTP/1.1 207 Multi", discover, false, 1},
		{"PUT", "PUT", "", 1, "", write, false, 1},
	} {
		for _, reset := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, reset %v", tt.name, reset), func(t *testing.T) {
				b := newBench(t, caldavtest.Options{})
				b.fill(3)
				if _, err := b.client.Discover(t.Context()); err != nil { // a connection is kept
					t.Fatal(err)
				}
				var asked atomic.Int32 // a connection that is reset tells the client nothing of the server's
				b.play(func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method != tt.method || !strings.Contains(peek(r), tt.part) {
						return false
					}
					if int(asked.Add(1)) > tt.drops {
						return false
					}
					hangUp(t, w, reset, tt.begun)
					return true
				})
				err := tt.do(b)
				if (err == nil) != tt.ok || !tt.ok && calbell.KindOf(err) != calbell.KindUnreachable || int(asked.Load()) != tt.asked {
					t.Errorf("asked %d times, want %d: %v", asked.Load(), tt.asked, err)
				}
			})
		}
	}
}

// TestClosesAfterEachAnswer: a server that closes each connection without a word is synced.
func TestClosesAfterEachAnswer(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.fill(9)
	b.play(func(w http.ResponseWriter, r *http.Request) bool {
		text := b.answer(r)
		hangUp(t, w, false, text)
		return true
	})
	if _, err := b.client.Discover(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.sync()
	b.same()
}

// TestWritesOnNewConnection: a write, which is not repeated, arrives at a server that resets connections
// on which it has answered, as SOGo does.
func TestWritesOnNewConnection(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	var answered sync.Map // by the client's address
	b.play(func(w http.ResponseWriter, r *http.Request) bool {
		_, again := answered.LoadOrStore(r.RemoteAddr, true)
		if again {
			hangUp(t, w, true, "")
		}
		return again
	})
	if _, err := b.client.Discover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.write(""); err != nil {
		t.Error(err)
	}
}

// TestSilentIsNotRepeated: a server that hangs is waited for once.
func TestSilentIsNotRepeated(t *testing.T) {
	b := newBench(t, caldavtest.Options{})
	b.play(func(_ http.ResponseWriter, r *http.Request) bool {
		_ = peek(r)
		<-r.Context().Done()
		return true
	})
	_, err := b.newClient(caldav.Options{Timeout: 50 * time.Millisecond}).Discover(t.Context())
	if got := b.asked(); calbell.KindOf(err) != calbell.KindUnreachable || len(got) != 1 {
		t.Errorf("asked %v: %v", got, err)
	}
}
