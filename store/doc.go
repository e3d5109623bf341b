// Package store defines the interface to the database. Each method is one complete step
// of the domain and exactly one transaction: it happened, or it did not. No cursor,
// bucket or transaction crosses this line, and time, worker and lease are arguments,
// so that a store for many nodes can stand behind the same methods.
//
// Records that are only listed, stored and removed are a [Table]; others have their own methods. There is an
// interface for each subject and none for all, so that code depends only on what it needs.
// Package store/bolt stores everything in one file, using store/record. Package store/storetest is
// the contract that every backend runs.
//
// It is pure, and may import the root package.
//
//	store.go   calendars, objects, plans, the queue and deliveries
//	people.go  users, tokens, sessions; settings outside of the configuration file
//	table.go   [Table], and look-ups over tables
//	watch.go   plans and a queue that notify a [Watcher] of changes
package store
