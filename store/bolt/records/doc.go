// Package records keeps plain records (calendars, accounts, users, webhooks, …) in buckets of one bbolt
// file: sealed, each in a row of its own, with an index by group and a counter for each bucket. The
// index answers for one owner, one account or one webhook without a look at what others have.
//
// It runs within the transactions of package file. What follows from a change of records for
// objects and deliveries is package bolt's.
//
// It may import the root package, internal/failpoint, store, store/bolt/file and store/record.
//
// # Files
//
//	db.go        what it needs of the database, and its parts
//	kinds.go     the kinds of records and their buckets
//	records.go   the records of one kind
//	table.go     store.Table over them
//	people.go    users, tokens, set-up links
//	opened.go    records that were read last
//	sessions.go  sessions, and the index of their ends
//	settings.go  accounts, rules, settings of calendars, listed names
//	webhooks.go  webhooks and their states
//	pauses.go    pauses
package records
