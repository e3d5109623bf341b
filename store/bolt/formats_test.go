package bolt

import (
	"errors"
	"strings"
	"testing"

	"calbell"
	"calbell/store/record"
	"calbell/store/storetest"
)

// format is what a program of a schema can read. Whatever is newer in a database is damage to it.
type format struct {
	delivery, head byte   // the highest version of the record
	states         string // of deliveries
	buckets        int
}

// formats are those of all schemas that are out. The row of a schema does not change: whoever
// changes a format counts the schema up and adds a row, so that older programs refuse the
// database instead of calling it damaged.
var formats = map[uint32]format{
	3: {delivery: 3, head: 1, states: "pwihsdmcx", buckets: 25},
	4: {delivery: 4, head: 3, states: "pwihsdmcx", buckets: 26},
	5: {delivery: 4, head: 3, states: "pwihsdmcx", buckets: 30},
}

// written returns the formats that this program writes, as far as a schema knows the buckets.
func written(as uint32) format {
	d, h := storetest.Full[calbell.Delivery](), record.Head{Object: storetest.Full[calbell.Object]()}
	f := format{delivery: record.EncodeDelivery(record.ID{}, &d, calbell.StatusDead)[0], head: record.EncodeHead(&h)[0], states: record.StateBytes}
	for _, b := range buckets() {
		if since(b) <= as {
			f.buckets++
		}
	}
	return f
}

// TestFormatsCountUp: what this program writes is what its schema stands for, and every program
// that cannot read it knows a lower schema, at which it refuses the database.
func TestFormatsCountUp(t *testing.T) {
	if got, want := written(schema), formats[schema]; got != want || got.buckets != len(buckets()) {
		t.Errorf("written are %+v in %d buckets; schema %d stands for %+v: count it up and add a row", got, len(buckets()), schema, want)
	}
	for older, f := range formats {
		if got := written(older); got.buckets != f.buckets {
			t.Errorf("schema %d has %d buckets, since() gives it %d", older, f.buckets, got.buckets)
		}
		if readable := f == written(schema); readable != (older == schema) {
			t.Errorf("a program of schema %d can read the records: %v", older, readable)
		}
	}
}

// TestOlderProgramRefuses: a program of the schema before does not open the database, says why and
// what to do, and leaves it as it is.
func TestOlderProgramRefuses(t *testing.T) {
	s := newStore(t)
	err := s.view(t.Context(), func(t *tx) error {
		_, err := s.checkMeta(t, schema-1)
		return err
	})
	var told *calbell.Error
	if !errors.As(err, &told) || told.Kind != calbell.KindConfig || told.Hint.IsZero() || strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %#v", err)
	}
}
