// Package form reads the forms of the page and says what their fields hold: as they were sent while
// something is wrong with them, else as they are stored. What cannot be read is an error with the
// name of its field, which the form shows beside it. It knows no page and asks nobody: a form
// follows from what was sent, what is stored and who reads it.
//
// It is pure, and may import the root package and web/words.
//
//	form.go     what was sent, and what is wrong with a field
//	choices.go  drop-down lists
//	leads.go    times before an event
//	quiet.go    quiet hours
//	owner.go    whose something is
//	json.go     payloads
package form
