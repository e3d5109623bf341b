package types

import "calbell"

// Problem is an error (RFC 9457) with two extensions for the command line: its kind and the next step.
type Problem struct {
	Title  string            `json:"title,omitempty"`
	Status int               `json:"status,omitempty"` // of HTTP
	Detail string            `json:"detail,omitempty"`
	Errors []Fault           `json:"errors,omitempty"`
	Kind   calbell.ErrorKind `json:"kind,omitempty"`
	Hint   string            `json:"hint,omitempty"`
}

// Fault is an error in one part of a request. The value is not repeated, since it may be a secret.
type Fault struct {
	Message  string `json:"message,omitempty"`
	Location string `json:"location,omitempty"` // body.url, query.limit
}
