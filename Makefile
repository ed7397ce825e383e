# The contributor's verbs. `make help` lists them.
.DEFAULT_GOAL := help
BOT := .venv/bin/bot
.PHONY: help setup run test check fix demo assets

help: ## List these verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install uv if missing, build both environments, write the secrets
	@scripts/setup service

run: setup ## Start everything: chat, texts, casework
	@$(BOT) serve

demo: setup ## Fill the store with an invented council year
	@$(BOT) demo load

test: ## Set up what the tests need and run every test
	@scripts/setup tests
	@.venv/bin/bot train
	@.venv/bin/python -m pytest

check: ## Lint, types and the quick tests
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/python -m pytest -m "not slow"

fix: ## Put formatting and simple lint right
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

assets: ## Rebuild the style sheet and script from govuk-frontend (needs Node)
	@npm ci --ignore-scripts && npm run build
