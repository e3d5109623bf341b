package bolt

import (
	"calbell/store/bolt/file"
	"calbell/store/record"
)

// bucket names a bucket; see the table in doc.go.
type bucket = record.Table

const (
	bMeta       bucket = "meta"
	bCalendars  bucket = "calendars"
	bObjects    bucket = "objects"
	bRaws       bucket = "raws"
	bReplan     bucket = "replan"
	bDeliveries bucket = "deliveries"
	bDue        bucket = "due"
	bFlight     bucket = "flight"
	bDone       bucket = "done"
	bCounts     bucket = "counts"
	bWebhooks   bucket = "webhooks"
	bStates     bucket = "states"
	bBroken     bucket = "broken"
	bUntold     bucket = "untold"
	bBallast           = file.BallastTable
	bBindings   bucket = "bindings"
	bPauses     bucket = "pauses"
	bUIDs       bucket = "uids"
	bUsers      bucket = "users"
	bTokens     bucket = "tokens"
	bSessions   bucket = "sessions"
	bSetups     bucket = "setups"
	bAccounts   bucket = "accounts"
	bRules      bucket = "rules"
	bSettings   bucket = "settings"
	bListed     bucket = "listed"
)

// buckets lists them all, in the order in which they are made.
func buckets() []bucket {
	return []bucket{
		bMeta, bCalendars, bObjects, bRaws, bReplan, bDeliveries, bDue, bFlight, bDone,
		bCounts, bWebhooks, bStates, bBroken, bUntold, bBallast, bBindings, bPauses,
		bUIDs, bUsers, bTokens, bSessions, bSetups, bAccounts, bRules, bSettings, bListed,
	}
}
