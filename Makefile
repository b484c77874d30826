# Everything a person or a machine does with this project. `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSOLE := cctv_gateway/console
CONSOLE_SOURCES := $(shell find $(CONSOLE) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.PHONY: help setup demo test check bench fuzz soak docs clean test-tools

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .make/python .make/console ## install all that the gateway needs into this folder

demo: setup ## a simulated city of 24 cameras and the gateway, on this machine alone
	@exec $(BIN)/cctv-gateway demo $(DEMO)

test: check test-tools ## everything: style, types, unit, interop and browser tests
	@echo "==> tests"
	$(BIN)/pytest $(PYTEST)

check: .make/python .make/node ## style and types of the package, the tests and the console
	@echo "==> style and types"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd $(CONSOLE) && npm run --silent check

bench: setup ## measure the relay and the simulated city; results are kept in docs/benchmarks.md
	$(BIN)/cctv-gateway bench relay --cameras 100 --viewers 100 --seconds 20
	$(BIN)/cctv-gateway bench city

fuzz: .make/python ## the parsers' property tests, far longer than in `make test`
	HYPOTHESIS_PROFILE=long $(BIN)/pytest -q -m hypothesis --timeout 3600

soak: setup ## an hour of steady load
	$(BIN)/cctv-gateway bench relay --cameras 400 --viewers 400 --seconds 3600

docs: .make/python ## write the generated pages again
	$(BIN)/python -m cctv_gateway.config.reference > docs/configuration.md
	$(BIN)/python -m cctv_gateway.web.openapi > $(CONSOLE)/openapi.json

clean: ## remove what was installed and built here
	rm -rf $(VENV) .make $(CONSOLE)/node_modules $(CONSOLE)/dist

test-tools: setup
	@scripts/test-tools.sh

.make/python: requirements.lock pyproject.toml
	@mkdir -p .make
	@scripts/python-setup.sh "$(PYTHON)" "$(VENV)"
	@touch $@

.make/node: $(CONSOLE)/package.json $(CONSOLE)/package-lock.json
	@mkdir -p .make
	@scripts/node-setup.sh "$(CONSOLE)"
	@touch $@

.make/console: .make/node $(CONSOLE_SOURCES)
	@echo "==> building the console"
	@cd $(CONSOLE) && npm run --silent build
	@touch $@
