// Package failpoint names the places at which a test build of the program can be stopped,
// made to fail or made to wait: before and after each commit, rename, wait for the disk and
// post. The faults come in pairs: an error before a place stands for "failed and did not
// happen", one after it for "failed but happened".
//
// Without the build tag failpoints, the functions are empty and inlined: no instruction, no
// name and no text of them is in the program. With it, rules switch places on:
//
//	CALBELL_FAILPOINTS         rules at the start of the process, see [Parse]
//	CALBELL_FAILPOINTS_SOCKET  a unix socket where PUT / replaces the rules
//	CALBELL_FAILPOINTS_LOG     a file that gets a line for each place that is reached for the
//	                           first time ("reached claim:before"), and for each action
//	                           ("acted claim:before=exit")
//
// It may import the standard library alone.
//
// Files:
//
//	points.go  the points
//	rules.go   the rules: which place does what, and when
//	off.go     the functions of the shipped program
//	on.go      those of the test build; control.go, its environment and socket
package failpoint
