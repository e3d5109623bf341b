package service

import (
	"strings"
	"testing"
)

func TestPassword(t *testing.T) {
	for password, ok := range map[string]bool{
		"123456789": false, "1234567890": true, "äöüäöüäöü": false, "äöüäöüäöüä": true,
		strings.Repeat("x", maxPassword): true, strings.Repeat("x", maxPassword+1): false,
	} {
		if err := checkPassword("password", password); (err == nil) != ok {
			t.Errorf("%.20s: %v", password, err)
		}
	}
}
