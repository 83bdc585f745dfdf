"""Running the project on a DuckDB file of its own."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse import DbtProject, open_warehouse

ROOT = Path(__file__).parents[2]


class Chain:
    """The project on one DuckDB file, with what the tests ask of it."""

    def __init__(self, directory: Path, **variables: Any) -> None:
        """Take a directory for the file and dbt's own files."""
        self.database = directory / "warehouse.duckdb"
        self._target = directory / "target"
        self.use()
        self.project = DbtProject(ROOT, ROOT / "tests" / "profiles", None, variables)

    def use(self) -> None:
        """Point the profile at this file."""
        os.environ["INVENTORY_ALLOCATION_DUCKDB"] = str(self.database)
        os.environ["DBT_TARGET_PATH"] = str(self._target)
        os.environ["DBT_LOG_PATH"] = str(self._target / "logs")

    def dbt(self, *command: str) -> Any:
        """Run dbt."""
        self.use()
        return self.project.run(*command)

    def query(self, sql: str) -> pd.DataFrame:
        """Read with SQL."""
        self.use()
        warehouse = open_warehouse(self.project)
        try:
            return to_pandas(warehouse.query(sql))
        finally:
            warehouse.close()

    def execute(self, sql: str) -> None:
        """Change something by hand."""
        import duckdb

        with duckdb.connect(str(self.database)) as connection:
            connection.execute(sql)

    def table(self, model: str, schema: str = "main") -> pd.DataFrame:
        """Read a model, sorted by all columns."""
        frame = self.query(f"select * from {schema}.{model}")
        return frame.sort_values(list(frame.columns), ignore_index=True)


@pytest.fixture(scope="session")
def new_chain(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Chain]:
    """Make a chain on an empty warehouse."""

    def make(**variables: Any) -> Chain:
        return Chain(tmp_path_factory.mktemp("chain"), **variables)

    return make
