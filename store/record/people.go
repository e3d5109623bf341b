package record

import (
	"calbell"
)

// User is a user with what calbell.User keeps out of JSON.
type User struct {
	calbell.User
	PasswordHash string `json:"password_hash,omitempty"`
	Epoch        int64  `json:"epoch"`
}

// Token is a token with its hash.
type Token struct {
	calbell.Token
	Hash string `json:"hash"`
}
