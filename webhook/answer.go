package webhook

import (
	"io"
	"net/http"

	"calbell"
)

// answer is a webhook's response.
type answer struct {
	status int
	header http.Header
	body   []byte // at most [calbell.MaxAnswerBytes]
	cut    bool   // the body may be longer
	err    error  // why the body is incomplete; nil when it is complete or cut
}

// readAnswer reads the part of a response that is examined. The caller closes its body;
// net/http closes the connection when a part is left unread.
func readAnswer(resp *http.Response) answer {
	a := answer{status: resp.StatusCode, header: resp.Header}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return a // the body is the bare connection, which ends only with the time-out
	}
	a.body, a.err = io.ReadAll(io.LimitReader(resp.Body, calbell.MaxAnswerBytes))
	a.cut = len(a.body) >= calbell.MaxAnswerBytes
	return a
}
