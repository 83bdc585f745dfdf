"""CSV and Parquet files, read with the types of a table of the contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from inventory_allocation.errors import InputError

__all__ = ["read_file"]

DUCKDB_TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.timestamp("us"): "timestamp",
    pa.date32(): "date",
    pa.bool_(): "boolean",
}


@contextmanager
def read_file(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatchReader]:
    """Read a file in batches.

    Args:
        path: A .csv file with a header, where an empty field is null, or a .parquet file.
        schema: Columns of the table. Those that the file lacks are null; others are left out.

    Yields:
        The rows.

    Raises:
        InputError: A value doesn't fit its column.
    """
    quoted = str(path).replace("'", "''")
    source = (
        f"read_parquet('{quoted}')"
        if path.suffix == ".parquet"
        else f"read_csv('{quoted}', header = true, all_varchar = true)"
    )
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute("set TimeZone = 'UTC'")
            names = connection.sql(f"select * from {source} limit 0").columns
            columns = ", ".join(
                f"cast({_quoted(field.name) if field.name in names else 'null'} "
                f"as {DUCKDB_TYPES[field.type]}) as {_quoted(field.name)}"
                for field in schema
            )
            yield connection.sql(f"select {columns} from {source}").to_arrow_reader(1 << 16)
        except duckdb.Error as error:
            raise InputError(
                f"{path} does not fit its table: {str(error).splitlines()[0]}"
            ) from error


def _quoted(name: str) -> str:
    return f'"{name}"'
