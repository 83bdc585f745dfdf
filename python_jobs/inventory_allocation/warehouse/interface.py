"""What every warehouse can do for the jobs."""

from typing import Protocol

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.warehouse.dbt_project import DbtProject
from inventory_allocation.warehouse.duckdb import DuckDBWarehouse

__all__ = ["Warehouse", "open_warehouse"]


class Warehouse(Protocol):
    """A connection to a warehouse. Relations are quoted names, as dbt gives them."""

    def read(self, relation: str) -> pd.DataFrame:
        """Read a whole table; raise InputError where it doesn't exist."""
        ...

    def query(self, sql: str) -> pd.DataFrame:
        """Run a query of the project's own and read the result."""
        ...

    def has_run(self, relation: str, run_id: str) -> bool:
        """Whether a table holds a run."""
        ...

    def append(self, tables: dict[str, pd.DataFrame]) -> None:
        """Append frames to tables, by relation, in one transaction, matching columns by name."""
        ...

    def replace_rows(self, relation: str, files: str) -> int:
        """Replace the rows of a table by those of CSV or Parquet files; give their number."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...

    @property
    def location(self) -> str:
        """Where it is, for people; without secrets."""
        ...


def open_warehouse(project: DbtProject) -> Warehouse:
    """Open the warehouse of a project's target.

    Raises:
        InputError: The adapter of the target is not supported.
    """
    credentials = project.credentials()
    if credentials.type == "duckdb":
        return DuckDBWarehouse(credentials.path)
    raise InputError(
        f"target type {credentials.type!r} is not supported by the allocation job yet; use duckdb"
    )
