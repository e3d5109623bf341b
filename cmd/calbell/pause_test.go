package main

import (
	"testing"
	"time"
)

// What is paused is not posted from the moment at which the command returns, and posted again
// when that ends.
func TestPause(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	w.serve()
	w.sync()
	w.run("pause", "--for", "1h").want(t, 0, "everything")
	w.run("status").want(t, 0, "paused until", "everything")
	w.put(t, "a.ics", ahead("a@example.org", "Unheard", time.Second).ics())
	w.sync()
	eventually(t, "it is ended", func() bool { return len(w.deliveries("--status", "missed")) == 1 })
	w.run("resume").want(t, 0, "no longer paused: everything")
	w.put(t, "b.ics", ahead("b@example.org", "Heard", time.Second).ics())
	w.sync()
	if _, err := w.chat.Wait(patient(t), 1); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is sent", func() bool { return len(w.deliveries("--status", "sent")) == 1 })
	if missed := w.deliveries("--status", "missed"); len(missed) != 1 || missed[0].UID != "a@example.org" {
		t.Errorf("missed: %+v", missed)
	}
}
