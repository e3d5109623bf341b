package webhook

import (
	"io"
	"net/http"

	"calbell"
)

// answer is what a webhook said.
type answer struct {
	status int
	header http.Header
	body   []byte // at most [calbell.MaxAnswerBytes]
	cut    bool   // the body may go on
	err    error  // why the body is not complete; nil when it is, or is cut
}

// readAnswer reads as much of an answer as is ever looked at. The caller closes its body;
// what is left unread makes net/http close the connection.
func readAnswer(resp *http.Response) answer {
	a := answer{status: resp.StatusCode, header: resp.Header}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return a // the body is the bare connection, which ends only with the time-out
	}
	a.body, a.err = io.ReadAll(io.LimitReader(resp.Body, calbell.MaxAnswerBytes))
	a.cut = len(a.body) >= calbell.MaxAnswerBytes
	return a
}
