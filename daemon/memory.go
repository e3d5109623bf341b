package daemon

import (
	"log/slog"
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"calbell/caldav"
)

const (
	// heapPercent is Go's share of the process's memory limit. The rest is for mapped pages of the
	// database, kernel buffers, and garbage in bursts, since Go's limit is a soft one.
	heapPercent = 75
	// Answers of calendar servers may use a sixth of the memory at a time, by their counted size; while
	// they are assembled they take up to twice that. One owner may use half of it: 85 MB of 1 GB, which
	// is a listing of 250,000 events. mostAnswers applies where the limit is unknown or high;
	// leastAnswers suffices for some ten thousand events.
	answersPart               = 6
	leastAnswers, mostAnswers = 16 << 20, 192 << 20
)

// UseMemory returns how many bytes of memory the process may use, and sets Go's memory
// limit below that. The limit is GOMEMLIMIT, which is left as it is, else that of the
// cgroup. Without either it returns the machine's memory and sets no limit. 0 means
// unknown.
func UseMemory(log *slog.Logger) int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		log.Debug("memory", "limit", limit, "from", "GOMEMLIMIT")
		return limit
	}
	limit, err := memlimit.FromCgroup()
	if err == nil && limit > 0 && limit < math.MaxInt64 {
		heap := int64(limit / 100 * heapPercent)
		debug.SetMemoryLimit(heap)
		log.Debug("memory", "limit", limit, "from", "cgroup", "heap", heap)
		return int64(limit)
	}
	limit, systemErr := memlimit.FromSystem()
	log.Debug("memory", "machine", limit, "cgroup", err)
	if systemErr != nil || limit > math.MaxInt64 {
		return 0
	}
	return int64(limit)
}

// answerBudget returns the memory budget for the answers of all calendar servers in a
// process with a memory limit of so many bytes; 0: unknown.
func answerBudget(memory int64) *caldav.Budget {
	if memory <= 0 {
		return caldav.NewBudget(mostAnswers)
	}
	return caldav.NewBudget(min(max(memory/answersPart, leastAnswers), mostAnswers))
}
