// Package demodata fills the calendar server of the demo with events around now, and configures the
// demo's daemon. Its texts are made up, some of them hostile, so that the demo shows what happens
// to those.
//
// It may import the root package, caldav/caldavtest, config, ical/edit and
// github.com/emersion/go-ical.
//
//	config.go     the configuration
//	demodata.go   the calendars with their events
package demodata
