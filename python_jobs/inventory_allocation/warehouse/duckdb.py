"""DuckDB: one file, one writing process at a time."""

from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from inventory_allocation.errors import InputError, InventoryAllocationError

__all__ = ["DuckDBWarehouse"]


def _missing_table(error: Exception) -> InputError:
    return InputError(f"{str(error).splitlines()[0]} Run `dbt build` first: it makes the tables.")


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

    def _execute(self, sql: str, parameters: list[Any] | None = None) -> Any:
        try:
            return self._connection.execute(sql, parameters)
        except duckdb.CatalogException as error:
            raise _missing_table(error) from error

    def read(self, relation: str) -> pd.DataFrame:
        """Read a whole table."""
        return self.query(f"select * from {relation}")

    def query(self, sql: str) -> pd.DataFrame:
        """Run a query of the project's own; decimals become float64."""
        try:
            table: pa.Table = self._connection.sql(sql).to_arrow_table()
        except duckdb.CatalogException as error:
            raise _missing_table(error) from error
        exact = [
            pa.field(field.name, pa.float64()) if pa.types.is_decimal(field.type) else field
            for field in table.schema
        ]
        frame: pd.DataFrame = table.cast(pa.schema(exact)).to_pandas(date_as_object=False)
        return frame

    def has_run(self, relation: str, run_id: str) -> bool:
        """Whether a table holds a run."""
        sql = f"select count(*) from {relation} where run_id = ?"
        return bool(self._execute(sql, [run_id]).fetchone()[0])

    def append(self, tables: dict[str, pd.DataFrame]) -> None:
        """Append frames to tables in one transaction."""
        self._connection.execute("begin")
        try:
            for relation, frame in tables.items():
                self._connection.register("incoming", frame)
                self._execute(f"insert into {relation} by name select * from incoming")
                self._connection.unregister("incoming")
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def replace_rows(self, relation: str, files: str) -> int:
        """Replace the rows of a table by those of CSV or Parquet files."""
        quoted = files.replace("'", "''")
        reader = "read_parquet" if files.endswith(".parquet") else "read_csv"
        options = "" if reader == "read_parquet" else ", header = true, all_varchar = true"
        columns = [row[0] for row in self._execute(f"describe {relation}").fetchall()]
        source = f"{reader}('{quoted}'{options})"
        given = [row[0] for row in self._execute(f"describe select * from {source}").fetchall()]
        shared = ", ".join(f'"{name}"' for name in columns if name in given)
        self._connection.execute("begin")
        try:
            self._execute(f"delete from {relation}")
            self._execute(f"insert into {relation} ({shared}) select {shared} from {source}")
        except duckdb.ConversionException as error:
            self._connection.execute("rollback")
            raise InputError(
                f"{files} does not fit {relation}: {str(error).splitlines()[0]}"
            ) from error
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")
        return int(self._execute(f"select count(*) from {relation}").fetchone()[0])

    def close(self) -> None:
        """Close the file, so that another process may open it."""
        self._connection.close()
