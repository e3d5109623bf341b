package passhash

import "testing"

// BenchmarkPassword is what a sign-in costs.
func BenchmarkPassword(b *testing.B) {
	h := Full().New("correct horse battery")
	for b.Loop() {
		Matches(h, "correct horse battery")
	}
}
