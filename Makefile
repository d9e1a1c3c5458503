# Everything a contributor types. Each target does its own set-up; nothing but Python 3.11+, make and git is needed beforehand.

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready
MERMAID := tests/support/mermaid
NPM := $(shell command -v npm 2>/dev/null)

.PHONY: setup demo check test docs bench bench-analysis bench-ingest bench-sessions bench-kill bench-whatif bench-insights calibrate conformance fuzz damage pins clean

setup: $(READY)

$(READY): requirements/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "reev-flow needs Python 3.11 or newer; this is " + sys.version.split()[0] + ": make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/development.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: setup
	@$(BIN)/reev-flow demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Node only serves to ask the real Mermaid whether diagrams are right; without it those tests are skipped.
test: setup check $(if $(NPM),$(MERMAID)/node_modules/.ready)
	$(BIN)/coverage erase
	$(BIN)/pytest --numprocesses 2 --cov --cov-report=
	@$(BIN)/coverage json --quiet -o .coverage.json
	@$(BIN)/python tests/support/coverage_floors.py .coverage.json

$(MERMAID)/node_modules/.ready: $(MERMAID)/package-lock.json
	npm ci --prefix $(MERMAID) --no-audit --no-fund --loglevel=error
	@touch $@

docs: setup
	$(BIN)/python docs/generate.py

bench: setup
	$(BIN)/python benchmarks/run.py

# All insights of an assembled run, and what each fact, rule and part takes of that
bench-analysis: setup
	$(BIN)/python benchmarks/analysis.py
	$(BIN)/python benchmarks/analysis_parts.py

bench-ingest: setup
	$(BIN)/python benchmarks/ingest.py

# Steps, starts, resuming and memory of sessions, beside other tools where PEERS names an environment that has them; workers on one store
bench-sessions: setup
	$(BIN)/python benchmarks/sessions.py $(if $(PEERS),--peers $(PEERS))
	$(BIN)/python benchmarks/workers.py
	$(BIN)/python benchmarks/backups.py

# One trip killed at many points, beside other tools where PEERS names an environment that has them: make bench-kill PEERS=PATH (Linux, cc)
POINTS ?= 60
bench-kill: setup
	$(BIN)/python benchmarks/kill_points.py --points $(POINTS) $(if $(PEERS),--peers $(PEERS))

# Findings judged on runs of a simulated agent: make bench-insights SEED=7 RUNS=300 CODES="RF1 RF201" MISSES=3 (of even seeds)
RUNS ?= 300
bench-insights: SEED = 7
bench-insights: setup
	PYTHONPATH=tests $(BIN)/python benchmarks/insights.py --seed $(SEED) --runs $(RUNS) --codes $(CODES) --show-misses $(or $(MISSES),0)

# What claims of rules are worth, on even seeds: the table of src/reev_flow/analysis/calibration.py
calibrate: setup
	PYTHONPATH=tests $(BIN)/python benchmarks/calibrate.py

# Random flows run for real, then with a change, beside what was predicted: make bench-whatif SEED=7 FLOWS=3000
FLOWS ?= 2000
bench-whatif: setup
	$(BIN)/python benchmarks/what_if.py --seed $(SEED) --flows $(FLOWS)

# The same run in every dialect over every transport, arranged at random: make conformance SEED=7 SECONDS=30
SEED ?= 1
SECONDS ?= 90
conformance: setup
	PYTHONPATH=tests $(BIN)/python tests/conformance/many.py --seed $(SEED) --seconds $(SECONDS)

# Bytes that no decoder has seen, for as long as you like: make fuzz SECONDS=600 (Linux; what is found is kept as crash-*)
fuzz: setup
	PYTHONPATH=tests $(BIN)/python tests/fuzz/decoders.py --seconds $(SECONDS)

STRIDE ?= 1
# Every byte of a small store's files damaged, and the files cut off at every place: make damage (half an hour on two cores); before that,
# what copies, migrates, prunes and restores killed at every write of it
damage: setup
	PYTHONPATH=tests $(BIN)/python tests/support/killed_keeping.py
	PYTHONPATH=tests $(BIN)/python tests/support/every_damage.py --stride $(STRIDE)

# The one target that needs uv: pip install uv.
pins:
	uv pip compile pyproject.toml requirements/development.in --universal --python-version 3.11 \
	  --extra server --extra grpc --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --upgrade --output-file requirements/development.txt

clean:
	rm -rf $(VENV) $(MERMAID)/node_modules dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
