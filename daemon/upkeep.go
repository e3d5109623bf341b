package daemon

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// beatEvery is how often it is written down that the program lives, which also proves
	// that the store can be written.
	beatEvery = 30 * time.Second
	// pruneEvery is how often ended deliveries that are old enough are forgotten: in
	// transactions of prunePage rows, with a rest between two, so that recording what is sent
	// never waits for more than one of them.
	pruneEvery = time.Hour
	prunePage  = 200
	pruneRest  = 50 * time.Millisecond
	// maxPrune bounds what one run forgets; the next one goes on.
	maxPrune = 200_000
)

// keepBeating writes a beat every beatEvery, until ctx ends; the first one at once.
func (d *Daemon) keepBeating(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		d.beat(ctx)
		d.watchClock(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// beat writes a beat and notes whether that was possible.
func (d *Daemon) beat(ctx context.Context) {
	now := time.Now()
	err := d.store.Beat(ctx, now)
	if ctx.Err() != nil {
		return
	}
	d.health.note(func(s *state) {
		s.wrote, s.writeErr = true, err
		if err == nil {
			s.writtenAt = now
		}
	})
	d.noteStore(err)
}

// noteStore notes whether the store takes what is written, after an attempt that gave err.
func (d *Daemon) noteStore(err error) {
	switch full := isFull(err) || d.store.Full(); {
	case full:
		d.complain(trouble{about: aboutStore, reason: "the disk is full: what is stored is sent, what is new in calendars is not taken in", hint: "make room on the disk that holds data.path; nothing else needs to be done"})
	case err == nil && d.health.end(aboutStore):
		d.log.Info("the database can be written again")
		// What calendars hold since then is waiting, and no server is to blame for it.
		d.syncer.Forget()
		signal(d.retime)
	case err != nil:
		d.complain(trouble{about: aboutStore, reason: "it cannot be written: " + err.Error(), hint: "look at the disk that holds data.path"})
	}
}

// prune forgets what ended before t.
func (d *Daemon) prune(ctx context.Context, t time.Time) error {
	rest := time.NewTicker(pruneRest)
	defer rest.Stop()
	for range maxPrune / prunePage {
		n, err := d.store.Prune(ctx, t, prunePage)
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

// forgetOld forgets what ended longer ago than data.keep_deliveries, and what was attached to
// events that are long gone.
func (d *Daemon) forgetOld(ctx context.Context) {
	err := d.prune(ctx, time.Now().Add(-d.config.Load().Data.KeepDeliveries))
	if err != nil && ctx.Err() == nil {
		d.log.Error("forget old deliveries", "err", err)
	}
	if err := d.syncer.TendBindings(ctx); err != nil && ctx.Err() == nil {
		d.log.Error("forget attached reminders whose events are gone", "err", err)
	}
}

// checkStore reads the whole database once, beside the loops, and says what it found.
func (d *Daemon) checkStore(ctx context.Context) {
	found, err := d.CheckStore(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		d.log.Error("check the database", "err", err)
	case len(found) == 0:
		d.log.Info("the database was checked, it is sound")
	default:
		for _, f := range found {
			d.log.Error("the database is damaged", "found", f)
		}
		d.complain(trouble{
			about: aboutDamage, reason: count(len(found), "thing") + " found that should not be, see the log",
			hint: "look at: calbell check --store; what is damaged is left out, the rest goes on; docs/operations.md says how to restore",
		})
	}
}

// CheckStore implements service.Backups: it reads the whole database and returns what is
// wrong with it, a line each.
func (d *Daemon) CheckStore(ctx context.Context) ([]string, error) {
	found, err := findings(ctx, d.store.Check(ctx))
	if err == nil {
		d.health.note(func(s *state) { s.findings = len(found) })
		if len(found) == 0 {
			d.health.end(aboutDamage)
		}
	}
	return found, err
}

// findings are the lines of what a check found; a check that did not end found nothing.
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
func (d *Daemon) Backup(ctx context.Context, w io.Writer) error {
	_, err := d.store.Backup(ctx, w)
	return err
}

// QueueChanged implements service.Effects.
func (d *Daemon) QueueChanged() { d.dispatcher.Kick() }

// PausesChanged implements service.Effects.
func (d *Daemon) PausesChanged() { d.dispatcher.PausesChanged() }

// snapshotEvery is how often a snapshot of the database is made.
const snapshotEvery = time.Hour

// snapshot makes a snapshot, if that is configured. It makes none of a database that is
// damaged, or not yet checked: the sound ones of before would make room for it.
func (d *Daemon) snapshot(ctx context.Context) {
	data, h := d.config.Load().Data, d.health.look()
	switch {
	case data.Backup == "" || h.findings < 0:
		return
	case h.findings > 0 || h.damagedRows > 0:
		d.complain(trouble{about: aboutSnapshot, reason: "none is made while the database is damaged: it would take the place of a sound one", hint: "look at: calbell check --store"})
		return
	}
	now := time.Now()
	file, err := d.store.Snapshot(ctx, data.Backup, data.KeepSnapshots, now)
	if ctx.Err() != nil {
		return
	}
	d.metrics.snapshots.WithLabelValues(result(err)).Inc()
	if err != nil {
		d.complain(trouble{about: aboutSnapshot, reason: "it cannot be made: " + err.Error(), hint: "look at the disk that holds data.backup"})
		return
	}
	d.health.note(func(s *state) { s.snapshotAt = now })
	if d.health.end(aboutSnapshot) {
		d.log.Info("snapshots can be made again")
	}
	d.log.Debug("snapshot made", "file", file)
}

// snapshotIfOld makes a snapshot unless the newest is less than an hour old: a program that
// is often started again would never come to the next hour.
func (d *Daemon) snapshotIfOld(ctx context.Context) {
	data := d.config.Load().Data
	for _, f := range snapshots(data.Backup) {
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()).Abs() < snapshotEvery {
			return
		}
	}
	d.snapshot(ctx)
}

// snapshots lists the snapshots in a folder; none where there is no folder.
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
// is old: a program that is often started again would never come to the hour of that either.
func (d *Daemon) lookAtStore(ctx context.Context) {
	d.checkStore(ctx)
	d.snapshotIfOld(ctx)
	d.forgetOld(ctx)
}
