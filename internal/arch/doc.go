// Package arch holds the tests that keep the shape of the repository. They run over the output of
// "go list" and the syntax of every file, so that a package that nobody thought of is seen too: one
// without a row in the table fails, because a new package is a decision.
//
// It may import the standard library alone.
//
//	table_test.go      who may import whom, and where each third-party module is at home
//	walk_test.go       doc.go at the top walks through all packages bottom-up
//	docs_test.go       doc.go of each package says what it may import
//	paths_test.go      every file and function that a document names exists
//	decisions_test.go  decisions have no gap, and each dependency has a reason
//	gates_test.go      how wide types, interfaces and packages may be; files listed in doc.go
//	style_test.go      lengths of functions and files; comments on everything exported
//	types_test.go      rules that need types: package variables, clocks in pure packages
//	claims_test.go     words that claim something are in the table of docs/operations.md
//	roles_test.go      what each library that Calbell is built on does
//	race_test.go       which packages have tests that the race detector leaves out
//	list_test.go       "go list"
package arch
