# Two commands for a start: `make preview` and `make test`. Each sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help setup engine preview organization test lint format bench picture routes release-check clean

PYTHON ?= python3
python := venv/bin/python

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

venv/.ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 10) else \
	  "Python 3.10 or newer is needed: name one, as in `make PYTHON=python3.12 preview`.")'
	@echo "Installing the requirements into venv/, once, about two minutes."
	$(PYTHON) -m venv --clear venv
	$(python) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@# The contract tests read version 6 of Pulumi's AWS provider, too; no environment holds both.
	$(python) -m pip install --quiet --disable-pip-version-check --no-deps \
	  --target venv/pulumi-aws-6 'pulumi-aws>=6,<7'
	@# The tests run the remediation guide's commands with the AWS CLI, whose pins differ from ours.
	$(python) -m pip install --quiet --disable-pip-version-check \
	  --target venv/aws-cli 'awscli>=1.44,<2'
	@touch $@

setup: venv/.ready ## Install the requirements into venv/

engine: setup ## Find the Pulumi CLI, or build it with Go into .engine/
	@$(python) -m tools.sandbox engine

preview: engine ## Preview the insecure and the secure example on the real engine
	@$(python) -m tools.demo

organization: engine ## Play how Pulumi Cloud holds an organization's stacks to the pack
	@$(python) -m tools.demo.organization

test: engine ## Run every test
	$(python) -m pytest --numprocesses auto --dist worksteal

lint: setup ## Check lint, format and types
	venv/bin/ruff check
	venv/bin/ruff format --check
	venv/bin/mypy

format: setup ## Format the code
	venv/bin/ruff check --fix
	venv/bin/ruff format

bench: engine ## Measure what the pack costs: beside an empty one, for templates, as stacks grow, installed
	@$(python) -m tools.bench
	@$(python) -m tools.bench.templates
	@$(python) -m tools.bench.growth
	@$(python) -m tools.bench.organization

picture: engine ## Draw the README's picture of a rejected preview anew
	@$(python) -m tools.docs.picture

routes: setup ## Write docs/routes.md anew
	@$(python) -m tools.docs.routes

release-check: setup ## Say what stands in the way of a release, and with TAG=v1.2.3, of that tag
	@$(python) -m tools.release "$(TAG)"

clean: ## Remove what the other commands made
	rm -rf venv .engine .sandbox .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
