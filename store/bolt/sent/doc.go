// Package sent is the journal beside a bbolt database that records which deliveries have ended
// since the oldest snapshot, so that a restored snapshot posts nothing twice. It holds no text and
// no secret, and is bounded. Nobody waits for it to reach the disk: what a power cut takes of it
// matters only if it takes the database, too.
//
// It may import the root package, internal/durable, internal/failpoint and store/record.
//
//	journal.go  records, reading, appending, forgetting
package sent
