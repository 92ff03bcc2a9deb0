.DEFAULT_GOAL := help
.PHONY: help setup run test simulate crash check bench lock clean

BIN := .venv/bin
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes \
	--allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## create .venv with everything that requirements-dev.lock pins
	@tools/setup

run: setup ## start the gateway with connector.conf; Ctrl-C stops it
	@exec $(BIN)/fixgate run -c connector.conf

test: setup ## run the whole test suite
	@$(BIN)/pytest

simulate: setup ## run seeds of the simulation (SEEDS=10000 FROM=0) on every processor
	@exec $(BIN)/python -m tests.simulation.many --seeds $(or $(SEEDS),10000) --from $(or $(FROM),0)

crash: setup ## kill the gateway under load (KILLS=200 SEED=7), start it again, compare clients, journal and venue
	@exec $(BIN)/python -m tests.crash --kills $(or $(KILLS),200) $(if $(SEED),--seed $(SEED))

check: setup ## formatting, lint, types and the import rules of the rooms
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup ## measure the gateway beside its floor and beside ccxt
	@exec $(BIN)/python -m benchmarks

lock: setup ## pin the newest versions that pyproject.toml allows
	$(PIP_COMPILE) --upgrade --extra dev --output-file requirements-dev.lock pyproject.toml tools/build.in
	$(PIP_COMPILE) --upgrade --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml

clean: ## remove caches and .venv; var/, with its journal, stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
