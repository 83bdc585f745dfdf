"""Rows between Postgres and Arrow, by COPY on a connection that is open already.

The text is CSV: there a null (nothing) differs from an empty string (two quotes).
"""

import io
import tempfile
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from dbt.adapters.local_python.session import LocalTable, quote

__all__ = ["copy_from_arrow", "copy_to_arrow"]

# Object ids of pg_type.
ARROW_TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    26: pa.int64(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1083: pa.time64("us"),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}
NUMERIC = 1700
ARRAYS = {
    1000: "BOOLEAN[]",
    1005: "SMALLINT[]",
    1007: "INTEGER[]",
    1009: "VARCHAR[]",
    1015: "VARCHAR[]",
    1016: "BIGINT[]",
    1021: "FLOAT[]",
    1022: "DOUBLE[]",
    1115: "TIMESTAMP[]",
    1182: "DATE[]",
    1185: "TIMESTAMP WITH TIME ZONE[]",
    1231: "DOUBLE[]",
    2951: "UUID[]",
}
CASTS = {17: "unhex({})", 114: "cast({} as json)", 3802: "cast({} as json)"}
CASTS |= {1186: "cast({} as interval)", 2950: "cast({} as uuid)"}
SENT = {17: "encode({}, 'hex')", **dict.fromkeys(ARRAYS, "to_json({})")}


def _arrow_type(column: Any) -> pa.DataType:
    if column.type_code == NUMERIC:
        # Without a declared precision there is no exact type for it.
        is_exact = column.precision and column.precision <= 38 and 0 <= column.scale <= 38
        return pa.decimal128(column.precision, column.scale) if is_exact else pa.float64()
    return ARROW_TYPES.get(column.type_code, pa.string())


def copy_to_arrow(cursor: Any, query: str) -> LocalTable:
    """Read a query's rows: what the connection's open transaction sees.

    Args:
        cursor: A psycopg2 cursor.
        query: A select.

    Returns:
        The rows. `numeric` without precision is float64; arrays, json, bytea, uuid and interval
        are text with a DuckDB cast beside them.

    Raises:
        ValueError: A value has no counterpart in Arrow, say the date `infinity`; the message
            names the column.
    """
    cursor.execute(f"select * from ({query}) as rows limit 0")
    columns = list(cursor.description)
    if not columns:
        return LocalTable(pa.table({}))
    types = {column.name: _arrow_type(column) for column in columns}
    sent = ", ".join(
        f"{SENT.get(c.type_code, '{}').format(quote(c.name))} as {quote(c.name)}" for c in columns
    )
    # Only text can be an empty string.
    quoted = ", ".join(quote(name) for name, kind in types.items() if pa.types.is_string(kind))
    force_quote = f", force_quote ({quoted})" if quoted else ""
    with tempfile.TemporaryFile() as file:
        cursor.copy_expert(
            f"copy (select {sent} from ({query}) as rows) to stdout "
            f"(format csv, encoding 'UTF8'{force_quote})",
            file,
            size=1 << 20,
        )
        rows = _parse_csv(file, types)
    casts = {
        c.name: CASTS[c.type_code].format(quote(c.name)) for c in columns if c.type_code in CASTS
    }
    casts |= {
        c.name: f"cast(cast({quote(c.name)} as json) as {ARRAYS[c.type_code]})"
        for c in columns
        if c.type_code in ARRAYS
    }
    return LocalTable(rows, casts)


def _parse_csv(file: Any, types: dict[str, pa.DataType]) -> pa.Table:
    length = file.tell()
    file.seek(0)
    schema = pa.schema(list(types.items()))
    if not length:
        return schema.empty_table()
    try:
        return pa_csv.read_csv(
            file,
            pa_csv.ReadOptions(column_names=schema.names, block_size=1 << 22),
            pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            pa_csv.ConvertOptions(
                column_types=schema,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        text = str(error)
        for index, name in enumerate(schema.names):
            text = text.replace(f"CSV column #{index}:", f"column {name}:")
        raise ValueError(f"a value cannot be read: {text}") from error


class _CsvRows(io.RawIOBase):
    """Record batches as CSV text, made as it is read."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self.error: Exception | None = None
        self._options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002
        try:
            for batch in self._batches:
                if batch.num_rows:
                    sink = pa.BufferOutputStream()
                    pa_csv.write_csv(batch, sink, self._options)
                    text: bytes = sink.getvalue().to_pybytes()
                    return text
        except Exception as error:
            self.error = error
            raise
        return b""


def copy_from_arrow(
    cursor: Any, table: str, columns: Iterable[str], batches: Iterable[pa.RecordBatch]
) -> int:
    """Append rows to a table, in the connection's open transaction.

    Args:
        cursor: A psycopg2 cursor.
        table: The table's quoted name.
        columns: Names of the columns, in the order of the batches'.
        batches: Rows of types that Arrow writes as CSV: numbers, text, booleans, dates, times.

    Returns:
        Number of rows.
    """
    names = ", ".join(quote(column) for column in columns)
    rows = _CsvRows(batches)
    try:
        cursor.copy_expert(
            f"copy {table} ({names}) from stdin (format csv, encoding 'UTF8')", rows, size=1 << 20
        )
    except Exception:
        # What failed while rows were made is the cause; psycopg2 only says that reading failed.
        if rows.error:
            raise rows.error from None
        raise
    return int(cursor.rowcount)
