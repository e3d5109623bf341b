// Package passhash hashes passwords and compares them with hashes. Parameters stand in each hash,
// so that they can be raised without breaking older ones. It knows no user and sets no limits: how
// many hashes are computed at once, and for whom, is decided by the service.
//
// It may import the root package and golang.org/x/crypto.
//
//	passhash.go  argon2id in the PHC string format
package passhash
