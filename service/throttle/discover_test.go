package throttle

import (
	"errors"
	"fmt"
	"testing"

	"calbell"
)

// One user searches for calendars twice at a time, and all users together have places for some
// more: the others are refused at once and told when to come back. The command line is not among
// them.
func TestDiscoveriesAtATime(t *testing.T) {
	d := New()
	var leaves []func()
	enter := func(name string) bool {
		leave, err := d.Discover(calbell.Caller{Name: name})
		var told *calbell.Error
		if err != nil && (!errors.As(err, &told) || told.Kind != calbell.KindNotAllowed || told.RetryAfter <= 0) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			leaves = append(leaves, leave)
		}
		return err == nil
	}
	for range maxDiscoveriesEach {
		if !enter("Bob") {
			t.Fatal("no place for the first ones")
		}
	}
	if enter("bob") {
		t.Error("more places than one user may have")
	}
	for i := 0; len(leaves) < maxDiscoveries; i++ {
		if !enter(fmt.Sprintf("user%d", i/maxDiscoveriesEach)) {
			t.Fatalf("no place although %d are taken", len(leaves))
		}
	}
	if enter("anna") {
		t.Error("more places than there are")
	}
	if _, err := d.Discover(calbell.Caller{Name: "root", Local: true}); err != nil {
		t.Errorf("the command line: %v", err)
	}
	for _, leave := range leaves {
		leave()
	}
	if !enter("anna") || len(d.discoveries) != 1 || d.discovering != 1 {
		t.Errorf("places are not given back: %v, %d", d.discoveries, d.discovering)
	}
}
