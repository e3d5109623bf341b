package bolt

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"calbell"
)

// bucket names a bucket; see the table in doc.go.
type bucket string

const (
	bMeta       bucket = "meta"
	bCalendars  bucket = "calendars"
	bObjects    bucket = "objects"
	bRaws       bucket = "raws"
	bReplan     bucket = "replan"
	bDeliveries bucket = "deliveries"
	bDue        bucket = "due"
	bFlight     bucket = "flight"
	bDone       bucket = "done"
	bCounts     bucket = "counts"
	bWebhooks   bucket = "webhooks"
	bStates     bucket = "states"
	bBroken     bucket = "broken"
	bUntold     bucket = "untold"
	bBallast    bucket = "ballast"
	bBindings   bucket = "bindings"
	bPauses     bucket = "pauses"
	bUIDs       bucket = "uids"
	bUsers      bucket = "users"
	bTokens     bucket = "tokens"
	bSessions   bucket = "sessions"
	bSetups     bucket = "setups"
	bAccounts   bucket = "accounts"
	bRules      bucket = "rules"
	bSettings   bucket = "settings"
	bListed     bucket = "listed"
)

// buckets lists them all, in the order in which they are made.
func buckets() []bucket {
	return []bucket{
		bMeta, bCalendars, bObjects, bRaws, bReplan, bDeliveries, bDue, bFlight, bDone,
		bCounts, bWebhooks, bStates, bBroken, bUntold, bBallast, bBindings, bPauses,
		bUIDs, bUsers, bTokens, bSessions, bSetups, bAccounts, bRules, bSettings, bListed,
	}
}

const (
	timeLen = 12
	idLen   = 16
	calLen  = 8
	objLen  = calLen + 16
	uidLen  = 16
	tagLen  = 4 // of the UID in a done row: enough to skip nearly all others
)

type (
	rowID  [idLen]byte
	calKey [calLen]byte
	objKey [objLen]byte
)

// appendTime appends t so that byte order is the order of instants, for every year that
// a time.Time can hold: nanoseconds since 1970 alone would end in 2262.
func appendTime(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^1<<63)
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

// timeOf reads what appendTime wrote at the beginning of b; ok is false when it is not there.
func timeOf(b []byte) (t time.Time, ok bool) {
	if len(b) < timeLen {
		return time.Time{}, false
	}
	sec := int64(binary.BigEndian.Uint64(b) ^ 1<<63)
	nsec := binary.BigEndian.Uint32(b[8:])
	return time.Unix(sec, int64(nsec)).UTC(), nsec < uint32(time.Second)
}

// timeRow is time ‖ rest, the key of an index ordered by time.
func timeRow(t time.Time, rest []byte) []byte {
	b := make([]byte, 0, timeLen+len(rest))
	return append(appendTime(b, t), rest...)
}

// stateBytes maps each state to its byte in index rows. A byte is never given another meaning.
const stateBytes = "pwihsdmcx"

func states() []calbell.Status {
	return []calbell.Status{
		calbell.StatusPlanned, calbell.StatusWaiting, calbell.StatusInFlight,
		calbell.StatusHeld, calbell.StatusSent, calbell.StatusDead, calbell.StatusMissed,
		calbell.StatusCancelled, calbell.StatusDropped,
	}
}

// stateByte returns the byte of a state; ok is false for one that is none.
func stateByte(s calbell.Status) (b byte, ok bool) {
	for i, st := range states() {
		if st == s {
			return stateBytes[i], true
		}
	}
	return 0, false
}

// stateOf is the reverse of stateByte.
func stateOf(b byte) (calbell.Status, bool) {
	for i := range len(stateBytes) {
		if stateBytes[i] == b {
			return states()[i], true
		}
	}
	return "", false
}

// reminder returns the row of a reminder. IDs that NewReminderID did not make have rows
// too, by their hash.
func (s *sealer) reminder(id calbell.ReminderID) rowID {
	var k rowID
	if len(id) == 2*idLen {
		if n, err := hex.Decode(k[:], []byte(id)); n == idLen && err == nil && hexOf(k) == id {
			return k
		}
	}
	copy(k[:], s.hash("reminder", string(id)))
	return k
}

func hexOf(k rowID) calbell.ReminderID { return calbell.ReminderID(hex.EncodeToString(k[:])) }

func (s *sealer) calendar(id calbell.CalendarID) (k calKey) {
	copy(k[:], s.hash("calendar", string(id)))
	return k
}

func (s *sealer) object(cal calKey, href calbell.Href) (k objKey) {
	copy(k[:], cal[:])
	copy(k[calLen:], s.hash("href", string(href)))
	return k
}

func (s *sealer) webhook(o calbell.Origin, id calbell.WebhookID) []byte {
	k := []byte{'s'}
	if o == calbell.OriginFile {
		k[0] = 'f'
	}
	return append(k, s.state(id)...)
}

func (s *sealer) state(id calbell.WebhookID) []byte {
	return s.hash("webhook", string(id))[:16]
}

func (s *sealer) binding(id calbell.BindingID) []byte {
	return s.hash("binding", string(id))[:16]
}

func (s *sealer) pause(p *calbell.Pause) []byte {
	cal := s.calendar(p.Calendar)
	return append(cal[:], s.state(p.Webhook)...)
}

func (s *sealer) uid(uid calbell.UID) []byte { return s.hash("uid", string(uid))[:uidLen] }

func (s *sealer) uidTag(uid calbell.UID) []byte { return s.uid(uid)[:tagLen] }
