// Package record is what every backend of the store shares: how records are keyed, encoded and
// sealed. It does no I/O but for the key file.
//
//	secret.go    the key of a database, and its file
//	seal.go      AES-256-GCM per table, bound to the row; keyed hashes of names
//	keys.go      rows of deliveries, calendars, objects …; instants and states as bytes
//	codec.go     fields in a fixed order, with bounds
//	delivery.go  deliveries, and objects without their text
//	calendar.go  calendars
//	webhook.go   webhooks and their states
//	people.go    users and tokens
//	settings.go  accounts and what is set for calendars
//	binding.go   bindings
package record
