"""What every warehouse can do for the jobs."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

from inventory_allocation.errors import InputError
from inventory_allocation.warehouse.dbt_project import DbtProject

__all__ = ["Warehouse", "open_warehouse", "warehouse_kind"]

# The stock adapters build the SQL models; only ours run the Python models there.
KINDS = {
    "duckdb": "duckdb",
    "postgres": "postgres",
    "postgres_local_python": "postgres",
    "bigquery": "bigquery",
    "bigquery_local_python": "bigquery",
}


class Warehouse(Protocol):
    """A connection to a warehouse. Relations are quoted names, as dbt gives them."""

    def read(self, relations: Mapping[str, str]) -> dict[str, pa.Table]:
        """Read whole tables, as they are at one moment; raise InputError where one is missing.

        Args:
            relations: Relation by the name that the result has it under.
        """
        ...

    def query(self, sql: str, parameters: Sequence[str] = ()) -> pa.Table:
        """Run a query of the project's own and read the result.

        Args:
            sql: The query, with a ? for each parameter; with parameters it holds no % sign.
            parameters: Texts that stand for the question marks, in order: what people or data
                say never becomes part of the SQL.
        """
        ...

    def has_run(self, runs: str, run_id: str) -> bool:
        """Whether the table of runs holds a run."""
        ...

    def publish(self, runs: str, run_id: str, tables: Mapping[str, pa.Table]) -> bool:
        """Append rows to tables, all or none of them, unless the run is there already.

        Args:
            runs: The table of runs.
            run_id: The run that the rows belong to.
            tables: Rows by relation; columns are matched by name.

        Returns:
            Whether the rows were written.
        """
        ...

    def append(self, relation: str, rows: pa.Table) -> None:
        """Append rows to a table, all or none of them; columns are matched by name."""
        ...

    def remove_runs(self, relations: Sequence[str], run_ids: Sequence[str]) -> None:
        """Remove the rows of runs from tables that have a run_id.

        All or none of them; on BigQuery table by table, in the order given.
        """
        ...

    def replace(self, relation: str, rows: pa.RecordBatchReader) -> int:
        """Replace the rows of a table, all or none of them; give their number."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...

    @property
    def location(self) -> str:
        """Where it is, for people; without secrets."""
        ...


def warehouse_kind(credentials: Any) -> str:
    """duckdb, postgres or bigquery.

    Raises:
        InputError: The adapter of the credentials is not supported.
    """
    if credentials.type not in KINDS:
        raise InputError(
            f"target type {credentials.type!r} is not supported; the types are {', '.join(KINDS)}"
        )
    return KINDS[credentials.type]


def open_warehouse(project: DbtProject) -> Warehouse:
    """Open the warehouse of a project's target.

    Raises:
        InputError: The adapter of the target is not supported.
        InventoryAllocationError: The warehouse can't be reached.
    """
    credentials = project.credentials()
    kind = warehouse_kind(credentials)
    if kind == "duckdb":
        from inventory_allocation.warehouse.duckdb import DuckDBWarehouse

        return DuckDBWarehouse(credentials.path)
    if kind == "postgres":
        from inventory_allocation.warehouse.postgres import PostgresWarehouse

        return PostgresWarehouse(credentials)
    from inventory_allocation.warehouse.bigquery import BigQueryWarehouse

    return BigQueryWarehouse(credentials)
