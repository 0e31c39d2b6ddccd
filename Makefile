# Two commands: `make lab` to learn, `make test` to check everything. `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
LANE := ci/lanes/locked.txt
# What is installed beyond the dependencies (pyproject.toml). Spark is large and wants Java: EXTRAS=test,explore,spark
EXTRAS ?= test,explore
COMMA := ,
INSTALLED := $(VENV)/.locked-$(subst $(COMMA),-,$(EXTRAS))
UV := $(shell command -v uv 2>/dev/null)
JOBS ?= 2

# The first Python that is new enough; name another one with `make lab PYTHON=/path/to/python`.
NEW_ENOUGH := -c "import sys; sys.exit(sys.version_info < (3, 11))"
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$python $(NEW_ENOUGH) 2>/dev/null && { echo $$python; break; }; done)

.PHONY: help lab test lint types pytest notebooks lock clean
.DEFAULT_GOAL := help
.NOTPARALLEL:

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

lab: $(INSTALLED)  ## open JupyterLab on the exercises; your notebooks live in workspace/
	$(BIN)/shoshin lab workspace

test: lint types pytest notebooks  ## check everything, as CI does

lint: $(INSTALLED)  ## ruff: mistakes and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(INSTALLED)  ## mypy on the package
	$(BIN)/mypy

pytest: $(INSTALLED)  ## unit tests, every exercise's rules, the wheel, nbgrader, a real browser
	$(BIN)/pytest --numprocesses $(JOBS) --dist worksteal

notebooks: $(INSTALLED)  ## notebooks that have changed, solved and untouched, through papermill (NOTEBOOKS=--fresh: all)
	$(BIN)/python ci/run_notebooks.py --lane locked --jobs $(JOBS) $(NOTEBOOKS)

lock: $(INSTALLED)  ## resolve the newest versions again and write them to ci/lanes/locked.txt
	$(BIN)/python ci/lock.py

clean:  ## remove the environment and whatever was built; workspace/ stays
	rm -rf $(VENV) build dist ci/runs .pytest_cache .ruff_cache .mypy_cache .hypothesis

# The marker is written last and removed first. An environment without it was left half-finished (pip takes a
# half-unpacked package for an installed one), so it is built again from nothing.
$(INSTALLED): $(LANE) pyproject.toml
	@test -n "$(UV)" -a -z "$(PYTHON)" || $(or $(PYTHON),false) $(NEW_ENOUGH) 2>/dev/null || { \
		echo "Shoshin needs Python 3.11 or newer, and $(or $(PYTHON),the python3 on your PATH) is not." >&2; \
		echo "Install one, or name it: make $(or $(MAKECMDGOALS),lab) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@if ls $(VENV)/.locked-* >/dev/null 2>&1; then rm $(VENV)/.locked-*; else rm -rf $(VENV); fi
ifneq ($(UV),)
	@test -e $(VENV) || $(UV) venv --quiet --seed --python "$(or $(PYTHON),>=3.11)" $(VENV)
	@export UV_FIND_LINKS="$${UV_FIND_LINKS-$$($(FIND_LINKS))}"; set -x; \
	$(UV) pip install --python $(VENV) --constraints $(LANE) --editable ".[$(EXTRAS)]"
else
	@test -e $(VENV) || { $(PYTHON) -c "import ensurepip" 2>/dev/null && $(PYTHON) -m venv $(VENV); } || { \
		echo "This Python cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; \
		echo "Or put uv on your PATH, and make will use it: https://docs.astral.sh/uv" >&2; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check --constraint $(LANE) --editable ".[$(EXTRAS)]"
endif
	@touch $@

# uv does not read pip's configuration, so it is told what pip would look through, comma-separated. (Never name a
# variable PIP_… or UV_… here: make hands it on to pip and uv in place of the user's own.)
FIND_LINKS = $(or $(PYTHON),false) -m pip config list 2>/dev/null | \
	sed -n "s/^[^=]*find-links='\(.*\)'$$/\1/p" | sed 's/\\n/ /g' | xargs | tr ' ' ','
