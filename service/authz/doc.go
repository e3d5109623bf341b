// Package authz decides who may see and use what: a person what is theirs and what is shared, admins
// what belongs to nobody, and whoever speaks through the daemon's socket everything. It looks at what
// the caller has; what others have is looked up where a delivery concerns it.
//
// It may import the root package and store.
//
// # Files
//
//	authz.go       who may access, use and edit what an owner has
//	index.go       the accounts in force, by key and by owner
//	visibility.go  which deliveries a caller may see, and what of them
package authz
