package types

import "calbell"

// Problem is an error as it is answered (RFC 9457), with what the command line needs: its kind and
// the next step.
type Problem struct {
	Title  string            `json:"title,omitempty"`
	Status int               `json:"status,omitempty"` // of HTTP
	Detail string            `json:"detail,omitempty"`
	Errors []Fault           `json:"errors,omitempty"`
	Kind   calbell.ErrorKind `json:"kind,omitempty"`
	Hint   string            `json:"hint,omitempty"`
}

// Fault is what is wrong with one part of a request. What was sent is not repeated: it may be a
// secret.
type Fault struct {
	Message  string `json:"message,omitempty"`
	Location string `json:"location,omitempty"` // body.url, query.limit
}
