"""Rows between BigQuery and Arrow: query results in, load jobs out."""

import tempfile
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from google.cloud import bigquery

__all__ = ["bigquery_schema", "load_from_arrow", "query_to_arrow"]


def query_to_arrow(
    client: bigquery.Client, sql: str, parameters: Sequence[bigquery.ScalarQueryParameter] = ()
) -> pa.Table:
    """A query's rows, by the Storage API where its package is installed."""
    config = bigquery.QueryJobConfig(query_parameters=list(parameters))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "BigQuery Storage module not found")
        rows: pa.Table = client.query(sql, job_config=config).result().to_arrow()
    return rows


def bigquery_schema(schema: pa.Schema) -> list[bigquery.SchemaField]:
    """Arrow's columns as BigQuery's; a time without zone is a DATETIME."""
    return [_field(field.name, field.type) for field in schema]


def _field(name: str, kind: pa.DataType) -> bigquery.SchemaField:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        element = _field(name, kind.value_type)
        return bigquery.SchemaField(name, element.field_type, "REPEATED", fields=element.fields)
    if pa.types.is_struct(kind):
        fields = [_field(field.name, field.type) for field in kind]
        return bigquery.SchemaField(name, "RECORD", fields=fields)
    return bigquery.SchemaField(name, _scalar(kind))


def _scalar(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_decimal(kind):
        is_small = kind.scale <= 9 and kind.precision - kind.scale <= 29
        return "NUMERIC" if is_small else "BIGNUMERIC"
    if types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz else "DATETIME"
    for is_kind, name in (
        (types.is_boolean, "BOOL"),
        (types.is_integer, "INT64"),
        (types.is_floating, "FLOAT64"),
        (types.is_date, "DATE"),
        (types.is_time, "TIME"),
        (types.is_binary, "BYTES"),
        (types.is_large_binary, "BYTES"),
    ):
        if is_kind(kind):
            return name
    return "STRING"


def load_from_arrow(
    client: bigquery.Client,
    table: bigquery.Table,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    write_disposition: str = "WRITE_TRUNCATE",
) -> int:
    """Write rows to a table by one load job: all of them or none.

    Args:
        client: A client.
        table: The table, with its columns, partitions and clusters; made where it is missing.
        schema: Types of the rows.
        batches: The rows.
        write_disposition: WRITE_TRUNCATE or WRITE_APPEND.

    Returns:
        Number of rows.
    """
    client.create_table(table, exists_ok=True)
    parquet = bigquery.ParquetOptions()
    parquet.enable_list_inference = True
    options: dict[str, Any] = {}
    if table.time_partitioning:
        options["time_partitioning"] = table.time_partitioning
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET,
        write_disposition=write_disposition,
        schema=table.schema,
        parquet_options=parquet,
        clustering_fields=table.clustering_fields,
        **options,
    )
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        job = client.load_table_from_file(file, table.reference, rewind=True, job_config=config)
        job.result()
        return int(job.output_rows or 0)
