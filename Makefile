# Each target sets up what it needs in .venv; nothing global is touched.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal

.PHONY: demo test check format clean
.DEFAULT_GOAL := test

.venv/ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mjpipe needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --frozen --inexact
	@touch $@

demo: .venv/ready
	$(BIN)/mjpipe run examples/manifests/quickstart.yaml --sandbox

test: .venv/ready
	$(PYTEST) -m "not crash"

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache examples/manifests/.mjpipe examples/manifests/out*
