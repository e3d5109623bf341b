package bolt

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"calbell"
	"calbell/store"
)

// full gives every field of a struct a value of its own, so that a field which a record
// forgets is found, also one that is added later.
func full(v reflect.Value, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(t0.Add(time.Duration(*n)*time.Hour + time.Duration(*n))))
		return
	case calbell.Status:
		v.SetString(string(calbell.StatusDead))
		return
	case calbell.Origin:
		v.SetString(string(calbell.OriginStored))
		return
	case calbell.Quiet: // written as text, to the minute
		v.Set(reflect.ValueOf(calbell.Quiet{From: 22 * time.Hour, To: 7*time.Hour + time.Minute, WorkingDays: true, Working: []time.Weekday{1, 5}, Drop: true}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text " + hex.EncodeToString([]byte{byte(*n)}))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) * 1e9)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{byte(*n), 0, 255})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			full(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			full(v.Field(i), n)
		}
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), n)
	case reflect.Interface:
		v.Set(reflect.ValueOf(map[string]any{"number": int64(*n), "list": []any{"x", 0.5, nil, true}}))
	default:
		panic("no value for " + v.Type().String())
	}
}

func fullOf[T any]() (v T) {
	n := 0
	full(reflect.ValueOf(&v).Elem(), &n)
	return v
}

func TestRecordsForgetNothing(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	t.Run("calendar", func(t *testing.T) {
		want := fullOf[calbell.Calendar]()
		if err := s.SaveCalendar(ctx, want); err != nil {
			t.Fatal(err)
		}
		got, err := s.Calendar(ctx, want.ID)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("webhook", func(t *testing.T) {
		want := fullOf[calbell.Webhook]()
		if err := s.PutWebhook(ctx, want); err != nil {
			t.Fatal(err)
		}
		got, err := s.Webhooks(ctx)
		if d := cmp.Diff([]calbell.Webhook{want}, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("state", func(t *testing.T) {
		want := fullOf[calbell.WebhookState]()
		if err := s.SetWebhookState(ctx, "a", want); err != nil {
			t.Fatal(err)
		}
		got, err := s.WebhookStates(ctx)
		if d := cmp.Diff(want, got["a"]); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("delivery", func(t *testing.T) {
		want := fullOf[calbell.Delivery]()
		got, err := decodeDelivery(rowID{1}, encodeDelivery(rowID{1}, &want, want.Status))
		want.Worker, want.LeaseEnd = "", time.Time{} // those are in the flight row
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("reminders that Calbell adds", func(t *testing.T) { // their numbers are below zero
		for _, alarm := range []int{-1, -2, -1 << 31} {
			want := fullOf[calbell.Delivery]()
			want.Worker, want.LeaseEnd = "", time.Time{}
			want.Sources[1].Alarm = alarm
			got, err := decodeDelivery(rowID{1}, encodeDelivery(rowID{1}, &want, want.Status))
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		}
	})
	t.Run("binding", func(t *testing.T) {
		want := fullOf[calbell.Binding]()
		if err := s.Attach(ctx, store.Attachment{Put: []calbell.Binding{want}}, t0); err != nil {
			t.Fatal(err)
		}
		got, _, err := s.Bindings(ctx, "")
		if d := cmp.Diff([]calbell.Binding{want}, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("pause", func(t *testing.T) {
		want := fullOf[calbell.Pause]()
		if err := s.SetPause(ctx, want, t0); err != nil {
			t.Fatal(err)
		}
		got, err := s.Pauses(ctx, t0)
		if d := cmp.Diff([]calbell.Pause{want}, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("object", func(t *testing.T) {
		want := &head{Object: fullOf[calbell.Object](), wants: []want{{rowID{1}, t0}, {rowID{2}, t0.Add(1)}}}
		got, err := decodeHead(encodeHead(want))
		want.Raw = nil // has a bucket of its own
		if err != nil || !reflect.DeepEqual(want, got) {
			t.Errorf("%v, got %+v\nwant %+v", err, got, want)
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

// Byte order is the order of instants, whatever the year.
func TestTimeKeys(t *testing.T) {
	var last []byte
	for _, at := range []time.Time{
		{},
		time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(1677, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Unix(-1, 999999999), time.Unix(0, 0), time.Unix(0, 1), t0, t0.Add(1), t0.Add(time.Second),
		time.Date(2262, 4, 12, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		key := timeRow(at, nil)
		if bytes.Compare(last, key) >= 0 {
			t.Errorf("%s does not sort after the one before", at)
		}
		last = key
		if got, ok := timeOf(key); !ok || !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("%s came back as %s (%v)", at, got, ok)
		}
	}
}

func TestReminderRows(t *testing.T) {
	s := newStore(t)
	seen := make(map[rowID]calbell.ReminderID)
	for _, id := range []calbell.ReminderID{
		"", "r1", "00112233445566778899aabbccddeeff", "00112233445566778899AABBCCDDEEFF",
		"00112233445566778899aabbccddeefg", "00112233445566778899aabbccddeeff00",
	} {
		k := s.box.reminder(id)
		if other, taken := seen[k]; taken {
			t.Errorf("%q and %q share a row", id, other)
		}
		seen[k] = id
		d := calbell.Delivery{Reminder: calbell.Reminder{ID: id}, Status: calbell.StatusPlanned}
		if got, err := decodeDelivery(k, encodeDelivery(k, &d, d.Status)); id != "" && (err != nil || got.ID != id) {
			t.Errorf("%q came back as %q, %v", id, got.ID, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	d := fullOf[calbell.Delivery]()
	f.Add(encodeDelivery(rowID{1}, &d, d.Status))
	f.Add(encodeHead(&head{Object: fullOf[calbell.Object](), wants: []want{{rowID{1}, t0}}}))
	fl := flight{nextAt: t0, leaseEnd: t0, rest: calbell.StatusHeld, webhook: "a", worker: "w"}
	f.Add(fl.encode())
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := decodeDelivery(rowID{1}, b); err == nil {
			again, err := decodeDelivery(rowID{1}, encodeDelivery(rowID{1}, &d, d.Status))
			if err != nil || !reflect.DeepEqual(again, d) {
				t.Errorf("delivery %+v came back as %+v, %v", d, again, err)
			}
		}
		if h, err := decodeHead(b); err == nil {
			again, err := decodeHead(encodeHead(h))
			if err != nil || !reflect.DeepEqual(again, h) {
				t.Errorf("head %+v came back as %+v, %v", h, again, err)
			}
		}
		_, _, _ = decodeETag(b)
		flightOf(b)
		dueOf(b, b)
		doneOf(b, b)
		_, _ = parseKey(b)
	})
}

func FuzzUnseal(f *testing.F) {
	box, err := newSealer(testKey())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("row"), box.seal(bObjects, []byte("row"), []byte("text")))
	f.Add([]byte{}, []byte{sealVersion})
	f.Fuzz(func(t *testing.T, key, sealed []byte) {
		plain, err := box.unseal(nil, bObjects, key, sealed)
		if err == nil && (string(key) != "row" || string(plain) != "text") {
			t.Errorf("opened %x at %x", sealed, key)
		}
	})
}
