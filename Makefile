# make help lists the targets. Everything runs from a clean checkout with Go alone;
# "make test" adds the Debian packages that the tests use real servers from.

GO       ?= go
# How long each fuzz target runs under check: it looks for what the last change broke.
FUZZTIME ?= 3s
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# The checkers have a go.mod of their own, so that they are no dependency of Calbell.
TOOL = $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help

## help: list the targets
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{ printf "  %-11s %s\n", $$1, $$2 }'

## build: build bin/calbell, static and reproducible
.PHONY: build
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/calbell ./cmd/calbell

## demo: run the demo (a calendar server, a chat and the daemon, on loopback)
.PHONY: demo
demo:
	$(GO) run ./cmd/calbell demo

## test: install the Debian packages that are missing, then run everything that CI runs
.PHONY: test
test: deps fmt vet tidy run

## check: the same without installing, and a few seconds of each fuzz target: before a commit
# CI leaves the fuzzer out: it tries something else each time, so that what it finds says
# nothing about the change at hand. Inputs that it found are seeds, which every test runs.
.PHONY: check
check: fmt vet tidy fuzz run

# The packages of PLAIN have tests that are left out under the race detector (//go:build !race),
# or are larger without it: months of simulation, random comparisons and the bounds of what is
# hostile take up to ten times as long under it, and have no races that the others do not have.
# The time-out is for what hangs: the suites over real servers and the browser's journey take
# minutes on two busy cores. The tests are not vetted once more: that is vet's.
PLAIN = ./caldav ./caldav/dav ./caldav/ics ./config ./ical/... ./scheduler/... ./store/bolt ./templates/... ./web

.PHONY: run
run:
	$(GO) test -vet=off $(PLAIN)
	$(GO) test -vet=off -race -timeout 15m ./...

## quick: test what has changed, and what imports it, without what takes its time
.PHONY: quick
quick:
	@GO='$(GO)' tools/quick

## words: collect the texts of the sources into the translators' files (web/i18n/po)
.PHONY: words
words:
	$(GO) test ./web/i18n -run TestTranslatorsFilesAreUpToDate -update

## test-cyrus: install Cyrus, a mail server with calendars, and run the CalDAV suite over it (as root)
.PHONY: test-cyrus
test-cyrus:
	@tools/deps cyrus
	@[ "$$(id -u)" -eq 0 ] || { echo "make test-cyrus: only root can start Cyrus, which runs as a user of its own" >&2; exit 1; }
	$(GO) test -race -count=1 -run 'TestCyrus$$' ./caldav/caldavtest

# What these servers write takes minutes, so that they run when asked for alone.
## test-servers: install DAViCal, sabre/dav and SOGo, and run the CalDAV suite and the program over them
.PHONY: test-servers
test-servers:
	@tools/deps servers
	CALBELL_TEST_SERVERS=1 $(GO) test -race -count=1 -run 'TestDAViCal$$|TestSabreDAV$$|TestSOGo$$' ./caldav/caldavtest
	CALBELL_TEST_SERVERS=1 $(GO) test -count=1 -run 'TestMainJobOnServers$$' ./cmd/calbell

## chaos: break things around the program while it fires, at full size (about an hour)
.PHONY: chaos
chaos:
	CALBELL_CHAOS=full $(GO) test ./bench/chaos -v -count=1 -timeout 2h

## bench: what firing costs, beside the bare loop, robfig/cron and River (half an hour; PostgreSQL if it is there)
.PHONY: bench
bench: build
	cd bench/herd && $(GO) run . -bin ../../bin/calbell

## vuln: look for known vulnerabilities that the program reaches (needs the network)
.PHONY: vuln
vuln:
	@GO='$(GO)' tools/vuln

## outdated: list direct dependencies with newer versions (needs the network)
.PHONY: outdated
outdated:
	@GO='$(GO)' tools/outdated

.PHONY: deps
deps:
	@tools/deps

.PHONY: fmt
fmt:
	@files=$$($(TOOL) gofumpt -l .) || exit 1; \
	if [ -n "$$files" ]; then echo "gofumpt would change:"; echo "$$files"; exit 1; fi

# No other package has files under the tag failpoints, which a test checks: to look at all packages
# once more with it would take as long as without.
.PHONY: vet
vet:
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(GO) vet -tags failpoints ./internal/failpoint
	$(TOOL) staticcheck -tags failpoints ./internal/failpoint

.PHONY: tidy
tidy:
	$(GO) mod tidy -diff

.PHONY: fuzz
fuzz:
	@GO='$(GO)' FUZZTIME='$(FUZZTIME)' tools/fuzz
