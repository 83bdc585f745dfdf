# Everything starts from Python >= 3.11 and make: `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON_FILES := python_jobs tests/python tests/bigquery examples benchmarks models notebooks docs hatch_build.py
EMULATOR := .venv-bigquery-emulator
GOOGLESQL := build/googlesql

.DEFAULT_GOAL := help
.PHONY: help install demo test coverage test-fast test-bigquery check-googlesql lint format type-check docs check-links \
	scan-code security-check bench bench-segments bench-experiments bench-forecast bench-allocation bench-monitoring bench-nights bench-sql bench-forecast-errors check-histories bench-faults bench-dashboard evaluator clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## Create .venv with the pinned versions

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| (echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## Run the whole chain on the sample company and show a plan
	$(BIN)/inventory-allocation demo

test: $(STAMP) ## Run the tests on DuckDB and a real Postgres
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadgroup

# Tracing takes half as long again: it is no part of `test`.
coverage: $(STAMP) ## The same, and fail where they cover less than 90 % of the code
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadgroup --cov --cov-report=term

test-fast: $(STAMP) ## Run the unit tests only
	$(BIN)/python -m pytest tests/python/unit

# The emulator's pins of sqlglot and grpc are not ours: it has an environment of its own.
$(EMULATOR)/.installed: tests/bigquery/requirements.txt
	$(PYTHON) -m venv $(EMULATOR)
	$(EMULATOR)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

test-bigquery: $(STAMP) $(EMULATOR)/.installed ## Run the pipeline on a local BigQuery emulator
	$(BIN)/python -m pytest tests/bigquery

$(GOOGLESQL)/.installed: tests/bigquery/googlesql/package.json tests/bigquery/googlesql/analyze.js
	@mkdir -p $(GOOGLESQL)
	cp $^ $(GOOGLESQL)
	cd $(GOOGLESQL) && npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@

check-googlesql: $(STAMP) $(GOOGLESQL)/.installed ## Check BigQuery's SQL with GoogleSQL's analyzer (needs Node.js)
	$(BIN)/python tests/bigquery/check_googlesql.py $(GOOGLESQL)

lint: $(STAMP) ## Check Python and SQL style
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/python tests/python/check_layout.py
	$(BIN)/sqlfluff lint models tests

format: $(STAMP) ## Fix Python and SQL style
	$(BIN)/ruff check --fix $(PYTHON_FILES)
	$(BIN)/ruff format $(PYTHON_FILES)
	$(BIN)/sqlfluff fix models tests

type-check: $(STAMP) ## Check types
	$(BIN)/mypy

docs: $(STAMP) ## Build the documentation into build/docs, a warning is an error; dbt's page beside it
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs
	INVENTORY_ALLOCATION_DUCKDB=$${INVENTORY_ALLOCATION_DUCKDB:-warehouse.duckdb} \
		$(BIN)/dbt --quiet docs generate --static --profiles-dir tests/profiles --target-path build/dbt
	cp build/dbt/static_index.html build/docs/dbt.html

check-links: $(STAMP) ## Ask every address that the documentation names, which needs the internet
	$(BIN)/python -m sphinx -q -b linkcheck docs build/links

# B608: queries are put together from the names that dbt's manifest gives, never from data.
scan-code: $(STAMP) ## Look for insecure code
	$(BIN)/bandit --quiet --recursive python_jobs --skip B608 --severity-level medium

security-check: scan-code ## The same, and audit the dependencies, which needs the internet
	$(BIN)/pip-audit --skip-editable --progress-spinner off

bench: $(STAMP) ## Time the plan of `make demo` against PuLP, and Postgres against bare COPY
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/postgres_python_model.py

bench-segments: $(STAMP) ## Time segments of a million customers against plain scikit-learn
	$(BIN)/python benchmarks/segments.py

bench-experiments: $(STAMP) ## Simulate experiments: false alarms, coverage, bias removed
	$(BIN)/python benchmarks/experiment_simulations.py

bench-allocation: $(STAMP) ## Solve generated companies beside HiGHS and simple rules; prices, stability, trucks
	$(BIN)/python benchmarks/allocation.py
	$(BIN)/python benchmarks/allocation_promises.py

bench-monitoring: $(STAMP) ## Count false alerts of two healthy years, and weeks until planted shifts are found
	$(BIN)/python benchmarks/monitoring.py

bench-nights: $(STAMP) ## Time a full build of 10 million order lines, and a night after it
	$(BIN)/python benchmarks/nights.py

bench-forecast-errors: $(STAMP) ## Measure whether forecasts of a SKU err together, from what a replay kept in build/replay
	$(BIN)/python benchmarks/forecast_errors.py build/replay

bench-sql: $(STAMP) ## Time the SQL models of 10 million order lines beside the same results written by hand
	$(BIN)/python benchmarks/hand_written.py

check-histories: $(STAMP) ## Compare 100 random histories on DuckDB, and 100 on Postgres, with full refreshes
	HISTORIES=100 $(BIN)/pytest -n 2 tests/python/warehouse/test_incremental_lines.py -k equals_full

bench-faults: $(STAMP) ## Disturb a hundred nights, run them again, compare with an undisturbed one
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,benchmark]'
	$(BIN)/python -u benchmarks/faults.py

bench-dashboard: $(STAMP) ## Time the dashboard's first view in Chromium, on the sample company and on a million lines
	$(BIN)/python benchmarks/dashboard.py

bench-forecast: $(STAMP) ## Forecast held-back weeks beside statsforecast, LightGBM and Prophet
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[benchmark]'
	$(BIN)/python benchmarks/forecast.py
	$(BIN)/python benchmarks/forecast_speed.py

evaluator: $(STAMP) ## Run dbt-project-evaluator: EVALUATOR=<checkout> DBT_UTILS=<checkout>
	tests/evaluator/run.sh $(EVALUATOR) $(DBT_UTILS)

clean: ## Remove what the other targets made
	rm -rf $(VENV) $(EMULATOR) target logs build dist .coverage .mypy_cache .pytest_cache .ruff_cache *.duckdb *.duckdb.wal
