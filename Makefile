# Run resuMAX on this machine, and check it. `make` alone lists what there is.
# Settings: PORT (gateway), DETACH=1 (return when ready), RESUMAX_DATA (state, .data), PYTHON (3.11 or newer), ARGS, RESET.

PYTHON ?= python3
BOOTSTRAP := $(PYTHON) deploy/local/bootstrap.py
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up down reset seed logs test test-postgres coverage e2e bench gallery check fmt lock install

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## Start everything and show the address (PORT=8090, DETACH=1, RESUMAX_DATA=folder)
	@$(BOOTSTRAP) up

down: ## Stop everything; the data stays
	@$(BOOTSTRAP) down

reset: ## Stop everything and delete the data
	@$(BOOTSTRAP) reset

seed: ## Give the first staff account a new password and show it (RESET=1); `make up` shows the first
	@$(BOOTSTRAP) seed

logs: ## Follow the logs
	@$(BOOTSTRAP) logs

test: install ## Run every test (ARGS="-k export" to choose)
	@$(BIN)/pytest $(ARGS)

test-postgres: install ## Run the api service's tests on PostgreSQL (API_DATABASE_URL=postgresql+asyncpg://... for a server of yours)
	@TEST_DATABASE=postgresql $(BIN)/pytest services/api $(ARGS)

coverage: install ## Run the services' tests, and fail where less than 90 % of the code ran
	@$(BIN)/pytest libs services --cov --cov-report=term:skip-covered $(ARGS)

e2e: install ## Run the user journeys, through the gateway with every process running
	@$(BIN)/pytest tests/e2e $(ARGS)

bench: install ## Measure, and print the figures
	@$(BIN)/pytest tests/bench -q -s $(ARGS)

gallery: install ## Render every template with made-up documents, as pages to look at in .data/gallery (ARGS="academic compact")
	@$(BIN)/python -m tests.gallery $(ARGS)

check: install ## Lint, types, boundaries, declared dependencies, Kubernetes files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy -p deploy.local -p deploy.k8s -p tests
	@$(BIN)/lint-imports
	@# Drivers, servers and fonts are declared and never imported, hence no DEP002
	@for package in libs/common services/*; do (cd $$package && echo "deptry $$package" && ../../$(BIN)/deptry src \
		--ignore DEP002 --package-module-name-map resumax-common=common) || exit 1; done
	@$(BIN)/python deploy/k8s/validate.py

fmt: install ## Format the code and fix what can be fixed by itself
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

lock: ## Pin every dependency anew in requirements.lock
	@# uv knows nothing of pip's settings, so an index of your own has to be named: UV_DEFAULT_INDEX=...
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" \
		&& "$$folder/bin/pip" install --quiet uv && "$$folder/bin/uv" pip compile --quiet --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--no-emit-package resumax-common --extra testing --group pyproject.toml:dev --output-file requirements.lock \
		libs/common/pyproject.toml services/*/pyproject.toml pyproject.toml

install: ## Prepare .venv; every other target does so by itself
	@$(BOOTSTRAP) install
