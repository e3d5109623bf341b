package daemon

import (
	"log/slog"
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"calbell/caldav"
)

const (
	// heapPercent is how much of the memory that the process may use is for Go: the rest is for
	// mapped pages of the database, buffers of the kernel, and garbage of a burst: the limit is a
	// soft one.
	heapPercent = 75
	// Answers of calendar servers may take a sixth of the memory at one time, as they are counted:
	// while pieces are put together it is twice that. One owner gets half of it: 85 MB of 1 GB,
	// which is a listing of 250,000 events. Where no limit is known or it is high, mostAnswers;
	// leastAnswers are enough for some ten thousand events.
	answersPart               = 6
	leastAnswers, mostAnswers = 16 << 20, 192 << 20
)

// UseMemory returns how many bytes of memory the process may use, and has the Go runtime keep
// below: by GOMEMLIMIT, which stays as it is, else by the limit of the cgroup. Where there is
// none it returns the memory of the machine, and the runtime goes on without a limit. 0: unknown.
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

// answerBudget returns the budget for the answers of all calendar servers in a process that may
// use so many bytes; 0: unknown.
func answerBudget(memory int64) *caldav.Budget {
	if memory <= 0 {
		return caldav.NewBudget(mostAnswers)
	}
	return caldav.NewBudget(min(max(memory/answersPart, leastAnswers), mostAnswers))
}
