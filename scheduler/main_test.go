package scheduler_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the heap grow as calbell serve does, unless GOGC says otherwise: these tests make
// many databases and messages, and a third of their time would be the collector's.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
	os.Exit(m.Run())
}
