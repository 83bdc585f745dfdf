"""Reading for people: without ever keeping a build waiting.

A DuckDB file belongs to the process that writes to it, so a reader takes a copy of it
while nobody writes, and reads that; on Postgres it reads in short transactions that can't write.
"""

import os
import shutil
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.warehouse.dbt_project import DbtProject
from inventory_allocation.warehouse.interface import Warehouse, warehouse_kind

__all__ = ["DuckDBCopies", "PostgresReader", "Reader", "State", "open_reader"]

# A reader that a build waits for, on Postgres.
LONGEST_READ_SECONDS = 30
# How long rows that were read are shown before they are read again.
KEPT_SECONDS = 60
# Of folders with copies, before the number of the process that made one.
PREFIX = "inventory-allocation-"


@dataclass(frozen=True)
class State:
    """What there is to read.

    Attributes:
        version: Of this reader only; changes when there may be other rows to read.
        read_at: The moment of the rows; None while there is nothing to read yet.
        is_building: Whether somebody writes to the warehouse now.
    """

    version: str
    read_at: datetime | None
    is_building: bool


class Reader(Protocol):
    """Something to read from."""

    def refresh(self) -> State:
        """Look for newer rows; raise InputError where there is no warehouse."""
        ...

    @contextmanager
    def open(self) -> Iterator[Warehouse]:
        """A warehouse to read, for one thread at a time; nothing that is written there stays."""
        ...

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time in which no thread refreshes: this process writes to the warehouse itself."""
        ...


def open_reader(project: DbtProject) -> Reader:
    """The reader of a project's target.

    Raises:
        InputError: The target is neither a DuckDB file nor Postgres.
    """
    credentials = project.credentials()
    kind = warehouse_kind(credentials)
    if kind == "duckdb" and credentials.path != ":memory:":
        return DuckDBCopies(Path(credentials.path))
    if kind == "postgres":
        return PostgresReader(credentials)
    raise InputError(
        f"pages, reports and notebooks read a DuckDB file or Postgres; the target is {kind}. Use "
        "your BI tool there: docs/metrics.md"
    )


class DuckDBCopies:
    """The newest copy of a DuckDB file that could be taken while nobody wrote to it."""

    def __init__(self, path: Path) -> None:
        """Take nothing yet: `refresh` does."""
        self._path = path
        _remove_left_behind()
        self._folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
        self._lock = threading.RLock()
        self._number = 0
        self._stamp: tuple[int, ...] | None = None
        self._read_at: datetime | None = None
        self._warehouse: Warehouse | None = None

    def refresh(self) -> State:
        """Copy the file where it changed and nobody writes to it."""
        with self._lock:
            if not self._path.exists():
                raise InputError(
                    f"there is no warehouse yet: {self._path} does not exist. Make one with "
                    "`make demo`, or `inventory-allocation run`"
                )
            is_building = _is_being_written(self._path)
            if not is_building and self._find_stamp() != self._stamp:
                is_building = not self._copy()
            return State(f"{self._folder.name} {self._number}", self._read_at, is_building)

    def _find_stamp(self) -> tuple[int, ...]:
        stamp: list[int] = []
        for path in (self._path, self._log):
            if path.exists():
                found = path.stat()
                stamp += [found.st_mtime_ns, found.st_size, found.st_ino]
        return tuple(stamp)

    @property
    def _log(self) -> Path:
        """What a process that was killed wrote and didn't put into the file."""
        return self._path.with_name(f"{self._path.name}.wal")

    def _copy(self) -> bool:
        """Take a copy; give whether nobody wrote meanwhile, else keep the one before."""
        from inventory_allocation.warehouse.duckdb import DuckDBWarehouse

        before = self._find_stamp()
        folder = Path(self._folder.name) / str(self._number + 1)
        # Views name the database, which is named after the file.
        copy = folder / self._path.name
        try:
            folder.mkdir()
            _copy_file(self._path, copy)
            if self._log.exists():
                _copy_file(self._log, folder / self._log.name)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise InventoryAllocationError(
                f"{self._path} could not be copied to {folder}: {error.strerror}. Set TMPDIR to a "
                "folder with room for the file"
            ) from error
        if _is_being_written(self._path) or self._find_stamp() != before:
            shutil.rmtree(folder)
            return False
        warehouse = DuckDBWarehouse(str(copy))
        if self._warehouse is not None:
            self._warehouse.close()
            shutil.rmtree(Path(self._warehouse.location).parent)
        self._warehouse, self._stamp, self._number = warehouse, before, self._number + 1
        newest = max(path.stat().st_mtime for path in (self._path, self._log) if path.exists())
        self._read_at = datetime.fromtimestamp(newest, UTC)
        return True

    @contextmanager
    def open(self) -> Iterator[Warehouse]:
        """The newest copy."""
        with self._lock:
            if self._warehouse is None:
                raise InventoryAllocationError(
                    f"a build is at work on {self._path}, and there is no copy yet: try again when "
                    "it is done"
                )
            yield self._warehouse

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Closing a file ends all locks that a process has on it, those of a writer too."""
        with self._lock:
            yield


def _remove_left_behind() -> None:
    """Remove copies of processes that were killed, as a notebook's kernel is when it is closed."""
    if os.name != "posix":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (PermissionError, ValueError):
            continue


def _copy_file(path: Path, copy: Path) -> None:
    """Copy a file, at no cost where the file system can share its blocks."""
    shares_blocks = 0x40049409
    try:
        import fcntl

        with path.open("rb") as old, copy.open("wb") as new:
            fcntl.ioctl(new, shares_blocks, old.fileno())
    except (ImportError, OSError):
        shutil.copyfile(path, copy)


def _is_being_written(path: Path) -> bool:
    """Whether another process has a DuckDB file open for writing.

    Asks who holds its lock, without taking it: a build that opens the file at that moment doesn't
    notice. Where locks can't be asked for, a file that can't be opened is taken to be written.
    """
    try:
        import fcntl
    except ImportError:
        return not os.access(path, os.R_OK)
    is_mac = os.uname().sysname == "Darwin"
    layout = "qqihh" if is_mac else "hhqqi"
    values = (
        (0, 0, 0, fcntl.F_RDLCK, os.SEEK_SET) if is_mac else (fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
    )
    with path.open("rb") as file:
        answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(layout, *values))
    kind = struct.unpack(layout, answer)[3 if is_mac else 0]
    return bool(kind != fcntl.F_UNLCK)


class PostgresReader:
    """A connection that only reads, opened again where it was dropped."""

    def __init__(self, credentials: Any) -> None:
        """Connect later, when a page asks."""
        self._credentials = credentials
        self._lock = threading.RLock()
        self._warehouse: Warehouse | None = None

    def refresh(self) -> State:
        """Rows are read again every minute."""
        now = datetime.now(UTC)
        seconds = int(now.timestamp()) // KEPT_SECONDS * KEPT_SECONDS
        return State(
            f"{id(self)} {seconds}", datetime.fromtimestamp(seconds, UTC), is_building=False
        )

    @contextmanager
    def open(self) -> Iterator[Warehouse]:
        """The connection."""
        import psycopg2

        from inventory_allocation.warehouse.postgres import PostgresWarehouse

        with self._lock:
            if self._warehouse is None:
                self._warehouse = PostgresWarehouse(
                    self._credentials, longest_read=LONGEST_READ_SECONDS
                )
            try:
                yield self._warehouse
            except psycopg2.errors.QueryCanceled as error:
                raise InventoryAllocationError(
                    f"a query took longer than {LONGEST_READ_SECONDS} seconds and was ended, so "
                    "that no build waits for it"
                ) from error
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                self._warehouse.close()
                self._warehouse = None
                raise InventoryAllocationError(
                    "the connection to the server was dropped; load the page again"
                ) from error

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing to wait for: the server keeps readers and writers apart."""
        yield
