// Package storetest is the contract of package store as tests. Every backend runs it:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) *storetest.Handle { … })
//	}
//
// A backend that passes can stand in for any other. Tables test each method; random walks compare
// the backend with a model in memory, step by step, and also after it was closed and opened again.
//
// It may import the root package, internal/filltest, store and github.com/google/go-cmp.
//
//	storetest.go  Run, and what a backend gives to it
//	tables.go     the generic table
//	calendars.go, plan.go, bindings.go, queue.go, deliveries.go, upkeep.go, webhooks.go, people.go, settings.go
//	              each method of a subject
//	whole.go      a life of the store from end to end
//	full.go       values in which every field is set
//	walk.go       random walks (walk_bindings.go, walk_people.go, walk_upkeep.go: their steps)
//	model.go      … and the model that judges them (model_queue.go, model_tables.go and others)
package storetest
