# Needs nothing but make, git and a Python from 3.11 on. `make` alone lists what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Another one: make setup PYTHON=/path/to/python. Looked for once, and only when it is needed.
PYTHON = $(eval PYTHON := $(shell for name in python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo "$$name" && break; done))$(PYTHON)

PORT ?= 8700
DATA ?= .local
# Which tests: make test TESTS="tests/stack -k template"
TESTS ?=
# How many processes run them.
TEST_PROCESSES ?= 2

BIN := .venv/bin

.PHONY: help
help: ## this list
	@echo "OpenVOD. make ..."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## make .venv with everything pinned; does nothing when it is up to date
	@test -n "$(PYTHON)" || { echo "OpenVOD needs Python 3.11 or newer; none was found. On Debian and Ubuntu:" \
		"apt-get install python3 python3-venv. Elsewhere: make setup PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) local/make_venv.py .venv requirements-dev.txt constraints.txt

.PHONY: setup-sdk
setup-sdk: setup ## make .venv-sdk with the vendors' official SDKs
	@$(PYTHON) local/make_venv.py .venv-sdk requirements-sdk.txt

.PHONY: demo
demo: setup ## upload, transcode and play a clip on a stack of its own, then stop it
	@$(BIN)/python -m local demo

.PHONY: up
up: setup ## run everything on this machine until Ctrl-C (PORT=8700, DATA=.local)
	@$(BIN)/python -m local up --port $(PORT) --data $(DATA)

.PHONY: fonts
fonts: setup ## the font that text watermarks and subtitles are drawn with on this machine
	@$(BIN)/python -m layers.ffmpeg.fonts .local/fonts

.PHONY: deploy
deploy: setup ## to AWS: make deploy STAGE=dev (see docs/deploying.md)
	@$(BIN)/python -m deploy up "$(STAGE)"

.PHONY: destroy
destroy: setup ## the way back: make destroy STAGE=dev (FORCE_DELETE_DATA=yes removes media, too)
	@$(BIN)/python -m deploy down "$(STAGE)"

.PHONY: deploy-local
deploy-local: setup ## rehearse a deployment in the AWS emulator: deploy, use, remove
	@$(BIN)/python -m deploy local

.PHONY: layer
layer: setup ## build the layer of the media functions and print its size
	@$(BIN)/python -m layers.ffmpeg.build

.PHONY: bench-coldstart
bench-coldstart: setup ## the API's cold start beside a bare Chalice app's
	@$(BIN)/python -m benchmarks.coldstart

.PHONY: test
test: setup-sdk ## all tests (TESTS="tests/stack -k template" for some)
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadscope $(TESTS)

.PHONY: coverage-table
coverage-table: setup-sdk ## write docs/coverage*.md: what the contract tests cover
	@OPENVOD_PUBLISH_COVERAGE=1 $(BIN)/python -m pytest tests/contract -q

.PHONY: bench-uploads
bench-uploads: setup ## 1,000 uploads in 5 minutes: all end Normal, each with one event
	@$(BIN)/python -m benchmarks.uploads

.PHONY: bench-rates
bench-rates: setup ## what counting calls costs a request
	@$(BIN)/python -m benchmarks.call_rates

.PHONY: test-browser
test-browser: setup ## hls.js in headless Chromium plays what it may (installs Chromium on Debian, as root)
	@tests/browser/install.sh
	@$(BIN)/python -m pytest tests/browser/plays.py

.PHONY: test-events-crash
test-events-crash: setup ## kill the API and the delivery worker 100 times: no event is lost (2 minutes)
	@$(BIN)/python -m benchmarks.events_crash

.PHONY: bench-events
bench-events: setup ## how fast events reach healthy receivers while others fail (3 minutes)
	@$(BIN)/python -m benchmarks.events

.PHONY: bench-transcode
bench-transcode: setup ## a ladder of four renditions beside raw ffmpeg (15 minutes)
	@$(BIN)/python -m benchmarks.transcode

.PHONY: bench-split
bench-split: setup ## two workers on one source beside one, and a plan for 1,000 (10 minutes)
	@$(BIN)/python -m benchmarks.split
	@$(BIN)/python -m benchmarks.split_plan

.PHONY: bench-snapshots
bench-snapshots: setup ## snapshots and sprites of a video in a bucket beside raw ffmpeg (5 minutes)
	@$(BIN)/python -m benchmarks.snapshots

.PHONY: fuzz
fuzz: setup ## 2,000 broken and hostile files through all that reads media (15 minutes)
	@$(BIN)/python -m benchmarks.fuzz

.PHONY: bench-library
bench-library: setup ## lists and searches in a library of 100,000 media beside one of 1,000 (5 minutes)
	@$(BIN)/python -m benchmarks.library

.PHONY: bench-play
bench-play: setup ## GetPlayInfo and GetVideoPlayAuth beside a bare route; decisions of the edge (1 minute)
	@$(BIN)/python -m benchmarks.play

.PHONY: lint
lint: setup ## ruff, and cfn-lint on the infrastructure
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/cfn-lint infra/*.yaml

.PHONY: types
types: setup ## mypy
	@$(BIN)/mypy

.PHONY: contracts
contracts: setup ## the arrows between the rooms
	@$(BIN)/lint-imports

.PHONY: format
format: setup ## put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

.PHONY: clean
clean: ## remove environments and caches; the stack's data in .local stays
	rm -rf .venv .venv-sdk
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
