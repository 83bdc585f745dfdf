"""Postgres: a connection of the job's own, opened as dbt opens its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
import pyarrow as pa
from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.exceptions import FailedToConnectError

from dbt.adapters.postgres_local_python.connections import PostgresLocalPythonConnectionManager
from dbt.adapters.postgres_local_python.copy import copy_from_arrow, copy_to_arrow
from inventory_allocation.errors import InputError, InventoryAllocationError

__all__ = ["PostgresWarehouse", "connect"]


def _locate(credentials: Any) -> str:
    return f"postgres://{credentials.host}:{credentials.port}/{credentials.database}"


def connect(credentials: Any) -> Any:
    """Open a connection; raise InventoryAllocationError where the server can't be reached."""
    connection = Connection(
        type=credentials.type,
        name="inventory-allocation",
        state=ConnectionState.INIT,
        credentials=credentials,
    )
    try:
        return PostgresLocalPythonConnectionManager.open(connection).handle
    except FailedToConnectError as error:
        raise InventoryAllocationError(
            f"{_locate(credentials)} cannot be reached: {' '.join(str(error).split())}"
        ) from error


class PostgresWarehouse:
    """A Postgres database."""

    def __init__(self, credentials: Any, *, longest_read: int | None = None) -> None:
        """Open a connection.

        Args:
            credentials: From the dbt profile.
            longest_read: For a connection that only reads: seconds after which the server ends a
                query, so that a build that replaces the table doesn't wait for it.

        Raises:
            InventoryAllocationError: The server can't be reached.
        """
        self._credentials = credentials
        self._connection = connect(credentials)
        if longest_read is not None:
            self._connection.set_session(readonly=True)
            with self._connection, self._connection.cursor() as cursor:
                cursor.execute(
                    "select set_config('statement_timeout', %s, false)", [f"{longest_read}s"]
                )

    @property
    def location(self) -> str:
        """Host, port and database."""
        return _locate(self._credentials)

    @contextmanager
    def _transaction(self, isolation: str = "repeatable read") -> Iterator[Any]:
        """A cursor in a transaction, which sees the database as it is at its start."""
        try:
            with self._connection, self._connection.cursor() as cursor:
                cursor.execute(f"set transaction isolation level {isolation}")
                yield cursor
        except psycopg2.errors.UndefinedTable as error:
            raise InputError(
                f"{str(error).splitlines()[0]}. Run `dbt build` first: it makes the tables."
            ) from error
        except psycopg2.errors.InsufficientPrivilege as error:
            raise InventoryAllocationError(
                f"{str(error).splitlines()[0]} for user {self._credentials.user}. See the README "
                "for the grants that the job needs."
            ) from error

    def read(self, relations: Mapping[str, str]) -> dict[str, pa.Table]:
        """Read whole tables, in one snapshot."""
        with self._transaction() as cursor:
            return {
                name: copy_to_arrow(cursor, f"select * from {relation}").rows
                for name, relation in relations.items()
            }

    def query(self, sql: str, parameters: Sequence[str] = ()) -> pa.Table:
        """Run a query of the project's own."""
        with self._transaction() as cursor:
            if parameters:
                # COPY takes no bound parameters: the driver quotes them.
                sql = cursor.mogrify(sql.replace("?", "%s"), list(parameters)).decode()
            return copy_to_arrow(cursor, sql).rows

    def has_run(self, runs: str, run_id: str) -> bool:
        """Whether the table of runs holds a run."""
        with self._transaction() as cursor:
            return self._holds(cursor, runs, run_id)

    @staticmethod
    def _holds(cursor: Any, runs: str, run_id: str) -> bool:
        cursor.execute(f"select count(*) from {runs} where run_id = %s", [run_id])
        return bool(cursor.fetchone()[0])

    def publish(self, runs: str, run_id: str, tables: Mapping[str, pa.Table]) -> bool:
        """Append rows to tables in one transaction, unless the run is there already.

        Jobs that publish at the same time wait for each other, and see what the other wrote.
        """
        with self._transaction("read committed") as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [runs])
            if self._holds(cursor, runs, run_id):
                return False
            for relation, rows in tables.items():
                copy_from_arrow(cursor, relation, rows.column_names, rows.to_batches())
        return True

    def append(self, relation: str, rows: pa.Table) -> None:
        """Append rows to a table in one transaction."""
        with self._transaction() as cursor:
            copy_from_arrow(cursor, relation, rows.column_names, rows.to_batches())

    def remove_runs(self, relations: Sequence[str], run_ids: Sequence[str]) -> None:
        """Remove the rows of runs in one transaction."""
        with self._transaction() as cursor:
            for relation in relations:
                cursor.execute(f"delete from {relation} where run_id = any(%s)", [list(run_ids)])

    def replace(self, relation: str, rows: pa.RecordBatchReader) -> int:
        """Replace the rows of a table in one transaction."""
        try:
            with self._transaction() as cursor:
                cursor.execute(f"delete from {relation}")
                return copy_from_arrow(cursor, relation, rows.schema.names, rows)
        except psycopg2.DataError as error:
            raise InputError(
                f"the rows do not fit {relation}: {' '.join(str(error).split())}"
            ) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
