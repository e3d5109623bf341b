package bolt

import (
	"calbell/store/bolt/file"
	"calbell/store/bolt/records"
	"calbell/store/record"
)

// bucket names a bucket; see the table in doc.go.
type bucket = record.Table

const (
	bMeta       bucket = "meta"
	bObjects    bucket = "objects"
	bRaws       bucket = "raws"
	bReplan     bucket = "replan"
	bDeliveries bucket = "deliveries"
	bDue        bucket = "due"
	bFlight     bucket = "flight"
	bDone       bucket = "done"
	bCounts            = records.Counts
	bBroken     bucket = "broken"
	bUntold     bucket = "untold"
	bBallast           = file.BallastTable
	bUIDs       bucket = "uids"

	bBindingStates bucket = "bindingstates"
	bPast          bucket = "past"

	// Plain records, and what finds them.
	bCalendars   = records.BCalendars
	bWebhooks    = records.BWebhooks
	bStates      = records.BStates
	bBindings    = records.BBindings
	bPauses      = records.BPauses
	bUsers       = records.BUsers
	bTokens      = records.BTokens
	bSessions    = records.BSessions
	bSetups      = records.BSetups
	bAccounts    = records.BAccounts
	bRules       = records.BRules
	bSettings    = records.BSettings
	bListed      = records.BListed
	bGroups      = records.Groups
	bSessionEnds = records.BSessionEnds
)

// buckets lists them all, in the order in which they are made.
func buckets() []bucket {
	return []bucket{
		bMeta, bCalendars, bObjects, bRaws, bReplan, bDeliveries, bDue, bFlight, bDone,
		bCounts, bWebhooks, bStates, bBroken, bUntold, bBallast, bBindings, bPauses,
		bUIDs, bUsers, bTokens, bSessions, bSetups, bAccounts, bRules, bSettings, bListed,
		bGroups, bBindingStates, bSessionEnds, bPast,
	}
}
