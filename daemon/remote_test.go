package daemon

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"calbell"
	"calbell/caldav/caldavtest"
)

// TestAccountsAreGuarded: what a user of the page gives as an account's URL does not reach
// this machine's own network, unless the configuration opens it; the file's accounts do.
func TestAccountsAreGuarded(t *testing.T) {
	s := caldavtest.New(caldavtest.Options{})
	s.AddUser("anna", "pw")
	s.AddCalendar("anna", caldavtest.Calendar{Path: "team", Name: "Team"})
	asked := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		s.ServeHTTP(w, r)
	}))
	defer web.Close()
	ours := []calbell.Network{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}
	for _, tt := range []struct {
		origin  calbell.Origin
		private []calbell.Network
		ok      bool
	}{
		{calbell.OriginFile, nil, true},
		{calbell.OriginStored, nil, false},
		{"", nil, false},
		{calbell.OriginStored, ours, true},
	} {
		asked = 0
		a := calbell.Account{Name: "home", Origin: tt.origin, URL: web.URL, Username: "anna", Password: "pw"}
		_, err := Discover(t.Context(), a, RemoteOptions{PrivateNetworks: tt.private})
		if ok := err == nil; ok != tt.ok || ok != (asked > 0) {
			t.Errorf("%q, %v: %v, after %d requests", tt.origin, tt.private, err, asked)
		}
		if err != nil && !strings.Contains(calbell.HintOf(err).English, "delivery.private_networks") {
			t.Errorf("hint %q", calbell.HintOf(err))
		}
	}
}
