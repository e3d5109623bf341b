package webhook

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var statusRange = regexp.MustCompile(`([1-5][0-9][0-9])(?:–([1-5][0-9][0-9]))?`)

// The table that people read is what the program does, for every status.
func TestTableOfAnswersIsTrue(t *testing.T) {
	page, err := os.ReadFile("../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## What an answer means\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := make(map[int][]string) // status → verdicts that the page names
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		for _, m := range statusRange.FindAllStringSubmatch(cells[1], -1) {
			first, _ := strconv.Atoi(m[1])
			last, err := strconv.Atoi(m[2])
			if err != nil {
				last = first
			}
			for s := first; s <= last; s++ {
				rows[s] = append(rows[s], strings.TrimSpace(cells[2]))
			}
		}
	}
	for status := 101; status <= 599; status = max(status+1, 200) { // no other 1xx ends an exchange
		want := []string{string(verdictOf(kchat, answer{status: status, body: []byte("ok")}))}
		if other := string(verdictOf(kchat, answer{status: status, body: []byte("no_service")})); status/100 == 2 {
			want = append(want, string(verdictOf(kchat, answer{status: status, body: []byte("no")})))
		} else if other != want[0] {
			want = append(want, other)
		}
		if got := strings.Join(rows[status], ", "); got != strings.Join(want, ", ") {
			t.Errorf("%d: the page says %q, the program %q", status, got, strings.Join(want, ", "))
		}
	}
}
