# A thin layer: each target says what it runs. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUNBUFFERED := 1
export ANDON_GOAL := $(firstword $(MAKECMDGOALS))

.DEFAULT_GOAL := help
.PHONY: help setup run test check fix bench lock clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup:  ## Make .venv with everything in requirements.lock (at once when nothing changed)
	@python=$$(command -v $(PYTHON) || command -v python3.13 || command -v python3.12 || command -v python3.11) || { \
	  echo "Andon needs Python >= 3.11; there is no $(PYTHON) on PATH. Install one, or set PYTHON=..." >&2; exit 1; }; \
	"$$python" scripts/bootstrap.py $(SETUP)

run: setup  ## Start Andon with the sample organisation Fruits R Us
	@$(BIN)/andon up --sample

test: setup  ## Run every test (SQLite, then PostgreSQL); ARGS="..." goes to pytest; DATES=all
	@$(BIN)/python scripts/components.py
	@$(BIN)/python scripts/test.py $(ARGS)

check: setup  ## Lint, types, import contracts, names, migrations, templates
	@$(BIN)/python scripts/check.py

fix: setup  ## Format code and mend what the linter can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@$(BIN)/djlint --reformat --quiet src || true

bench: setup  ## Measure, and compare with the peers in one table; ARGS="intake" for one
	@$(BIN)/python scripts/components.py
	@$(BIN)/python -m bench.run $(ARGS)

lock: setup  ## Write requirements.lock anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	uv pip compile pyproject.toml --extra postgres --extra planning --extra grafana --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o requirements.lock

clean:  ## Remove .venv and caches (never ./var, which holds data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
