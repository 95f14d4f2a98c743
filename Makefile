# What a newcomer needs; Meson does the work. `make help` lists the targets.
PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin
export PATH

SECONDS = 180
PREFIX = /usr/local
ARGS =

.PHONY: build run test fuzz coverage check format bench install clean help

build: ## build build/nameflow
	@scripts/setup run
	@test -e build/build.ninja || meson setup build -Dtests=disabled
	@ninja -C build

run: build ## install what is missing, build, and start the agent (ARGS='--store memory')
	@mkdir -p -m 700 build/state
	@echo 'Nothing happens on an idle machine? In another terminal: $(if $(filter 0,$(shell id -u)),,sudo )build/nameflow demo'
	@exec scripts/as-root build/nameflow serve --state build/state $(ARGS)

test: ## install what tests need, build with sanitizers, run every test (TEST_ARGS='--suite unit')
	@TEST_ARGS='$(TEST_ARGS)' scripts/test

check: ## formatting, static analysis, include directions and other house rules
	@scripts/setup run test
	@scripts/check

format: ## format the C sources
	@git ls-files '*.c' '*.h' | xargs clang-format -i

fuzz: ## run each fuzz target (SECONDS=180 each; TARGETS='dns_name' for some only)
	@scripts/setup run test
	@scripts/fuzz $(SECONDS) $(TARGETS)

coverage: ## coverage of src/ by the tests, as a table
	@TEST_ARGS='$(TEST_ARGS)' scripts/coverage

bench: build ## measure against an empty BPF program, tcpdump and dnscap
	@scripts/setup bench
	@scripts/as-root bench/run

install: build ## install into PREFIX=/usr/local (DESTDIR is honoured)
	@meson configure build -Dprefix=$(PREFIX) -Dsysconfdir=/etc
	@if [ -n "$(DESTDIR)" ]; then meson install -C build; else scripts/as-root meson install -C build; fi

clean: ## remove everything that was built
	rm -rf build build-test build-fuzz build-coverage

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12
