// Package throttle limits what strangers and users can make the program do: guess passwords, have
// them hashed, have other servers asked, and have many events read. Limits of one person never use
// up those of another. It knows names and networks, and no rules.
//
// It may import the root package and golang.org/x/time.
//
//	throttle.go  the limits on sign-ins, with their reasons
//	attempt.go   a sign-in that the limits let through, and what it costs when it fails
//	buckets.go   token buckets by network, name and browser
//	queue.go     places for hashing and asking, handed out by rank
//	outward.go   requests to servers that a user names, and searches for calendars
//	readers.go   questions of one user that read many events
package throttle
