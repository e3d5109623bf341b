package chaos

import (
	"encoding/json"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// maxBody bounds what the receiver reads of a post.
const maxBody = 1 << 20

// receiver is the chat: it notes every post with its time.
type receiver struct {
	server *httptest.Server
	moved  atomic.Int64 // by how many nanoseconds the daemon's clock is ahead of the machine's

	mu      sync.Mutex
	posts   []post
	taken   map[string]bool
	changed chan struct{} // closed and replaced at each post
	began   []time.Time   // of each run of the daemon
	slow    time.Duration // answers take up to so long
	choose  func(n int) reply
	tries   map[string]int
	told    func(post) // of each post, when it comes; nil: nobody
}

// reply is one way to answer.
type reply struct {
	fate   fate
	answer http.HandlerFunc // nil: 200 ok
}

// newReceiver starts a receiver. Its answers take up to slow, at random, so that a kill
// finds posts under way.
func newReceiver(t testing.TB, slow time.Duration) *receiver {
	t.Helper()
	r := &receiver{slow: slow}
	r.reset()
	r.server = httptest.NewUnstartedServer(r)
	r.server.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that are cut are the test's own
	r.server.Start()
	t.Cleanup(func() {
		r.server.CloseClientConnections()
		r.server.Close()
	})
	return r
}

// reset forgets what came.
func (r *receiver) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.posts, r.taken, r.tries, r.began = nil, map[string]bool{}, map[string]int{}, nil
	r.changed = make(chan struct{})
}

// begin notes that a run of the daemon begins.
func (r *receiver) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began = append(r.began, time.Now())
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	p := post{at: time.Now().Add(time.Duration(r.moved.Load())), id: req.Header.Get("Webhook-Id")}
	var m struct {
		Text string `json:"text"`
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxBody))
	if err != nil || json.Unmarshal(body, &m) != nil {
		return // cut off in the middle: nobody has read it
	}
	p.read(m.Text)
	answer := r.note(p)
	if d := r.delay(); d > 0 {
		select {
		case <-time.After(d):
		case <-req.Context().Done():
		}
	}
	if answer == nil {
		io.WriteString(w, "ok")
		return
	}
	answer(w, req)
}

// read takes a message apart: its subject, and the lines that mark it.
func (p *post) read(text string) {
	lines := strings.Split(text, "\n")
	p.subject = lines[0]
	for _, l := range lines[1:] {
		p.repeat = p.repeat || l == "(possible repeat)"
		p.late = p.late || strings.HasPrefix(l, "(") && strings.HasSuffix(l, " late)")
	}
}

func (r *receiver) delay() time.Duration {
	if r.slow == 0 {
		return 0
	}
	return rand.N(r.slow)
}

func (r *receiver) note(p post) http.HandlerFunc {
	r.mu.Lock()
	defer r.mu.Unlock()
	var answer http.HandlerFunc
	if r.choose != nil {
		c := r.choose(r.tries[p.subject])
		p.fate, answer = c.fate, c.answer
	}
	r.tries[p.subject]++
	p.run = len(r.began)
	r.posts = append(r.posts, p)
	if r.told != nil {
		r.told(p)
	}
	if p.fate != refused {
		r.taken[p.subject] = true
	}
	close(r.changed)
	r.changed = make(chan struct{})
	return answer
}

// seen returns all posts so far.
func (r *receiver) seen() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]post(nil), r.posts...)
}

// count is how many subjects were taken in, and a channel that closes at the next post.
func (r *receiver) count() (int, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.taken), r.changed
}

// afterStart is the longest time from the start of a run to a repeat in it.
func (r *receiver) afterStart() (longest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.posts {
		if p.repeat && p.run > 0 {
			longest = max(longest, p.at.Sub(r.began[p.run-1]))
		}
	}
	return longest
}

// fails says how the receiver answers: choose is given how often it saw the subject before.
func (r *receiver) fails(choose func(n int) reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.choose = choose
}

// says refuses with a status; header lists names and values in turn.
func says(status int, text string, header ...string) reply {
	return reply{refused, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, text)
	}}
}

// hangs never answers.
func hangs() reply {
	return reply{unsure, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }}
}

// resets cuts the connection after the post was read.
func resets() reply {
	return reply{unsure, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		conn.Close()
	}}
}
