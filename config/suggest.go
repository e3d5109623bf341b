package config

import (
	"fmt"

	"calbell"
)

// didYouMean returns `, did you mean "webhooks"?` for the candidate nearest to word, ""
// when none is near.
func didYouMean(word string, candidates []string) string {
	if best := calbell.Nearest(word, candidates); best != "" {
		return fmt.Sprintf(", did you mean %q?", best)
	}
	return ""
}
