package record

import (
	"bytes"
	"testing"
	"time"
)

// Byte order is the order of instants, whatever the year.
func TestTimeKeys(t *testing.T) {
	at0 := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var last []byte
	for _, at := range []time.Time{
		{},
		time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC), time.Date(1677, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Unix(-1, 999999999), time.Unix(0, 0), time.Unix(0, 1), at0, at0.Add(1), at0.Add(time.Second),
		time.Date(2262, 4, 12, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		key := TimeKey(at, nil)
		if bytes.Compare(last, key) >= 0 {
			t.Errorf("%s does not sort after the one before", at)
		}
		last = key
		if got, ok := TimeOf(key); !ok || !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("%s came back as %s (%v)", at, got, ok)
		}
	}
}
