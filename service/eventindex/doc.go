// Package eventindex finds the events that a question can mean without reading all of them. It
// remembers a little of each event of a calendar: its names, when it takes place next, and the
// words by which it is found. It stores nothing: it is built from the store at the first question,
// and brought up to date when it is asked again after a change. Who may see which calendar, service
// decides before it asks.
//
// It may import the root package, ical and store.
//
//	index.go     the index of each calendar, how it is built, kept up to date and forgotten
//	entry.go     what is remembered of one event
//	place.go     where an instance stands in a list, and the cursor that names that
//	iterator.go  the instances of many events, merged in order
package eventindex
