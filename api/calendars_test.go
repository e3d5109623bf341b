package api_test

import (
	"net/http"
	"strings"
	"testing"

	"calbell"
)

// A sync that fails is an answer, which tells of each account; one too many is refused, and says when to
// come again.
func TestSyncThatFails(t *testing.T) {
	i := inhabit(t)
	i.Program.SyncError = &calbell.Error{Kind: calbell.KindUnreachable, What: calbell.Plain("no answer"), Hint: calbell.Plain("wait")}
	if rec := i.ask(t, i.bob, "POST", "/sync?wait=true", ""); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"error":"no answer"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	limited := 0
	for range 60 {
		if rec := i.ask(t, i.bob, "POST", "/sync?wait=true", ""); rec.Code == http.StatusTooManyRequests {
			if limited++; rec.Header().Get("Retry-After") == "" {
				t.Fatal("nothing tells how long to wait")
			}
		}
	}
	if limited < 10 {
		t.Errorf("%d of 60 syncs were refused", limited)
	}
}
