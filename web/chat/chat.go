package chat

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"html/template"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

//go:embed page.html style.css script.js
var files embed.FS

const (
	// maxMessages limits the messages that are kept; the oldest are dropped.
	maxMessages = 500
	// maxBody limits a request, in bytes.
	maxBody = 256 << 10
	// slowAnswer is the delay of answers in the mode "slow".
	slowAnswer = 3 * time.Second
	// failures is how many requests the mode "fail" rejects.
	failures = 3
)

// Message is one message that landed.
type Message struct {
	At        time.Time `json:"at"`
	Hook      string    `json:"hook"` // last part of the webhook's path
	ID        string    `json:"id"`   // its Webhook-Id header
	Text      string    `json:"text"`
	Channel   string    `json:"channel,omitempty"`
	Username  string    `json:"username,omitempty"`
	IconEmoji string    `json:"icon_emoji,omitempty"`
}

// mode selects how the chat answers.
type mode string

const (
	modeOK   mode = "ok"
	modeFail mode = "fail" // 503 three times, then ok
	modeSlow mode = "slow" // each answer takes 3 s
	modeGone mode = "gone" // 404
)

// Chat is an http.Handler. Make one with New; it is safe for concurrent use.
type Chat struct {
	mux  *http.ServeMux
	page *template.Template
	now  func() time.Time

	mu       sync.Mutex
	messages []Message
	refused  []int // the statuses of refused requests, newest last
	mode     mode
	left     int // refusals left of modeFail
}

// New returns a chat that accepts everything.
func New(now func() time.Time) *Chat {
	c := &Chat{mux: http.NewServeMux(), now: now, mode: modeOK}
	c.page = template.Must(template.New("page.html").Funcs(template.FuncMap{"markdown": Markdown}).ParseFS(files, "page.html"))
	c.mux.HandleFunc("POST /hooks/{hook}", c.receive)
	c.mux.HandleFunc("GET /demo/chat", c.show)
	c.mux.HandleFunc("GET /demo/chat.json", c.list)
	c.mux.HandleFunc("POST /demo/switch", c.turn)
	c.mux.Handle("GET /demo/files/", http.StripPrefix("/demo/files/", http.FileServerFS(files)))
	c.mux.Handle("GET /{$}", http.RedirectHandler("/demo/chat", http.StatusSeeOther))
	return c
}

// ServeHTTP implements http.Handler.
func (c *Chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	c.mux.ServeHTTP(w, r)
}

// Messages returns the messages that landed, oldest first.
func (c *Chat) Messages() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Message{}, c.messages...)
}

// receive handles the POST to an incoming webhook.
func (c *Chat) receive(w http.ResponseWriter, r *http.Request) {
	m, ok := decode(r)
	if !ok {
		http.Error(w, "Unable to parse incoming data", http.StatusBadRequest)
		return
	}
	m.At, m.Hook, m.ID = c.now(), r.PathValue("hook"), r.Header.Get("Webhook-Id")
	c.dawdle(r.Context())
	switch status := c.take(m); status {
	case http.StatusOK:
		_, _ = io.WriteString(w, "ok")
	case http.StatusNotFound:
		http.Error(w, "Invalid webhook", status)
	default:
		http.Error(w, "the demo's switch says: fail", status)
	}
}

// decode reads a message in either encoding that chats accept, JSON or form.
func decode(r *http.Request) (m Message, ok bool) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return m, false
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		r.Body = io.NopCloser(bytes.NewReader(body))
		body = []byte(r.PostFormValue("payload"))
	}
	return m, json.Unmarshal(body, &m) == nil
}

// dawdle waits in the mode "slow".
func (c *Chat) dawdle(ctx context.Context) {
	c.mu.Lock()
	slow := c.mode == modeSlow
	c.mu.Unlock()
	if !slow {
		return
	}
	select {
	case <-time.After(slowAnswer):
	case <-ctx.Done():
	}
}

// take stores a message, or rejects it as the mode says, and returns the status.
func (c *Chat) take(m Message) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	status := http.StatusOK
	switch {
	case c.mode == modeGone:
		status = http.StatusNotFound
	case c.mode == modeFail && c.left > 0:
		status = http.StatusServiceUnavailable
		if c.left--; c.left == 0 {
			c.mode = modeOK
		}
	}
	if status == http.StatusOK {
		c.messages = append(c.messages, m)
		c.messages = c.messages[max(0, len(c.messages)-maxMessages):]
	} else {
		c.refused = append(c.refused, status)
		c.refused = c.refused[max(0, len(c.refused)-maxMessages):]
	}
	return status
}

// turn changes the mode.
func (c *Chat) turn(w http.ResponseWriter, r *http.Request) {
	m := mode(r.PostFormValue("mode"))
	switch m {
	case modeOK, modeFail, modeSlow, modeGone:
	default:
		http.Error(w, "mode is one of ok, fail, slow, gone", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	c.mode, c.left = m, failures
	c.mu.Unlock()
	http.Redirect(w, r, "/demo/chat", http.StatusSeeOther)
}

// list returns the messages as JSON.
func (c *Chat) list(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(c.Messages()) // an error means that the client has gone
}

// view is what the page shows.
type view struct {
	Messages []Message // newest first
	Refused  int
	Mode     mode
	Serial   string // changes when the page does
}

func (c *Chat) show(w http.ResponseWriter, _ *http.Request) {
	v := view{Messages: c.Messages()}
	for i, j := 0, len(v.Messages)-1; i < j; i, j = i+1, j-1 {
		v.Messages[i], v.Messages[j] = v.Messages[j], v.Messages[i]
	}
	c.mu.Lock()
	v.Refused, v.Mode = len(c.refused), c.mode
	c.mu.Unlock()
	v.Serial = strconv.Itoa(len(v.Messages)) + "-" + strconv.Itoa(v.Refused) + "-" + string(v.Mode)
	var page bytes.Buffer
	if err := c.page.Execute(&page, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = page.WriteTo(w)
}

// Markdown renders a message as the chat would. Raw HTML in it is dropped. The viewer's
// browser would load images, so the Content-Security-Policy of a page that shows the result
// must forbid that.
func Markdown(text string) template.HTML {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithHardWraps()))
	var b strings.Builder
	if err := md.Convert([]byte(text), &b); err != nil {
		return template.HTML("<pre>" + template.HTMLEscapeString(text) + "</pre>")
	}
	return template.HTML(b.String())
}
