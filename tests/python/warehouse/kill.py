"""Killing a process at a moment of its conversation with a database."""

import multiprocessing
import os
import runpy
import sys
import time
from multiprocessing.process import BaseProcess

from postgres_server import Database

# Its children have imported the modules already: that takes longer than what they then do.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "dbt.cli.main",
        "dbt.adapters.postgres_local_python",
        "inventory_allocation.jobs.allocate",
        "inventory_allocation.warehouse",
    ]
)


def run_and_kill(command: list[str], database: Database, after_seconds: float | None) -> float:
    """Start `python -m command` and kill it that long after it first connects; None lets it end.

    Returns:
        Seconds that a process which ended by itself talked to the database; else what was given.
    """
    process = FORKS.Process(target=run_module, args=(command, dict(os.environ)))
    process.start()
    wait_for_connection(database, process)
    started = time.monotonic()
    if after_seconds is None:
        process.join()
        assert process.exitcode == 0
        after_seconds = time.monotonic() - started
    else:
        process.join(after_seconds)
        process.kill()
        process.join()
    wait_for_silence(database)
    return after_seconds


def run_module(command: list[str], environment: dict[str, str]) -> None:
    """Be `python -m command`, silently."""
    os.environ.clear()
    os.environ.update(environment)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    sys.argv = command
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)


def wait_for_connection(database: Database, process: BaseProcess) -> None:
    """Wait until a process talks to the database."""
    while not sessions(database):
        assert process.is_alive(), "the process ended before it reached the database"
        time.sleep(0.02)


def wait_for_silence(database: Database) -> None:
    """Wait until the server has noticed that its client is gone."""
    deadline = time.monotonic() + 30
    while sessions(database):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def sessions(database: Database) -> int:
    """Connections to the database, other than this one."""
    return database.query(
        "select count(*) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend'"
    )[0][0]
