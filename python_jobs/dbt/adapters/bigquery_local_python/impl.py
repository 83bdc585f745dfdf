"""The adapter `bigquery_local_python`."""

from functools import partial
from typing import Any, ClassVar

from dbt.adapters.base import PythonJobHelper, PythonSubmissionResult
from dbt.adapters.bigquery import BigQueryAdapter
from dbt.adapters.bigquery.clients import create_bigquery_client
from dbt.adapters.bigquery.column import BigQueryColumn
from google.cloud import bigquery

from dbt.adapters.bigquery_local_python.connections import BigQueryLocalPythonConnectionManager
from dbt.adapters.bigquery_local_python.transfer import (
    bigquery_schema,
    load_from_arrow,
    query_to_arrow,
)
from dbt.adapters.local_python.adapter import RunsPythonLocally
from dbt.adapters.local_python.session import LocalTable

__all__ = ["BigQueryLocalPythonAdapter"]


class BigQueryLocalPythonColumn(BigQueryColumn):
    """A column whose type may have the name that DuckDB and Postgres know it by."""

    TYPE_LABELS: ClassVar[dict[str, str]] = BigQueryColumn.TYPE_LABELS | {
        "TEXT": "STRING",
        "FLOAT8": "FLOAT64",
        "BIGINT": "INT64",
    }


class LocalPythonJob(PythonJobHelper):
    """Submission method `local`: the model runs here, and a load job writes its rows."""

    def __init__(
        self, adapter: RunsPythonLocally, parsed_model: dict[str, Any], credentials: Any
    ) -> None:
        """Take the model and where to write."""
        self._adapter = adapter
        self._model = parsed_model
        self._client = create_bigquery_client(credentials)

    def submit(self, compiled_code: str) -> PythonSubmissionResult:
        """Run the model; its compiled code says where the rows go (`dbt_destination`)."""

        def read(query: str) -> LocalTable:
            return LocalTable(query_to_arrow(self._client, query))

        with self._adapter.run_locally(self._model, compiled_code, read) as (result, names):
            rows = result.to_arrow_reader(1 << 16)
            table = bigquery.Table(names["dbt_destination"], bigquery_schema(rows.schema))
            table.clustering_fields = names["dbt_cluster_by"]
            if partition := names["dbt_partition_by"]:
                table.time_partitioning = bigquery.TimePartitioning(
                    field=partition["field"], type_=partition.get("granularity", "day").upper()
                )
            load_from_arrow(self._client, table, rows.schema, rows)
        return PythonSubmissionResult(run_id="local", compiled_code=compiled_code)


class BigQueryLocalPythonAdapter(RunsPythonLocally, BigQueryAdapter):
    """BigQuery, with Python models run in the dbt process unless a model says otherwise."""

    ConnectionManager = BigQueryLocalPythonConnectionManager
    Column = BigQueryLocalPythonColumn
    relation_quote = "`"

    @property
    def default_python_submission_method(self) -> str:
        """The profile's, else `local`."""
        return self.config.credentials.submission_method or "local"

    @property
    def python_submission_helpers(self) -> dict[str, Any]:
        """Stock BigQuery's, and `local`."""
        return {**super().python_submission_helpers, "local": partial(LocalPythonJob, self)}

    def _agate_to_schema(self, agate_table: Any, column_override: dict[str, str]) -> Any:
        """A seed's columns, types by the names that other warehouses know them by."""
        translated = {name: self.Column.translate_type(t) for name, t in column_override.items()}
        return super()._agate_to_schema(agate_table, translated)
