package webhook

import (
	"os"
	"regexp"
	"slices"
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
		var want []string
		for _, body := range []string{"ok", "no_service", "<html>"} {
			if v := string(verdictOf(kchat, answer{status: status, body: []byte(body)})); !slices.Contains(want, v) {
				want = append(want, v)
			}
		}
		slices.Sort(want)
		slices.Sort(rows[status])
		if got := strings.Join(rows[status], ", "); got != strings.Join(want, ", ") {
			t.Errorf("%d: the page says %q, the program %q", status, got, strings.Join(want, ", "))
		}
	}
}
