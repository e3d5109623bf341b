// Package config reads Calbell's configuration: one YAML file, overlaid by CALBELL_…
// environment variables for scalar keys, with secrets taken from files or systemd
// credentials. Whatever is wrong is found in one run and reported with file, line,
// column, a caret and, where there is one, a suggestion.
//
// A key that the program does not honour is an error: a setting is never accepted in
// silence. config.example.yaml lists them all.
//
// It may import the root package, config/yamltree, internal/rights, webhook/dialect and
// github.com/spf13/viper.
//
//	config.go    the checked configuration
//	load.go      file + environment + secrets → configuration
//	settings.go  the table of scalar keys: bounds, defaults, environment
//	flags.go     settings that the command line takes too
//	effect.go    when a change of a key takes effect
//
//	file.go      the file, whose text and places are config/yamltree's
//	read.go      nodes → values, key by key; what is unknown or missing
//	account.go   an item of accounts
//	items.go     an item of calendars and of webhooks
//	attach.go    keys that say which reminders are made
//	rules.go     an item of rules and of digests
//	server.go    addresses and names of the page
//	proxy.go     the proxy that webhooks are called through
//	secret.go    a secret: as it is, from a file, from systemd
//	duration.go  lengths of time with days and weeks
//	zone.go      time zones, and this machine's own
//	check.go     what keys ask of each other
//	modes.go     who else can read the files that were read
//
//	words.go     words of the file that are no secret
//	show.go      what is in force, and where it comes from
//	schema.go    the JSON Schema, from the same table
//	socket.go    the socket alone, whatever else is wrong
//	treefile.go  a value of any shape from a file of its own
package config
