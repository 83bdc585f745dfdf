"""The log of runs, `job_runs`: a row when a run begins, and one per stage that ended."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from inventory_allocation import __version__
from inventory_allocation.allocation import SolveSettings
from inventory_allocation.errors import InputError
from inventory_allocation.frames import to_arrow, to_pandas
from inventory_allocation.warehouse import DbtProject, open_warehouse

__all__ = [
    "JobLog",
    "StageRecord",
    "find_done",
    "hash_configuration",
    "open_log",
    "read_job_runs",
]

BEGIN = "begin"
MESSAGE_LENGTH = 2_000


@dataclass(frozen=True)
class StageRecord:
    """A stage that ended.

    Attributes:
        name: Its name.
        outcome: succeeded or failed.
        seconds: Wall seconds.
        peak_mb: Peak memory of the process in this stage.
        rows: Rows it checked or made; None where it doesn't count any.
        message: Of a failure the error.
    """

    name: str
    outcome: str
    seconds: float
    peak_mb: float
    rows: int | None = None
    message: str | None = None


@dataclass
class JobLog:
    """The log of a run.

    Attributes:
        project: The project.
        job_run_id: Number of the run.
        attempt: 1, and one more each time it is resumed.
        steps: Number of its stages.
        configuration_hash: From `hash_configuration`.
        done: Stages that succeeded in earlier attempts.
    """

    project: DbtProject
    job_run_id: int
    attempt: int
    steps: int
    configuration_hash: str
    done: tuple[str, ...] = field(default=())

    def write(self, step: int, record: StageRecord, started_at: datetime) -> None:
        """Append a row."""
        now = datetime.now(UTC).replace(tzinfo=None)
        row = {
            "job_run_id": self.job_run_id,
            "attempt": self.attempt,
            "step": step,
            "steps": self.steps,
            "stage": record.name,
            "outcome": record.outcome,
            "started_at": started_at.replace(tzinfo=None),
            "seconds": record.seconds,
            "row_count": record.rows,
            "peak_mb": record.peak_mb,
            "message": record.message and record.message[:MESSAGE_LENGTH],
            "configuration_hash": self.configuration_hash,
            "version": __version__,
            "loaded_at": now,
        }
        frame = pd.DataFrame([row]).astype({"row_count": "Int64", "message": "object"})
        relation, schema = _job_runs(self.project)
        warehouse = open_warehouse(self.project)
        try:
            warehouse.append(relation, to_arrow(frame, schema))
        finally:
            warehouse.close()


def _job_runs(project: DbtProject) -> tuple[str, Any]:
    relation = str(project.source_node("operations", "job_runs").relation_name)
    return relation, project.source_schema("operations", "job_runs")


def hash_configuration(
    project: DbtProject, settings: SolveSettings, approve: bool, warm_start: bool
) -> str:
    """What two attempts of one run must share: vars, target, settings, options and version."""
    described = asdict(settings)
    # Changes nothing in the plan.
    del described["threads"]
    parts = [project.variables, project.target, described, approve, warm_start, __version__]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read_job_runs(project: DbtProject) -> pd.DataFrame:
    """Rows of all runs, in the order in which they were written.

    Raises:
        InputError: There is no such table yet.
    """
    relation, _ = _job_runs(project)
    warehouse = open_warehouse(project)
    try:
        rows = to_pandas(warehouse.query(f"select * from {relation}"))
    finally:
        warehouse.close()
    return rows.sort_values(["job_run_id", "attempt", "step"], ignore_index=True)


def find_done(rows: pd.DataFrame, configuration_hash: str) -> tuple[str, ...]:
    """Stages of the last run that succeeded.

    Raises:
        InputError: There is no run, or it had other settings.
    """
    if rows.empty:
        raise InputError("there is no run to resume: run without --resume")
    last = rows[rows["job_run_id"] == rows["job_run_id"].max()]
    if last["configuration_hash"].iloc[-1] != configuration_hash:
        raise InputError(
            f"run {last['job_run_id'].iloc[0]} had other vars, settings or another version of the "
            "program: give the same ones to resume it, or run without --resume"
        )
    return tuple(last.loc[last["outcome"] == "succeeded", "stage"])


def open_log(
    project: DbtProject, steps: int, configuration_hash: str, *, resume: bool
) -> JobLog | None:
    """Begin a run, or go on with the last one; None where that one is complete.

    Raises:
        InputError: There is no run to resume, or it had other settings.
    """
    rows = read_job_runs(project)
    log = JobLog(project, 1, 1, steps, configuration_hash)
    if resume:
        log.done = find_done(rows, configuration_hash)
        if len(log.done) == steps:
            return None
        log.job_run_id = int(rows["job_run_id"].iloc[-1])
        log.attempt = int(rows["attempt"].iloc[-1]) + 1
    elif not rows.empty:
        log.job_run_id = int(rows["job_run_id"].iloc[-1]) + 1
    log.write(0, StageRecord(BEGIN, "started", 0.0, 0.0), datetime.now(UTC))
    return log
