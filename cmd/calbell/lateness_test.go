package main

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkLateness measures how late lone reminders reach the chat, one a second, with
// the built program: from the instant that they fall due until the chat has read them.
//
//	go test -run=- -bench=Lateness -benchtime=20x ./cmd/calbell
func BenchmarkLateness(b *testing.B) {
	w := memoryWorld(b)
	w.serve()
	w.sync()
	due := map[string]time.Time{}
	for n := range b.N {
		e := ahead(strconv.Itoa(n)+"@example.org", strconv.Itoa(n), time.Duration(n+3)*time.Second)
		due[e.text()] = e.due
		w.put(b, e.uid+".ics", e.ics())
	}
	w.sync()
	b.ResetTimer()
	var late []time.Duration
	for n := range b.N {
		got, err := w.chat.Wait(patient(b), n+1)
		if err != nil {
			b.Fatal(err)
		}
		at, ok := due[got[n].Text]
		if !ok {
			b.Fatalf("nobody waits for %q", got[n].Text)
		}
		late = append(late, got[n].At.Sub(at))
	}
	slices.Sort(late)
	if late[0] < 0 {
		b.Errorf("one came %v early", -late[0])
	}
	for _, p := range []int{50, 99, 100} {
		b.ReportMetric(float64(late[(len(late)-1)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
	}
}
