# Start with `make preview` or `make test`. Each command sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help setup engine sandbox preview organization audit test test-oldest lint format bench picture \
  docs pins release-check clean

PYTHON ?= python3
export SANDBOX_ENGINE
python := venv/bin/python
pip_install := $(python) -m pip install --quiet --disable-pip-version-check

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

python-version:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 10) else \
	  "Python 3.10 or newer is required. To name one: `make PYTHON=python3.12 preview`")'

venv/.sandbox-ready: requirements.txt requirements-audit.txt requirements-sandbox.txt constraints-dev.txt | python-version
	@# `venv --clear` would delete what a link names.
	@! test -L venv || (echo "venv is a link. Remove it, and run make again." >&2; exit 1)
	@echo "Installing the requirements of the sandbox into venv/ (once, about 1 minute)"
	@$(PYTHON) -m venv --clear venv
	@$(pip_install) -r requirements-sandbox.txt -c constraints-dev.txt
	@echo "Installed the requirements of the sandbox"
	@touch $@

venv/.ready: venv/.sandbox-ready requirements-dev.txt tests/contract/constraints.txt
	@echo "Installing the other requirements into venv/ (once, about 2 minutes)"
	$(pip_install) -r requirements-dev.txt -c constraints-dev.txt
	@# The contract tests read two versions of pulumi-aws. One environment can't contain both.
	$(pip_install) --no-deps --target venv/pulumi-aws-6 pulumi-aws -c tests/contract/constraints.txt
	@# The tests of docs/remediation.md run the AWS CLI. Its dependencies stay separate.
	$(pip_install) --target venv/aws-cli awscli -c constraints-dev.txt
	@touch $@

setup: venv/.ready ## Install the development requirements into venv/

engine: python-version ## Find the Pulumi CLI, or build it with Go into .engine/
	@$(PYTHON) -m tools.engine

sandbox: ## Install what the sandbox needs, and build the engine at the same time
	@$(MAKE) --no-print-directory --jobs=2 venv/.sandbox-ready engine

preview: sandbox ## Preview the insecure and the secure example
	@$(python) -m tools.demo

organization: sandbox ## Show how Pulumi Cloud enforces the pack in an organization
	@$(python) -m tools.demo.organization

audit: venv/.sandbox-ready ## Audit the accounts of a pretend organization
	@$(python) -m tools.demo.audit

test: ## Run all tests
	@$(MAKE) --no-print-directory --jobs=2 setup engine
	$(python) -m pytest --numprocesses auto --dist worksteal

test-oldest: ## Run the end-to-end tests with the oldest Pulumi CLI that README names
	@$(MAKE) --no-print-directory --jobs=2 setup engine SANDBOX_ENGINE=oldest
	SANDBOX_ENGINE=oldest $(python) -m pytest --numprocesses auto --dist worksteal tests/engine

lint: setup ## Check code, formatting, types, and the CI workflow
	venv/bin/ruff check
	venv/bin/ruff format --check
	venv/bin/mypy
	venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

format: setup ## Fix code and formatting
	venv/bin/ruff check --fix
	venv/bin/ruff format

bench: setup engine ## Measure the pack's run time, compared with an empty pack
	@$(python) -m tools.bench
	@$(python) -m tools.bench.templates
	@$(python) -m tools.bench.growth
	@$(python) -m tools.bench.organization
	@$(python) -m tools.bench.audit
	@$(python) -m tools.bench.stacks

picture: setup engine ## Draw the README's picture of a rejected preview
	@$(python) -m tools.docs.picture

docs: setup engine ## Write the generated pages in docs/
	@$(python) -m tools.docs

pins: ## Pin the newest versions of the development requirements
	$(PYTHON) .ci/pins.py

release-check: setup ## Check whether this checkout, or the tag TAG=v1.2.3, can be released
	@$(python) -m tools.release "$(TAG)"

clean: ## Remove everything that these commands install and cache
	rm -rf venv .engine .sandbox .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
