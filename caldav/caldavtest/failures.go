package caldavtest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"time"
)

// Refuse answers every request with a status, and Retry-After unless that is "".
func Refuse(status int, retryAfter string) Manner {
	return func(_ *FaultServer, w http.ResponseWriter, _ *http.Request) bool {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		http.Error(w, http.StatusText(status), status)
		return true
	}
}

// LoginPage answers every request with 200 and a page to sign in on, as hotels do.
func LoginPage() Manner {
	return func(_ *FaultServer, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Welcome</title></head><body><form><input name=room></form></body></html>")
		return true
	}
}

// Truncated cuts every answer in the middle, as a proxy does that says nothing about it;
// with torn the connection breaks there.
func Truncated(torn bool) Manner {
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		s.rewrite(w, r, func(status int, text string) (int, string) { return status, text[:len(text)/2] })
		if torn {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		return true
	}
}

// Hang never answers.
func Hang() Manner {
	return func(_ *FaultServer, _ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	}
}

// SlowBody begins its answers at once, and then writes a byte each time every passes.
func SlowBody(every time.Duration) Manner {
	return func(s *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		rec := &recorder{header: http.Header{}, status: http.StatusOK}
		s.Server.ServeHTTP(rec, r)
		rec.header.Del("Content-Length")
		w.Header().Set("Content-Type", rec.header.Get("Content-Type"))
		w.WriteHeader(rec.status)
		for _, b := range rec.body.Bytes() {
			if _, err := w.Write([]byte{b}); err != nil || http.NewResponseController(w).Flush() != nil {
				return true
			}
			if pause(r.Context(), every); r.Context().Err() != nil {
				return true
			}
		}
		return true
	}
}

// GzipBomb answers with a multistatus that inflates to size bytes from a thousandth of it.
func GzipBomb(size int64) Manner {
	var bomb bytes.Buffer // packed once: that takes longer than the answers
	z := gzip.NewWriter(&bomb)
	_, _ = io.WriteString(z, `<multistatus xmlns="DAV:">`)
	spaces := strings.Repeat(" ", 64<<10)
	for left := size; left > 0; left -= int64(len(spaces)) {
		_, _ = io.WriteString(z, spaces)
	}
	_, _ = io.WriteString(z, `</multistatus>`)
	_ = z.Close()
	return func(_ *FaultServer, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = w.Write(bomb.Bytes())
		return true
	}
}

// Nested answers with n elements, each inside the one before.
func Nested(n int) Manner {
	return func(_ *FaultServer, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusMultiStatus)
		const many = 1000
		for tags, left := strings.Repeat("<a>", many), n; left > 0; left -= many {
			if _, err := io.WriteString(w, tags[:3*min(left, many)]); err != nil {
				return true
			}
		}
		return true
	}
}

// Redirect sends every request elsewhere with a status: to the same path below base.
func Redirect(status int, base string) Manner {
	base = strings.TrimSuffix(base, "/")
	return func(_ *FaultServer, w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, base+r.URL.EscapedPath(), status)
		return true
	}
}
