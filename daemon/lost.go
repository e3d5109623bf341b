package daemon

import (
	"os"

	"calbell"

	"calbell/config"
)

// remains returns the sign that there used to be a database where there is none now, or an
// empty one; the zero text without such a sign. It must be called before the database is
// opened, which creates it.
func remains(d config.Data) calbell.Text {
	info, err := os.Stat(d.Path)
	switch {
	case err == nil && info.Size() > 0:
		return calbell.Text{}
	case err == nil:
		return calbell.T("daemon:file-had-bytes", "its file was there and had 0 bytes")
	}
	// A key file named by the configuration may have been created for a first start. A key beside the
	// database is created together with it.
	if d.KeyFile == "" && exists(d.Path+".key") {
		return calbell.T("daemon:key-earlier-one", "the key of an earlier one is there")
	}
	if exists(d.Path + ".sent") {
		return calbell.T("daemon:list-what-earlier-one", "the list of what an earlier one has sent is there")
	}
	if len(snapshots(d.Backup)) > 0 {
		return calbell.T("daemon:snapshots-earlier-one", "there are snapshots of an earlier one in %s", d.Backup)
	}
	return calbell.Text{}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// tellLost records trouble for a database that is gone. A new database has no errors, so
// nothing else would reveal the loss.
func (u *upkeep) tellLost(sign string) {
	if sign == "" || !u.store.New() {
		return
	}
	from := calbell.Plain(u.settings.config.Load().Data.Backup)
	if from.IsZero() {
		from = calbell.T("daemon:folder-of-backups", "the folder of your backups")
	}
	u.health.complain(trouble{
		about:  aboutNew,
		reason: calbell.T("daemon:although-what-sent-webhooks", "although %s: what was sent, and the webhooks that were stored by command, are not known any more", sign),
		hint:   calbell.T("daemon:restore-deleted", "if you did not delete the database, stop calbell and put one back: calbell restore FILE, with a file of %s", from),
	})
}

// tellOlder records trouble for a database that is older than the journal of sent
// reminders, because a copy was put in its place, or whose journal is unreadable.
func (u *upkeep) tellOlder() {
	r := u.store.Behind()
	if r == nil {
		return
	}
	t := trouble{
		about:  aboutOlder,
		reason: calbell.T("daemon:reminders-sent-or-ended", "reminders sent or ended since it was made, and not sent again: %d", r.Ended+r.Known),
		hint:   calbell.T("daemon:restored-older", "if you put a backup in its place, nothing else needs to be done; calbell restore FILE does the same, and keeps the database of before"),
	}
	if r.Unknown {
		t.about, t.reason = aboutSent, calbell.T("daemon:not-complete-what-fell", "it is not complete: what fell due before this start may have been sent, and is sent as a possible repeat")
	}
	u.health.complain(t)
}
