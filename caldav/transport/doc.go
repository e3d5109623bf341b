// Package transport carries the requests of one account to its servers: one at a time, each
// answered within its time and size, or an error that says what happened. Credentials, cookies and
// the account's certificate go to the account's servers and nowhere else, wherever redirects lead,
// and no error repeats them. What is asked, and how an error is explained to people, is left to
// package caldav.
//
// It may import the root package, caldav/dav, internal/scheme and github.com/icholy/digest.
//
//	http.go      options; one request: redirects by hand, time-outs, limits
//	redirect.go  … those that are refused
//	cookies.go   … those without which a gate in front of a server does not open
//	patience.go  … how long it may take
//	retry.go     … once more, when the connection turns out closed
//	signin.go    Basic, Digest and Bearer, and to whom they go
//	refusal.go   a refusal: what the server says, ways to sign in
//	failure.go   errors, and what their chain holds
package transport
