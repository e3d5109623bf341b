package main

import (
	"strings"
	"testing"

	"calbell"
)

// The columns of a table stand below each other on a terminal: letters and emoji that are two columns
// wide, and marks that have no width, count as what they are.
func TestTableAlignsWideCharacters(t *testing.T) {
	rows := [][2]string{
		{"日本語の予定", "Tokyo"},                // 6 × 2 columns
		{"Team lunch 🍜", "Café"},           // 11 + 2
		{"Cafe\u0301 crème", "Genève"},     // a combining accent has none: 10
		{"👩‍👩‍👧 family", "🇨🇭"},             // one picture of five code points: 2 + 7
		{"한국어 회의", "서울"},                   // 5 × 2 + 1
		{"x", "last cells are not padded"}, // 1
	}
	var out strings.Builder
	a := &app{out: &out}
	err := show(a, rows, table[[2]string]{head: []string{"TITLE", "WHERE"}, cells: func(r [2]string) []string { return r[:] }})
	if err != nil {
		t.Fatal(err)
	}
	want := "TITLE          WHERE\n" +
		"日本語の予定" + strings.Repeat(" ", 3) + "Tokyo\n" +
		"Team lunch 🍜" + strings.Repeat(" ", 2) + "Café\n" +
		"Cafe\u0301 crème" + strings.Repeat(" ", 5) + "Genève\n" +
		"👩‍👩‍👧 family" + strings.Repeat(" ", 6) + "🇨🇭\n" +
		"한국어 회의" + strings.Repeat(" ", 4) + "서울\n" +
		"x" + strings.Repeat(" ", 14) + "last cells are not padded\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out.String(), want)
	}
}

// A cell is cut by the columns that it fills, and never through a character.
func TestCellIsCutByColumns(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{strings.Repeat("予", 30), strings.Repeat("予", 30)},               // 60 columns
		{strings.Repeat("予", 31), strings.Repeat("予", 29) + "…"},         // 29 × 2 and the sign, 30 × 2 would be too much
		{strings.Repeat("e\u0301", 60), strings.Repeat("e\u0301", 60)},   // marks take no room
		{strings.Repeat("👩‍👩‍👧", 40), strings.Repeat("👩‍👩‍👧", 29) + "…"}, // a picture of five code points stays whole
	} {
		if got := cell(tt.text); got != tt.want {
			t.Errorf("%q is cut to %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Bars start in the same column whatever the calendar's name.
func TestBarsStandBelowEachOther(t *testing.T) {
	for _, name := range []string{"home", "予定表", "🍜 lunch", strings.Repeat("長", 40)} {
		p := calbell.SyncProgress{Account: "a", Calendar: name, Done: 1, Total: 4}
		before, _, _ := strings.Cut(bar(p, 80), " [")
		columns := 0
		for _, r := range before {
			columns++
			if r > 0x2fff { // all of the letters above that are there are wide
				columns++
			}
		}
		if columns != nameWidth {
			t.Errorf("the bar of %q starts after %d columns: %q", name, columns, before)
		}
	}
}
