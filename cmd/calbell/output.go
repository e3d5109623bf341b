package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"calbell"
	"calbell/api/client"

	"github.com/mattn/go-runewidth"
	"github.com/spf13/cobra"
)

const (
	// maxCell is where a table's cell is cut, in columns of the terminal: titles may be as long as they like.
	maxCell = 60
	// cellGap is how many blanks stand between two columns of a table.
	cellGap = 2
)

// checkFormat refuses an -o that does not exist, or that the command does not have.
func (a *app) checkFormat(cmd *cobra.Command) error {
	switch a.format {
	case "", "table":
		return nil
	case "json", "jsonl":
		if hasJSON(cmd) {
			return nil
		}
		return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("%s has no JSON", cmd.CommandPath()), Hint: calbell.English("leave -o %s out", a.format)}
	}
	return &calbell.Error{Kind: calbell.KindUsage, What: calbell.English("unknown output format %q", a.format), Hint: calbell.English("one of: table, json, jsonl")}
}

// wantsJSON reports whether a program reads the output.
func (a *app) wantsJSON() bool { return a.format == "json" || a.format == "jsonl" }

// done says that something was done: people read the words on the error stream, programs get a
// JSON object.
func (a *app) done(object any, format string, args ...any) error {
	if a.wantsJSON() {
		return showOne(a, object, nil)
	}
	return a.say(format, args...)
}

// removedNames is what programs get when something was removed.
type removedNames struct {
	Removed []string `json:"removed"`
}

// table is how rows of one kind are shown to people.
type table[T any] struct {
	head  []string
	cells func(T) []string
	empty string // what is said when there are no rows
}

// show prints rows in the format asked for: a table unless told otherwise.
func show[T any](a *app, rows []T, t table[T]) error {
	switch a.format {
	case "json":
		if rows == nil {
			rows = []T{}
		}
		return printJSON(a.out, rows)
	case "jsonl":
		return printJSONL(a.out, rows)
	}
	if len(rows) == 0 {
		fmt.Fprintln(a.err, t.empty)
		return nil
	}
	var lines [][]string
	if !a.noHeader {
		lines = append(lines, t.head)
	}
	for _, r := range rows {
		cells := t.cells(r)
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		lines = append(lines, cells)
	}
	return printLines(a.out, lines)
}

// printLines writes lines, which have the same number of cells. Each column is as wide as its widest cell, by
// the columns of a terminal: 日本語 fills six of them, a combining accent none.
func printLines(w io.Writer, lines [][]string) error {
	widths, screen := make([]int, len(lines[0])), screenWidth()
	for _, cells := range lines {
		for i, c := range cells {
			widths[i] = max(widths[i], screen.StringWidth(c))
		}
	}
	buf := bufio.NewWriter(w)
	for _, cells := range lines {
		for i, c := range cells {
			if i < len(cells)-1 {
				c = screen.FillRight(c, widths[i]+cellGap)
			}
			_, _ = buf.WriteString(c) // Flush returns the error
		}
		_ = buf.WriteByte('\n')
	}
	return buf.Flush()
}

// screenWidth measures text in columns of a terminal. Letters that some East Asian fonts draw twice as
// wide count as narrow whatever the locale: what programs read must not depend on it.
func screenWidth() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

// showOne prints one thing: as JSON when asked for, else by people.
func showOne(a *app, v any, people func(io.Writer)) error {
	switch a.format {
	case "json":
		return printJSON(a.out, v)
	case "jsonl":
		return printJSONL(a.out, []any{v})
	}
	people(a.out)
	return nil
}

// say tells people, on the error stream, what was done when there is nothing to print.
func (a *app) say(format string, args ...any) error {
	_, err := fmt.Fprintln(a.err, printable(fmt.Sprintf(format, args...), false))
	return err
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func printJSONL[T any](w io.Writer, rows []T) error {
	buf := bufio.NewWriter(w)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	for _, r := range rows {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return buf.Flush()
}

// cell makes text from outside fit for a table: one line, no control characters, no blanks around it.
func cell(s string) string {
	s = strings.TrimSpace(printable(s, false))
	if s == "" {
		return "-"
	}
	return shorten(s, maxCell)
}

// printable drops what could move the cursor, colour the terminal or turn the text
// around: event text comes from strangers.
func printable(s string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
}

// count says how many there are of something.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// as converts a list of one kind of strings to another kind.
func as[To, From ~string](list []From) (all []To) {
	for _, s := range list {
		all = append(all, To(s))
	}
	return all
}

// quoted shows a word that a person typed.
func quoted(s string) string { return strconv.Quote(s) }

// isTerminal reports whether people look at the stream.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // is such a device, too
	return err != nil || !os.SameFile(info, null)
}

// lists is the command that lists all there are of something that a noun names.
func lists[T any](a *app, noun, short string, all func(*client.Client, context.Context) ([]T, error), t table[T]) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   short,
		Example: "  calbell " + noun + " list\n  calbell " + noun + " list -o json",
		Args:    takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.client()
			if err != nil {
				return err
			}
			rows, err := all(c, cmd.Context())
			if err != nil {
				return err
			}
			return show(a, rows, t)
		},
	}
}
