package service

import "testing"

// BenchmarkPassword is what a sign-in costs.
func BenchmarkPassword(b *testing.B) {
	h := hashed("correct horse battery")
	for b.Loop() {
		isPassword(h, "correct horse battery")
	}
}
