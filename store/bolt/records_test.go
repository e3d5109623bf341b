package bolt

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"calbell"
	"calbell/store"
	"calbell/store/storetest"
)

func TestRecordsForgetNothing(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	t.Run("calendar", func(t *testing.T) {
		want := storetest.Full[calbell.Calendar]()
		if err := s.SaveCalendar(ctx, want); err != nil {
			t.Fatal(err)
		}
		got, err := s.Calendar(ctx, want.ID)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("webhook", func(t *testing.T) {
		want := storetest.Full[calbell.Webhook]()
		if err := s.Webhooks().Put(ctx, want); err != nil {
			t.Fatal(err)
		}
		got, err := s.Webhooks().All(ctx)
		if d := cmp.Diff([]calbell.Webhook{want}, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("state", func(t *testing.T) {
		want := storetest.Full[calbell.WebhookState]()
		if err := s.WebhookStates().Put(ctx, store.WebhookState{ID: "a", WebhookState: want}); err != nil {
			t.Fatal(err)
		}
		got, err := store.StatesByWebhook(ctx, s.WebhookStates())
		if d := cmp.Diff(want, got["a"]); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("binding", func(t *testing.T) {
		want := storetest.Full[calbell.Binding]()
		if err := s.Attach(ctx, store.Attachment{Account: want.Account, Put: []calbell.Binding{want}}, t0); err != nil {
			t.Fatal(err)
		}
		got, err := s.AllBindings(ctx)
		if d := cmp.Diff([]calbell.Binding{want}, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("pause", func(t *testing.T) {
		want := storetest.Full[calbell.Pause]()
		if err := s.SetPause(ctx, want, t0); err != nil {
			t.Fatal(err)
		}
		got, err := s.Pauses(ctx, t0)
		if d := cmp.Diff([]calbell.Pause{want}, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
}

func TestFlightRow(t *testing.T) {
	for _, want := range []flight{
		{nextAt: t0, leaseEnd: t0.Add(1), rest: calbell.StatusHeld, webhook: "a", worker: "host-1/2"},
		{nextAt: t0.AddDate(3000, 0, 0), leaseEnd: time.Time{}, rest: calbell.StatusPlanned},
	} {
		row := want.encode()
		got, ok := flightOf(row)
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v (%v), want %+v", got, ok, want)
		}
	}
}

func FuzzRows(f *testing.F) {
	fl := flight{nextAt: t0, leaseEnd: t0, rest: calbell.StatusHeld, webhook: "a", worker: "w"}
	f.Add(fl.encode())
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		flightOf(b)
		dueOf(b, b)
		doneOf(b, b)
	})
}
