package caldav_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// peek returns a request's body and leaves it to be read again.
func peek(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

// rewrite lets the server answer, and changes the text of answers to requests whose body
// contains part.
func (b *bench) rewrite(method, part string, change func(string) string) script {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || !bytes.Contains([]byte(peek(r)), []byte(part)) {
			return false
		}
		rec := httptest.NewRecorder()
		b.server.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, _ = io.WriteString(w, change(rec.Body.String()))
		return true
	}
}

// answer has the server in memory answer, and returns that as it would go over the wire.
func (b *bench) answer(r *http.Request) string {
	b.Helper()
	rec := httptest.NewRecorder()
	b.server.ServeHTTP(rec, r)
	resp := rec.Result()
	resp.ContentLength = int64(rec.Body.Len())
	var text bytes.Buffer
	if err := resp.Write(&text); err != nil {
		b.Error(err)
	}
	return text.String()
}

// asError is errors.As with a typed target.
func asError[T error](err error, target *T) bool { return errors.As(err, target) }
