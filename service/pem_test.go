package service

import (
	"errors"
	"strings"
	"testing"

	"calbell"
)

// A key is kept apart from what is shown, and goes with its certificate.
func TestCheckPEM(t *testing.T) {
	const certificate, key = "-----BEGIN CERTIFICATE-----\n", "-----BEGIN EC PRIVATE KEY-----\n"
	for name, tt := range map[string]struct {
		a     calbell.Account
		field string // "": it is taken
	}{
		"nothing":                  {calbell.Account{}, ""},
		"both":                     {calbell.Account{ClientKeyPEM: key, AccountSpec: calbell.AccountSpec{ClientCertificatePEM: certificate, CAPEM: certificate}}, ""},
		"a certificate alone":      {calbell.Account{AccountSpec: calbell.AccountSpec{ClientCertificatePEM: certificate}}, "client_key_pem"},
		"a key among certificates": {calbell.Account{ClientKeyPEM: key, AccountSpec: calbell.AccountSpec{ClientCertificatePEM: certificate + key}}, "client_certificate_pem"},
		"a key among authorities":  {calbell.Account{AccountSpec: calbell.AccountSpec{CAPEM: certificate + key}}, "client_certificate_pem"},
		"too many authorities":     {calbell.Account{AccountSpec: calbell.AccountSpec{CAPEM: strings.Repeat("a", maxPEM+1)}}, "ca_pem"},
		"too long a key":           {calbell.Account{ClientKeyPEM: calbell.Secret(strings.Repeat("a", maxKeyPEM+1)), AccountSpec: calbell.AccountSpec{ClientCertificatePEM: certificate}}, "client_key_pem"},
	} {
		var told *calbell.Error
		got := ""
		if err := checkPEM(tt.a); errors.As(err, &told) {
			got = told.Fields[0].Name
		}
		if got != tt.field {
			t.Errorf("%s: %q is rejected, want %q", name, got, tt.field)
		}
	}
}
