package web

import (
	"testing"
)

// What is embedded can be read, and no two routes mean the same address.
func TestHandler(t *testing.T) {
	Handler(nil, Options{})
}
