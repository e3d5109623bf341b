package sent

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

// A record is
//
//	epoch (4) ‖ transaction (8) ‖ id (16) ‖ state (1) ‖ time of the end (12) ‖ CRC-32C (4)
//
// A mark has no transaction and no time: it tells of an epoch, and its id names the database
// whose records follow (zero: any). A record with a transaction and without a time tells up to where
// records were forgotten. What is planned again after it has ended (its event moved and moved back, a
// person asked for it) has a record of that, with a state that is not final and the time at which it
// falls due. A record is written after the commit that it tells of, and not waited for: what a power
// cut takes of it matters only if it takes the database, too. It holds no text and no secret.
const (
	// RecordLen is the length of a record, in bytes.
	RecordLen = 4 + 8 + record.IDLen + 1 + record.TimeLen + 4
	// MaxSize bounds the file: 1.4 million ends. Beyond it the older half is forgotten.
	MaxSize = 64 << 20
)

// Name is where the journal of a database is.
func Name(path string) string { return path + ".sent" }

// Moment is a place in the history of a database. Each restore begins a new epoch: its
// transactions are counted from the snapshot's on.
type Moment struct {
	Epoch uint32
	TxID  uint64
}

// Compare compares moments by their order.
func (m Moment) Compare(o Moment) int {
	return cmp.Or(cmp.Compare(m.Epoch, o.Epoch), cmp.Compare(m.TxID, o.TxID))
}

// Entry says how a delivery ended, or that it has not after all.
type Entry struct {
	When   Moment
	ID     record.ID
	Status calbell.Status
	At     time.Time
}

// IsMark reports whether the record tells of an epoch and a database alone.
func (e *Entry) IsMark() bool { return e.When.TxID == 0 && e.At.IsZero() }

// IsForgotten reports whether the record says up to where others were forgotten.
func (e *Entry) IsForgotten() bool { return e.When.TxID != 0 && e.At.IsZero() }

func crcOf(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func (e *Entry) append(b []byte) []byte {
	from := len(b)
	b = binary.BigEndian.AppendUint32(b, e.When.Epoch)
	b = binary.BigEndian.AppendUint64(b, e.When.TxID)
	b = append(b, e.ID[:]...)
	state, _ := record.StateByte(e.Status)
	b = record.AppendTime(append(b, state), e.At)
	return binary.BigEndian.AppendUint32(b, crcOf(b[from:]))
}

// entryOf reads a record; ok is false when it is not one.
func entryOf(b []byte) (e Entry, ok bool) {
	if len(b) != RecordLen || binary.BigEndian.Uint32(b[RecordLen-4:]) != crcOf(b[:RecordLen-4]) {
		return e, false
	}
	e.When = Moment{binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[4:])}
	e.ID = record.ID(b[12:])
	var known, sane bool
	e.Status, known = record.StateOf(b[12+record.IDLen])
	e.At, sane = record.TimeOf(b[12+record.IDLen+1:])
	return e, known && sane
}

// Read calls fn for each record. One that is torn or damaged is passed over; no
// file is an empty one.
func Read(file string, fn func(e Entry, raw []byte)) error {
	data, err := os.ReadFile(file) // bounded by MaxSize
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read sent journal: %w", err)
	}
	for ; len(data) >= RecordLen; data = data[RecordLen:] {
		if e, ok := entryOf(data[:RecordLen]); ok {
			fn(e, data[:RecordLen])
		}
	}
	return nil
}

// Journal is the open file.
type Journal struct {
	mu   sync.Mutex
	File *os.File
	Size int64
}

// Open opens the file for appending. A torn last record is cut off, so that the
// next ones stand where records stand.
func Open(path string) (*Journal, error) {
	if err := failpoint.Before(failpoint.OpenJournal); err != nil {
		return nil, fmt.Errorf("open sent journal: %w", err)
	}
	f, err := os.OpenFile(Name(path), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open sent journal: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		err = f.Truncate(info.Size() / RecordLen * RecordLen)
	}
	if err == nil {
		err = failpoint.After(failpoint.OpenJournal)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open sent journal: %w", err), f.Close())
	}
	return &Journal{File: f, Size: info.Size() / RecordLen * RecordLen}, nil
}

// Add appends records. What was written of them by half is cut off.
func (j *Journal) Add(es []Entry) error {
	var b []byte
	for i := range es {
		b = es[i].append(b)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.Size+int64(len(b)) > MaxSize {
		half := j.Size / 2 / RecordLen * RecordLen
		if err := j.keep(func(e Entry, at int64) bool { return at >= half || e.IsMark() }); err != nil {
			return err
		}
	}
	if err := j.write(b); err != nil {
		return errors.Join(fmt.Errorf("write sent journal: %w", err), j.File.Truncate(j.Size))
	}
	j.Size += int64(len(b))
	return nil
}

// write writes behind the last record. The lock is held.
func (j *Journal) write(b []byte) error {
	if err := failpoint.Before(failpoint.WriteJournal); err != nil {
		return err
	}
	if _, err := j.File.WriteAt(b, j.Size); err != nil {
		return err
	}
	return failpoint.After(failpoint.WriteJournal)
}

// Forget drops what ended before t.
func (j *Journal) Forget(t time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.keep(func(e Entry, _ int64) bool { return !e.At.Before(t) || e.IsMark() })
}

// keep writes the file anew with the records that fn wants, and a first one that says up to where
// others were forgotten; a crash leaves the one or the other. The lock is held.
func (j *Journal) keep(fn func(e Entry, at int64) bool) error {
	var left []byte
	at, dropped := int64(0), Entry{Status: calbell.StatusCancelled}
	err := Read(j.File.Name(), func(e Entry, raw []byte) {
		switch {
		case !e.IsForgotten() && fn(e, at):
			left = append(left, raw...)
		case e.When.Compare(dropped.When) > 0:
			dropped.When = e.When
		}
		at += RecordLen
	})
	if err != nil || int64(len(left)) == j.Size {
		return err
	}
	if dropped.IsForgotten() {
		left = append(dropped.append(nil), left...)
	}
	if int64(len(left)) == j.Size {
		return nil // nothing but what had been forgotten before
	}
	if err := failpoint.Before(failpoint.ShortenJournal); err != nil {
		return fmt.Errorf("shorten sent journal: %w", err)
	}
	err = durable.WriteWhole(j.File.Name(), func(w io.Writer) error {
		_, err := w.Write(left)
		return err
	})
	if err != nil {
		return fmt.Errorf("shorten sent journal: %w", err)
	}
	f, err := os.OpenFile(j.File.Name(), os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("shorten sent journal: %w", err)
	}
	old := j.File
	j.File, j.Size = f, int64(len(left))
	if err := failpoint.After(failpoint.ShortenJournal); err != nil {
		return errors.Join(fmt.Errorf("shorten sent journal: %w", err), old.Close())
	}
	return old.Close()
}

// Sync puts the file on disk: a mark must outlive a power cut if the database does.
func (j *Journal) Sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := errors.Join(durable.SyncFile(j.File), durable.SyncDir(filepath.Dir(j.File.Name()))); err != nil {
		return fmt.Errorf("write sent journal: %w", err)
	}
	return nil
}

// Close closes the file. A nil journal has none.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	return j.File.Close()
}
