# Needs Go, make and bash. `make test` installs what it lacks: a C compiler for
# the race detector, curl and openssl for the commands in the documentation,
# redis-server for the tests of what several servers share, QEMU for those of the
# assembly for arm64, and Node.js and Chromium for the tests in a browser.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

FUZZTIME ?= 10s
export FUZZTIME
BENCHFLAGS ?= -out ../docs/performance -docs ../docs/performance.md

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.PHONY: build
build: ## build bin/irmad, one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/irmad ./cmd/irmad

# Each system and each kind of processor once: a release has all combinations.
.PHONY: cross
cross: ## check that irmad compiles for the systems and processors of a release
	@for target in linux/arm64 darwin/arm64 windows/amd64; do \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -trimpath -o /dev/null ./cmd/irmad || exit 1; done

.PHONY: arm64
arm64: ## test the assembly for arm64, in an emulator on other processors
	@emulator=; [ "$$(go env GOHOSTARCH)" = arm64 ] || { scripts/deps qemu-aarch64; emulator='-exec qemu-aarch64'; }; \
	CGO_ENABLED=0 GOARCH=arm64 go test -trimpath -vet=all $$emulator -run '/(arm64|seed)' ./idemix/internal/modexp

.PHONY: release
release: ## build irmad for every system into bin/release
	@scripts/release

.PHONY: reproducible
reproducible: ## check that the same source gives the same program
	@scripts/reproducible

.PHONY: demo
demo: ## show an issuance and a disclosure, explained
	go run ./cmd/irmad demo

.PHONY: test
test: deps format lint linked inside examples suite outside ## everything that must pass, installing what it needs

.PHONY: deps
deps: ## install the system packages that the tests need
	@scripts/deps

.PHONY: format
format: ## check that all Go files are formatted
	@files=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$files" ]; then echo "not formatted:"; echo "$$files"; exit 1; fi

.PHONY: lint
lint: bin/golangci-lint ## run the linters, which hold the arrows between packages
	bin/golangci-lint run ./...

.PHONY: linked
linked: ## check how many modules a program links that imports the server
	@scripts/linked-modules

.PHONY: unit
unit: ## run the tests, and the seeds of the fuzz targets
	go test ./...

# The tests mostly wait, so irmad is compiled for all systems beside them, and the
# assembly for arm64 is tested.
.PHONY: inside
inside:
	@mkdir -p bin; nice -n 19 $(MAKE) build cross arm64 >bin/cross.log 2>&1 & cross=$$!; \
	$(MAKE) race || { kill $$cross; exit 1; }; \
	wait $$cross || { cat bin/cross.log; exit 1; }

# Many tests wait for processes, so there are more at a time than processors.
.PHONY: race
race: ## the same with the race detector
	@scripts/deps cc curl openssl redis-server
	CGO_ENABLED=1 go test -race -parallel 4 ./...

.PHONY: examples
examples: ## build the programs in examples
	go build -o /dev/null ./examples/...

.PHONY: interop
interop: ## run sessions with the existing wallet
	cd interop && go test -vet=all ./...

# The tests in a browser mostly wait, so the others run beside them.
.PHONY: outside
outside: build
	@$(MAKE) web >bin/web.log 2>&1 & web=$$!; \
	$(MAKE) interop || { kill $$web; exit 1; }; \
	wait $$web || { cat bin/web.log; exit 1; }; \
	tail -n 9 bin/web.log

.PHONY: web
web: build ## run sessions in a browser with the existing JavaScript
	@scripts/deps chromium node npm
	cd interop/web && npm ci --no-progress && IRMAD=../../bin/irmad npm test

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (10s)
	@scripts/fuzz

.PHONY: bench
bench: micro compare ## measure everything: about an hour

# The comparison has a module of its own, since it builds another server. What the
# server's module needs may be newer than what this one was made with: -mod=mod
# follows.
.PHONY: suite
suite: ## test the comparison's own code
	cd bench && go vet -mod=mod ./... && go test -mod=mod ./...

.PHONY: compare
compare: ## compare with another server; BENCHFLAGS=-quick for little of everything
	cd bench && GOFLAGS=-mod=mod go run . $(BENCHFLAGS)

.PHONY: share
share: ## how much of irmad's processor time goes into arithmetic, in sessions over HTTP
	cd bench && GOFLAGS=-mod=mod go run . -share

.PHONY: micro
micro: bin/benchstat ## run the benchmarks of the packages and summarise them
	go test -run '^$$' -bench . -benchmem -count 6 ./... | tee bin/bench.txt
	bin/benchstat bin/bench.txt

.PHONY: cover
cover: ## write coverage.html and print the total
	go test -coverpkg ./... -coverprofile coverage.out ./...
	go tool cover -html coverage.out -o coverage.html
	go tool cover -func coverage.out | tail -n 1

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf bin coverage.out coverage.html

# The tools have a module of their own, so that nothing they need reaches ours.
bin/golangci-lint: tools/go.mod tools/go.sum
	cd tools && CGO_ENABLED=0 go build -buildvcs=false -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/benchstat: tools/go.mod tools/go.sum
	cd tools && CGO_ENABLED=0 go build -buildvcs=false -o ../$@ golang.org/x/perf/cmd/benchstat
