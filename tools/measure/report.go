package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rows is how many of the largest are named.
const rows = 4

// report prints the table.
func report(folders map[string]*folder) {
	var functions []int
	var lines, comments, exported, documented, tests, stated int
	methods, interfaces, packages := map[string]int{}, map[string]int{}, map[string]int{}
	for _, f := range folders {
		tests, stated = tests+f.tests, stated+f.stated
		if !f.program() {
			continue
		}
		functions = append(functions, f.functions...)
		lines, comments = lines+f.lines, comments+f.comments
		exported, documented = exported+f.exported, documented+f.documented
		packages[fmt.Sprintf("%s (%d files)", f.name, f.files)] = f.lines
		for name, n := range f.methods {
			methods[f.name+"."+name] = n
		}
		for name, n := range f.interfaces {
			interfaces[f.name+"."+name] = n
		}
	}
	slices.Sort(functions)
	at := func(share float64) int { return functions[int(share*float64(len(functions)-1))] }
	fmt.Printf("lines of Go, without tests, test kits and bench: %d\n", lines)
	fmt.Printf("function lines, median / p95 / max: %d / %d / %d\n", at(0.5), at(0.95), at(1))
	fmt.Printf("exported names documented: %.0f %%\n", percent(documented, exported))
	fmt.Printf("tests that state their rule in a comment: %.0f %% of %d\n", percent(stated, tests), tests)
	fmt.Printf("comment lines per 100: %.0f; cmd/calbell: %.1f\n", percent(comments, lines), percent(folders["cmd/calbell"].comments, folders["cmd/calbell"].lines))
	largest("most methods on one type", methods)
	largest("largest interface, embedded ones counted as one", interfaces)
	largest("largest package, lines", packages)
	for _, name := range []string{"service", "web", "api"} {
		fmt.Printf("own tests : code in %s: %.2f\n", name, ratio(folders, name))
	}
	fmt.Printf("import depth: %d\n", depth(folders))
}

// ratio returns the lines of tests for each line of code of a package and those below it.
func ratio(folders map[string]*folder, name string) float64 {
	var tests, code int
	for _, f := range folders {
		if f.program() && (f.name == name || strings.HasPrefix(f.name, name+"/")) {
			tests, code = tests+f.testLines, code+f.lines
		}
	}
	return float64(tests) / float64(max(code, 1))
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

// largest prints the names with the highest counts.
func largest(title string, counts map[string]int) {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var list []string
	for _, name := range names[:min(rows, len(names))] {
		list = append(list, fmt.Sprintf("%d %s", counts[name], name))
	}
	fmt.Printf("%s: %s\n", title, strings.Join(list, "; "))
}

// depth returns how many imports the longest chain of packages has.
func depth(folders map[string]*folder) int {
	known := map[string]int{}
	var of func(name string) int
	of = func(name string) int {
		if d, ok := known[name]; ok {
			return d
		}
		d := 0
		for _, path := range folders[name].imports {
			below, ours := strings.CutPrefix(path, "calbell")
			if below = strings.TrimPrefix(below, "/"); below == "" {
				below = "."
			}
			if ours && folders[below] != nil {
				d = max(d, 1+of(below))
			}
		}
		known[name] = d
		return d
	}
	longest := 0
	for name, f := range folders {
		if f.program() {
			longest = max(longest, of(name))
		}
	}
	return longest
}
