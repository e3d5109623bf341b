// Package caldavtest has CalDAV servers to test against: one in memory ([Server]), the same with
// the ways and failures of others ([FaultServer], [Manner]), and helpers that start real ones
// ([StartRadicale], [StartXandikos], [StartCyrus], [StartDAViCal], [StartSabreDAV], [StartSOGo]);
// and [Run], the suite that a client must pass on all of them.
//
// The server in memory is go-webdav's server half with a front that adds what it lacks and real
// servers have: sign-in, ctag, sync-token and sync-collection (RFC 6578), colours and time zones,
// text handed out byte for byte, and switches for faults. It needs no test around it: the demo runs
// on it.
//
// It may import the root package, caldav, github.com/emersion/go-ical and
// github.com/emersion/go-webdav.
//
//	server.go       the server in memory, and what kind of server it is
//	backend.go, data.go, collections.go, extras.go
//	                what it stores: calendars, objects, properties that go-webdav lacks
//	front.go        what it answers before go-webdav is asked
//	discovery.go    the way to its calendars
//	faults.go       a server that departs from the standards
//	manners.go      … as known servers do
//	failures.go     … as broken ones do
//	written.go      what was written to it
//	suite.go        the suite, and site.go: what it runs on
//	real.go         Radicale and Xandikos; cyrus.go, davical.go, sabre.go and sogo.go: the others
//	process.go      their processes; php.go and postgres.go: what they stand on
package caldavtest
