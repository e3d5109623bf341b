package access_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calbell/access"
)

// late is a body during which something happens.
type late struct {
	happens func()
	io.Reader
}

func (l *late) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if err == io.EOF {
		l.happens()
	}
	return n, err
}

// A request that was begun before the password changed and ends after it is nobody's; so is one
// that ends after its session does.
func TestSlowBody(t *testing.T) {
	h, people, sessions := gate(t, access.Options{})
	for name, happens := range map[string]func(){
		"password": func() { people.epoch++ },
		"session":  func() { clear(sessions.all) },
		"nothing":  func() {},
	} {
		people.epoch = 1
		c := cookieOf(t, ask(h, "POST", "/in/Anna"))
		req := httptest.NewRequest("POST", "/", &late{happens, strings.NewReader("body")})
		req.Header.Set("Cookie", c.Name+"="+c.Value)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		want := ""
		if name == "nothing" {
			want = "Anna"
		}
		if got, _, _ := strings.Cut(rec.Body.String(), " from"); got != want {
			t.Errorf("%s changed meanwhile: asked by %q, want %q", name, got, want)
		}
	}
}

// What strangers send is bounded more closely than what others do, and nobody's may be endless.
func TestBodyBounds(t *testing.T) {
	h, _, _ := gate(t, access.Options{})
	for _, tt := range []struct {
		size   int
		token  string
		status int
	}{
		{16 << 10, "", http.StatusOK},
		{17 << 10, "", http.StatusRequestEntityTooLarge},
		{17 << 10, "none", http.StatusUnauthorized},
		{1 << 20, "token", http.StatusOK},
		{1<<20 + 1, "token", http.StatusRequestEntityTooLarge},
	} {
		req := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", tt.size)))
		if tt.token != "" {
			req.Header.Set("Authorization", "bearer "+tt.token)
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code != tt.status {
			t.Errorf("%d bytes by %q: %d, want %d", tt.size, tt.token, rec.Code, tt.status)
		}
	}
}
