# Two commands do everything: `make demo` and `make test`. Each target sets up what it needs.
SHELL := /bin/sh
SETUP := tools/setup.sh
BIN := .venv/bin
SEED ?= 7
CALLER ?= new
WORKERS ?= 2

.PHONY: help demo serve stack test lint format bench soak install install-all clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: ## a whole call in real audio: a simulated patient rings a clinic (SEED=n for another one, CALLER=again for a second call)
	@$(SETUP) base voice
	@$(BIN)/souffleur demo --seed $(SEED) --caller $(CALLER)

serve: ## the server, with a page to talk to any flow
	@$(SETUP) base voice
	@$(BIN)/souffleur serve

stack: ## what docker-compose.yml runs, on this machine without containers: two servers, Redis, a proxy
	@$(SETUP) dev voice system
	@$(BIN)/python -m tools.stack

test: ## all tests (WORKERS=n processes)
	@echo "The tests use about 1 GB of Python packages in .venv, and Chromium, Redis, flite and espeak-ng from the distribution's packages (about 400 MB) where they are absent. The engine's use .venv-engine: 1.2 GB on a machine without a GPU; torch with CUDA, about 6 GB, on one that has one. Two clients of other people's, 700 MB, ring the server."
	@$(SETUP) dev system voice engine clients
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
	@NO_TORCH_COMPILE=1 .venv-engine/bin/python -m pytest tests/engine

lint: ## ruff, mypy, import-linter
	@$(SETUP) dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: ## put the code in order
	@$(SETUP) dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: ## the figures of the embedded front-end, a few minutes
	@$(SETUP) base voice
	@$(BIN)/python benchmarks/embedded.py --quick

soak: ## half an hour of audio time through the duplex engine on a tiny model: is its memory flat?
	@$(SETUP) engine
	@NO_TORCH_COMPILE=1 .venv-engine/bin/python benchmarks/engine_soak.py --json benchmarks/results/engine_soak.json

install: ## the package, and what lint and tests need
	@$(SETUP) base voice dev

install-all: ## the same, with the engine, and the distribution's packages that tests use
	@$(SETUP) base voice dev system engine clients

clean: ## remove environments and everything that was made
	rm -rf .venv .venv-* runs build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
