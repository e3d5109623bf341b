package service

import (
	"testing"
	"time"
)

// A rule's lengths are told as people write them, to the second.
func TestLengthText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", 30 * time.Second: "30s", 90 * time.Second: "1m30s", 30 * time.Minute: "30m", 36 * time.Hour: "1d12h", 48*time.Hour + time.Second: "2d1s",
	} {
		if got := lengthText(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
