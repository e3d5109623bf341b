package daemon

import (
	"os"

	"calbell"

	"calbell/config"
)

// remains says by what one can see that there was a database where none is any more, or an
// empty one; the zero text when nothing shows that. It is to be asked before the store is opened.
func remains(d config.Data) calbell.Text {
	info, err := os.Stat(d.Path)
	switch {
	case err == nil && info.Size() > 0:
		return calbell.Text{}
	case err == nil:
		return calbell.T("daemon:file-had-bytes", "its file was there and had 0 bytes")
	}
	// A key in a file of its own may have been made for a first start. One beside the
	// database was made with it.
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

// tellLost says loudly that the database is gone. Nothing can be wrong any more with what
// is not there, so nothing else would show it.
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

// tellOlder reports that the database is older than the list of what was sent, because somebody
// has put a copy in its place, or that this list does not tell.
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
