# make tour   plays the whole story in a throw-away repository
# make test   checks style and types, then runs every test
# make soak   runs the random tests, and those that inject faults, at length (one seed: make soak OKSTRA_TEST_SEED=N)
# make coverage  says which branches of core/ and state/ no test of theirs takes
# make bench  times whole commands against what one would otherwise type (with a million commits: make bench DEEP=1)
# make clean  removes what these two made
#
# Everything is installed into .venv here; another Python (3.11 or later) is chosen with: make test PYTHON=python3.12

VENV := .venv
BIN := $(VENV)/bin

# Git leaves its variables behind when make is called from a hook, and they would redirect the tests' git.
unexport GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH

SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c '$(SUITABLE)' >/dev/null 2>&1 && echo "$$p" && break; done)

PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-warn-script-location
# Everything else is read from the checkout; these are copied, and installed again when they change.
INSTALLED_FROM := pyproject.toml $(wildcard man/*)

.PHONY: tour test lint types tests soak coverage bench transcripts transcripts-update clean
.DELETE_ON_ERROR:

tour: $(VENV)/.installed
	@$(BIN)/git-okstra tour

test: lint types tests

lint: $(VENV)/.installed-for-tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.installed-for-tests
	$(BIN)/mypy

# What is drawn at random is drawn from one seed here, and from a new one by `make soak`.
tests: $(VENV)/.installed-for-tests
	OKSTRA_TEST_SEED=$${OKSTRA_TEST_SEED:-1} $(BIN)/python -m pytest -n auto

soak: $(VENV)/.installed-for-tests
	$(BIN)/python -m pytest -n auto -m soak

# Commands run in processes of their own are not counted, so what is said is the least.
coverage: $(VENV)/.installed-for-tests
	$(BIN)/python -m pytest -n auto tests/core tests/state tests/operations tests/hostile \
		--cov=git_okstra/core --cov=git_okstra/state --cov-branch --cov-report=term-missing:skip-covered

bench: $(VENV)/.installed
	@$(BIN)/python benchmarks/bars.py $(if $(DEEP),--deep)
	@for each in hooks running; do echo; echo "## $$each"; $(BIN)/python benchmarks/$$each.py || exit; done

transcripts: $(VENV)/.installed-for-tests
	$(BIN)/python -m pytest -n auto tests/test_transcripts.py

transcripts-update: $(VENV)/.installed-for-tests
	$(BIN)/python -m pytest -n auto tests/test_transcripts.py --update-transcripts

$(VENV)/.installed: $(VENV)/bin/python $(INSTALLED_FROM)
	$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-for-tests: $(VENV)/bin/python $(INSTALLED_FROM)
	$(PIP_INSTALL) --editable '.[test]'
	@touch $(VENV)/.installed $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(SUITABLE)' 2>/dev/null || { \
		echo "git okstra needs Python 3.11 or later with its venv module (Debian: apt-get install python3-venv);" >&2; \
		echo "name one with: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build
	find git_okstra tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
