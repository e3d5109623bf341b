// Package record is shared by every backend of the store: the keys, encoding and sealing of
// records, and the effects of a change. Its only I/O is the key file: a backend gives it a
// transaction, see [Tx].
//
// It may import the root package, internal/durable and store.
//
//	ledger.go    the deliveries that a transaction touches, each read and written once; notices
//	row.go       one delivery: the effects of an outcome, a restart or a person
//	planner.go   objects and their reminders: which a plan adds, keeps, revives and cancels
//	rooms.go     the limits of a claim
//	history.go   filters of finished deliveries
//	secret.go    the key of a database, and its file
//	seal.go      AES-256-GCM per table, bound to the row; keyed hashes of names
//	keys.go      rows of deliveries, calendars, objects …; instants and states as bytes
//	codec.go     fields in a fixed order, with limits
//	delivery.go  deliveries, and objects without their text
//	kind.go      plain records: their names and encoding
//	text.go      texts in stored form, with key and arguments
//	calendar.go  calendars
//	webhook.go   webhooks and their states
//	people.go    users and tokens
//	settings.go  accounts and settings of calendars
//	binding.go   bindings
package record
