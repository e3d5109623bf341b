package storetest

import "testing"

// TestModel runs the contract on the model: what a backend is compared with must keep it.
func TestModel(t *testing.T) {
	Run(t, func(*testing.T) *Handle { return &Handle{Store: newModel()} })
}
