# Each target sets up what it needs in .venv; nothing global is touched.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal

.PHONY: demo test check format documents lowest clean
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
	$(MAKE) lowest

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Writes what schemas and documents take from the code; read the diff.
DOCUMENTS := tests/contract/test_schemas.py tests/docs

documents: .venv/ready
	REWRITE=1 $(BIN)/pytest $(DOCUMENTS) tests/test_documents.py

# A quick sample of all that dependencies could break: imports, the client, templates, the sandbox, whole runs.
LOWEST := tests/test_imports.py tests/apixo tests/plan/templates/test_templates.py tests/run/test_happy_run.py tests/cli/commands/test_init.py

.venv-lowest/ready: pyproject.toml .venv/ready
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-lowest
	$(BIN)/uv pip install --quiet --python .venv-lowest/bin/python --resolution lowest-direct -r pyproject.toml --group dev
	$(BIN)/uv pip install --quiet --python .venv-lowest/bin/python --no-deps --editable .
	@touch $@

# With the lowest versions of everything that pyproject.toml allows.
lowest: .venv-lowest/ready
	.venv-lowest/bin/pytest --numprocesses auto $(LOWEST)

clean:
	rm -rf .venv .venv-lowest .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache examples/manifests/.mjpipe examples/manifests/out*
