package config

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "90d": 90 * day, "2w": 14 * day,
		"1w2d": 9 * day, "1d12h": 36 * time.Hour, "1w2d3h4m5s": 9*day + 3*time.Hour + 4*time.Minute + 5*time.Second,
		"0s": 0, "0d": 0, "1.5h": 90 * time.Minute, "100ms": 100 * time.Millisecond,
	} {
		if got, bad := parseDuration(text); bad != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, bad, want)
		}
	}
	for _, text := range []string{
		"", "30", "0", "1.5", "-5", "1e3", "s", "d", "5 m", "5min", "5M", "1d2w", "d5", "1d-2h", "-1d", "-1s", "1.5d",
		"99999999999d", "4294967295w", "106752d", "2562048h", "9223372036s1d", "1d9223372036s", "5m x", "１d", "NaN", "Inf",
	} {
		if got, bad := parseDuration(text); bad == nil {
			t.Errorf("%q is %v, want none", text, got)
		} else if bad.Hint.IsZero() {
			t.Errorf("%q: no hint", text)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"90d": 90 * 24 * time.Hour, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "1h": time.Hour, "10s": 10 * time.Second,
		"0s": 0, "1m30s": 90 * time.Second, "1h0m5s": time.Hour + 5*time.Second, "20h": 20 * time.Hour,
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%v is written %q, want %q", d, got, want)
		}
	}
}

// What is written is read as the same length.
func FuzzDuration(f *testing.F) {
	for _, d := range []int64{0, 1, 1e9, 60e9, 3600e9, 86400e9, 90 * 86400e9, 1<<63 - 1} {
		f.Add(d)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		d := time.Duration(n)
		if d < 0 {
			t.Skip("no length is negative")
		}
		got, bad := parseDuration(formatDuration(d))
		if bad != nil || got != d {
			t.Errorf("%v is written %q and read as %v, %v", d, formatDuration(d), got, bad)
		}
	})
}

func TestListen(t *testing.T) {
	for _, text := range []string{"127.0.0.1:8470", "[::1]:8470", ":8470", "localhost:0", "example.org:65535", "unix:/run/x"} {
		var got string
		if bad := (&reader{base: "/"}).listen(&got).set(text); bad != nil || got != text {
			t.Errorf("%q: %v", text, bad)
		}
	}
	for _, text := range []string{"", "8470", "127.0.0.1", "::1:8470", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1", "unix:", "unix:~/x", "unix:/" + strings.Repeat("x", 120)} {
		var got string
		if bad := (&reader{base: "/"}).listen(&got).set(text); bad == nil || got != "" {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestWebURL(t *testing.T) {
	for _, text := range []string{
		"https://example.org", "http://[::1]:8080/x", "HTTPS://EXAMPLE.ORG/", "https://u:p@example.org/?q=1", "https://bücher.example.org/",
	} {
		if _, bad := webURL(text); bad != nil {
			t.Errorf("%q: %v", text, bad)
		}
	}
	for _, text := range []string{
		"", "example.org", "//example.org", "/path", "https:", "https://", "https:///x", "https:example.org", "https://:80/",
		"ftp://example.org", "file:///etc/passwd", "javascript:alert(1)", "https://exa mple.org", "https://example.org/\n", "https://[::1/", "https://example.org:x/",
	} {
		if _, bad := webURL(text); bad == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
