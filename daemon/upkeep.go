package daemon

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"calbell"

	"calbell/scheduler/syncer"
	"calbell/store/bolt"
)

const (
	// beatEvery is the interval of heartbeats. A heartbeat records that the program runs, and proves
	// that the database can be written.
	beatEvery = 30 * time.Second
	// pruneEvery is how often old ended deliveries are deleted: in transactions of prunePage rows, with
	// pruneRest between two, so that recording a delivery never waits for more than one of them.
	pruneEvery = time.Hour
	prunePage  = 200
	pruneRest  = 50 * time.Millisecond
	// maxPrune limits the rows that one run deletes; the next run continues.
	maxPrune = 200_000
)

// upkeep takes care of the database: it checks that it can be written and is sound, deletes
// old rows, and makes snapshots.
type upkeep struct {
	settings *settings
	store    *bolt.Store
	health   *health
	metrics  *metrics
	syncer   *syncer.Syncer
	retime   chan struct{} // see Daemon
	log      *slog.Logger
}

// keepBeating writes a heartbeat at once and then every beatEvery, until ctx ends.
func (u *upkeep) keepBeating(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		u.beat(ctx)
		u.watchClock(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// beat writes a heartbeat and records whether that was possible.
func (u *upkeep) beat(ctx context.Context) {
	now := time.Now()
	err := u.store.Beat(ctx, now)
	if ctx.Err() != nil {
		return
	}
	u.health.note(func(s *state) {
		s.wrote, s.writeErr = true, err
		if err == nil {
			s.writtenAt = now
		}
	})
	u.noteStore(err)
}

// noteStore records whether the database can be written, after a write that returned err.
func (u *upkeep) noteStore(err error) {
	switch full := isFull(err) || u.store.Full(); {
	case full:
		u.health.complain(trouble{about: aboutStore, reason: calbell.T("daemon:disk-full-what-stored", "the disk is full: what is stored is sent, what is new in calendars is not taken in"), hint: calbell.T("daemon:make-room", "make room on the disk that holds data.path; nothing else needs to be done")})
	case err == nil && u.health.end(aboutStore.English):
		u.log.Info("the database can be written again")
		// Changes in calendars could not be stored, so the next syncs must read them again. The failed
		// syncs are not the servers' fault.
		u.syncer.Forget()
		signal(u.retime)
	case err != nil:
		u.health.complain(trouble{about: aboutStore, reason: calbell.T("daemon:cannot-written", "it cannot be written: %s", err), hint: calbell.T("daemon:look-at-disk", "look at the disk that holds data.path")})
	}
}

// prune deletes deliveries that ended before t.
func (u *upkeep) prune(ctx context.Context, t time.Time) error {
	rest := time.NewTicker(pruneRest)
	defer rest.Stop()
	for range maxPrune / prunePage {
		n, err := u.store.Prune(ctx, t, prunePage)
		if err != nil || n < prunePage {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-rest.C:
		}
	}
	return nil
}

// forgetOld removes what ended longer ago than data.keep_deliveries, sessions and pauses that have
// ended, and what was attached to events that are long gone.
func (u *upkeep) forgetOld(ctx context.Context) {
	if err := u.endOver(ctx, time.Now()); err != nil && ctx.Err() == nil {
		u.log.Error("remove sessions and pauses that have ended", "err", err)
	}
	err := u.prune(ctx, time.Now().Add(-u.settings.config.Load().Data.KeepDeliveries))
	if err != nil && ctx.Err() == nil {
		u.log.Error("forget old deliveries", "err", err)
	}
	if err := u.syncer.TendBindings(ctx); err != nil && ctx.Err() == nil {
		u.log.Error("forget attached reminders whose events are gone", "err", err)
	}
}

// endOver removes sessions and pauses that have ended at now.
func (u *upkeep) endOver(ctx context.Context, now time.Time) error {
	for range maxPrune / prunePage {
		n, err := u.store.EndSessions(ctx, now, prunePage)
		if err != nil {
			return err
		}
		if n < prunePage {
			break
		}
	}
	_, err := u.store.EndPauses(ctx, now)
	return err
}

// checkStore reads the whole database once, beside the loops, and says what it found.
func (u *upkeep) checkStore(ctx context.Context) {
	found, err := u.CheckStore(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		u.log.Error("check the database", "err", err)
	case len(found) == 0:
		u.log.Info("the database was checked, it is sound")
	default:
		for _, f := range found {
			u.log.Error("the database is damaged", "found", f)
		}
		u.health.complain(trouble{
			about: aboutDamage, reason: calbell.T("daemon:damaged-rows", "damaged places found: %d; the log names them", len(found)),
			hint: calbell.T("daemon:check-store-restore", "look at: calbell check --store; what is damaged is left out, the rest goes on; docs/operations.md says how to restore"),
		})
	}
}

// CheckStore implements service.Backups: it reads the whole database and returns its
// faults, one line each.
func (u *upkeep) CheckStore(ctx context.Context) ([]string, error) {
	found, err := findings(ctx, u.store.Check(ctx))
	if err == nil {
		u.health.note(func(s *state) { s.findings = len(found) })
		if len(found) == 0 {
			u.health.end(aboutDamage.English)
		}
	}
	return found, err
}

// findings returns the lines of a check's error. A check that was interrupted has no
// findings.
func findings(ctx context.Context, err error) ([]string, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil {
		return []string{}, nil
	}
	return strings.Split(strings.TrimPrefix(err.Error(), "check database: "), "\n"), nil
}

// Backup implements service.Backups.
func (u *upkeep) Backup(ctx context.Context, w io.Writer) error {
	_, err := u.store.Backup(ctx, w)
	return err
}

// snapshotEvery is the interval of snapshots of the database.
const snapshotEvery = time.Hour

// snapshot makes a snapshot, if that is configured. It makes none of a database that is
// damaged or not yet checked: that would displace older, sound snapshots.
func (u *upkeep) snapshot(ctx context.Context) {
	data, h := u.settings.config.Load().Data, u.health.look()
	switch {
	case data.Backup == "" || h.findings < 0:
		return
	case h.findings > 0 || h.damagedRows > 0:
		u.health.complain(trouble{about: aboutSnapshot, reason: calbell.T("daemon:none-made-while-database", "none is made while the database is damaged: it would take the place of a sound one"), hint: calbell.T("daemon:check-store", "look at: calbell check --store")})
		return
	}
	now := time.Now()
	file, err := u.store.Snapshot(ctx, data.Backup, data.KeepSnapshots, now)
	if ctx.Err() != nil {
		return
	}
	u.metrics.snapshots.WithLabelValues(result(err)).Inc()
	if err != nil {
		u.health.complain(trouble{about: aboutSnapshot, reason: calbell.T("daemon:cannot-made", "it cannot be made: %s", err), hint: calbell.T("daemon:look-at-backup-disk", "look at the disk that holds data.backup")})
		return
	}
	u.health.note(func(s *state) { s.snapshotAt = now })
	if u.health.end(aboutSnapshot.English) {
		u.log.Info("snapshots can be made again")
	}
	u.log.Debug("snapshot made", "file", file)
}

// snapshotIfOld makes a snapshot unless the newest is less than an hour old.
func (u *upkeep) snapshotIfOld(ctx context.Context) {
	data := u.settings.config.Load().Data
	for _, f := range snapshots(data.Backup) {
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()).Abs() < snapshotEvery {
			return
		}
	}
	u.snapshot(ctx)
}

// snapshots lists the snapshots in a folder; nil when it does not exist.
func snapshots(folder string) (found []os.DirEntry) {
	if folder == "" {
		return nil
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	for _, f := range files {
		if ok, _ := filepath.Match("calbell-*.db", f.Name()); ok {
			found = append(found, f)
		}
	}
	return found
}

// lookAtStore checks the database, makes a snapshot of it if it is time for one, and forgets what
// is old.
func (u *upkeep) lookAtStore(ctx context.Context) {
	u.checkStore(ctx)
	u.tidy(ctx)
}

// tidy makes a snapshot if it is time for one, and forgets what is old. A program that is often
// started again, or reloaded, would never come to the hour of that.
func (u *upkeep) tidy(ctx context.Context) {
	u.snapshotIfOld(ctx)
	u.forgetOld(ctx)
}
