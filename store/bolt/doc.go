// Package bolt is the store in one bbolt file, for one process at a time.
//
// Whatever can hold a URL, a password, a token or event text is sealed with AES-256-GCM
// under a key of its bucket, bound to its place: a row that was changed, swapped with
// another or moved does not open. The tag is at the same time the checksum that bbolt's
// data pages lack. Row keys hold no text: hrefs, UIDs and names appear as keyed hashes.
// Only instants, states and webhook IDs are plain, so that the queue moves without
// opening a single record.
//
// # Buckets
//
// Integers are big-endian. time is 12 bytes: seconds since 1970 with the sign bit
// flipped (so that bytes sort as instants do), then nanoseconds. id is the 16 bytes that
// the hex digits of a ReminderID stand for. cal is an 8-byte keyed hash of the calendar's
// ID; obj is cal followed by a 16-byte keyed hash of the href. state is one byte (see
// [record.StateBytes]). {…} is sealed.
//
//	bucket      key           value
//	meta        "schema"      uint32: version of all of this, see [schema]
//	            "check"       {fixed text}: tells a wrong key at open
//	            "epoch"       uint32: how often a backup was restored; see sent.Moment
//	            "lineage"     16 random bytes: name of the database and its copies in the sent
//	                          journal; see [lineageKey]
//	            "doubt"       time: up to when it is not known what was sent; see [doubtKey]
//	            "beat"        {time}: the latest instant at which the program lived
//	calendars   cal           {JSON record.Calendars}
//	objects     obj           {object head: href, ETag, problem, UIDs, layout, reminder ids, warnings}
//	raws        obj           {iCalendar text}; apart, so that a listing need not open it
//	replan      time ‖ obj    empty; when a layout must be continued
//	deliveries  id            {delivery record}; its state is the one before the claim
//	                          while a row of flight exists
//	due         time ‖ id     state ‖ webhook ID; planned, waiting and held ones by NextAt
//	flight      id            time (NextAt) ‖ time (end of the lease) ‖ state before the
//	                          claim ‖ uvarint length and webhook ID ‖ worker
//	done        time ‖ id     state ‖ 4-byte keyed hash of the UID ‖ webhook ID; ended ones
//	                          by FinishedAt
//	past        concern ‖     the value of the row of done; concern is cal for each source, or an
//	            time ‖ id     8-byte keyed hash of the webhook, of who made a test, or of the event
//	                          that a notice is about
//	counts      state         uint64: deliveries in this state
//	            't' ‖ bucket  uint64: records in that bucket
//	            'u' ‖ webhook  uint64: rows of its bucket of untold; absent: none
//	            ID
//	webhooks    'f' or 's' ‖  {JSON record.Webhooks}; of the file, or stored
//	            16-byte keyed hash of the ID
//	states      16-byte       {JSON record.WebhookStates}
//	            keyed hash of the ID
//	broken      id            the flight row of a delivery whose record does not open; it
//	                          is out of the queue so that it blocks nothing, until it is
//	                          written anew or opens at a start
//	untold      'w' ‖ webhook  a bucket of time (Due) ‖ id, without values: ended ones that a
//	            ID            notice is to tell. Telling drops the bucket; the records go on
//	                          saying that they are untold, and are not without a row here
//
//	bindings    16-byte       {JSON record.Bindings}
//	            keyed hash
//	            of the ID
//	binding-    16-byte       uint64: the store.BindingsState of the account, which goes up with
//	states      keyed hash    each change of its bindings
//	            of account
//	pauses      cal ‖ 16-byte {JSON record.Pauses}; the hash of "" where it names no calendar
//	            keyed hash    or no webhook
//	            of webhook ID
//
//	uids        16-byte       empty; objects by the UIDs that they list
//	            keyed hash
//	            of UID ‖ obj
//	users       16-byte       {JSON record.Users}; by slug
//	tokens      keyed hash    {JSON record.Tokens}
//	sessions    of the name   {JSON record.Sessions}
//	setups      of the        {JSON record.SetupLinks}; one at most
//	accounts    record,       {JSON record.Accounts}
//	rules       see records   {JSON record.Rules}
//	settings                  {JSON record.CalendarSettings}; by the calendar's ID
//	listed                    {JSON record.ListedNames}; by the account's name
//	sessionends time ‖ key of empty; sessions by their end
//	            sessions
//	groups      16-byte       empty; records by group (see store.Group)
//	            keyed hash
//	            of bucket and
//	            group ‖ key
//	            of the record
//
//	ballast     one byte      random bytes: pages to be had when the disk is full
//
// Every delivery has a row in exactly one of due, flight and done (or broken). Claiming
// moves index rows only; the record is written again when its outcome is known. Check
// verifies all of this.
//
// Plain records (calendars, webhooks, people, settings) are in store/bolt/records.
//
// It may import the root package, internal/durable, internal/failpoint, store, store/bolt/file,
// store/bolt/records, store/bolt/sent, store/record and go.etcd.io/bbolt.
//
// # Files
//
//	open.go         the store and its parts; opening and closing
//	tx.go           transactions of store/bolt/file, with what they change of counters and indexes
//	buckets.go      the names of the buckets
//	rows.go         deliveries and their rows in due, flight and done
//	apply.go        changes of a sync, continued layouts, removed calendars
//	calendars.go    calendars
//	rename.go       renamed accounts
//	objects.go      objects, page by page
//	uids.go         the index of UIDs
//	bindings.go     bindings, attached with the plans that follow
//	queue.go        claim, finish, recover
//	stranded.go     claims that were not handed out
//	upkeep.go       expire, resend, the beat
//	deliveries.go   history, counts, forgetting
//	past.go         the index of the past: what concerns a calendar, a webhook or a person
//	upcoming.go     what is not final
//	notices.go      notices, and the index of what they are to tell
//	backup.go       backups and snapshots
//	restore.go      a backup in the place of the database
//	lineage.go      which database a journal is of, and what it tells of the time since a copy
//	upgrade.go      from an older schema
//	check.go        everything compared with everything
package bolt
