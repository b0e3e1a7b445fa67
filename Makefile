# `make` alone lists what there is to do. Everything needs Go; what else a target needs it finds or installs.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# `make chaos SEED=7` plays another run. The seed decides what falls over and what people mean to do, not when the two meet.
SEED    ?= 20260101
# Built first: `go run` hands no SIGTERM on, and the servers would run until the tests have ended by themselves.
TESTENV := bin/testenv

GOLANGCI_VERSION    := v2.15.0
GOVULNCHECK_VERSION := v1.9.0
# Built once a version, outside the repository, so that neither go.mod nor a fresh clone carries the tools.
TOOLS       := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kinerja-tools
GOLANGCI    := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)/golangci-lint
GOVULNCHECK := $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION)/govulncheck

# What plays one person after the other for minutes, where the race detector has nothing to find (oneByOne in cmd/kinerja).
ONE_BY_ONE := ^Test(EveryRouteIsOpen|NoPageAndNoJob|TheDoctorSees)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: test
test: $(TESTENV) ## run all tests, all but the longest with the race detector, beside private MariaDB and Redis servers
	$(TESTENV) -- $(GO) test -race -timeout 60m ./...
	$(TESTENV) -- $(GO) test -timeout 60m -run '$(ONE_BY_ONE)' ./cmd/kinerja

.PHONY: check
check: format vet lint vulns ## format, vet, lint, known vulnerabilities

.PHONY: format
format: ## fail when gofmt would change a file
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: ## run go vet
	$(GO) vet ./...

.PHONY: lint
lint: $(GOLANGCI) ## run golangci-lint (the first time it is built, which takes minutes)
	$(GOLANGCI) run ./...

# govulncheck exits with 3 when it found something. Its database is on the internet: without that, say so and go on.
.PHONY: vulns
vulns: $(GOVULNCHECK) ## look for known vulnerabilities in what the program calls
	@code=0; report=$$($(GOVULNCHECK) ./... 2>&1) || code=$$?; echo "$$report"; \
	if [ $$code -ne 0 ] && grep -qi 'fetching vulnerabilities' <<<"$$report"; then \
		echo "LEFT OUT: vulnerabilities, the database of govulncheck is out of reach"; exit 0; fi; \
	exit $$code

.PHONY: demo
demo: ## run the whole program with sample data at http://localhost:8080, without any server
	$(GO) run ./cmd/kinerja demo

.PHONY: gallery
gallery: ## render every screen in every language to one HTML file
	$(GO) run ./cmd/kinerja gallery

.PHONY: bench
bench: $(TESTENV) ## run the benchmarks
	$(TESTENV) -- $(GO) test -p 1 -run '^$$' -bench . -benchmem -timeout 60m ./...

.PHONY: chaos
chaos: $(TESTENV) ## run the long fault test (SEED=n for another run)
	@echo "seed $(SEED)"
	CHAOS=long SEED=$(SEED) $(TESTENV) --require -- $(GO) test -p 1 -count 1 -timeout 90m -run '^TestChaosLong' -v ./cmd/kinerja

.PHONY: cluster
cluster: $(TESTENV) ## the same on a Galera cluster of 3 nodes and a Redis Cluster of 6 (SEED=n for another run)
	@echo "seed $(SEED)"
	CHAOS=cluster SEED=$(SEED) $(TESTENV) --require -- $(GO) test -p 1 -count 1 -timeout 60m -run '^TestChaosCluster$$' -v ./cmd/kinerja

.PHONY: build
build: ## build bin/kinerja, one static file
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/kinerja ./cmd/kinerja

.PHONY: $(TESTENV)
$(TESTENV):
	@$(GO) build -o $@ ./cmd/testenv

$(GOLANGCI):
	GOBIN=$(@D) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

$(GOVULNCHECK):
	GOBIN=$(@D) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
