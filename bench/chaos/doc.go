// Package chaos breaks things around the built program while reminders fall due, and
// counts what a receiver saw: nothing lost, no repeat without its mark, nothing early.
//
// All of it is tests. Each plays one fault in a size that fits into a check; with
// CALBELL_CHAOS=full in the environment it plays the size that docs/reliability.md
// reports ("make chaos").
//
// It may import the standard library alone.
//
//	main_test.go      the program is built once, as people build it; quick and full sizes
//	world_test.go     a folder with a configuration, a calendar file, a daemon
//	process_test.go   one run of the program
//	receiver_test.go  the chat: notes every post, and fails when told to
//	judge_test.go     what was planned against what was seen
//	signals_test.go   SIGKILL, SIGTERM, SIGHUP, SIGSTOP, two daemons
//	clock_test.go     the wall clock of the daemon is set, while it runs
//	answers_test.go   receivers that fail, calendar servers that go
//	hanging_test.go   calendar servers that hang, beside one that is well
//	disk_test.go      full disks, refused writes
//	damage_test.go    damaged and cut files
//	power_test.go     power cuts; trace_test.go reads what the program wrote
//	points_test.go    the program built with fail points, stopped and failing at them:
//	                  pointworld_test.go has the calendar that is edited, and the judge,
//	                  pointsfull_test.go each place at random, under traffic
//	                  (pointtraffic_test.go) and where that does not lead (pointparts_test.go)
package chaos
