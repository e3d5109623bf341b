package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"calbell"
	"calbell/internal/failpoint"
	"calbell/store/bolt/file"
	"calbell/store/bolt/records"
	"calbell/store/bolt/sent"
	"calbell/store/record"
)

const (
	// schema is the version of everything in doc.go.
	schema = 5
	// checkText is what the sealed check row holds.
	checkText = "calbell"
)

// Store implements all parts of package store over one file. It is safe for concurrent use; writes take turns.
type Store struct {
	*database
	calendarStore
	objectStore
	planStore
	queueStore
	deliveryStore
	noticeStore
	upkeepStore
	*records.WebhookStore
	records.PauseStore
	records.PeopleStore
	*records.SettingsStore
}

// The parts of a store, each over the same file.
type (
	calendarStore struct{ *database }
	objectStore   struct{ *database }
	planStore     struct{ *database }
	queueStore    struct {
		*database
		stranded stranded
	}
	deliveryStore struct{ *database }
	noticeStore   struct{ *database }
	upkeepStore   struct{ *database }
)

// partsOf returns all parts of a store.
func partsOf(d *database) *Store {
	return &Store{
		database: d, calendarStore: calendarStore{d}, objectStore: objectStore{d}, planStore: planStore{d},
		queueStore: queueStore{database: d}, deliveryStore: deliveryStore{d}, noticeStore: noticeStore{d}, upkeepStore: upkeepStore{d},
		WebhookStore: records.NewWebhooks(recordsDB{d}), PauseStore: records.NewPauses(recordsDB{d}),
		PeopleStore: records.NewPeople(recordsDB{d}), SettingsStore: records.NewSettings(recordsDB{d}),
	}
}

// database is the file, with its journal.
type database struct {
	data    *file.File
	box     *record.Sealer
	path    string
	fresh   bool          // made by Open
	sent    *sent.Journal // nil: there is none
	epoch   uint32        // see moment
	lineage record.ID     // see lineageKey
	behind  *RestoreReport
}

// Options change how a database is opened. The zero value is right for a daemon.
type Options struct {
	// NoSync leaves writing to the operating system: a power cut may lose or damage the
	// file, and no ballast is kept. For tests and simulations.
	NoSync bool
	// LockWait is how long to wait for the file's lock; 0 = 1 s.
	LockWait time.Duration
	// Now returns the time, for what is due in a database that is an older copy; nil = time.Now.
	Now func() time.Time
	// Damaged is told of each row that does not open, as often as it is met. Such a row is
	// left out and blocks no other: one bad sector must not stop all reminders. It is called
	// inside transactions and must not call the store; nil: nobody is told, but for Check.
	Damaged func(error)
	// Progress is called between the steps of an upgrade with the number of ended deliveries that are
	// indexed, and of all. It must not call the store. nil: not called.
	Progress func(done, all int)
}

func (o *Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

// opening says what a database is opened for.
type opening int

const (
	running   opening = iota
	restoring         // it is a copy of a backup, away from the journal
)

// Open opens the database at path, or makes it (mode 0600). The caller closes it.
//
// Errors: KindAlreadyRuns when another process has it open, KindConfig when the key is not
// the one it was made with or when a newer Calbell wrote it. A file that is damaged where
// Open looks is an error, too; [Store.Check] looks everywhere.
//
// A database that is older than the sent journal beside it (a backup was copied into its place)
// takes over what that tells, as [Restore] does; see [Store.Behind].
func Open(path string, key record.Key, o Options) (*Store, error) { return open(path, key, o, running) }

func open(path string, key record.Key, o Options, how opening) (*Store, error) {
	box, err := record.NewSealer(key, buckets())
	if err != nil {
		return nil, err
	}
	taken := file.LastCommit(path) // before anything is written
	data, err := file.Open(path, box, file.Options{NoSync: o.NoSync, LockWait: o.LockWait, Damaged: o.Damaged})
	if err != nil {
		return nil, err
	}
	s := &database{data: data, box: box, path: path}
	if err := s.prepare(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.fillPast(o.Progress); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := errors.Join(s.data.StartBallast(context.Background()), s.startJournal(o, taken, how)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return partsOf(s), nil
}

// prepare makes the buckets of a new database and checks key and schema of an old one.
func (s *database) prepare() error {
	fresh, have := false, uint32(schema)
	err := s.view(context.Background(), func(t *tx) (err error) {
		fresh = t.Bucket([]byte(bMeta)) == nil
		name, _ := t.Cursor().First()
		if fresh && name != nil {
			return &calbell.Error{
				Kind: calbell.KindConfig, What: calbell.English("open database %q: it is not Calbell's", s.path),
				Hint: calbell.English("give data.path the name of a new file"),
			}
		}
		if fresh {
			return nil
		}
		have, err = s.checkMeta(t, schema)
		return err
	})
	switch {
	case err != nil:
		return err
	case have < schema:
		return s.upgrade(have)
	case !fresh:
		return nil
	}
	s.fresh = true
	return s.update(context.Background(), failpoint.Create, func(t *tx) error { return s.create(t) })
}

// create makes everything in one transaction, so that a half-made database cannot be.
func (s *database) create(t *tx) error {
	for _, b := range buckets() {
		if _, err := t.CreateBucket([]byte(b)); err != nil {
			return fmt.Errorf("make bucket %q: %w", b, err)
		}
	}
	if err := t.Put(bMeta, []byte("schema"), binary.BigEndian.AppendUint32(nil, schema)); err != nil {
		return err
	}
	return t.PutSealed(bMeta, []byte("check"), []byte(checkText))
}

// checkMeta refuses a database of a newer schema than is known, or under another key. It returns
// the schema.
func (s *database) checkMeta(t *tx, known uint32) (have uint32, err error) {
	v := t.Get(bMeta, []byte("schema"))
	if len(v) != 4 {
		return 0, file.DamagedError(calbell.English("open database %q: no schema version", s.path), nil)
	}
	if have = binary.BigEndian.Uint32(v); have < 1 || have > known {
		return 0, &calbell.Error{
			Kind: calbell.KindConfig,
			What: calbell.English("open database %q: its schema is %d, this program knows %d", s.path, have, known),
			Hint: calbell.English("a newer Calbell wrote it: install that one, or restore the backup from before the upgrade"),
		}
	}
	text, err := t.GetSealed(bMeta, []byte("check"))
	switch right := err == nil && string(text) == checkText; {
	case !right && opensAny(t):
		return 0, file.DamagedError(calbell.English("open database %q", s.path), err)
	case !right:
		return 0, &calbell.Error{
			Kind: calbell.KindConfig,
			What: calbell.English("open database %q: the key is not the one it was made with", s.path),
			Hint: calbell.English("put back the key file that belongs to this database; a restored backup needs the key of its time"),
			Err:  err,
		}
	}
	for _, b := range buckets() {
		if t.Bucket([]byte(b)) == nil && since(b) <= have {
			return 0, file.DamagedError(calbell.English("open database %q: bucket %q is missing", s.path, b), nil)
		}
	}
	return have, nil
}

// maxOpened bounds the rows that are tried with a key: most of a file may be damaged.
const maxOpened = 100

// opensAny reports whether the key opens any row: then it is the right one, and a row that it does
// not open is damaged.
func opensAny(t *tx) bool {
	n := 0
	for _, b := range []bucket{bCalendars, bWebhooks, bObjects, bDeliveries} {
		if t.Bucket([]byte(b)) == nil {
			continue
		}
		for k := range t.Rows(b, nil) {
			if _, err := t.GetSealed(b, k); err == nil {
				return true
			}
			if n++; n >= maxOpened {
				break
			}
		}
	}
	return false
}

// New reports whether Open made the database. Where there was one before (its key is there, or
// the daemon has run), that means that it is gone, and people must be told.
func (s *database) New() bool { return s.fresh }

// Close waits for transactions under way and lets go of the file.
func (s *database) Close() error {
	if err := s.data.Close(); err != nil {
		return err
	}
	if err := s.sent.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return fmt.Errorf("close sent journal: %w", err)
	}
	return s.data.MarkClosed()
}

// Full reports whether the disk had no room at the latest count: reminders that are stored are
// claimed and recorded, Apply and Extend are refused. Beat ends that when there is room.
func (s *database) Full() bool { return s.data.Full() }

// Refused returns why the latest transaction could not be written to the disk; nil when it was.
func (s *database) Refused() error { return s.data.Refused() }

// Stats returns figures for people and metrics. It costs next to nothing.
func (s *database) Stats() (file.Stats, error) { return s.data.Stats() }

// DeriveKey returns 32 secret bytes for a purpose outside the database. They follow from the
// database's key: they are the same over restarts and in a restored backup, and tell nothing of
// the key or of what is derived for another purpose.
func (s *database) DeriveKey(purpose string) []byte { return s.box.Hash("key", purpose) }

// RowsRead returns how many rows of the file transactions have looked at so far.
func (s *database) RowsRead() int64 { return s.data.RowsRead.Load() }
