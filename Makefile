# Every target sets itself up: nothing is needed but Python 3.11-3.13, make and a C compiler.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check slow handbook adyen bnp ablation bench picture lock clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= 2
DATA ?= ../shared/data
SEEDS ?= 5
HOME_DIR ?= $(or $(PREFLIGHT_HOME),.preflight)

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' Makefile

run: $(READY) ## simulate a history, train, serve on http://127.0.0.1:8000 (PREFLIGHT_PORT) and score three orders
	@$(BIN)/preflight run

test: $(READY) ## the suite, without what is marked slow
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m "not slow"

check: $(READY) ## linters, formatting, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

slow: $(READY) ## the tests that take minutes: the bare wheel, the long property runs
	@$(BIN)/python -m pytest -q -m slow

handbook: $(READY) ## measure on the Fraud Detection Handbook's set, where DATA holds it
	@DATA="$(DATA)" HOME_DIR="$(HOME_DIR)" SEEDS="$(SEEDS)" BIN="$(BIN)" .ci/measure handbook

adyen: $(READY) ## measure on Adyen's set, where DATA holds it
	@DATA="$(DATA)" HOME_DIR="$(HOME_DIR)" SEEDS="$(SEEDS)" BIN="$(BIN)" .ci/measure adyen

bnp: $(READY) ## measure on BNP's baskets, where DATA holds them
	@DATA="$(DATA)" HOME_DIR="$(HOME_DIR)" SEEDS="$(SEEDS)" BIN="$(BIN)" .ci/measure bnp

ablation: $(READY) ## measure what each family of features adds, on each set that is there and on simulated orders
	@DATA="$(DATA)" HOME_DIR="$(HOME_DIR)" BIN="$(BIN)" .ci/ablate

bench: $(READY) ## measure what an order costs in each room
	@$(BIN)/python -m bench.measure

picture: $(READY) ## draw docs/img/run.svg from a running service: start `make run` beside it
	@$(BIN)/python docs/img/draw.py

lock: ## resolve requirements.lock anew: universal, hashed, no addresses
	@.ci/lock

clean: ## remove what the tools made; histories, models and ledgers stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

# The stamp is written last, so an interrupted set-up starts again where it must.
$(READY): requirements.lock pyproject.toml .ci/venv
	@.ci/venv $(VENV)
	@echo "Installing the pinned libraries into $(VENV) (about 2 minutes the first time)"
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@
