"""BigQuery: load jobs into tables of the run's own, then one transaction that shows them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from dbt.adapters.bigquery.clients import create_bigquery_client
from google.api_core.exceptions import Forbidden, GoogleAPIError, NotFound
from google.cloud import bigquery

from dbt.adapters.bigquery_local_python.transfer import load_from_arrow, query_to_arrow
from inventory_allocation.errors import InputError, InventoryAllocationError

__all__ = ["BigQueryWarehouse"]

# What a killed job leaves behind goes by itself.
LOADING_TABLE_LIFE = timedelta(hours=6)


class BigQueryWarehouse:
    """A BigQuery project."""

    def __init__(self, credentials: Any) -> None:
        """Make a client, with the credentials of the dbt profile."""
        self._credentials = credentials
        self._client = create_bigquery_client(credentials)

    @property
    def location(self) -> str:
        """The project."""
        return f"bigquery://{self._credentials.database}"

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except NotFound as error:
            raise InputError(
                f"{error.message}. Run `dbt build` first: it makes the tables."
            ) from error
        except Forbidden as error:
            raise InventoryAllocationError(
                f"{error.message}. See the README for the roles that the job needs."
            ) from error
        except GoogleAPIError as error:
            raise InventoryAllocationError(f"{self.location}: {error}") from error

    def read(self, relations: Mapping[str, str]) -> dict[str, pa.Table]:
        """Read whole tables, each as it is when its query starts."""
        return {
            name: self.query(f"select * from {relation}") for name, relation in relations.items()
        }

    def query(self, sql: str, parameters: Sequence[str] = ()) -> pa.Table:
        """Run a query of the project's own."""
        bound = [bigquery.ScalarQueryParameter(None, "STRING", value) for value in parameters]
        with self._clear_errors():
            return query_to_arrow(self._client, sql, bound)

    def has_run(self, runs: str, run_id: str) -> bool:
        """Whether the table of runs holds a run."""
        parameter = bigquery.ScalarQueryParameter("run_id", "STRING", run_id)
        config = bigquery.QueryJobConfig(query_parameters=[parameter])
        sql = f"select 1 from {runs} where run_id = @run_id limit 1"
        with self._clear_errors():
            return bool(list(self._client.query(sql, job_config=config).result()))

    def publish(self, runs: str, run_id: str, tables: Mapping[str, pa.Table]) -> bool:
        """Append rows to tables in one transaction, unless the run is there already."""
        if self.has_run(runs, run_id):
            return False
        loaded = {relation: _loading_name(relation, run_id) for relation in tables}
        try:
            with self._clear_errors():
                for relation, rows in tables.items():
                    self._load(loaded[relation], relation, rows)
                inserts = [
                    f"insert into {relation} ({_names(rows)}) "
                    f"select {_names(rows)} from `{loaded[relation]}`"
                    for relation, rows in tables.items()
                ]
                script = ["begin transaction", *inserts, "commit transaction"]
                self._client.query(";\n".join(script) + ";").result()
        finally:
            for name in loaded.values():
                self._client.delete_table(name, not_found_ok=True)
        return True

    def append(self, relation: str, rows: pa.Table) -> None:
        """Append rows to a table by one load job."""
        with self._clear_errors():
            table = bigquery.Table(_plain(relation), self._columns(relation, rows.column_names))
            load_from_arrow(self._client, table, rows.schema, rows.to_batches(), "WRITE_APPEND")

    def remove_runs(self, relations: Sequence[str], run_ids: Sequence[str]) -> None:
        """Remove the rows of runs, table by table."""
        parameter = bigquery.ArrayQueryParameter("run_ids", "STRING", list(run_ids))
        config = bigquery.QueryJobConfig(query_parameters=[parameter])
        with self._clear_errors():
            for relation in relations:
                sql = f"delete from {relation} where run_id in unnest(@run_ids)"
                self._client.query(sql, job_config=config).result()

    def _load(self, name: str, like: str, rows: pa.Table) -> None:
        """Load rows into a new table whose columns have the types of another's."""
        table = bigquery.Table(name, self._columns(like, rows.column_names))
        table.expires = datetime.now(UTC) + LOADING_TABLE_LIFE
        self._client.delete_table(name, not_found_ok=True)
        load_from_arrow(self._client, table, rows.schema, rows.to_batches(), "WRITE_APPEND")

    def _columns(self, relation: str, names: list[str]) -> list[bigquery.SchemaField]:
        columns = {field.name: field for field in self._client.get_table(_plain(relation)).schema}
        if missing := [name for name in names if name not in columns]:
            raise InputError(f"table {_plain(relation)} lacks column {', '.join(missing)}")
        return [columns[name] for name in names]

    def replace(self, relation: str, rows: pa.RecordBatchReader) -> int:
        """Replace the rows of a table by one load job."""
        with self._clear_errors():
            table = self._client.get_table(_plain(relation))
            return load_from_arrow(self._client, table, rows.schema, rows)

    def close(self) -> None:
        """Close the client."""
        self._client.close()


def _plain(relation: str) -> str:
    return relation.replace("`", "")


def _loading_name(relation: str, run_id: str) -> str:
    return f"{_plain(relation)}__loading_{run_id}"


def _names(rows: pa.Table) -> str:
    return ", ".join(f"`{name}`" for name in rows.column_names)
