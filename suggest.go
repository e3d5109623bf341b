package calbell

import (
	"strings"
)

// Nearest returns the candidate that word was probably meant to be; "" when none is near
// enough. Up to a third of the letters may be wrong: beyond that, guesses confuse. It ignores
// letter case and treats "-", "_" and " " alike. Two-letter words match only with their letters
// swapped: "es" is not a misspelling of "en".
func Nearest(word string, candidates []string) string {
	folded := foldSpelling(word)
	best, bestDistance := "", max(1, len([]rune(folded))/3)+1
	for _, c := range candidates {
		other := foldSpelling(c)
		if len(folded) == 2 && len(other) == 2 && folded != other && folded != string([]byte{other[1], other[0]}) {
			continue
		}
		if d := distance(folded, other, bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// foldSpelling removes differences in spelling that people confuse.
func foldSpelling(s string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(s))
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to turn a
// into b. It returns limit for anything larger.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d >= limit || -d >= limit {
		return limit
	}
	var before []int // the row before prev, for swaps
	prev := make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range x {
		row := make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, prev[j+1]+1, prev[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, prev = prev, row
	}
	return min(prev[len(y)], limit)
}
