# Mutual. `make run` opens the window, `make test` runs every test; both install what they need first.
#
#   make run          build and open the window (without a display: the tour in the terminal)
#   make test         vet, staticcheck and every test, with the race detector
#   make screenshots  pictures of every page, light and dark, into .screenshots/
#   make bench        the benchmarks
#   make fuzz         each fuzz target for FUZZTIME
#   make package      a package for this system, from a built binary
#   make setup        only install what building and testing need

GO        ?= go
# clang builds the window's C parts four times faster than gcc does. Looked for when it is used: the set-up may have
# installed it a moment ago.
export CC  = $(shell command -v clang || command -v gcc)
TAGS      := x11,migrated_fynedo
TESTTAGS  := ci,migrated_fynedo
BIN       := bin
# Without version control information `go build` would fail where git does not trust the folder's owner.
COMMIT    := $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
GOFILES   := go.mod go.sum $(shell find assets cmd core ui -type f -not -path '*/testdata/*' -not -path '*/node_modules/*')
FUZZTIME  ?= 20s
SEEDS     ?= 1 2 3

.PHONY: run test check setup setup-run setup-test build tour unit window xvfb screenshots bench soak fuzz package clean

run: setup-run
	@$(MAKE) --no-print-directory build
	@./$(BIN)/mutual; status=$$?; \
	if [ $$status -eq 4 ]; then \
		echo "No window can be opened here; the same story in the terminal:"; echo; \
		./$(BIN)/mutualctl lab --tour; \
	else exit $$status; fi

build: $(BIN)/mutual $(BIN)/mutualctl

$(BIN)/mutual: $(GOFILES)
	@echo "Building the window (the first time takes about a minute) …"
	$(GO) build -buildvcs=false -tags $(TAGS) -ldflags "-X main.commit=$(COMMIT)" -o $@ ./cmd/mutual

$(BIN)/mutualctl: $(GOFILES)
	CGO_ENABLED=0 $(GO) build -buildvcs=false -ldflags "-X main.commit=$(COMMIT)" -o $@ ./cmd/mutualctl

tour: $(BIN)/mutualctl
	./$(BIN)/mutualctl lab --tour

setup: setup-run setup-test

setup-run:
	@.ci/setup run

setup-test:
	@.ci/setup test

test: setup
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory window
	@$(MAKE) --no-print-directory xvfb
	@echo "All tests passed."

# With -race, because what is compiled for the checks is then compiled for the tests too. The tests leave go vet to it.
check:
	@unformatted=$$(gofmt -l .ci assets cmd core ui); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet -race -tags xvfb,$(TESTTAGS) ./...
	@$(GO) build -o $(BIN)/staticcheck honnef.co/go/tools/cmd/staticcheck
	GOFLAGS="$$($(GO) env GOFLAGS) -race" $(BIN)/staticcheck -tags xvfb,$(TESTTAGS) ./...
	$(GO) run ./.ci/systems windows darwin

# The command line first: its scripts wait much, and leave a processor to the others.
unit:
	$(GO) test -race -vet=off -timeout 20m ./cmd/mutualctl/... ./assets/... ./core/...

# The window's tests drive one window a process, one after another: two processes with half of them each keep two
# processors busy.
HALF := ^Test[A-H]
window:
	@$(GO) build -race -tags $(TESTTAGS) ./ui/...
	@$(GO) test -race -vet=off -timeout 20m -tags $(TESTTAGS) -skip '$(HALF)' ./ui & other=$$!; \
	$(GO) test -race -vet=off -timeout 20m -tags $(TESTTAGS) -run '$(HALF)' ./ui; status=$$?; \
	wait $$other || status=1; \
	$(GO) test -race -vet=off -timeout 20m -tags $(TESTTAGS) ./ui/widgets/... ./cmd/mutual/... || status=1; \
	exit $$status

# One start of the real window, under a display of its own. The program is built with the race detector, too, for
# which most of it is compiled already.
xvfb:
	$(GO) build -race -buildvcs=false -tags $(TAGS) -o $(BIN)/mutual-race ./cmd/mutual
	MUTUAL_BINARY=$(CURDIR)/$(BIN)/mutual-race $(GO) test -race -vet=off -count=1 -timeout 5m -tags xvfb,$(TESTTAGS) ./cmd/mutual/...

screenshots:
	@mkdir -p .screenshots
	MUTUAL_SCREENSHOTS=$(CURDIR)/.screenshots $(GO) test -count=1 -tags $(TESTTAGS) -run TestScreenshots ./ui/...
	@echo "Pictures are in .screenshots/"

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./core/... ./cmd/mutualctl

soak:
	MUTUAL_SOAK=1 $(GO) test -race -count=1 -timeout 60m ./core/...
	for seed in $(SEEDS); do $(GO) test -count=1 -timeout 60m -run 'Mutants|FirstFinding' ./core/chain -seed $$seed || exit 1; done

# Making a new input as small as can be may take a minute each; that minute is better spent on further inputs.
fuzz:
	@for package in $$($(GO) list ./core/...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$package || exit 1; \
		done; \
	done

# The fyne tool reads FyneApp.toml only from the folder of the sources, so it is given a binary. It also counts up the
# build number in that file, which is not for it to decide.
package: build
	@cp FyneApp.toml $(BIN)/FyneApp.toml && cp $(BIN)/mutual mutual
	$(GO) tool fyne package --executable mutual --release; status=$$?; \
	mv $(BIN)/FyneApp.toml FyneApp.toml; rm -f mutual; exit $$status

clean:
	rm -rf $(BIN) .screenshots
