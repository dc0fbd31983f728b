# Everything a developer does. `make run` is the place to start; deploy/local/ holds how.
.DEFAULT_GOAL := help
.PHONY: help run up down status build test test-clients lint check-deploy bench soak fuzz clean

# Debian's own: the virtual environment and the packages are made for it.
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
STACK := $(PYTHON) -B deploy/local/stack.py
INSTALL := deploy/local/install.sh
RUBY := $(wildcard /usr/bin/ruby)
# SwiftPM takes colours for other flags: a start in a script would compile everything again after one on a terminal.
BUILD := swift build --no-color-diagnostics
SOURCES := $(wildcard Package.swift Libraries Services Tests Benchmarks)
ENGINES := $(or $(BARITO_ENGINES),$(wildcard ../shared/engines/engine))

help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## install what is missing, build, start everything here; Ctrl-C stops it
	@exec $(STACK) run

up: build ## the same in the background; again: starts what is missing
	@exec $(STACK) up

down: ## stop what `make up` started; the data stays
	@exec $(STACK) down

status: ## one line per service
	@exec $(STACK) status

build: ## release build
	@$(INSTALL) build run
	$(BUILD) -c release

test: ## every test, beside servers of their own; make test ARGS="--filter Kafka"
	@$(INSTALL) build run browser $(if $(ENGINES),engines)
	$(BUILD) --build-tests
	@exec $(STACK) test --skip-build $(ARGS)
	@$(if $(ARGS),:,$(if $(RUBY),$(MAKE) --no-print-directory test-clients,echo "left out, for want of ruby: make test-clients"))

# -E is the encoding that fluentd starts ruby with.
test-clients: ## the fluentd plugin's tests; FLUENTD_SOURCE=FOLDER for those beside fluentd
	@$(INSTALL) clients
	/usr/bin/ruby -Eascii-8bit:ascii-8bit Clients/fluent-plugin-barito/test/run.rb

lint: ## formatting and style
	swift format lint -rs $(SOURCES)

check-deploy: ## Dockerfile, docker-compose.yml, and the scripts of the local stack
	@$(INSTALL) check
	$(PYTHON) -B deploy/check.py
	$(PYTHON) -B -m unittest discover -q -s deploy/tests

bench: ## Router and Flow beside bare librdkafka and others, written to docs/results/bench.md; make bench ARGS=--quick
	@$(INSTALL) build peers $(if $(ENGINES),engines)
	$(BUILD) -c release
	@exec .build/release/barito-bench $(if $(ENGINES),--engines $(ENGINES)) $(ARGS)

soak: ## the Router at 70 % of its capacity, or Flow; make soak SERVICE=flow MINUTES=120, written to docs/results/
	@$(INSTALL) build engines
	$(BUILD) -c release --product barito-router
	$(if $(filter flow,$(SERVICE)),$(BUILD) -c release --product barito-flow)
	@exec $(PYTHON) -B Benchmarks/Soak/$(if $(filter flow,$(SERVICE)),flow,soak).py --engines $(ENGINES) --minutes $(or $(MINUTES),30) $(ARGS)

fuzz: ## libFuzzer on every parser, 60 s each; make fuzz ARGS="--seconds 3600 otlp"
	@$(INSTALL) build
	$(PYTHON) -B Tests/FuzzTests/fuzz.py $(ARGS)

clean: ## remove what was built; the data of the local stack stays
	rm -rf .build
