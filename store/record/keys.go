package record

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"calbell"
)

// Lengths of keys, in bytes.
const (
	TimeLen     = 12
	IDLen       = 16
	CalendarLen = 8
	ObjectLen   = CalendarLen + 16
	UIDLen      = 16
	TagLen      = 4 // of the UID in a done row: enough to skip nearly all others
)

type (
	// ID is the row of a delivery; see [Sealer.Reminder].
	ID [IDLen]byte
	// CalendarKey is the row of a calendar: a keyed hash of its ID.
	CalendarKey [CalendarLen]byte
	// ObjectKey is the row of an object: that of its calendar, and a keyed hash of the href.
	ObjectKey [ObjectLen]byte
)

// AppendTime appends t so that byte order is the order of instants, for every year that a
// time.Time can hold: nanoseconds since 1970 alone would end in 2262.
func AppendTime(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^1<<63)
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

// TimeOf decodes a time that AppendTime wrote at the beginning of b; ok is false when there is
// none.
func TimeOf(b []byte) (t time.Time, ok bool) {
	if len(b) < TimeLen {
		return time.Time{}, false
	}
	sec := int64(binary.BigEndian.Uint64(b) ^ 1<<63)
	nsec := binary.BigEndian.Uint32(b[8:])
	return time.Unix(sec, int64(nsec)).UTC(), nsec < uint32(time.Second)
}

// TimeKey returns time ‖ rest, the key of an index ordered by time.
func TimeKey(t time.Time, rest []byte) []byte {
	b := make([]byte, 0, TimeLen+len(rest))
	return append(AppendTime(b, t), rest...)
}

// StateBytes maps each state to its byte in index rows. A byte's meaning never changes.
const StateBytes = "pwihsdmcx"

// States returns all states of deliveries, in the order of their bytes.
func States() []calbell.Status {
	return []calbell.Status{
		calbell.StatusPlanned, calbell.StatusWaiting, calbell.StatusInFlight,
		calbell.StatusHeld, calbell.StatusSent, calbell.StatusDead, calbell.StatusMissed,
		calbell.StatusCancelled, calbell.StatusDropped,
	}
}

// StateByte returns the byte of a state; ok is false for an unknown one.
func StateByte(s calbell.Status) (b byte, ok bool) {
	for i, st := range States() {
		if st == s {
			return StateBytes[i], true
		}
	}
	return 0, false
}

// StateOf returns the state of a byte.
func StateOf(b byte) (calbell.Status, bool) {
	for i := range len(StateBytes) {
		if StateBytes[i] == b {
			return States()[i], true
		}
	}
	return "", false
}

// Reminder returns the row of a reminder. IDs that NewReminderID did not create get rows by
// their hash.
func (s *Sealer) Reminder(id calbell.ReminderID) ID {
	var k ID
	if len(id) == 2*IDLen {
		if n, err := hex.Decode(k[:], []byte(id)); n == IDLen && err == nil && HexOf(k) == id {
			return k
		}
	}
	copy(k[:], s.Hash("reminder", string(id)))
	return k
}

// HexOf returns the ID of the reminder of a row, if [calbell.NewReminderID] created it.
func HexOf(k ID) calbell.ReminderID { return calbell.ReminderID(hex.EncodeToString(k[:])) }

// Calendar returns the row of a calendar.
func (s *Sealer) Calendar(id calbell.CalendarID) (k CalendarKey) {
	copy(k[:], s.Hash("calendar", string(id)))
	return k
}

// Object returns the row of an object.
func (s *Sealer) Object(cal CalendarKey, href calbell.Href) (k ObjectKey) {
	copy(k[:], cal[:])
	copy(k[CalendarLen:], s.Hash("href", string(href)))
	return k
}

// Webhook returns the row of a webhook. Those of the file sort before stored ones.
func (s *Sealer) Webhook(o calbell.Origin, id calbell.WebhookID) []byte {
	k := []byte{'s'}
	if o == calbell.OriginFile {
		k[0] = 'f'
	}
	return append(k, s.State(id)...)
}

// State returns the row of a webhook's state.
func (s *Sealer) State(id calbell.WebhookID) []byte {
	return s.Hash("webhook", string(id))[:16]
}

// Binding returns the row of a binding.
func (s *Sealer) Binding(id calbell.BindingID) []byte {
	return s.Hash("binding", string(id))[:16]
}

// Pause returns the row of a pause.
func (s *Sealer) Pause(p *calbell.Pause) []byte {
	cal := s.Calendar(p.Calendar)
	return append(cal[:], s.State(p.Webhook)...)
}

// UID returns the prefix of an event's rows in an index of UIDs.
func (s *Sealer) UID(uid calbell.UID) []byte { return s.Hash("uid", string(uid))[:UIDLen] }

// UIDTag returns the beginning of that prefix, which differs for nearly all other events.
func (s *Sealer) UIDTag(uid calbell.UID) []byte { return s.UID(uid)[:TagLen] }
