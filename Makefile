# Everything that developers and CI run. The first call makes .venv; later calls reuse it until pyproject.toml
# changes. VENV names another environment, PYTHON the interpreter to make it with.
VENV ?= .venv
PY := $(VENV)/bin/python

# What pytest is told beside.
PYTEST_OPTIONS ?=
MEASURED := --cov --cov-append --cov-report=
# Tests of whole commands, servers and databases, which cover no pure module that others do not.
UNMEASURED := tests/cli tests/deploy tests/exactly_once tests/notify tests/simulation tests/sinks/ledger \
	tests/sinks/test_dry_run.py tests/sinks/wealthfolio/test_scenarios.py tests/standins tests/storage \
	tests/test_recovery.py
# Tests that wait for disks, servers and clocks leave a core to one more.
ONE_MORE := --numprocesses=$$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))

# The stages of the environment: what the program needs, and what its unit tests, its developers and its pages
# need on top.
RUN := $(VENV)/.ready-to-run
TEST := $(VENV)/.ready-to-test
DEV := $(VENV)/.ready-to-develop
DOCS := $(VENV)/.ready-for-docs

# Compiled tests are kept: rewriting their assertions anew takes longer than most of them run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test integration slow check static lint format types imports coverage wheel docs bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(RUN) ## sync the statement in examples/ twice and show what happens
	@$(PY) -m broker_sync.demo

test: $(TEST) ## run the unit tests
	@$(PY) -m pytest $(PYTEST_OPTIONS)

integration: $(DEV) ## run the tests of whole commands, databases and servers
	@$(PY) -m pytest -m "integration and not slow and not live" $(ONE_MORE) $(PYTEST_OPTIONS)

slow: $(DEV) ## run the tests that take longer
	@$(PY) -m pytest -m "slow and not live" $(ONE_MORE) || { [ $$? -eq 5 ] && echo "no test is marked slow"; }

check: static coverage ## run everything that a change must pass

static: lint types imports ## check the code without running it

lint: $(DEV) ## check format and style
	@$(PY) -m ruff format --check --quiet . || { echo "format: run 'make format'" >&2; exit 1; }
	@$(PY) -m ruff check --quiet .
	@$(VENV)/bin/shellcheck .ci/run scripts/*.sh

format: $(DEV) ## put the code into shape
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

types: $(DEV) ## check the types
	@$(PY) -m mypy

imports: $(DEV) ## check who imports whom
	@$(VENV)/bin/lint-imports --no-logo

# To measure doubles the time.
coverage: $(DEV) ## run the tests that are not slow, and hold the pure modules to 100 %
	@$(PY) -m coverage erase
	@$(MAKE) --no-print-directory test PYTEST_OPTIONS="$(MEASURED)"
	@$(MAKE) --no-print-directory integration PYTEST_OPTIONS="$(MEASURED) $(UNMEASURED:%=--ignore=%)"
	@$(MAKE) --no-print-directory integration PYTEST_OPTIONS="$(UNMEASURED)"
	@$(PY) -m coverage json --quiet
	@$(PY) scripts/pure_coverage.py

wheel: $(DEV) ## build the wheel and try it in a clean environment
	@$(PY) scripts/try_wheel.py

docs: $(DOCS) ## build the site of the documentation, strictly, into build/site
	@$(PY) -m scripts.site

bench: $(DEV) ## time the reading of 200,000 trades
	@$(PY) -m benchmarks.read_trades

clean: ## remove everything that make made
	rm -rf .venv build dist .coverage coverage.json .hypothesis
	rm -rf .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN): pyproject.toml scripts/bootstrap.sh
	@sh scripts/bootstrap.sh $(VENV) --editable .
	@touch $@

# pip learnt about dependency groups only in 25.1.
define PRINT_GROUP
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    print(*(each for each in tomllib.load(file)["dependency-groups"][sys.argv[1]] if isinstance(each, str)), sep="\n")
endef
export PRINT_GROUP

$(TEST): $(RUN)
	@$(PY) -c "$$PRINT_GROUP" test > $(VENV)/test-requirements.txt
	@sh scripts/bootstrap.sh $(VENV) --requirement $(VENV)/test-requirements.txt
	@touch $@

# What the tests need comes with it: the installer takes longer to start than to look twice.
$(DEV): $(RUN)
	@$(PY) -c "$$PRINT_GROUP" test > $(VENV)/test-requirements.txt
	@$(PY) -c "$$PRINT_GROUP" dev > $(VENV)/dev-requirements.txt
	@sh scripts/bootstrap.sh $(VENV) --requirement $(VENV)/test-requirements.txt --requirement $(VENV)/dev-requirements.txt
	@touch $(TEST) $@

$(DOCS): $(RUN)
	@$(PY) -c "$$PRINT_GROUP" docs > $(VENV)/docs-requirements.txt
	@sh scripts/bootstrap.sh $(VENV) --requirement $(VENV)/docs-requirements.txt
	@touch $@
