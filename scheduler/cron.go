package scheduler

import (
	"time"

	"calbell"

	"github.com/robfig/cron/v3"
)

// CheckCron says what is wrong with a cron spec of five fields; nil when nothing is. A spec
// that names no day that ever comes is wrong too.
func CheckCron(spec string) error {
	s, err := ParseCron(spec)
	if err != nil {
		return err
	}
	// A leap year begins here: the search goes on for five years.
	if s.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return calbell.Errorf("scheduler:no-such-day-ever", "no such day ever comes")
	}
	return nil
}

// ParseCron reads a cron spec of five fields, without zone or "@daily".
func ParseCron(spec string) (cron.Schedule, error) {
	return cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(spec)
}
