"""Running the project on a warehouse of its own."""

import json
import os
import shutil
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import pandas as pd

from inventory_allocation.allocation import SolveSettings
from inventory_allocation.frames import to_pandas
from inventory_allocation.jobs.allocate import PublishedPlan, run_allocation
from inventory_allocation.jobs.run import PLAN_MARTS
from inventory_allocation.warehouse import DbtProject, open_warehouse

ROOT = Path(__file__).parents[2]
# The solver stops by its gap, not by the clock: a busy machine must not choose the plan.
SETTINGS = SolveSettings(time_limit=3600)
# The sample company with a shorter backtest and without trees: a fifth of the time.
SAMPLE: dict[str, Any] = {"backtest_cutoffs": 6, "forecast_global_models": ["autoregression"]}


class QuickProject(DbtProject):
    """The project, in less time.

    On DuckDB dbt takes over what it parsed for an earlier chain with the same variables: the path
    of the file is all that differs.
    """

    _parsed: ClassVar[dict[str, Path]] = {}

    def run(self, *command: str, **options: Any) -> Any:
        """Run a dbt command."""
        from dbt.adapters.duckdb.credentials import DuckDBCredentials

        # What dbt compares of a connection before it takes over what it parsed.
        keys = ("database", "schema")
        with patch.object(DuckDBCredentials, "_connection_keys", lambda _: keys):
            return super().run(*command, **options)

    def take_over_parsing(self, target: Path) -> None:
        """Copy what dbt parsed for the first chain with these variables, if there was one."""
        parsed = target / "partial_parse.msgpack"
        earlier = self._parsed.setdefault(json.dumps(self.variables, sort_keys=True), parsed)
        if earlier.exists():
            target.mkdir()
            shutil.copy(earlier, parsed)


class Chain:
    """The project on one warehouse, with what the tests ask of it."""

    def __init__(
        self, directory: Path, target: str, environment: dict[str, str], variables: dict[str, Any]
    ) -> None:
        """Take a directory for dbt's own files, and what the profile reads from the environment."""
        self.directory = directory
        self.database = directory / "warehouse.duckdb"
        self.target = target
        self._environment = {
            "INVENTORY_ALLOCATION_DUCKDB": str(self.database),
            "DBT_TARGET_PATH": str(directory / "target"),
            "DBT_LOG_PATH": str(directory / "logs"),
            # Nobody reads its artifacts, and writing them takes seconds.
            "DBT_WRITE_JSON": "false",
            **environment,
        }
        self.use()
        self.project = QuickProject(ROOT, ROOT / "tests" / "profiles", target, variables)
        if target == "duckdb":
            self.project.take_over_parsing(directory / "target")

    def use(self) -> None:
        """Point the profile at this warehouse."""
        os.environ.update(self._environment)

    def dbt(self, *command: str) -> Any:
        """Run dbt."""
        self.use()
        return self.project.run(*command)

    def plan(self) -> PublishedPlan:
        """Put a plan in force, if it isn't there."""
        self.use()
        warehouse = open_warehouse(self.project)
        try:
            return run_allocation(self.project, warehouse, SETTINGS, approve=True)
        finally:
            warehouse.close()

    def build_with_plan(self) -> PublishedPlan:
        """Build and test everything, publish a plan, build the plan marts."""
        self.dbt("build")
        published = self.plan()
        self.dbt("build", "--select", PLAN_MARTS)
        return published

    def query(self, sql: str) -> pd.DataFrame:
        """Read with SQL."""
        self.use()
        warehouse = open_warehouse(self.project)
        try:
            return to_pandas(warehouse.query(sql))
        finally:
            warehouse.close()

    def execute(self, sql: str) -> None:
        """Change something by hand, in the DuckDB file or in the Postgres database."""
        if self.target == "duckdb":
            import duckdb

            with duckdb.connect(str(self.database)) as connection:
                connection.execute(sql)
            return
        import psycopg2

        self.use()
        to = self.project.credentials()
        connection = psycopg2.connect(host=to.host, dbname=to.database, user=to.user)
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    def table(self, model: str, schema: str = "main") -> pd.DataFrame:
        """Read a model, sorted by all columns."""
        frame = self.query(f"select * from {schema}.{model}")
        return frame.sort_values(list(frame.columns), ignore_index=True)


def release(chain: Chain) -> None:
    """Let go of a DuckDB file, which dbt keeps open as a build at work does."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
    chain.use()
