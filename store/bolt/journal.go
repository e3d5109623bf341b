package bolt

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"calbell"
	"calbell/internal/durable"
	"calbell/internal/failpoint"
	"calbell/store/record"
)

// The sent journal stands beside the database and says what has ended since the oldest
// snapshot, so that a restored snapshot posts nothing twice. A record is
//
//	epoch (4) ‖ transaction (8) ‖ id (16) ‖ state (1) ‖ time of the end (12) ‖ CRC-32C (4)
//
// A mark has no transaction and no time: it tells of an epoch, and its id names the database
// whose records follow (see [lineageKey]; zero: any). A record with a transaction and without a time
// says up to where records were forgotten. What is planned again after it has ended (its event moved and moved back, a person asked for it) has a record
// of that, with a state that is not final and the time at which it falls due. A record is
// written after the commit that it tells of, and not waited for: what a power cut takes of
// it matters only if it takes the database, too. It holds no text and no secret.
const (
	entryLen = 4 + 8 + record.IDLen + 1 + record.TimeLen + 4
	// maxJournal bounds the file: 1.4 million ends. Beyond it the older half is forgotten.
	maxJournal = 64 << 20
)

// journalName is where the journal of a database is.
func journalName(path string) string { return path + ".sent" }

// moment is a place in the history of a database. Each restore begins a new epoch: its
// transactions are counted from the snapshot's on.
type moment struct {
	epoch uint32
	txid  uint64
}

func (m moment) compare(o moment) int {
	return cmp.Or(cmp.Compare(m.epoch, o.epoch), cmp.Compare(m.txid, o.txid))
}

// entry says how a delivery ended, or that it has not after all.
type entry struct {
	when   moment
	id     record.ID
	status calbell.Status
	at     time.Time
}

// isMark reports whether the record tells of an epoch and a database alone.
func (e *entry) isMark() bool { return e.when.txid == 0 && e.at.IsZero() }

// isForgotten reports whether the record says up to where others were forgotten.
func (e *entry) isForgotten() bool { return e.when.txid != 0 && e.at.IsZero() }

func crcOf(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func (e *entry) append(b []byte) []byte {
	from := len(b)
	b = binary.BigEndian.AppendUint32(b, e.when.epoch)
	b = binary.BigEndian.AppendUint64(b, e.when.txid)
	b = append(b, e.id[:]...)
	state, _ := record.StateByte(e.status)
	b = record.AppendTime(append(b, state), e.at)
	return binary.BigEndian.AppendUint32(b, crcOf(b[from:]))
}

// entryOf reads a record; ok is false when it is not one.
func entryOf(b []byte) (e entry, ok bool) {
	if len(b) != entryLen || binary.BigEndian.Uint32(b[entryLen-4:]) != crcOf(b[:entryLen-4]) {
		return e, false
	}
	e.when = moment{binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[4:])}
	e.id = record.ID(b[12:])
	var known, sane bool
	e.status, known = record.StateOf(b[12+record.IDLen])
	e.at, sane = record.TimeOf(b[12+record.IDLen+1:])
	return e, known && sane
}

// readJournal calls fn for each record. One that is torn or damaged is passed over; no
// file is an empty one.
func readJournal(file string, fn func(e entry, raw []byte)) error {
	data, err := os.ReadFile(file) // bounded by maxJournal
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read sent journal: %w", err)
	}
	for ; len(data) >= entryLen; data = data[entryLen:] {
		if e, ok := entryOf(data[:entryLen]); ok {
			fn(e, data[:entryLen])
		}
	}
	return nil
}

// journal is the open file.
type journal struct {
	mu   sync.Mutex
	file *os.File
	size int64
}

// openJournal opens the file for appending. A torn last record is cut off, so that the
// next ones stand where records stand.
func openJournal(path string) (*journal, error) {
	if err := failpoint.Before(failpoint.OpenJournal); err != nil {
		return nil, fmt.Errorf("open sent journal: %w", err)
	}
	f, err := os.OpenFile(journalName(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open sent journal: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		err = f.Truncate(info.Size() / entryLen * entryLen)
	}
	if err == nil {
		err = failpoint.After(failpoint.OpenJournal)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open sent journal: %w", err), f.Close())
	}
	return &journal{file: f, size: info.Size() / entryLen * entryLen}, nil
}

// add appends records. What was written of them by half is cut off.
func (j *journal) add(es []entry) error {
	var b []byte
	for i := range es {
		b = es[i].append(b)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.size+int64(len(b)) > maxJournal {
		half := j.size / 2 / entryLen * entryLen
		if err := j.keep(func(e entry, at int64) bool { return at >= half || e.isMark() }); err != nil {
			return err
		}
	}
	if err := j.write(b); err != nil {
		return errors.Join(fmt.Errorf("write sent journal: %w", err), j.file.Truncate(j.size))
	}
	j.size += int64(len(b))
	return nil
}

// write writes behind the last record. The lock is held.
func (j *journal) write(b []byte) error {
	if err := failpoint.Before(failpoint.WriteJournal); err != nil {
		return err
	}
	if _, err := j.file.WriteAt(b, j.size); err != nil {
		return err
	}
	return failpoint.After(failpoint.WriteJournal)
}

// forget drops what ended before t.
func (j *journal) forget(t time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.keep(func(e entry, _ int64) bool { return !e.at.Before(t) || e.isMark() })
}

// keep writes the file anew with the records that fn wants, and a first one that says up to where
// others were forgotten; a crash leaves the one or the other. The lock is held.
func (j *journal) keep(fn func(e entry, at int64) bool) error {
	var left []byte
	at, dropped := int64(0), entry{status: calbell.StatusCancelled}
	err := readJournal(j.file.Name(), func(e entry, raw []byte) {
		switch {
		case !e.isForgotten() && fn(e, at):
			left = append(left, raw...)
		case e.when.compare(dropped.when) > 0:
			dropped.when = e.when
		}
		at += entryLen
	})
	if err != nil || int64(len(left)) == j.size {
		return err
	}
	if dropped.isForgotten() {
		left = append(dropped.append(nil), left...)
	}
	if int64(len(left)) == j.size {
		return nil // nothing but what had been forgotten before
	}
	if err := failpoint.Before(failpoint.ShortenJournal); err != nil {
		return fmt.Errorf("shorten sent journal: %w", err)
	}
	err = durable.WriteWhole(j.file.Name(), func(w io.Writer) error {
		_, err := w.Write(left)
		return err
	})
	if err != nil {
		return fmt.Errorf("shorten sent journal: %w", err)
	}
	f, err := os.OpenFile(j.file.Name(), os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("shorten sent journal: %w", err)
	}
	old := j.file
	j.file, j.size = f, int64(len(left))
	if err := failpoint.After(failpoint.ShortenJournal); err != nil {
		return errors.Join(fmt.Errorf("shorten sent journal: %w", err), old.Close())
	}
	return old.Close()
}

// sync puts the file on disk: a mark must outlive a power cut if the database does.
func (j *journal) sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := errors.Join(durable.SyncFile(j.file), durable.SyncDir(filepath.Dir(j.file.Name()))); err != nil {
		return fmt.Errorf("write sent journal: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
