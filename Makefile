# Run resuMAX on this machine, and check it. `make` alone lists what there is.
# Settings: PORT (gateway), DETACH=1 (return when ready), RESUMAX_DATA (state, .data), PYTHON (3.11 or newer), ARGS.

PYTHON ?= python3
BOOTSTRAP := $(PYTHON) deploy/local/bootstrap.py
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up down reset seed logs test e2e bench check fmt lock install

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## Start everything and show the address (PORT=8090, DETACH=1, RESUMAX_DATA=folder)
	@$(BOOTSTRAP) up

down: ## Stop everything; the data stays
	@$(BOOTSTRAP) down

reset: ## Stop everything and delete the data
	@$(BOOTSTRAP) reset

seed: ## Make the first staff account and show its password once
	@$(BOOTSTRAP) seed

logs: ## Follow the logs
	@$(BOOTSTRAP) logs

test: install ## Run every test (ARGS="-k export" to choose)
	@$(BIN)/pytest $(ARGS)

e2e: install ## Run the user journeys, through the gateway with every process running
	@$(BIN)/pytest tests/e2e $(ARGS)

bench: install ## Measure, and print the figures
	@$(BIN)/pytest tests/bench -q -s $(ARGS)

check: install ## Lint, types, boundaries, declared dependencies, Kubernetes files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy -p deploy.local
	@$(BIN)/lint-imports
	@$(BIN)/python deploy/local/check_dependencies.py
	@$(BIN)/python deploy/k8s/validate.py

fmt: install ## Format the code and fix what can be fixed by itself
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

lock: ## Pin every dependency anew in requirements.lock
	@$(PYTHON) deploy/local/bootstrap.py lock

install: ## Prepare .venv; every other target does so by itself
	@$(BOOTSTRAP) install
