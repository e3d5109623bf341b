package service

import (
	"testing"

	"calbell"
	"calbell/api/types"
)

// TestLinksAreTheirOwners: admins see which subscriptions a user keeps, and not the links.
func TestLinksAreTheirOwners(t *testing.T) {
	const link = "webcal://example.org/private-1f/basic.ics?key=2"
	for _, tt := range []struct {
		caller, owner, want string
	}{
		{"anna", "anna", link},
		{"Anna", "anna", link},
		{"root", "anna", "webcal://example.org/…"},
		{"root", "", link},
	} {
		d := types.Discovered{Subscriptions: []calbell.Subscription{{Name: "Holidays", URL: link}}}
		hideLinks(&d, calbell.Caller{Name: tt.caller, Admin: true}, calbell.Account{Owner: tt.owner})
		if got := d.Subscriptions[0]; got.URL != tt.want || got.Name != "Holidays" {
			t.Errorf("%s of %q: %+v", tt.caller, tt.owner, got)
		}
	}
}
