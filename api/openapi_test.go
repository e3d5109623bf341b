package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"calbell"

	"github.com/getkin/kin-openapi/openapi3"
)

// The document is one that other programs can read, and describes every operation.
func TestDocumentIsValid(t *testing.T) {
	b := newBare()
	rec := b.ask(t, calbell.LocalAdmin(), "GET", "/api/v1/openapi.json", "")
	if rec.Code != http.StatusOK {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	doc, err := openapi3.NewLoader().LoadFromData(rec.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	described := 0
	for _, path := range doc.Paths.Map() {
		described += len(path.Operations())
	}
	if all := len(b.operations(t)); described != all || all == 0 {
		t.Errorf("%d operations are described, there are %d", described, all)
	}
}

// document is what the API says of itself.
type document struct{ doc *openapi3.T }

// document returns the document.
func (i *inhabited) document(t *testing.T) document {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(i.ask(t, i.bob, "GET", "/openapi.json", "").Body.Bytes())
	i.OK(err)
	return document{doc}
}

// check says what of an answer the document does not say, or says otherwise. path is as the
// document has it.
func (d document) check(method, path string, resp *http.Response, text []byte) error {
	item := d.doc.Paths.Value("/api/v1" + path)
	if item == nil || item.GetOperation(method) == nil {
		return fmt.Errorf("the document has no such operation")
	}
	responses := item.GetOperation(method).Responses
	want := responses.Status(resp.StatusCode)
	if want == nil {
		if want = responses.Default(); want == nil || resp.StatusCode < http.StatusBadRequest {
			return fmt.Errorf("the document has no answer %d", resp.StatusCode)
		}
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if len(want.Value.Content) == 0 {
		if len(text) > 0 {
			return fmt.Errorf("an answer of %d bytes where the document has none", len(text))
		}
		return nil
	}
	media := want.Value.Content.Get(kind)
	switch {
	case media == nil:
		return fmt.Errorf("an answer of type %q, which the document does not have", kind)
	case !strings.HasSuffix(kind, "json"):
		return nil
	}
	var body any
	if err := json.Unmarshal(text, &body); err != nil {
		return err
	}
	return media.Schema.Value.VisitJSON(body, openapi3.VisitAsResponse(), openapi3.MultiErrors(), openapi3.EnableJSONSchema2020())
}
