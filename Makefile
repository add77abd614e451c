# `make` shows what there is. Every target first makes .venv from the lock where need be.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# Variables reach Python through the environment, as they were typed: never as a part of a shell line.
VARIABLES := STUDY WAVE PARAMS NOTEBOOK SOURCES KERNEL TIMEOUT EXECUTOR SCHEDULER GRID YES CHROMIUM VERBOSE PYTHON ARGS
$(foreach name,$(VARIABLES),$(eval override $(name) := $$(value $(name))))
export $(VARIABLES)
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME

RUN := .venv/bin/python -m
# three processes of tests, as each waits for kernels and browsers at times; those of the group
# "timed" run in one of them, one after another
SIDE_BY_SIDE := -n 3 --dist loadgroup

.PHONY: help report pdf zip sweep verify audit test test-full lab settle words tidy lock environment style

help: ## show this list
	@echo "make TARGET [VARIABLE=value ...]"
	@echo
	@sed -n -E 's/^([a-z-]+):.*## /\1|/p' Makefile | awk -F '|' '{ printf "  %-11s %s\n", $$1, $$2 }'
	@echo
	@sed -n -E 's/^#: ([A-Z]+) +/\1|/p' Makefile | awk -F '|' '{ printf "  %-11s %s\n", $$1, $$2 }'

#: STUDY     folder under data/ (default: the only one there is)
#: WAVE      inspection round, YYYY-MM (default: the last one)
#: PARAMS    parameters that differ, PARAMS="silence=absent window=fixed": see README.md
#: NOTEBOOK  build only this notebook's pages: coding, progress, factor, multiverse, ...
#: SOURCES   folder with the texts of the sources: shows and checks their passages
#: KERNEL    how kernels start, same outputs: forked (default on Linux) or plain (slower)
#: TIMEOUT   seconds that a cell of a notebook may take (default: 120)
#: EXECUTOR  who runs notebooks: local (default) or dask, see README.md
#: SCHEDULER address of the dask scheduler, as tcp://host:8786
#: GRID      YAML file with the values that make sweep runs a notebook over
#: YES       YES=1 lets make sweep make more than 1,000 runs
#: CHROMIUM  program that prints PDFs (default: the first suitable on the PATH)
#: ARGS      more arguments for JupyterLab, make lab ARGS="--no-browser --port=8890"
#: VERBOSE   VERBOSE=1 shows every step
#: PYTHON    the Python that .venv is made with (default: the first suitable on the PATH)

report: environment ## build the report and print the path of its first page
	@$(RUN) analysis report

pdf: environment ## print brief and report as PDFs; needs Chromium
	@$(RUN) analysis pdf

zip: environment ## pack the report into one ZIP to be passed on
	@$(RUN) analysis zip

sweep: environment ## run a notebook over a grid of parameters, GRID=FILE.yaml
	@$(RUN) analysis sweep

verify: environment ## build twice from copies, compare to the byte, then with the expected claims
	@$(RUN) tests.verify

audit: environment ## list what no person has looked at, what a first page uses first
	@$(RUN) analysis audit

test: style ## check style and types, run the quick tests
	@$(RUN) pytest -q $(SIDE_BY_SIDE) -m "not slow"

test-full: style ## the same with the slow tests; needs Chromium
	@$(RUN) pytest -q $(SIDE_BY_SIDE)

lab: environment ## open the notebooks in JupyterLab
	@test "$$(id -u)" != 0 || set -- --allow-root; \
		$(RUN) jupyterlab --ip=127.0.0.1 "$$@" $$ARGS notebooks

settle: environment ## settle the coding passes of a study into codings.csv again
	@$(RUN) analysis settle

words: environment ## bring the catalogues of translations up to date
	@$(RUN) analysis words

tidy: environment ## strip outputs and volatile metadata from saved notebooks
	@$(RUN) analysis tidy

lock: environment ## write requirements.lock anew from pyproject.toml
	@$(RUN) uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --python-version 3.11 --all-extras pyproject.toml -o requirements.lock

style: environment
	@$(RUN) ruff check src tests benchmarks report
	@$(RUN) mypy

environment:
	@sh .ci/environment.sh
