package api_test

import (
	"net/http"
	"testing"

	"calbell"

	"github.com/getkin/kin-openapi/openapi3"
)

// The document is one that other programs can read, and describes every operation.
func TestDocumentIsValid(t *testing.T) {
	rec := serve(t, calbell.LocalAdmin(), "GET", "/api/v1/openapi.json", "")
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
	if all := len(operations(t)); described != all || all == 0 {
		t.Errorf("%d operations are described, there are %d", described, all)
	}
}
