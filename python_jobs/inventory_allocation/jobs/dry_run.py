"""What a run would do, without doing it."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.jobs.job_log import find_done, read_job_runs
from inventory_allocation.jobs.run import MONITORING, PLAN_MARTS, STAGES, WITHOUT_MONITORING
from inventory_allocation.warehouse import DbtProject
from inventory_allocation.warehouse.run_lock import run_lock

__all__ = ["DryRun", "describe_run"]

USUAL_RUNS = 10


@dataclass(frozen=True)
class DryRun:
    """What a run would do.

    Attributes:
        stages: stage, would (run, or skip since it is done), usual_seconds (median of the last ten
            that succeeded, NaN where there is none), models (how many dbt would build).
        notes: What could not be looked at, and why.
    """

    stages: pd.DataFrame
    notes: list[str]


def describe_run(project: DbtProject, configuration_hash: str, *, resume: bool) -> DryRun:
    """Check the inputs and the lock, and say what would be done; no row is written.

    Raises:
        InputError: An input is wrong, or there is no run to resume.
        InventoryAllocationError: Another run is at work.
    """
    credentials = project.credentials()
    history, notes = pd.DataFrame(), []
    if credentials.type == "duckdb" and not Path(credentials.path).exists():
        notes.append(f"{credentials.path} does not exist yet, so the inputs were not checked")
    else:
        with run_lock(project):
            project.run("run-operation", "check_inputs")
            try:
                history = read_job_runs(project)
            except InputError:
                notes.append("no run has been here yet")
    done = find_done(history, configuration_hash) if resume else ()
    models = {
        "build models": _count_models(project, *WITHOUT_MONITORING),
        "build plan marts": _count_models(project, "--select", PLAN_MARTS, *WITHOUT_MONITORING),
        "monitor": _count_models(project, "--select", MONITORING),
    }
    stages = pd.DataFrame(
        {
            "stage": list(STAGES),
            "would": ["skip: it is done" if stage in done else "run" for stage in STAGES],
            "usual_seconds": [_usual_seconds(history, stage) for stage in STAGES],
            "models": pd.array([models.get(stage) for stage in STAGES], dtype="Int64"),
        }
    )
    return DryRun(stages, notes)


def _count_models(project: DbtProject, *select: str) -> int:
    return len(project.run("ls", "--resource-type", "model", *select))


def _usual_seconds(history: pd.DataFrame, stage: str) -> float:
    if history.empty:
        return float("nan")
    is_done = (history["stage"] == stage) & (history["outcome"] == "succeeded")
    return float(history.loc[is_done, "seconds"].tail(USUAL_RUNS).median())
