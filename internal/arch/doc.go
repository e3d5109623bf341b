// Package arch holds the tests that keep the shape of the repository: who may import
// whom (table_test.go), how wide types, interfaces and packages may be (gates_test.go), the
// rules of style that a machine can check (style_test.go), and what each of the libraries
// does on which Calbell is built (roles_test.go).
//
// They run over the output of "go list" and the syntax of every file, so a package that
// nobody thought of is seen too: one without a row in the table fails, because a new
// package is a decision.
package arch
