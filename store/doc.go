// Package store is what the program asks of a database. Each method is one whole step
// of the domain and exactly one transaction: it happened, or it did not. No cursor,
// bucket or transaction crosses this line, and time, worker and lease are arguments,
// so that a store for many nodes can stand behind the same methods.
//
// What is only listed, stored and removed is a [Table]; the rest has methods of its own. There is an
// interface for each subject and none for all: code asks for what it needs. store/bolt keeps it all in one file, by the records of store/record; store/storetest is the
// contract that every backend runs.
//
//	store.go   calendars, objects, plans, the queue and deliveries
//	people.go  users, tokens, sessions; what people configured beside the file
//	table.go   [Table], and look-ups over tables
//	watch.go   plans and a queue that notify a [Watcher] of what is written through them
package store
