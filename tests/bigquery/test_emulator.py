"""The project and the adapter on the BigQuery emulator. Real BigQuery was never reached."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from chain import Chain
from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.jobs.generate import write_company
from inventory_allocation.jobs.job_log import StageRecord, open_log, read_job_runs
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.plan_life import read_states
from inventory_allocation.sample_company import generate_company
from inventory_allocation.warehouse import DbtProject, open_warehouse
from inventory_allocation.warehouse.run_lock import run_lock
from same_rows import find_differences, primary_keys, read_outputs


def write_project(directory: Path, endpoint: str, models: dict[str, str]) -> DbtProject:
    """A project of a test's own."""
    output = {
        "type": "bigquery_local_python",
        "method": "oauth-secrets",
        "token": "fake",
        "project": "fake-project",
        "dataset": directory.name[:40].replace("-", "_"),
        "api_endpoint": endpoint,
        "threads": 2,
    }
    files = {f"models/{name}": text for name, text in models.items()}
    files["dbt_project.yml"] = yaml.safe_dump({"name": "small", "profile": "small"})
    files["profiles.yml"] = yaml.safe_dump({"small": {"target": "t", "outputs": {"t": output}}})
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    os.environ["DBT_TARGET_PATH"] = str(directory / "target")
    os.environ["DBT_LOG_PATH"] = str(directory / "logs")
    return DbtProject(directory, directory)


def rows(project: DbtProject, model: str, order: str) -> list[dict[str, Any]]:
    warehouse = open_warehouse(project)
    try:
        sql = f"select * from {project.model_relation(model)} order by {order}"
        return warehouse.query(sql).to_pylist()
    finally:
        warehouse.close()


@pytest.fixture(scope="module")
def planned_chains(
    new_duckdb_chain: Callable, new_bigquery_chain: Callable, tmp_path_factory: Any
) -> tuple[Chain, Chain]:
    """A generated company of 20 SKUs, loaded from files and planned, on DuckDB and on BigQuery."""
    company = generate_company("tiny", 7)
    files = tmp_path_factory.mktemp("files")
    write_company(company, files)
    chains = []
    for make in (new_duckdb_chain, new_bigquery_chain):
        chain = make(
            sample_company=False, backtest_cutoffs=3, forecast_global_models=["autoregression"]
        )
        loaded = load_raw(chain.project, files, replace=False)
        assert loaded.rows["lanes"] == len(company.raw["lanes"])
        chain.build_with_plan()
        chains.append(chain)
    return chains[0], chains[1]


def test_a_company_has_the_same_rows_as_on_duckdb(planned_chains: tuple[Chain, Chain]) -> None:
    outputs = []
    for chain in planned_chains:
        chain.use()
        outputs.append(read_outputs(chain.project))
    assert all(len(output["fct_allocation_plan"]) > 0 for output in outputs)
    assert find_differences(*outputs, primary_keys(planned_chains[0].project)) == []


def test_the_same_plan_writes_nothing_and_runs_can_be_removed(
    planned_chains: tuple[Chain, Chain],
) -> None:
    chain = planned_chains[1]
    assert chain.plan().plan is None
    runs = chain.query("select run_id from `fake-project`.planning.plan_runs")
    assert len(runs) == 1
    tables = "select table_name from `fake-project`.planning.INFORMATION_SCHEMA.TABLES"
    assert [name for name in chain.query(tables)["table_name"] if "__loading_" in name] == []
    warehouse = open_warehouse(chain.project)
    try:
        states = read_states(chain.project, warehouse)
        assert states["state"].to_list() == ["in_force"]
        relation = str(chain.project.source_node("planning", "plan_runs").relation_name)
        warehouse.remove_runs([relation], states["run_id"].to_list())
        assert warehouse.query(f"select run_id from {relation}").num_rows == 0
    finally:
        warehouse.close()


def test_the_seeds_of_the_sample_company_load(new_bigquery_chain: Callable) -> None:
    chain = new_bigquery_chain(sample_company=True)
    chain.dbt("seed")
    for name, frame in generate_company("small", 7).raw.items():
        (seed,) = [
            node for node in chain.project.manifest.nodes.values() if node.name == f"sample_{name}"
        ]
        loaded = chain.query(f"select count(*) as n from {seed.relation_name}")
        assert loaded["n"].to_list() == [len(frame)], name


def test_one_run_at_a_time_and_a_log_of_it(new_bigquery_chain: Callable) -> None:
    chain = new_bigquery_chain(sample_company=False)
    chain.use()
    with run_lock(chain.project) as lock:
        lock.check()
        with (
            pytest.raises(InventoryAllocationError, match="run_lock is its lock"),
            run_lock(chain.project),
        ):
            pass
    with run_lock(chain.project):
        chain.project.run("run-operation", "create_job_tables")
        log = open_log(chain.project, 2, "hash", resume=False)
        assert log is not None
        now = datetime.now(UTC)
        log.write(1, StageRecord("first", "succeeded", 1.5, 100.0, 7), now)
        log.write(2, StageRecord("second", "failed", 0.5, 100.0, None, "no plan"), now)
    rows = read_job_runs(chain.project)
    assert rows["outcome"].to_list() == ["started", "succeeded", "failed"]
    assert rows["row_count"].to_list()[1] == 7
    again = open_log(chain.project, 2, "hash", resume=True)
    assert again is not None
    assert (again.job_run_id, again.attempt, again.done) == (1, 2, ("first",))


STEPS = """
def model(dbt, session):
    dbt.config(materialized='incremental', unique_key='id')
    rows = session.sql("select 1 as id, 'new' as state union all select 2, 'new'")
    if dbt.is_incremental:
        seen = session.sql(f"select count(*) as n from {dbt.this}").fetchall()[0][0]
        rows = session.sql(f"select 2 as id, 'seen {seen}' as state union all select 3, 'late'")
    return rows
"""


def test_incremental_merges(tmp_path: Path, endpoint: str) -> None:
    project = write_project(tmp_path, endpoint, {"steps.py": STEPS})
    project.run("run")
    project.run("run")
    assert [tuple(row.values()) for row in rows(project, "steps", "id")] == [
        (1, "new"),
        (2, "seen 2"),
        (3, "late"),
    ]


KINDS = """
select 1 as id, cast(1.5 as numeric) as exact, 0.1 as x, '' as t, true as b,
    date '2026-02-28' as d, timestamp '2026-02-28 23:59:59.999999+00' as ts, [1, 2] as numbers
union all
select 2, null, cast('NaN' as float64), 'a\\nb "日本"', null, null, null, []
"""


def test_types_survive(tmp_path: Path, endpoint: str) -> None:
    models = {
        "kinds.sql": "{{ config(materialized='table') }}" + KINDS,
        "copied.py": "def model(dbt, session):\n    return dbt.ref('kinds')\n",
        "none.py": "def model(dbt, session):\n    return dbt.ref('kinds').filter('id < 0')\n",
    }
    project = write_project(tmp_path, endpoint, models)
    project.run("run")
    assert str(rows(project, "copied", "id")) == str(rows(project, "kinds", "id"))
    assert rows(project, "none", "id") == []
    project.run("run", "--empty", "--select", "copied")
    assert rows(project, "copied", "id") == []


def test_an_error_shows_the_models_own_file_and_line(tmp_path: Path, endpoint: str) -> None:
    broken = "\n# A comment.\ndef model(dbt, session):\n    return 1 / 0\n"
    project = write_project(tmp_path, endpoint, {"broken.py": broken})
    with pytest.raises(InventoryAllocationError, match=r'models/broken.py", line 4, in model'):
        project.run("run")


def test_stock_submission_methods_are_inherited() -> None:
    from dbt.adapters.bigquery import BigQueryAdapter

    from dbt.adapters.bigquery_local_python.impl import BigQueryLocalPythonAdapter

    stock = BigQueryAdapter.python_submission_helpers.fget(object.__new__(BigQueryAdapter))
    adapter = object.__new__(BigQueryLocalPythonAdapter)
    assert adapter.python_submission_helpers.items() >= stock.items()
    assert set(adapter.python_submission_helpers) - set(stock) == {"local"}
