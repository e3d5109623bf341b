// Package caldav is the client side of CalDAV (RFC 4791) as far as a reminder daemon
// needs it: find the calendars of an account ([Client.Discover]), find out what changed in
// one of them ([Client.Changes]), and write one object when a person wants that
// ([Client.Put]). Nothing else writes to a server.
//
// It hands on raw text under the href that the server wrote; what the text means is
// package ical's business. Nothing that a server answers can make it claim a deletion
// that the server did not confirm: see [Client.Changes].
//
// It may import the root package, caldav/dav, caldav/ics, caldav/transport, internal/failpoint and
// internal/scheme.
//
// Requests go by caldav/transport. The files, from the wire up:
//
//	client.go    options, and a client of one account
//	tls.go       files of certificates: the account's, and those of its servers
//	budget.go    how much memory all answers take together
//	nodav.go     what an answer is that is no multistatus
//	errors.go    errors, and what their chain holds
//	status.go    what a refusal means, and what to do about it
//	request.go   questions, by caldav/dav, and texts
//	href.go      hrefs as keys, and as URLs
//	address.go   what an account's URL means: a URL, a host, a mail address
//	domain.go    host → servers, by the DNS (RFC 6764)
//	hints.go     providers, and what goes wrong there
//	discover.go  URL → principal → home sets → calendars (RFC 4791, 5397)
//	place.go     … one step of it: what a URL is, and where it leads
//	props.go     … properties → calendars
//	whose.go     … whose a calendar is
//	others.go    … calendars of other people, links to files, addresses that are refused
//	sync.go      the three levels: sync-collection (RFC 6578), ctag, listing
//	gone.go      a calendar's own address: is it still there?
//	stated.go    what a collection says of its own state, against a token from its future
//	compare.go   a listing against what is known
//	brake.go     what is absent from a listing: gone, or too much to be believed
//	fetch.go     hrefs → objects: multiget, and GET where that fails
//	put.go       one object, written over the version that is known
//
//	feed.go      subscriptions: one .ics file that holds a calendar, taken apart by caldav/ics
//	spool.go     … an answer that is read more than once: in memory, or in a file without a name
//	readlimit.go … how many are read at a time
//	file.go      … a file of this machine, and what tells that it is as it was
//	identity_linux.go, identity_other.go  … its number on the disk, and when it changed
//
// caldavtest has an in-memory server, and starts real ones.
package caldav
