package scheduler

import (
	"time"

	"calbell"

	"github.com/robfig/cron/v3"
)

// CheckCron returns what is invalid in a cron spec of five fields; nil when it is valid. It
// also rejects a spec for a day that never comes.
func CheckCron(spec string) error {
	s, err := ParseCron(spec)
	if err != nil {
		return err
	}
	// The check starts in a leap year: the search covers five years.
	if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return calbell.Errorf("scheduler:no-such-day-ever", "no such day ever comes")
	}
	return nil
}

// ParseCron parses a cron spec of five fields, without zone or "@daily".
func ParseCron(spec string) (cron.Schedule, error) {
	return cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(spec)
}
