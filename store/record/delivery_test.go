package record

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"calbell"
	"calbell/store/storetest"
)

func TestEncodeForgetsNothing(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	t.Run("delivery", func(t *testing.T) {
		want := storetest.Full[calbell.Delivery]()
		got, err := DecodeDelivery(ID{1}, EncodeDelivery(ID{1}, &want, want.Status))
		want.Worker, want.LeaseEnd = "", time.Time{} // those are in the flight row
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
	t.Run("reminders that Calbell adds", func(t *testing.T) { // their numbers are below zero
		for _, alarm := range []int{-1, -2, -1 << 31} {
			want := storetest.Full[calbell.Delivery]()
			want.Worker, want.LeaseEnd = "", time.Time{}
			want.Sources[1].Alarm = alarm
			got, err := DecodeDelivery(ID{1}, EncodeDelivery(ID{1}, &want, want.Status))
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		}
	})
	t.Run("object", func(t *testing.T) {
		want := &Head{Object: storetest.Full[calbell.Object](), Wants: []Want{{ID{1}, at}, {ID{2}, at.Add(1)}}}
		got, err := DecodeHead(EncodeHead(want))
		want.Raw = nil // has a bucket of its own
		if err != nil || !reflect.DeepEqual(want, got) {
			t.Errorf("%v, got %+v\nwant %+v", err, got, want)
		}
	})
}

func TestReminderRows(t *testing.T) {
	box, err := NewSealer(Key{1, 2, 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[ID]calbell.ReminderID)
	for _, id := range []calbell.ReminderID{
		"", "r1", "00112233445566778899aabbccddeeff", "00112233445566778899AABBCCDDEEFF",
		"00112233445566778899aabbccddeefg", "00112233445566778899aabbccddeeff00",
	} {
		k := box.Reminder(id)
		if other, taken := seen[k]; taken {
			t.Errorf("%q and %q share a row", id, other)
		}
		seen[k] = id
		d := calbell.Delivery{Reminder: calbell.Reminder{ID: id}, Status: calbell.StatusPlanned}
		if got, err := DecodeDelivery(k, EncodeDelivery(k, &d, d.Status)); id != "" && (err != nil || got.ID != id) {
			t.Errorf("%q came back as %q, %v", id, got.ID, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d := storetest.Full[calbell.Delivery]()
	f.Add(EncodeDelivery(ID{1}, &d, d.Status))
	f.Add(EncodeHead(&Head{Object: storetest.Full[calbell.Object](), Wants: []Want{{ID{1}, at}}}))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := DecodeDelivery(ID{1}, b); err == nil {
			again, err := DecodeDelivery(ID{1}, EncodeDelivery(ID{1}, &d, d.Status))
			if err != nil || !reflect.DeepEqual(again, d) {
				t.Errorf("delivery %+v came back as %+v, %v", d, again, err)
			}
		}
		if h, err := DecodeHead(b); err == nil {
			again, err := DecodeHead(EncodeHead(h))
			if err != nil || !reflect.DeepEqual(again, h) {
				t.Errorf("head %+v came back as %+v, %v", h, again, err)
			}
		}
		_, _, _ = DecodeETag(b)
		_, _ = parseKey(b)
	})
}
