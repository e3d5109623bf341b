// Package caldavtest has CalDAV servers to test against: one in memory ([Server]), the same
// with the ways and failures of others ([FaultServer], [Manner]), and helpers that start
// real ones ([StartRadicale], [StartXandikos], [StartCyrus], [StartDAViCal],
// [StartSabreDAV], [StartSOGo]); and [Run], the suite that a client must pass on all of them.
//
// The server in memory is go-webdav's server half with a front that adds what it lacks
// and real servers have: sign-in, ctag, sync-token and sync-collection (RFC 6578),
// colours and time zones, text handed out byte for byte, and switches for faults. It
// needs no test around it: the demo runs on it.
package caldavtest
