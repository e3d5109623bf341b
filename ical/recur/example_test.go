package recur_test

import (
	"fmt"

	"calbell/ical/recur"
)

func ExampleRule_Iterate() {
	rule, err := recur.Parse("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
	if err != nil {
		fmt.Println(err)
		return
	}
	it := rule.Iterate(recur.WallOf(1997, 9, 30, 9, 0, 0), recur.NoUntil)
	it.Seek(recur.WallOf(2026, 11, 22, 12, 0, 0))
	for range 3 {
		w, _ := it.Next()
		fmt.Println(w.Time().Format("Mon 2006-01-02 15:04"))
	}
	// Output:
	// Mon 2026-11-30 09:00
	// Thu 2026-12-31 09:00
	// Fri 2027-01-29 09:00
}

func ExampleParse() {
	_, err := recur.Parse("FREQ=DAILY;INTERVAL=0")
	fmt.Println(err)
	// Output: read rule: INTERVAL: "0" is no positive number
}
