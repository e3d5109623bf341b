package main

import (
	"testing"
	"time"
)

// What render shows of an event is what its reminder then posts, byte for byte.
func TestRenderedIsSent(t *testing.T) {
	t.Parallel()
	w := memoryWorld(t)
	const template = "%subject% %date% %when% [[%alarm_text% ]](%time_zone%, %calendar%)\n%description%"
	w.write("message.txt", template)
	w.configure("**%subject%**, %date%, %location%", "%subject% %date% %when% [[%alarm_text% ]](%time_zone%, %calendar%)")
	w.serve()
	e := ahead("review@example.org", "Review *now* @all", 8*time.Second)
	w.add(e)
	shown := decode[rendered](t, w.run("render", "--template-file", "message.txt", "--event", e.uid, "-o", "json").want(t, 0))
	got, err := w.chat.Wait(patient(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if string(got[0].Body) != shown.Body || got[0].Header.Get("Content-Type") != shown.ContentType {
		t.Errorf("shown  %s %s\nposted %s %s", shown.ContentType, shown.Body, got[0].Header.Get("Content-Type"), got[0].Body)
	}
	w.run("render", "--event", "nothing").want(t, 6)
	w.stop()
}
