"""Nights: one run at a time, a log of each stage, and what failed or was killed goes on."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from chain import Chain
from inventory_allocation.allocation import SolveSettings
from inventory_allocation.cli import main
from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.frames import to_arrow
from inventory_allocation.jobs import run as job
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.notify import ADDRESSES, send_alerts
from inventory_allocation.warehouse import open_warehouse
from inventory_allocation.warehouse.run_lock import run_lock
from tiny_company import QUICK, make_tiny_company, write_company

ROOT = Path(__file__).parents[3]

SETTINGS = SolveSettings(time_limit=3_600.0)
SECRET = "planted-password"

# One story: each test goes on where the one before it ended.
pytestmark = pytest.mark.xdist_group("nights")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    make: Callable[..., Chain] = request.getfixturevalue(
        "new_chain" if request.param == "duckdb" else "new_postgres_chain"
    )
    os.environ["DBT_ENV_SECRET_POSTGRES_PASSWORD"] = SECRET
    chain = make(**QUICK)
    files = write_company(make_tiny_company(weeks=30), tmp_path_factory.mktemp("files"))
    load_raw(chain.project, files, replace=False)
    return chain


def run(chain: Chain, *, resume: bool = False) -> job.Report:
    chain.use()
    return job.run_chain(chain.project, SETTINGS, lambda *_: None, resume=resume)


def logged(chain: Chain) -> list[tuple[int, int, str, str]]:
    rows = chain.query("select * from planning.job_runs order by job_run_id, attempt, step")
    return list(
        rows[["job_run_id", "attempt", "stage", "outcome"]].itertuples(index=False, name=None)
    )


def command(chain: Chain, *arguments: str) -> list[str]:
    where = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "tests" / "profiles")]
    variables = ["--vars", json.dumps(QUICK), "--time-limit", str(SETTINGS.time_limit)]
    return [*arguments, *where, "--target", chain.target, *variables]


def test_a_night_that_fails_is_logged_and_goes_on_from_there(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.use()
    with pytest.raises(InputError, match="no run to resume"):
        run(chain, resume=True)

    def fail(*_: object, **__: object) -> None:
        raise InventoryAllocationError("no plan was found")

    monkeypatch.setattr(job, "run_allocation", fail)
    with pytest.raises(InventoryAllocationError, match="no plan was found"):
        run(chain)
    monkeypatch.undo()
    first = [
        (1, 1, "begin", "started"),
        (1, 1, "check inputs", "succeeded"),
        (1, 1, "build models", "succeeded"),
        (1, 1, "allocate", "failed"),
    ]
    assert logged(chain) == first

    report = run(chain, resume=True)
    assert report.skipped == ("check inputs", "build models")
    second = [
        (1, 2, "begin", "started"),
        (1, 2, "allocate", "succeeded"),
        (1, 2, "build plan marts", "succeeded"),
        (1, 2, "monitor", "succeeded"),
        (1, 2, "send alerts", "succeeded"),
    ]
    assert logged(chain) == first + second
    (night,) = chain.query("select * from main.rpt_job_runs").to_dict("records")
    assert (night["outcome"], night["attempts"], night["stages_done"]) == ("complete", 2, 6)
    rows = chain.query("select * from planning.job_runs where outcome = 'succeeded'")
    assert (rows["seconds"] > 0).all()
    assert (rows["peak_mb"] > 50).all()
    checks = chain.query("select * from main.fct_monitoring_checks")
    assert set(checks["severity"]) <= {"ok", "unknown"}
    made = rows.set_index("stage")["row_count"]
    lines = chain.query("select count(*) as n from main.fct_transactions")["n"].iloc[0]
    assert made["build models"] == lines == len(make_tiny_company(weeks=30)["transactions"])


def test_a_complete_run_is_not_done_again_and_other_settings_are_another_run(chain: Chain) -> None:
    before = logged(chain)
    assert run(chain, resume=True).stages == []
    chain.project.variables["plan_periods"] = 1
    try:
        with pytest.raises(InputError, match="run 1 had other vars"):
            run(chain, resume=True)
    finally:
        chain.project.variables["plan_periods"] = QUICK["plan_periods"]
    assert logged(chain) == before


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(chain: Chain) -> None:
    chain.use()
    before = logged(chain)
    result = CliRunner().invoke(main, command(chain, "run", "--dry-run"))
    assert result.exit_code == 0, result.output
    for stage in job.STAGES:
        assert stage in result.output
    assert "skip" not in result.output
    again = CliRunner().invoke(main, command(chain, "run", "--dry-run", "--resume"))
    assert again.output.count("skip: it is done") == len(job.STAGES)
    assert logged(chain) == before


def test_one_run_at_a_time(chain: Chain) -> None:
    chain.use()
    before = logged(chain)
    with run_lock(chain.project):
        result = CliRunner().invoke(main, command(chain, "run", "--log-format", "json"))
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert json.loads(line)["error"].startswith("another run is at work on ")
    assert logged(chain) == before


def test_a_run_that_is_killed_leaves_no_lock_and_goes_on(chain: Chain) -> None:
    chain.use()
    before = set(logged(chain))
    if chain.target == "duckdb":
        # dbt in this process keeps the file open, which no other process may then open.
        DuckDBConnectionManager.close_all_connections()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "inventory_allocation.cli"),
            *command(chain, "run", "--log-format", "json"),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stderr is not None
    begun = []
    for line in process.stderr:
        event = json.loads(line)
        begun.append(event)
        if event["message"] == "stage begins" and event["stage"] == "build models":
            break
    time.sleep(1.0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (old,) = (event for event in begun if event["message"] == "orders are old")
    assert old["cause"].startswith("the newest order is of 2026-06-28")
    assert set(logged(chain)) - before == {
        (2, 1, "begin", "started"),
        (2, 1, "check inputs", "succeeded"),
    }
    nights = chain.query("select * from main.rpt_job_runs order by job_run_id")
    assert nights["outcome"].to_list() == ["complete", "unfinished"]
    # The command resumes what the command began: the target is part of the configuration.
    result = CliRunner().invoke(main, command(chain, "run", "--resume", "--log-format", "json"))
    assert result.exit_code == 0, result.stderr
    events = pd.DataFrame([json.loads(line) for line in result.stderr.splitlines()])
    assert set(events["job_run_id"].dropna()) == {2}
    ended = events[events["message"] == "stage ended"]
    assert ended["stage"].to_list() == list(job.STAGES)[1:]
    assert set(ended["outcome"]) == {"succeeded"}
    assert (events["message"] == "model built").sum() > 50


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address that takes messages, with a password in it, and what came there."""
    messages: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://planner:{SECRET}@127.0.0.1:{server.server_port}", messages
    server.shutdown()


def add_check(chain: Chain, day: str, severity: str) -> None:
    """Write what a build of a day would have found, and build the alerts."""
    row = {
        "as_of": pd.Timestamp(day),
        "check_name": "data_volume",
        "entity": "order_lines",
        "period_start": pd.Timestamp(day),
        "severity": severity,
        "cause": "few lines came" if severity != "ok" else None,
        "suggested_action": "look why" if severity != "ok" else None,
    }
    chain.use()
    warehouse = open_warehouse(chain.project)
    relation = chain.project.model_relation("fct_monitoring_checks")
    try:
        schema = warehouse.query(f"select * from {relation}").schema
        warehouse.append(relation, to_arrow(pd.DataFrame([row]), schema))
    finally:
        warehouse.close()
    chain.dbt("run", "--select", "fct_alerts")


def test_an_alert_is_sent_once_and_its_end_once(
    chain: Chain, inbox: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, messages = inbox
    monkeypatch.setenv(ADDRESSES, address)
    chain.use()
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert send_alerts(chain.project, noon) == 0
    add_check(chain, "2026-07-05", "error")
    monkeypatch.delenv(ADDRESSES)
    assert send_alerts(chain.project, noon) == 0
    monkeypatch.setenv(ADDRESSES, address)
    assert send_alerts(chain.project, noon) == 1
    assert send_alerts(chain.project, noon) == 0
    (message,) = messages
    assert message["title"] == "inventory allocation: 1 alerts"
    assert message["message"].startswith(
        "error: data_volume, order_lines (since 2026-07-05): few lines came. look why"
    )
    add_check(chain, "2026-07-12", "ok")
    assert send_alerts(chain.project, noon) == 1
    assert messages[1]["message"].startswith("resolved: data_volume, order_lines")
    assert send_alerts(chain.project, noon) == 0
    # What can't be delivered stays to be sent.
    add_check(chain, "2026-07-19", "warning")
    monkeypatch.setenv(ADDRESSES, f"json://planner:{SECRET}@127.0.0.1:1")
    with pytest.raises(InventoryAllocationError, match="could not be delivered"):
        send_alerts(chain.project, noon)
    monkeypatch.setenv(ADDRESSES, address)
    assert send_alerts(chain.project, noon) == 1
    # Where loading stops nothing in the tables changes.
    later = datetime(2026, 7, 20, 12, tzinfo=UTC)
    assert send_alerts(chain.project, later) == 1
    assert send_alerts(chain.project, later) == 0
    assert "data_age, order lines (since 2026-06-28): the newest order is of" in str(messages[-1])
    assert send_alerts(chain.project, noon) == 1
    assert messages[-1]["message"] == "resolved: data_age, order lines"
    listed = CliRunner().invoke(main, command(chain, "alerts")[:-2])
    assert listed.exit_code == 0, listed.output
    assert "data_volume, order_lines: few lines came." in listed.output


def test_a_failure_is_sent_at_once(
    chain: Chain, inbox: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, messages = inbox
    monkeypatch.setenv(ADDRESSES, address)

    def fail(*_: object, **__: object) -> None:
        raise InputError("table raw.lanes is wrong")

    write = job.JobLog.write

    def lose(log: job.JobLog, step: int, record: job.StageRecord, *rest: datetime) -> None:
        if record.outcome == "failed":
            raise OSError("no space left on device")
        write(log, step, record, *rest)

    monkeypatch.setitem(job.STAGES, "check inputs", fail)
    # The warehouse can't be written to either: the error of the stage is the one to tell.
    monkeypatch.setattr(job.JobLog, "write", lose)
    with pytest.raises(InputError):
        run(chain)
    assert [message["title"] for message in messages] == ["inventory allocation: run 3 failed"]
    assert "table raw.lanes is wrong" in messages[0]["message"]


def test_no_secret_is_left_anywhere(chain: Chain) -> None:
    chain.dbt("compile", "--write-json")
    files = [path for path in chain.directory.rglob("*") if path.is_file()]
    assert any(path.name == "manifest.json" for path in files)
    assert any(path.name == "dbt.log" for path in files)
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
