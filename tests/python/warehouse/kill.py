"""Killing a process at a moment of its conversation with a database."""

import signal
import subprocess
import time

from postgres_server import Database


def run_and_kill(command: list[str], database: Database, after_seconds: float | None) -> float:
    """Start a process and kill it that long after it first connects; None lets it end.

    Returns:
        Seconds that a process which ended by itself talked to the database; else what was given.
    """
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for_connection(database, process)
        started = time.monotonic()
        if after_seconds is None:
            assert process.wait() == 0
            after_seconds = time.monotonic() - started
        else:
            time.sleep(after_seconds)
            process.send_signal(signal.SIGKILL)
    wait_for_silence(database)
    return after_seconds


def wait_for_connection(database: Database, process: subprocess.Popen) -> None:
    """Wait until a process talks to the database."""
    while not sessions(database):
        assert process.poll() is None, "the process ended before it reached the database"
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
