# `make help` lists everything. Nothing here needs more than Python 3.11 or newer, git and make.
.DELETE_ON_ERROR:
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links
PWA_SOURCES := $(shell find pwa/src pwa/field pwa/console pwa/verify pwa/public -type f 2>/dev/null) pwa/vite.config.ts pwa/package-lock.json

# What runs side by side speaks one after another, where make can do that (4.0 and newer).
SIDE_BY_SIDE := --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: help run test e2e soak lint types vitest bench docs screens fonts api tables lock clean

help: ## this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.ready pwa/dist/.built ## start with a demo county; prints the address and the demo sign-ins
	@kuangjian run

test: $(VENV)/.dev pwa/dist/.built ## everything that must hold, in under 20 minutes on two cores
	$(MAKE) $(SIDE_BY_SIDE) lint types vitest
	pytest -n 2 --dist worksteal -m "not e2e and not soak"
	pytest -n 2 --dist worksteal tests/e2e

e2e: $(VENV)/.dev pwa/dist/.built ## only the stories in Chromium
	pytest -n 2 --dist worksteal tests/e2e

soak: $(VENV)/.dev pwa/dist/.built ## the long tiers
	cd pwa && SOAK=300 npx vitest run src/sync/machine.test.ts
	pytest -n 2 -m "soak or hypothesis" --hypothesis-profile=soak

lint: $(VENV)/.dev pwa/node_modules/.ready ## ruff, import rules, unused dependencies, eslint
	ruff check .
	ruff format --check .
	lint-imports
	deptry .
	cd pwa && npx eslint --max-warnings 0 .

types: $(VENV)/.dev pwa/node_modules/.ready ## mypy --strict and vue-tsc
	mypy
	cd pwa && npx vue-tsc --noEmit

vitest: $(VENV)/.dev pwa/node_modules/.ready ## the tests of the pages' code
	cd pwa && npx vitest run

bench: $(VENV)/.dev pwa/dist/.built ## measure, each beside its peer; results as ratios
	python -m bench

screens: $(VENV)/.dev pwa/dist/.built ## take the screenshots of the README anew
	python -m tests.e2e.screens

docs: $(VENV)/.dev ## write docs/reference/ anew from the code
	python -m docs.generate

tables: $(VENV)/.dev ## write the tables that the phone reads (states, roles, documents, posts) from the server's
	kuangjian tables pwa/src/shared/tables

api: $(VENV)/.dev pwa/node_modules/.ready ## write the phone's and the console's API types from the server's routes
	kuangjian openapi > pwa/openapi.json
	cd pwa && npx openapi-typescript openapi.json -o src/shared/api.ts && rm openapi.json

lock: $(VENV)/bin/uv ## pin the dependencies of pyproject.toml anew, by name and hash, naming no registry
	$(LOCK) pyproject.toml -o deploy/requirements.lock
	$(LOCK) --group build -o deploy/requirements-build.lock
	$(LOCK) pyproject.toml --group dev -o deploy/requirements-dev.lock

fonts: $(VENV)/.dev ## make the committed font subsets anew (needs the source fonts; says which)
	python deploy/fonts.py

clean: ## remove everything that was built, not the data in var/
	rm -rf $(VENV) pwa/node_modules pwa/dist

$(VENV)/bin/uv:
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv

# Running needs Node as well, to build the PWA: it comes from PyPI like everything else.
$(VENV)/.ready: $(VENV)/bin/uv deploy/requirements.lock deploy/requirements-build.lock pyproject.toml
	uv pip install --quiet --require-hashes -r deploy/requirements.lock -r deploy/requirements-build.lock
	uv pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.ready deploy/requirements-dev.lock
	uv pip install --quiet --require-hashes -r deploy/requirements-dev.lock
	@touch $@

pwa/node_modules/.ready: $(VENV)/.ready pwa/package-lock.json
	cd pwa && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

pwa/dist/.built: pwa/node_modules/.ready $(PWA_SOURCES)
	cd pwa && npm run --silent build
	python -m whitenoise.compress --quiet pwa/dist
	@touch $@
