package bolt

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"calbell"
	"calbell/internal/durable"
	"calbell/internal/failpoint"
	"calbell/store/bolt/records"
)

// since returns the schema that brought a bucket.
func since(b bucket) uint32 {
	switch b {
	case bUntold, bBallast:
		return 2
	case bBindings, bPauses, bUIDs, bUsers, bTokens, bSessions, bSetups, bAccounts, bRules, bSettings:
		return 3
	case bListed:
		return 4
	case bGroups, bBindingStates, bSessionEnds, bPast:
		return 5
	}
	return 1
}

// backupName is where the file is kept as it was before an upgrade from a schema.
func backupName(path string, from uint32) string { return fmt.Sprintf("%s.schema%d.bak", path, from) }

// upgrade brings an older database to this schema, in one transaction: a crash leaves the
// one or the other. What it was before is kept beside it, because an older Calbell refuses
// what comes out.
//
// From 1 to 2: the buckets untold and ballast. Delivery records have got more fields; old ones are read
// as they are and written anew when they change, so an upgrade costs no more with a million.
//
// From 2 to 3: the buckets bindings and pauses, those of people and of what they set, and
// uids, which is made from the objects. A program of schema 2 would open the file all the
// same, plan without the bindings, cancel their reminders and ring what is muted: so it must
// refuse.
//
// From 3 to 4: the bucket listed. Calendars have got an ownership, which older records lack; a
// program of schema 3 would drop it, and send reminders of other people's calendars again. Accounts
// may have got an ID beside their name; it would take those of one name for one account.
//
// From 4 to 5: the indexes groups, sessionends and past, the buckets of what they index stay as they
// are. A program of schema 4 would store without the indexes, and what it stored would not be found. The past may be long: it is
// indexed in steps after the upgrade, which the next start goes on with when one is broken off.
func (s *database) upgrade(from uint32) error {
	err := durable.WriteWhole(backupName(s.path, from), func(w io.Writer) error {
		_, err := s.Backup(context.Background(), w)
		return err
	})
	if err != nil {
		return &calbell.Error{
			Kind: calbell.KindFailed, What: calbell.English("upgrade database %q: keep a copy of it first", s.path), Err: err,
			Hint: calbell.English("the copy needs as much room as the database, beside it; the database was not changed"),
		}
	}
	return s.update(context.Background(), failpoint.Upgrade, func(t *tx) error {
		for _, b := range buckets() {
			if since(b) <= from {
				continue
			}
			if _, err := t.CreateBucket([]byte(b)); err != nil {
				return fmt.Errorf("upgrade database: make bucket %q: %w", b, err)
			}
		}
		if from < since(bUIDs) {
			if err := fillUIDs(t); err != nil {
				return err
			}
		}
		if from < since(bGroups) {
			if err := indexRecords(t); err != nil {
				return err
			}
		}
		return t.Put(bMeta, []byte("schema"), binary.BigEndian.AppendUint32(nil, schema))
	})
}

// indexRecords makes the indexes of plain records, and has that of the past be made.
func indexRecords(t *tx) error {
	if err := records.Fill(t.Tx); err != nil {
		return err
	}
	if err := fillBindingStates(t); err != nil {
		return err
	}
	return t.Put(bMeta, []byte(fillKey), []byte{})
}
