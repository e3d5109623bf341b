// Package record is what every backend of the store shares: how records are keyed, encoded and
// sealed, and what follows from a change. It does no I/O but for the key file: a backend gives it a
// transaction, see [Tx].
//
//	ledger.go    the deliveries that a transaction touches, each read and written once; notices
//	row.go       one of them: what an outcome, a restart or a person makes of it
//	planner.go   objects and their reminders: what a plan adds, keeps, revives and cancels
//	rooms.go     what a claim may still take
//	history.go   which ended deliveries a query means
//	secret.go    the key of a database, and its file
//	seal.go      AES-256-GCM per table, bound to the row; keyed hashes of names
//	keys.go      rows of deliveries, calendars, objects …; instants and states as bytes
//	codec.go     fields in a fixed order, with bounds
//	delivery.go  deliveries, and objects without their text
//	kind.go      plain records: what names one, and how it is written
//	text.go      texts in stored form, with key and arguments
//	calendar.go  calendars
//	webhook.go   webhooks and their states
//	people.go    users and tokens
//	settings.go  accounts and what is set for calendars
//	binding.go   bindings
package record
