"""The chain on Postgres by a role with few rights, and a plan that is there whole or not at all."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from chain import SETTINGS
from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.run import run_chain
from inventory_allocation.warehouse import open_warehouse
from postgres_server import Database, PostgresServer
from tiny_company import make_tiny_company, write_company
from warehouse.kill import run_and_kill

pytestmark = pytest.mark.xdist_group("postgres_plan")
ROOT = Path(__file__).parents[3]
VARIABLES = {
    "sample_company": False,
    "backtest_cutoffs": 2,
    "forecast_global_models": ["autoregression"],
    "forecast_periods": 4,
    "plan_periods": 2,
    "segment_min_customers": 20,
    "segment_bootstraps": 2,
    "segment_permutations": 9,
}
ROLES = ROOT / "deploy" / "roles" / "postgres.sql"
PLANNER, READER = "inventory_allocation", "inventory_allocation_reader"


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Database:
    return postgres.new_database()


@pytest.fixture(scope="module")
def chain(
    database: Database, new_postgres_chain: Callable, tmp_path_factory: pytest.TempPathFactory
):
    """The chain after a run by a role that may read raw and write to its own schemas only."""
    owner = new_postgres_chain(database, **VARIABLES)
    files = write_company(make_tiny_company(), tmp_path_factory.mktemp("files"))
    load_raw(owner.project, files, replace=False)
    # What everyone may do by default, this role may not need.
    database.query(f"revoke all on database {database.name} from public")
    database.query(ROLES.read_text())
    chain = new_postgres_chain(database, user=PLANNER, **VARIABLES)
    chain.use()
    run_chain(chain.project, SETTINGS, lambda *_: None)
    # The second time rows are added to what is kept.
    chain.dbt("run", "--select", "tag:monitoring")
    return chain


def plan_tables(chain) -> list[str]:
    return chain.project.source_tables("planning")


def rows(database: Database, table: str) -> list[tuple]:
    return sorted(database.query(f"select * from planning.{table}"), key=str)


def test_a_role_with_few_rights_is_enough(chain, database: Database) -> None:
    rights = f"has_database_privilege('{PLANNER}', current_database(), '{{}}')"
    few = database.query(
        "select rolsuper, rolcreatedb, "
        f"{rights.format('create')}, {rights.format('temporary')}, "
        f"has_schema_privilege('{PLANNER}', 'raw', 'create'), "
        "(select count(*) from pg_extension where extname <> 'plpgsql') "
        f"from pg_roles where rolname = '{PLANNER}'"
    )
    assert few == [(False, False, False, True, False, 0)]
    assert database.query("select count(*) from main.fct_allocation_plan")[0][0] > 0
    assert database.query("select count(*) from planning.plan_runs") == [(1,)]


def test_the_role_cannot_write_the_inputs(chain) -> None:
    chain.use()
    warehouse = open_warehouse(chain.project)
    relation = str(chain.project.source_node("raw", "lanes").relation_name)
    try:
        rows = warehouse.query(f"select * from {relation}")
        with pytest.raises(InventoryAllocationError, match="permission denied for table lanes"):
            warehouse.replace(relation, rows.to_reader())
    finally:
        warehouse.close()


def test_the_role_of_readers_sees_the_marts_and_nothing_else(chain, database: Database) -> None:
    assert database.query("select count(*) from main.fct_allocation_plan", READER)[0][0] > 0
    for relation in ("raw.transactions", "planning.plan_runs", "main_staging.stg_raw__customers"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            database.query(f"select * from {relation}", READER)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        database.query("delete from main.fct_allocation_plan", READER)


def test_the_same_plan_writes_nothing(chain, database: Database) -> None:
    before = {table: rows(database, table) for table in plan_tables(chain)}
    assert chain.plan().plan is None
    assert {table: rows(database, table) for table in plan_tables(chain)} == before


def test_two_jobs_at_once_publish_once(chain, database: Database) -> None:
    relation = str(chain.project.source_node("planning", "plan_runs").relation_name)
    chain.use()
    jobs = [open_warehouse(chain.project) for _ in range(2)]
    try:
        runs = jobs[0].query(f"select * from {relation} limit 1")
        index = runs.column_names.index("run_id")
        for n in range(10):
            run_id = f"contested {n}"
            rows = {relation: runs.set_column(index, "run_id", [[run_id]])}
            with ThreadPoolExecutor() as pool:
                promised = [pool.submit(job.publish, relation, run_id, rows) for job in jobs]
            assert sorted(promise.result() for promise in promised) == [False, True]
        held = database.query(
            "select count(*), count(distinct run_id) from planning.plan_runs "
            "where run_id like 'contested%'"
        )
        assert held == [(10, 10)]
    finally:
        for job in jobs:
            job.close()


def test_a_job_killed_at_random_leaves_the_old_plan_or_the_new(chain, database: Database) -> None:
    outcomes = []
    rng = random.Random(7)
    command = [
        *("inventory_allocation.cli", "allocate", "--no-sample-company"),
        *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "tests" / "profiles")),
        *("--target", "postgres", "--vars", str(VARIABLES)),
    ]
    chain.use()

    def run(after_seconds: float | None = None) -> float:
        for table in plan_tables(chain):
            database.query(f"truncate planning.{table}")
        return run_and_kill(command, database, after_seconds)

    seconds = run()
    whole = {table: len(rows(database, table)) for table in plan_tables(chain)}
    assert whole["plan_runs"] == 1
    # Before the first write, after the last, and at ten random moments between.
    for share in (0.0, 3.0, *(rng.uniform(0.3, 1.1) for _ in range(10))):
        run(share * seconds)
        left = {table: len(rows(database, table)) for table in plan_tables(chain)}
        assert left in (whole, dict.fromkeys(whole, 0))
        outcomes.append(left == whole)
        assert database.leftovers() == []
    assert set(outcomes) == {False, True}
