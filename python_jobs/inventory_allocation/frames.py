"""Frames: reading what a warehouse hands to a dbt Python model or a job, and checking columns."""

import contextlib
from collections.abc import Iterable
from typing import Any

import pandas as pd
import pyarrow as pa

from inventory_allocation.errors import InputError

# dbt-duckdb imports polars, where it is installed, in whichever thread first needs it; scikit-learn
# fails on the half imported module in the others.
with contextlib.suppress(ImportError):
    import polars  # noqa: F401

__all__ = ["read_this", "require_columns", "to_arrow", "to_pandas"]


def to_pandas(relation: Any) -> pd.DataFrame:
    """Turn what `dbt.ref()` returns or a warehouse reads into a pandas frame.

    Args:
        relation: A DuckDB relation, a BigFrames frame, a Spark frame, an Arrow table or a pandas
            frame.

    Returns:
        The rows as pandas: decimals become float64, times naive UTC, dates datetime64.

    Raises:
        InputError: The object is none of these.
    """
    if isinstance(relation, pd.DataFrame):
        return relation
    if isinstance(relation, pa.Table):
        table: pd.DataFrame = _plain(relation).to_pandas(date_as_object=False)
        return table
    for method in ("df", "to_pandas", "toPandas"):
        convert = getattr(relation, method, None)
        if callable(convert):
            frame: pd.DataFrame = convert()
            return frame
    raise InputError(f"a relation of type {type(relation).__name__} cannot be read as a frame")


def to_arrow(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """A frame's columns with the types of a schema, in its order."""
    fields = [field for field in schema if field.name in frame]
    table = pa.Table.from_pandas(frame[[field.name for field in fields]], preserve_index=False)
    return table.cast(pa.schema(fields))


def read_this(dbt: Any, session: Any) -> pd.DataFrame | None:
    """Read what an incremental Python model holds from earlier runs; None the first time.

    Args:
        dbt: The object that dbt hands to a Python model.
        session: The session that comes with it.
    """
    return to_pandas(session.sql(f"select * from {dbt.this}")) if dbt.is_incremental else None


def _plain(table: pa.Table) -> pa.Table:
    """A table without types that pandas has no fast counterpart for."""

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_decimal(kind):
            return pa.float64()
        return pa.timestamp(kind.unit) if pa.types.is_timestamp(kind) else kind

    return table.cast(pa.schema([(field.name, plain(field.type)) for field in table.schema]))


def require_columns(frame: pd.DataFrame, columns: Iterable[str], table: str) -> None:
    """Raise InputError when a column is missing from the frame of a table."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(
            f"table {table} lacks column {', '.join(missing)}; it has {', '.join(frame.columns)}"
        )
