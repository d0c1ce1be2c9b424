# The commands of this project. They need Python 3.11 or newer and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
UV := $(BIN)/uv
UV_VERSION := 0.13.9
PIP_AUDIT_VERSION := 2.10.1
CYCLONEDX_VERSION := 7.5.0
DOCS_PORT ?= 8000
TARGET = --project "$(PROJECT)" --region "$(REGION)" --environment "$(ENVIRONMENT)"
FUNCTIONS := $(notdir $(wildcard functions/*))

.PHONY: help run prove prove-breaks breaks rehearse package deploy smoke rollback rotate destroy test lint types contracts web-test checkov advisories sbom site docs reset lock
.DEFAULT_GOAL := help

# Python keeps what it compiled, whatever the shell says: the many processes of a stack and of the tests would
# each compile all that they import.
unexport PYTHONDONTWRITEBYTECODE

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: $(READY) ## the whole system on http://localhost:8080 (CRM_PORT for another port), until Ctrl-C
	@$(BIN)/python -m devstack run

package: $(READY) ## the zip of every function, in build/functions
	@$(BIN)/python -m deploy package

deploy: $(READY) ## the whole system in Google Cloud: PROJECT=… REGION=…, and YES=yes not to be asked
	@$(BIN)/python -m deploy deploy $(TARGET) $(if $(YES),--yes)

smoke: $(READY) ## whether what was deployed works: PROJECT=… REGION=…
	@$(BIN)/python -m deploy smoke $(TARGET)

rollback: $(READY) ## the traffic to a version deployed before, in seconds: PROJECT=… REGION=…, VERSION=… or the one before
	@$(BIN)/python -m deploy rollback $(TARGET) --version "$(VERSION)" $(if $(YES),--yes)

rotate: $(READY) ## another value for a secret: PROJECT=… REGION=… SECRET=…, later DROP_OLD=yes
	@$(BIN)/python -m deploy rotate $(TARGET) --secret "$(SECRET)" $(if $(DROP_OLD),--drop-old)

destroy: $(READY) ## delete what was deployed, after asking twice: PROJECT=… REGION=…
	@$(BIN)/python -m deploy destroy $(TARGET)

reset: $(READY) ## forget the data of the local system
	@$(BIN)/python -m devstack reset

prove: $(READY) ## campaigns with injected faults on a stack of their own, about ten minutes; ends with a table (SEED=1 repeats)
	@$(BIN)/python -m prove $(if $(SEED),--seed $(SEED))

prove-breaks: $(READY) ## break the product in a copy, one thing at a time, and check that it is noticed
	@$(BIN)/python -m prove.breaks

breaks: $(READY) ## the same for the state machine of delivery, 31 breaks; see docs/proof.md
	@$(BIN)/python -m tests.proof.breaks

rehearse: $(READY) ## a release on this machine, without Google Cloud: upgrade, rollback, kills, restore; ends with a table (FROM=v1.0.0)
	@$(BIN)/python -m rehearse $(if $(FROM),--from "$(FROM)") $(if $(ONLY),--only "$(ONLY)")

# Three processes on two cores: the one with the browser mostly waits for it.
test: $(READY) ## everything that must pass; starts and stops what it needs
	@$(MAKE) --no-print-directory --jobs 2 lint types contracts web-test
	$(BIN)/python -m pytest --numprocesses 3 --dist loadgroup

lint: $(READY) ## style of the code, and the layers of the web app
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m devstack npm run lint

types: $(READY) ## types of the Python code; each function separately, because all are called main.py
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases tests
	@set -e; for name in $(FUNCTIONS); do \
		echo "mypy functions/$$name"; \
		(cd functions/$$name && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache .); \
	done

contracts: $(READY) ## who may import whom
	$(BIN)/lint-imports

web-test: $(READY) ## tests of the web app
	$(BIN)/python -m devstack npm run test

checkov: $(READY) ## what a scanner finds in the Terraform code; not part of `make test`, for it installs 200 MB
	@test -x .cache/checkov/bin/checkov || $(UV) venv --quiet .cache/checkov
	@$(UV) pip sync --quiet --require-hashes --python .cache/checkov locks/checkov.lock
	.cache/checkov/bin/checkov --config-file infra/checkov.yaml

advisories: $(READY) ## known vulnerabilities of the locked packages; asks osv.dev and the npm registry
	@set -e; for lock in requirements.lock locks/*.lock functions/*/requirements.txt; do \
		echo "$$lock"; \
		$(UV) tool run pip-audit==$(PIP_AUDIT_VERSION) --strict --require-hashes --disable-pip \
			--vulnerability-service osv --requirement $$lock; \
	done
	$(BIN)/python -m devstack npm audit

sbom: $(READY) ## what every function, the web app and the development are made of, as CycloneDX, in build/sbom
	@mkdir -p build/sbom
	@set -e; for lock in requirements.lock functions/*/requirements.txt; do \
		name=$$(echo $$lock | sed 's,functions/\(.*\)/.*,\1,; s,requirements.lock,development,'); \
		$(UV) tool run --quiet --from cyclonedx-bom==$(CYCLONEDX_VERSION) cyclonedx-py requirements \
			--output-reproducible --pyproject pyproject.toml --output-file build/sbom/$$name.cdx.json $$lock; \
	done
	@$(BIN)/python -m devstack npm sbom --sbom-format cyclonedx --package-lock-only > build/sbom/web.cdx.json
	@ls build/sbom/*

site: $(READY) ## the documentation and the API's reference as a site, in build/site/html; fails at a link that leads nowhere
	@test -x .cache/docs/bin/python || $(UV) venv --quiet --python $(BIN)/python .cache/docs
	@$(UV) pip sync --quiet --require-hashes --python .cache/docs locks/docs.lock
	@$(BIN)/python -m devstack site
	@NO_MKDOCS_2_WARNING=1 .cache/docs/bin/mkdocs build --strict

docs: site ## the same, served on http://localhost:8000 (DOCS_PORT for another port), until Ctrl-C
	@echo "http://localhost:$(DOCS_PORT)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site/html $(DOCS_PORT)

lock: $(READY) ## resolve the dependencies of pyproject.toml, locks/*.in and every function again
	$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --upgrade \
		--custom-compile-command "make lock" pyproject.toml --output-file requirements.lock
	@set -e; for name in bench checkov docs java node; do \
		$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --upgrade \
			--custom-compile-command "make lock" locks/$$name.in --output-file locks/$$name.lock; \
	done
	$(BIN)/python -m devstack requirements

# Made again only when the locked dependencies change.
$(READY): requirements.lock Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed. Name one: PYTHON=/path/to/python3.12 make run"; exit 1; }
	@echo "Installing the locked Python packages into .venv"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	@$(UV) --version 2>/dev/null | grep -q " $(UV_VERSION)" \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@
