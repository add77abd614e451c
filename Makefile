# `make` shows what there is. Every target makes .venv from the lock by itself when need be.
SHELL := /bin/sh
.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE
export STUDY WAVE PARAMS NOTEBOOK SOURCES VERBOSE
PYTHON ?=
export PYTHON
V := .venv/bin/python

.PHONY: help report test test-full lab settle tidy lock environment

help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

report: environment ## build the report of a study: STUDY= WAVE= PARAMS="silence=absent" NOTEBOOK= SOURCES=
	@$(V) -m analysis report

test: environment ## style, types and the quick tests
	@$(V) -m ruff check src tests benchmarks
	@$(V) -m mypy
	@$(V) -m pytest -q -m "not slow"

test-full: environment ## all tests, the slow ones too
	@$(V) -m ruff check src tests benchmarks
	@$(V) -m mypy
	@$(V) -m pytest -q

lab: environment ## open the notebooks in JupyterLab
	@.venv/bin/jupyter lab --ip=127.0.0.1 notebooks

settle: environment ## settle the coding passes of a study into codings.csv again
	@$(V) -m analysis settle

tidy: environment ## strip outputs and volatile metadata from saved notebooks
	@$(V) -m analysis tidy

lock: environment ## renew requirements.lock from pyproject.toml
	@.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--all-extras pyproject.toml -o requirements.lock

# The copy of the lock is written last: without it, or with another content, .venv is made again.
environment:
	@cmp -s requirements.lock .venv/requirements.lock || sh .ci/environment.sh
