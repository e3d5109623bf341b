package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"calbell"

	"calbell/config/yamltree"
)

// durationHint shows how lengths of time are written.
var durationHint = calbell.T("config:write-30s-5m-1h30m", "write 30s, 5m, 1h30m, 90d or 2w")

// parseDuration reads durations such as 1h30m, and with days and weeks 90d or 1w2d. A
// number without a unit is rejected, because readers disagree whether it means seconds or
// minutes.
func parseDuration(text string) (time.Duration, *yamltree.Error) {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		if yamltree.Plain(text) {
			return 0, fault(calbell.T("config:no-unit", "%s has no unit: for seconds write %s", text, text+"s"), durationHint).AsShown()
		}
		return 0, fault(calbell.T("config:length-no-unit", "this length of time has no unit"), durationHint)
	}
	rest, total := text, time.Duration(0)
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		number, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || time.Duration(n) > (math.MaxInt64-total)/unit.length {
			return 0, invalid(calbell.T("config:invalid-length", "invalid length of time"), text, durationHint)
		}
		total += time.Duration(n) * unit.length
		rest = after
	}
	if rest == "" && text != "" {
		return total, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || d > math.MaxInt64-total {
		return 0, invalid(calbell.T("config:invalid-length", "invalid length of time"), text, durationHint)
	}
	return total + d, nil
}

// formatDuration is the inverse of parseDuration: 90d, 5m, 1h30m.
func formatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
