package record

import (
	"calbell"
)

// Account is an account with its secrets in the clear.
type Account struct {
	calbell.Account
	Password     string `json:"password,omitempty"`
	Token        string `json:"token,omitempty"`
	ClientKeyPEM string `json:"client_key_pem,omitempty"`
}

// CalendarSettings is what is set for a calendar, with its ID, which the key does not show.
type CalendarSettings struct {
	ID calbell.CalendarID `json:"id"`
	calbell.CalendarSettings
}
