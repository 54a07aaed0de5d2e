# Relative paths only: the folder's own path may hold a space, which make cannot quote.

PYTHON ?= python3
RUN = .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore
# Trust what the system trusts, as pip does: a company's proxy has a certificate of its own.
export UV_SYSTEM_CERTS = 1
# Images of containers often forbid compiled code to be kept. Without it every process takes three times as long to start.
export PYTHONDONTWRITEBYTECODE =
# Checking needs settings, but no server.
SETTINGS_ONLY = CONSILIUM_MODE=test STATE_DIR=var/lint DATABASE_URL=postgresql://nobody@/none \
	DATABASE_OWNER_URL=postgresql://nobody@/none CELERY_BROKER_URL=memory://

.PHONY: help demo test lint format requirements bill clean

help:
	@echo "make demo           start everything with demonstration data (PORT=8000, HOST=127.0.0.1)"
	@echo "make test           run every test (ARGS='tests/portal -k name' to choose)"
	@echo "make lint           check style, types, import rules and migrations"
	@echo "make format         lay out the code as 'make lint' wants it"
	@echo "make requirements   work requirements.txt out anew from pyproject.toml"
	@echo "make bill           write var/bill-of-materials.json (CycloneDX) of what is installed"
	@echo "make clean          remove what was installed and cached; var/ with its data stays"

demo: .venv/made
	@exec $(RUN) -m portal.embedded demo

test: .venv/made
	@exec $(RUN) -m pytest --numprocesses=logical --maxprocesses=8 --dist=loadfile $(ARGS)

lint: .venv/made
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(SETTINGS_ONLY) $(RUN) -m mypy
	$(RUN) .venv/bin/lint-imports
	CONSILIUM_MODE=test STATE_DIR=var/test $(RUN) manage.py makemigrations --check --dry-run

format: .venv/made
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

requirements: .boot/bin/uv
	.boot/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header --group dev pyproject.toml -o requirements.txt

# Each package with its version and licence, for whoever must know what runs here. The tool stays out of .venv, so that
# the bill names nothing that only made the bill.
bill: .venv/made .boot/bin/uv
	@mkdir -p var
	@.boot/bin/uv tool run --quiet --from 'cyclonedx-bom>=7.5,<8' cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --spec-version 1.6 \
		--output-file var/bill-of-materials.json $(RUN)
	@echo "Written: var/bill-of-materials.json"

clean:
	rm -rf .venv .boot .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

# uv installs in seconds what pip takes half a minute for; pip does it where uv has no wheel or cannot reach the index
# (it does not read pip's configuration).
.venv/made: requirements.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Consilium needs Python 3.11 or later; $(PYTHON) is "\
	 + sys.version.split()[0] + ". Name a newer one, for example: make demo PYTHON=python3.12")'
	@$(PYTHON) -c 'import importlib.util, sys; importlib.util.find_spec("pip") or sys.exit("$(PYTHON) has no pip. \
	Install it, on Debian and Ubuntu with: apt-get install python3-pip")'
	@echo "Installing the packages of requirements.txt into .venv (once; needs a package index) ..."
	@if $(MAKE) --no-print-directory .boot/bin/uv && $(MAKE) --no-print-directory with-uv; then :; \
	else echo "uv could not do it; trying pip, which takes a little longer ..."; $(MAKE) --no-print-directory with-pip; fi
	@touch .venv/made
	@echo "Installed."

.boot/bin/uv:
	@$(PYTHON) -m pip install --quiet --upgrade --target .boot uv

.PHONY: with-uv with-pip
with-uv:
	@.boot/bin/uv venv --quiet --allow-existing --no-python-downloads \
		--python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	@{ .boot/bin/uv pip install --python .venv/bin/python --require-hashes -r requirements.txt 2>&1; \
		echo $$? > .boot/status; } | grep -v '^ + '; exit "$$(cat .boot/status)"

with-pip:
	@$(PYTHON) -m venv --without-pip --clear .venv
	@$(PYTHON) -m pip --python .venv/bin/python install --quiet --progress-bar on --require-hashes -r requirements.txt
