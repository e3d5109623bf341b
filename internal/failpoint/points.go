package failpoint

// The points. Each has a place before and one after it, except PostWritten.
const (
	// Transactions of the store, by purpose: the places are before and after the commit.

	// Create is the first transaction of a new database.
	Create Point = iota
	// Upgrade brings a database of an older schema to the present one.
	Upgrade
	// Epoch begins a new epoch of the sent journal, after a restore or a lost database.
	Epoch
	// Restore takes over what the sent journal knows into a restored backup.
	Restore
	// Ballast writes the ballast, or drops it on a full disk.
	Ballast
	// Beat writes a heartbeat.
	Beat
	// Apply stores the result of a sync: sync-token, objects and their reminders.
	Apply
	// Extend extends layouts that are about to end.
	Extend
	// SaveCalendar stores the state of a calendar.
	SaveCalendar
	// RemoveCalendar removes a calendar with its objects and reminders.
	RemoveCalendar
	// Attach stores bindings, and the plans that depend on them.
	Attach
	// Claim claims due deliveries, and ends or defers those that cannot be sent.
	Claim
	// Finish records the outcomes of deliveries.
	Finish
	// Recover takes back the deliveries that an earlier process had in flight.
	Recover
	// Expire ends deliveries that are too late.
	Expire
	// Notify stores notices: of missed reminders and of trouble, digests, tests.
	Notify
	// Resend queues ended deliveries again.
	Resend
	// Prune deletes old history.
	Prune
	// Webhook stores or removes a webhook, or its state.
	Webhook
	// FileWebhooks stores the webhooks of the configuration file.
	FileWebhooks
	// Settings stores or removes accounts, rules and settings of calendars.
	Settings
	// Pause stores or ends a pause.
	Pause
	// People stores or removes users, tokens and the set-up link.
	People
	// Session stores or removes a session of the page.
	Session

	// Files.

	// OpenDatabase opens the database's file, and makes it when there is none.
	OpenDatabase
	// MarkOpen creates the marker file of an open database.
	MarkOpen
	// CloseDatabase closes the database's file.
	CloseDatabase
	// OpenJournal opens the sent journal and cuts off a torn record.
	OpenJournal
	// WriteJournal appends to the sent journal.
	WriteJournal
	// ShortenJournal rewrites the sent journal without its oldest records.
	ShortenJournal
	// Snapshot writes a snapshot, up to the removal of the oldest.
	Snapshot
	// FileSync waits for the disk: of a snapshot, a shortened journal, a copy before an upgrade, a
	// restored database or a key.
	FileSync
	// FileRename gives such a file its name.
	FileRename
	// FolderSync waits until the names in a folder are on disk.
	FolderSync
	// KeepReplaced keeps the database that a restore is about to replace.
	KeepReplaced
	// PlaceRestored puts a restored database in its place.
	PlaceRestored
	// BackupSync waits for the disk: of a backup that a command writes.
	BackupSync
	// BackupName gives such a backup its name.
	BackupName

	// The configuration, and the world outside.

	// Reload puts a configuration that was read and checked in force.
	Reload
	// Post posts a message: before the request, and when its answer has been read but not judged.
	Post
	// PostWritten is passed when the request has been written and its answer is awaited.
	PostWritten
	// Put writes an event back to its calendar.
	Put

	points // how many there are
)

// Points returns all points.
func Points() []Point {
	all := make([]Point, points)
	for i := range all {
		all[i] = Point(i)
	}
	return all
}

// Name returns the name of a point. It is not a method: the linker keeps all methods in a program that
// looks methods up at run time, as templates do, and with it the names of all points.
func Name(p Point) string { return names[p] }

var names = [points]string{
	Create:         "create",
	Upgrade:        "upgrade",
	Epoch:          "epoch",
	Restore:        "restore",
	Ballast:        "ballast",
	Beat:           "beat",
	Apply:          "apply",
	Extend:         "extend",
	SaveCalendar:   "save-calendar",
	RemoveCalendar: "remove-calendar",
	Attach:         "attach",
	Claim:          "claim",
	Finish:         "finish",
	Recover:        "recover",
	Expire:         "expire",
	Notify:         "notify",
	Resend:         "resend",
	Prune:          "prune",
	Webhook:        "webhook",
	FileWebhooks:   "file-webhooks",
	Settings:       "settings",
	Pause:          "pause",
	People:         "people",
	Session:        "session",
	OpenDatabase:   "open-database",
	MarkOpen:       "mark-open",
	CloseDatabase:  "close-database",
	OpenJournal:    "open-journal",
	WriteJournal:   "write-journal",
	ShortenJournal: "shorten-journal",
	Snapshot:       "snapshot",
	FileSync:       "file-sync",
	FileRename:     "file-rename",
	FolderSync:     "folder-sync",
	KeepReplaced:   "keep-replaced",
	PlaceRestored:  "place-restored",
	BackupSync:     "backup-sync",
	BackupName:     "backup-name",
	Reload:         "reload",
	Post:           "post",
	PostWritten:    "post-written",
	Put:            "put",
}

// Side is the side of a point.
type Side uint8

// The sides.
const (
	BeforeIt Side = iota
	AfterIt
	// AtIt is of a point that is only passed, where nothing can fail.
	AtIt
)

// Place is where a rule acts. Its name is that of the point with ":before" or ":after", or
// of the point alone when it is only passed.
type Place struct {
	Point Point
	Side  Side
}

// String returns the name of a place.
func (p Place) String() string {
	return Name(p.Point) + [...]string{BeforeIt: ":before", AfterIt: ":after", AtIt: ""}[p.Side]
}

// Places returns all places, in the order of the points.
func Places() (all []Place) {
	for _, p := range Points() {
		if p == PostWritten {
			all = append(all, Place{p, AtIt})
			continue
		}
		all = append(all, Place{p, BeforeIt}, Place{p, AfterIt})
	}
	return all
}
