"""One run at a time on a warehouse: a lock that goes with the process that holds it.

Each warehouse has its own way: DuckDB a locked file, Postgres an advisory lock of a connection,
BigQuery a table that expires unless its holder goes on extending it.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.warehouse.dbt_project import DbtProject
from inventory_allocation.warehouse.interface import warehouse_kind

__all__ = ["RunLock", "run_lock"]

# A run that died on BigQuery keeps the next one waiting no longer than this.
LEASE = timedelta(minutes=10)


class RunLock:
    """A lock that is held."""

    def check(self) -> None:
        """Raise InventoryAllocationError where it was lost."""


@contextmanager
def run_lock(project: DbtProject) -> Iterator[RunLock]:
    """Hold the lock of a project's planning tables.

    Raises:
        InventoryAllocationError: Another run holds it.
    """
    credentials = project.credentials()
    kind = warehouse_kind(credentials)
    runs = project.source_node("operations", "job_runs")
    if kind == "duckdb":
        holder = _lock_file(credentials.path)
    elif kind == "postgres":
        holder = _lock_in_postgres(credentials, f"inventory_allocation {runs.schema}")
    else:
        holder = _lease_on_bigquery(credentials, f"{runs.database}.{runs.schema}.run_lock")
    with holder as lock:
        yield lock


@contextmanager
def _lock_file(path: str) -> Iterator[RunLock]:
    """The kernel unlocks the file when the process ends, however it ends."""
    from filelock import FileLock, Timeout

    if path == ":memory:":
        yield RunLock()
        return
    file = FileLock(f"{path}.lock")
    try:
        file.acquire(timeout=0)
    except Timeout as error:
        raise InventoryAllocationError(
            f"another run is at work on {path}: it holds {path}.lock (`fuser {path}.lock` names "
            "the process). Wait for it, or stop it: the lock goes with the process"
        ) from error
    try:
        yield RunLock()
    finally:
        file.release()


class _PostgresLock(RunLock):
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def check(self) -> None:
        import psycopg2

        try:
            with self._connection.cursor() as cursor:
                cursor.execute("select 1")
        except psycopg2.Error as error:
            raise InventoryAllocationError(
                "the connection that holds the lock of this run was dropped, so another run may "
                "have begun. Run again with --resume"
            ) from error


@contextmanager
def _lock_in_postgres(credentials: Any, name: str) -> Iterator[RunLock]:
    """The server unlocks when the connection ends."""
    from inventory_allocation.warehouse.postgres import connect

    with closing(connect(credentials)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
            if not cursor.fetchone()[0]:
                cursor.execute(
                    "select l.pid, coalesce(host(a.client_addr), 'the server itself'), "
                    "a.backend_start from pg_locks as l join pg_stat_activity as a using (pid) "
                    "where l.locktype = 'advisory' and l.granted "
                    "and (l.classid::bigint << 32) + l.objid::bigint = hashtextextended(%s, 0)",
                    [name],
                )
                pid, host, since = cursor.fetchone() or ("unknown", "unknown", "unknown")
                raise InventoryAllocationError(
                    f"another run is at work on {credentials.host}/{credentials.database}: a "
                    f"connection from {host} since {since} (pid {pid} on the server). Wait for "
                    "it, or stop it: the lock goes with the connection"
                )
        yield _PostgresLock(connection)


class _Lease(RunLock):
    """A table that expires, unless its holder goes on extending it."""

    def __init__(self, client: Any, credentials: Any, name: str) -> None:
        self._client, self._credentials, self._name = client, credentials, name
        self._table: Any = None
        self._until = 0.0
        self._done = threading.Event()

    def take(self) -> None:
        from google.api_core.exceptions import Conflict
        from google.cloud import bigquery

        self._find_dataset()
        table = bigquery.Table(self._name, [bigquery.SchemaField("holder", "STRING")])
        asked = time.monotonic()
        table.expires = datetime.now(UTC) + LEASE
        try:
            self._table = self._client.create_table(table)
        except Conflict as error:
            raise InventoryAllocationError(
                f"another run is at work: table {self._name} is its lock. Wait for it; {LEASE} "
                "after a run has died the table is gone"
            ) from error
        self._until = asked + LEASE.total_seconds()

    def _find_dataset(self) -> None:
        """Make the dataset where it is missing; only the first run needs the right to."""
        from google.api_core.exceptions import NotFound
        from google.cloud import bigquery

        dataset = bigquery.Dataset(self._name.rpartition(".")[0])
        try:
            self._client.get_dataset(dataset.reference)
        except NotFound:
            if self._credentials.location:
                dataset.location = self._credentials.location
            self._client.create_dataset(dataset, exists_ok=True)

    def renew(self) -> None:
        """Extend the lease until the run ends."""
        while not self._done.wait(LEASE.total_seconds() / 5):
            asked = time.monotonic()
            self._table.expires = datetime.now(UTC) + LEASE
            # The next try may work, and the stages of the run ask whether the lease still holds.
            with contextlib.suppress(Exception):
                self._table = self._client.update_table(self._table, ["expires"])
                self._until = asked + LEASE.total_seconds()

    def check(self) -> None:
        if time.monotonic() > self._until:
            raise InventoryAllocationError(
                f"the lock {self._name} of this run could not be extended in time, so another run "
                "may have begun. Run again with --resume"
            )

    def give_back(self) -> None:
        self._done.set()
        self._client.delete_table(self._name, not_found_ok=True)


@contextmanager
def _lease_on_bigquery(credentials: Any, name: str) -> Iterator[RunLock]:
    from dbt.adapters.bigquery.clients import create_bigquery_client

    with closing(create_bigquery_client(credentials)) as client:
        lease = _Lease(client, credentials, name)
        lease.take()
        threading.Thread(target=lease.renew, daemon=True).start()
        try:
            yield lease
        finally:
            lease.give_back()
