// Package servicetest runs the service over a real store, without the rest of the program: rules
// about who may do what are tested without a server, a chat or a network.
//
// It may import the root package, api/types, scheduler/plan, service, service/authz, store,
// store/bolt and store/record.
//
//	world.go    a service with users, accounts, calendars and webhooks
//	program.go  the program, as far as the service asks it
package servicetest
