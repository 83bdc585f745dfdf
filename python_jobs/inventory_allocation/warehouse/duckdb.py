"""DuckDB: one file, one writing process at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from inventory_allocation.errors import InputError, InventoryAllocationError

__all__ = ["DuckDBWarehouse"]


class DuckDBWarehouse:
    """A DuckDB file."""

    def __init__(self, path: str) -> None:
        """Open the file; raise InventoryAllocationError where another process has it."""
        self._path = path
        try:
            self._connection = duckdb.connect(path)
        except duckdb.IOException as error:
            raise InventoryAllocationError(
                f"the DuckDB file {path} cannot be opened: another process may be writing to it. "
                f"Close it there and run again. ({str(error).splitlines()[0]})"
            ) from error
        self._connection.execute("set TimeZone = 'UTC'")

    @property
    def location(self) -> str:
        """The path of the file."""
        return self._path

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        self._connection.execute("begin")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def _run(self, sql: str, *parameters: Any) -> Any:
        """Run a statement; give the rows of a query."""
        try:
            return self._connection.sql(sql, params=list(parameters))
        except duckdb.CatalogException as error:
            raise InputError(
                f"{str(error).splitlines()[0]} Run `dbt build` first: it makes the tables."
            ) from error

    def read(self, relations: Mapping[str, str]) -> dict[str, pa.Table]:
        """Read whole tables."""
        with self._transaction():
            return {
                name: self.query(f"select * from {relation}")
                for name, relation in relations.items()
            }

    def query(self, sql: str, parameters: Sequence[str] = ()) -> pa.Table:
        """Run a query of the project's own."""
        table: pa.Table = self._run(sql, *parameters).to_arrow_table()
        return table

    def has_run(self, runs: str, run_id: str) -> bool:
        """Whether the table of runs holds a run."""
        return bool(self._run(f"select 1 from {runs} where run_id = ?", run_id).fetchall())

    def publish(self, runs: str, run_id: str, tables: Mapping[str, pa.Table]) -> bool:
        """Append rows to tables in one transaction, unless the run is there already."""
        with self._transaction() as connection:
            if self.has_run(runs, run_id):
                return False
            for relation, rows in tables.items():
                self._insert(connection, relation, rows)
        return True

    def append(self, relation: str, rows: pa.Table) -> None:
        """Append rows to a table in one transaction."""
        with self._transaction() as connection:
            self._insert(connection, relation, rows)

    def _insert(self, connection: duckdb.DuckDBPyConnection, relation: str, rows: pa.Table) -> None:
        connection.register("incoming", rows)
        self._run(f"insert into {relation} by name select * from incoming")
        connection.unregister("incoming")

    def remove_runs(self, relations: Sequence[str], run_ids: Sequence[str]) -> None:
        """Remove the rows of runs in one transaction."""
        with self._transaction():
            for relation in relations:
                self._run(
                    f"delete from {relation} where run_id in (select unnest(?))", list(run_ids)
                )

    def replace(self, relation: str, rows: pa.RecordBatchReader) -> int:
        """Replace the rows of a table in one transaction."""
        with self._transaction() as connection:
            self._run(f"delete from {relation}")
            connection.register("incoming", rows)
            try:
                self._run(f"insert into {relation} by name select * from incoming")
            except duckdb.ConversionException as error:
                raise InputError(
                    f"the rows do not fit {relation}: {str(error).splitlines()[0]}"
                ) from error
            finally:
                connection.unregister("incoming")
        return int(self._run(f"select count(*) from {relation}").fetchall()[0][0])

    def close(self) -> None:
        """Close the file, so that another process may open it."""
        self._connection.close()
