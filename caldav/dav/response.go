package dav

import (
	"bytes"
	"io"
	"net/url"
	"strconv"
	"strings"
)

// Response is what a multistatus says about one resource (RFC 4918 §14.24).
type Response struct {
	Href   string   // as the server wrote it
	At     *url.URL // where the answer came from
	Status int      // of the resource as a whole; 0: see props
	props  map[string]*Node
}

// Prop returns a property that was found; nil otherwise.
func (r Response) Prop(name string) *Node { return r.props[name] }

// Read reads a multistatus that came from a URL: each takes its responses, in order. It returns the
// sync-token that stands beside them (RFC 6578 §6.2), "" for none. The memory that the largest entry
// takes is counted by reach, unless that is nil.
func Read(r io.Reader, at *url.URL, b Bounds, reach func(bytes int) error, each func(Response) error) (syncToken string, err error) {
	root, err := readXML(r, b, reach, func(n *Node) error {
		for _, one := range readResponse(n) {
			one.At = at
			if err := each(one); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if root.Name != nMultistatus {
		return "", RootError(root.Name[strings.IndexByte(root.Name, '|')+1:])
	}
	return root.Kid(nSyncToken).Value(), nil
}

// readResponse turns a DAV:response into one response per href.
func readResponse(n *Node) []Response {
	hrefs := n.Hrefs()
	status := statusCode(n.Kid(nStatus))
	props := map[string]*Node{}
	for _, stat := range n.Kids {
		if stat.Name != nPropstat {
			continue
		}
		if code := statusCode(stat.Kid(nStatus)); code != 0 && code/100 != 2 {
			continue
		}
		if p := stat.Kid(nProp); p != nil {
			for _, k := range p.Kids {
				props[k.Name] = k
			}
		}
	}
	out := make([]Response, 0, len(hrefs))
	for _, h := range hrefs {
		out = append(out, Response{Href: h, Status: status, props: props})
	}
	return out
}

// statusCode reads "HTTP/1.1 404 Not Found"; 0 when there is nothing to read.
func statusCode(n *Node) int {
	fields := strings.Fields(n.Value())
	if len(fields) < 2 {
		return 0
	}
	code, err := strconv.Atoi(fields[1])
	if err != nil || code < 100 || code > 999 {
		return 0
	}
	return code
}

// ReadError returns the first condition of a DAV:error, of those that the standards name, and what
// it says in words. Both are "" when the text is anything else.
func ReadError(text []byte) (condition, words string) {
	root, err := readXML(bytes.NewReader(text), BoundsOfProps(), nil, nil)
	if err != nil || root.Name != nError {
		return "", ""
	}
	for _, k := range root.Kids {
		space, local, _ := strings.Cut(k.Name, "|")
		if condition == "" && (space == "DAV:" || space == "urn:ietf:params:xml:ns:caldav") {
			condition = local
		}
		if k.Name == nSabreMessage || k.Name == nAppleMessage {
			words = k.Value()
		}
	}
	return condition, words
}
