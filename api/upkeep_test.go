package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"calbell"
	"calbell/api"
	"calbell/api/types"
	"calbell/service"
	"calbell/service/servicetest"
)

// Each caller gets the state of the program as far as it concerns them: members no troubles of the
// machine and no things of others.
func TestStatus(t *testing.T) {
	i := inhabit(t)
	i.furnish(t)
	for _, tt := range []struct {
		who                 calbell.Caller
		calendars, webhooks int
		troubles            bool
	}{
		{i.bob, 1, 2, false},
		{i.carol, 0, 1, false},
		{i.anna, 0, 2, true},
		{calbell.LocalAdmin(), 1, 3, true},
	} {
		r := read[types.StatusReport](t, i.ask(t, tt.who, "GET", "/status", ""))
		if len(r.Calendars) != tt.calendars || len(r.Webhooks) != tt.webhooks || (len(r.Troubles) > 0) != tt.troubles || (r.Deliveries != nil) != tt.troubles || r.Version != "v0.0.0-test" {
			t.Errorf("%s: %d calendars, %d webhooks, troubles %q, deliveries %v", tt.who.Name, len(r.Calendars), len(r.Webhooks), r.Troubles, r.Deliveries)
		}
	}
}

// broken is a program whose backup breaks off.
type broken struct{ service.Backups }

func (broken) Backup(_ context.Context, w io.Writer) error {
	_, _ = io.WriteString(w, "some of it")
	return errors.New("no more")
}

// A backup that breaks off is seen to: the answer ends without its end, since its status was sent.
func TestBackupThatBreaksOff(t *testing.T) {
	i := inhabit(t)
	s := service.New(service.Options{Store: servicetest.StoreOf(i.Store.Store), Config: i.Program, Backups: broken{}})
	h := api.Handler(s, "", func(*http.Request) calbell.Caller { return calbell.LocalAdmin() }, nil)
	i.handler = h
	defer func() {
		if r := recover(); r != http.ErrAbortHandler {
			t.Errorf("the answer ended in order: %v", r)
		}
	}()
	rec := i.ask(t, i.anna, "GET", "/backup", "")
	t.Errorf("%d %s", rec.Code, rec.Body)
}

// A backup is a file of its own kind, for admins.
func TestBackup(t *testing.T) {
	i := inhabit(t)
	rec := i.ask(t, i.anna, "GET", "/backup", "")
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != "application/octet-stream" || !strings.Contains(rec.Body.String(), "backup") {
		t.Errorf("%d %q %s", rec.Code, rec.Header(), rec.Body)
	}
	i.steps(t, []step{
		{"for a member", i.bob, "GET /backup", "", 403, "administrator"},
		{"a check", i.anna, "POST /store/check", "", 200, `"took_ms":`},
		{"a check, for a member", i.bob, "POST /store/check", "", 403, "administrator"},
		{"a reload, for a member", i.bob, "POST /reload", "", 403, "administrator"},
	})
}
