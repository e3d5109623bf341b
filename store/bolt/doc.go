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
// [stateBytes]). {…} is sealed.
//
//	bucket      key           value
//	meta        "schema"      uint32: version of all of this, see [schema]
//	            "check"       {fixed text}: tells a wrong key at open
//	            "epoch"       uint32: how often a backup was restored; see [moment]
//	            "lineage"     16 random bytes: name of the database and its copies in the sent
//	                          journal; see [lineageKey]
//	            "doubt"       time: up to when it is not known what was sent; see [doubtKey]
//	            "beat"        {time}: the latest instant at which the program lived
//	calendars   cal           {JSON calendarRecord}
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
//	counts      state         uint64: deliveries in this state
//	            'u' ‖ webhook  uint64: rows of its bucket of untold; absent: none
//	            ID
//	webhooks    'f' or 's' ‖  {JSON webhookRecord}; of the file, or stored
//	            16-byte keyed hash of the ID
//	states      16-byte       {JSON stateRecord}
//	            keyed hash of the ID
//	broken      id            the flight row of a delivery whose record does not open; it
//	                          is out of the queue so that it blocks nothing, until it is
//	                          written anew or opens at a start
//	untold      'w' ‖ webhook  a bucket of time (Due) ‖ id, without values: ended ones that a
//	            ID            notice is to tell. Telling drops the bucket; the records go on
//	                          saying that they are untold, and are not without a row here
//
//	bindings    16-byte       {JSON bindingRecord}. The bucket's sequence number is their
//	            keyed hash    store.BindingsState: it goes up with each change
//	            of the ID
//	pauses      cal ‖ 16-byte {JSON calbell.Pause}; the hash of "" where it names no calendar
//	            keyed hash    or no webhook
//	            of webhook ID
//
//	uids        16-byte       empty; objects by the UIDs that they list
//	            keyed hash
//	            of UID ‖ obj
//	users       16-byte       {JSON userRecord}; by slug
//	tokens      keyed hash    {JSON tokenRecord}
//	sessions    of the name   {JSON store.Session}
//	setups      of the        {JSON store.SetupLink}; one at most
//	accounts    record,       {JSON accountRecord}
//	rules       see [shelf]   {JSON calbell.StoredRule}
//	settings                  {JSON settingsRecord}; by the calendar's ID
//	listed                    {JSON listedRecord}; by the account's name
//
//	ballast     one byte      random bytes: pages to be had when the disk is full
//
// Every delivery has a row in exactly one of due, flight and done (or broken). Claiming
// moves index rows only; the record is written again when its outcome is known. Check
// verifies all of this.
package bolt
