# Every target makes .venv by itself and reuses it while pyproject.toml is unchanged.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/sh
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test test-mcp test-model test-e2e lint check fix snap bench bench-context fuzz crash catalogue clean

run: .venv/.ready
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/ion; else exec $(BIN)/python -m tests.demo; fi

test: .venv/.ready-dev
	$(BIN)/python -m pytest -n auto -q

lint: .venv/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

fix: .venv/.ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

snap: .venv/.ready-dev
	$(BIN)/python -m pytest -q tests/tui --snapshot-update

bench: .venv/.ready-dev
	$(BIN)/python -m tests.bench

bench-context: .venv/.ready-dev
	$(BIN)/python -m tests.bench_context

fuzz: .venv/.ready-dev
	$(BIN)/python -m tests.fuzz

crash: .venv/.ready-dev
	$(BIN)/python -m tests.crash

catalogue: .venv/.ready-dev
	$(BIN)/python -m ion_core.providers.catalogue.build

test-e2e: .venv/.ready-dev
	ALL_TESTS=1 $(BIN)/python -m pytest -q -n auto tests/e2e

test-mcp: .venv/.ready-dev
	npx -y --package=node@22 --package=@modelcontextprotocol/conformance -- conformance client \
	  --command "$(CURDIR)/$(BIN)/python -m tests.e2e.mcp_conformance" --suite core --timeout 60000

test-model: .venv/.ready-dev
	$(BIN)/python -m tests.e2e.model_tasks
	$(BIN)/python -m tests.e2e.model_compaction local/qwen2.5-coder-1.5b-instruct

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ion needs Python 3.11 or newer; $(PYTHON) is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q --prefer-binary -e .
	@touch $@

.venv/.ready-dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q --prefer-binary -e '.[dev]'
	@touch $@ .venv/.ready
