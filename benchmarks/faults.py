"""Let a night meet faults at random moments, run it again, and compare with an undisturbed night.

Run it with `make bench-faults`, a hundred faults in an hour or two, or with `--faults 8` to look. A
small company has had one night; the next one, with a week of new rows, is the one that is
disturbed, each time from a copy of the same warehouse. After it every table that BI reads and every
table of plans must hold the rows of an undisturbed night. Prints a line per fault, and a table at
the end.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python"))

from chain import Chain  # noqa: E402
from inventory_allocation.jobs.load_raw import load_raw  # noqa: E402
from postgres_server import Database, PostgresServer  # noqa: E402
from same_rows import find_differences, primary_keys, read_outputs  # noqa: E402
from tiny_company import LAST_DAY, QUICK, make_tiny_company, write_company  # noqa: E402

LOCKED_SECONDS = 3.0
# What a rerun prints where there is no run to resume: the fault came before it began.
NOTHING_TO_RESUME = "no run to resume"


@dataclass
class Place:
    """A warehouse as it was before the night, to be copied, and the copy that is disturbed."""

    name: str
    chain: Chain
    restore: Callable[[], None]
    database: Database | None = None
    usual_seconds: float = 0.0

    def start(
        self, *more: str, limit: int | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a night in a process group of its own."""
        release()
        self.chain.use()
        command = [sys.executable, "-m", "inventory_allocation.cli", "run", *more]
        where = ["--project-dir", ROOT, "--profiles-dir", ROOT / "tests" / "profiles"]
        options = ["--target", self.chain.target, "--vars", json.dumps(QUICK)]
        return subprocess.Popen(
            [*map(str, [*command, *where, *options, "--time-limit", 3600])],
            env=os.environ | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=(lambda: _limit_files(limit)) if limit else None,
        )


def release() -> None:
    """Close the file that dbt, in this process, keeps open."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _limit_files(limit: int) -> None:
    # Writing past the limit is then an error of the call, as on a full disk, and no signal.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def kill(place: Place, moment: float) -> str:
    """`kill -9` of the process, dbt and the job in it."""
    process = place.start()
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGKILL)
    return _end(process)


def fill_disk(place: Place, moment: float) -> str:
    """No file, the warehouse's among them, can be written past a size it has reached already."""
    share = 0.05 + 0.55 * moment / place.usual_seconds
    return _end(place.start(limit=int(share * place.chain.database.stat().st_size)))


def hold_file(place: Place, moment: float) -> str:
    """Another program holds the file."""
    script = (
        "import duckdb, sys, time\n"
        "while True:\n"
        "    try:\n"
        f"        held = duckdb.connect(sys.argv[1]); time.sleep({LOCKED_SECONDS}); break\n"
        "    except duckdb.Error: time.sleep(0.01)\n"
    )
    process = place.start()
    time.sleep(moment)
    holder = subprocess.Popen([sys.executable, "-c", script, str(place.chain.database)])
    text = _end(process)
    holder.wait()
    return text


def hold_table(place: Place, moment: float) -> str:
    """Another session holds tables for itself."""
    assert place.database is not None
    process = place.start()
    time.sleep(moment)
    connection = place.database.connect()
    connection.autocommit = False
    with connection, connection.cursor() as cursor:
        for table in ("main.fct_transactions", "main.fct_allocation_plan", "planning.plan_runs"):
            cursor.execute(f"lock table {table} in access exclusive mode")
        time.sleep(LOCKED_SECONDS)
    connection.close()
    return _end(process)


def drop_connections(place: Place, moment: float) -> str:
    """All connections to the database are cut."""
    assert place.database is not None
    process = place.start()
    time.sleep(moment)
    place.database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    return _end(process)


def crash_server(place: Place, moment: float) -> str:
    """A backend is killed: the server throws everybody out and recovers from its log."""
    assert place.database is not None
    process = place.start()
    time.sleep(moment)
    found = place.database.query(
        "select pid from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid() and backend_type = 'client backend'"
    )
    if found:
        os.kill(found[0][0], signal.SIGKILL)
    text = _end(process)
    for _ in range(200):
        try:
            place.database.query("select 1")
            return text
        except Exception:
            time.sleep(0.05)
    raise RuntimeError("the server didn't come back")


def shift_clock(place: Place, moment: float) -> str:
    """The clock jumps in the middle of the night, two days back or 400 days ahead."""
    with tempfile.TemporaryDirectory() as directory:
        offset = Path(directory, "offset")
        offset.write_text("+0")
        process = place.start(environment=_fake_clock(offset))
        time.sleep(moment)
        offset.write_text("-2d" if moment < place.usual_seconds / 2 else "+400d")
        return _end(process)


def _fake_clock(offset: Path) -> dict[str, str]:
    """The environment in which a process reads the clock with the offset in a file."""
    import libfaketime

    folder = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src"
    return {
        "LD_PRELOAD": str(folder / "libfaketime.so.1"),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def run_two(place: Place, moment: float) -> str:
    """Another run begins meanwhile."""
    process = place.start()
    time.sleep(moment)
    other = place.start()
    texts = [_end(process), _end(other)]
    return " | ".join(texts)


def _end(process: subprocess.Popen[str]) -> str:
    """Wait for the end; how it ended, and the first line of the error."""
    output, _ = process.communicate()
    if process.returncode == 0:
        return "went through"
    if process.returncode < 0:
        return "killed"
    lines = [line for line in output.splitlines() if line.startswith("Error: ")]
    if not lines or "Traceback" in output:
        return f"NO CLEAR ERROR: {' '.join(output.split())[-300:]}"
    return lines[-1][:160]


FAULTS: dict[str, dict[str, Callable[[Place, float], str]]] = {
    "duckdb": {
        "kill -9": kill,
        "full disk": fill_disk,
        "file held": hold_file,
        "clock change": shift_clock,
        "two runs": run_two,
    },
    "postgres": {
        "kill -9": kill,
        "connections cut": drop_connections,
        "server crash": crash_server,
        "tables held": hold_table,
        "clock change": shift_clock,
        "two runs": run_two,
    },
}


def make_place(name: str, directory: Path, server: PostgresServer) -> Place:
    """A warehouse after its first night, with the rows of the next one loaded."""
    directory.mkdir(parents=True)
    database = server.new_database() if name == "postgres" else None
    environment = database.environment if database else {}
    chain = Chain(directory, name, environment, dict(QUICK))
    company = make_tiny_company(weeks=30)
    lines = company["transactions"]
    last_week = pd.to_datetime(lines["ordered_at"]) > LAST_DAY - pd.Timedelta(days=6)
    stock = company["inventory_snapshots"]
    counted = stock.assign(snapshot_date=LAST_DAY - pd.Timedelta(days=7))
    before = company | {"transactions": lines[~last_week], "inventory_snapshots": counted}
    load_raw(chain.project, write_company(before, directory / "before"), replace=False)
    place = Place(name, chain, lambda: None, database)
    assert (text := _end(place.start())) == "went through", text
    chain.use()
    load_raw(chain.project, write_company(company, directory / "after"), replace=True)
    if database is None:
        release()
        copy = directory / "before.duckdb"
        shutil.copy(chain.database, copy)
        place.restore = lambda: _copy_file(copy, chain.database)
    else:
        main = Database(database.host, "postgres")
        main.query(f"create database {database.name}_before template {database.name}")
        place.restore = lambda: _copy_database(main, database.name)
    return place


def _copy_file(copy: Path, to: Path) -> None:
    release()
    to.with_name(to.name + ".wal").unlink(missing_ok=True)
    shutil.copy(copy, to)


def _copy_database(main: Database, name: str) -> None:
    main.query(f"drop database {name} with (force)")
    main.query(f"create database {name} template {name}_before")


def read_tables(place: Place) -> dict[str, pd.DataFrame]:
    """What is compared."""
    place.chain.use()
    return read_outputs(place.chain.project)


def disturb(
    place: Place, fault: str, moment: float, expected: dict[str, pd.DataFrame], *, resume: bool
) -> tuple[str, list[str]]:
    """One night with a fault, and the run after it.

    Returns:
        What the night said, and what differs from an undisturbed one afterwards.
    """
    place.restore()
    said = FAULTS[place.name][fault](place, moment)
    rerun = place.start(*(["--resume"] if resume else []))
    output = _end(rerun)
    if resume and NOTHING_TO_RESUME in output:
        output = _end(place.start())
    if output != "went through":
        return said, [f"the run after it: {output}"]
    keys = primary_keys(place.chain.project)
    found = find_differences(expected, read_tables(place), keys)
    if place.database is not None and (left := place.database.leftovers()):
        found.append(f"left behind: {', '.join(left)}")
    return said, found


def main() -> None:
    """Disturb nights and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    directory = Path(tempfile.mkdtemp(prefix="faults"))
    server = PostgresServer()
    rows = []
    try:
        places = [make_place(name, directory / name, server) for name in FAULTS]
        expected = {}
        for place in places:
            started = time.monotonic()
            assert (text := _end(place.start())) == "went through", text
            place.usual_seconds = time.monotonic() - started
            expected[place.name] = read_tables(place)
            print(f"{place.name}: an undisturbed night takes {place.usual_seconds:.0f} s")
        kinds = [(place, fault) for place in places for fault in FAULTS[place.name]]
        for number in range(arguments.faults):
            place, fault = kinds[number % len(kinds)]
            moment = float(rng.uniform(0.02, 0.98)) * place.usual_seconds
            resume = bool(rng.random() < 0.5)
            said, found = disturb(place, fault, moment, expected[place.name], resume=resume)
            rows.append({"warehouse": place.name, "fault": fault, "stopped": said != "went through",
                         "differs": bool(found)})  # fmt: skip
            print(f"{number + 1:>4} {place.name:<9} {fault:<16} after {moment:5.1f} s: {said}")
            for line in found:
                print(f"     DIFFERS {line}")
            sys.stdout.flush()
    finally:
        server.stop()
        shutil.rmtree(directory)
    table = pd.DataFrame(rows).groupby(["warehouse", "fault"], sort=False)
    print(table.agg(faults=("stopped", "size"), stopped=("stopped", "sum"),
                    differ=("differs", "sum")).to_string())  # fmt: skip


if __name__ == "__main__":
    main()
