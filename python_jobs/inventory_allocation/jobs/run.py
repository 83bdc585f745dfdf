"""A night: check the inputs, build, allocate, build the plan marts, monitor, send alerts."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from inventory_allocation.allocation import SolveSettings
from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.jobs.allocate import PublishedPlan, run_allocation
from inventory_allocation.jobs.data_age import find_old_orders
from inventory_allocation.jobs.job_log import (
    JobLog,
    StageRecord,
    hash_configuration,
    open_log,
)
from inventory_allocation.jobs.model_life import request_refit_on_drift
from inventory_allocation.jobs.notify import send, send_alerts
from inventory_allocation.jobs.peak_memory import begin_peak, read_peak_mb
from inventory_allocation.warehouse import DbtProject, open_warehouse
from inventory_allocation.warehouse.run_lock import RunLock, run_lock

__all__ = ["MONITORING", "PLAN_MARTS", "STAGES", "WITHOUT_MONITORING", "Report", "run_chain"]

PLAN_MARTS = "source:planning+"
MONITORING = "tag:monitoring"
WITHOUT_MONITORING = ("--exclude", MONITORING)
Progress = Callable[[str, int, int], None]
_logger = logging.getLogger("inventory_allocation.run")


@dataclass
class Report:
    """What a run did.

    Attributes:
        job_run_id: Number of the run in `job_runs`.
        stages: The stages of this attempt, in order.
        skipped: Stages that an earlier attempt had done.
        published: The plan; None where an earlier attempt made it.
        warnings: Names and messages of tests that warn.
    """

    job_run_id: int = 0
    stages: list[StageRecord] = field(default_factory=list)
    skipped: tuple[str, ...] = ()
    published: PublishedPlan | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Run:
    """What the stages of a run need."""

    project: DbtProject
    settings: SolveSettings
    progress: Progress
    report: Report
    approve: bool
    warm_start: bool

    def log(self, event: str, level: int = logging.INFO, **fields: object) -> None:
        """Log an event with its fields."""
        _logger.log(level, event, extra={"job_run_id": self.report.job_run_id, **fields})


def _count(run: _Run, relation: str) -> int:
    warehouse = open_warehouse(run.project)
    try:
        return int(warehouse.query(f"select count(*) as n from {relation}")["n"][0].as_py())
    finally:
        warehouse.close()


def _check_inputs(run: _Run, stage: str) -> None:  # noqa: ARG001
    run.project.run("run-operation", "check_inputs")
    warehouse = open_warehouse(run.project)
    try:
        old = find_old_orders(run.project, warehouse, datetime.now(UTC))
    finally:
        warehouse.close()
    for cause, action in zip(old["cause"], old["suggested_action"], strict=True):
        run.log("orders are old", logging.WARNING, cause=cause)
        run.report.warnings.append(f"{cause}. {action}")


def _build(run: _Run, stage: str, *select: str) -> None:
    def on_event(event: object) -> None:
        info, data = event.info, event.data  # type: ignore[attr-defined]
        if info.name == "LogStartLine":
            run.progress(stage, data.index, data.total)

    # Unit tests check the SQL, not the data: analytics CI runs them with `dbt build`.
    command = ["build", "--exclude-resource-type", "unit_test", *select]
    result = run.project.run(*command, on_event=on_event)
    for node in result.results:
        if str(node.node.resource_type) == "model":
            run.log("model built", model=node.node.name, seconds=round(node.execution_time, 3))
        if str(node.status) == "warn":
            run.report.warnings.append(f"{node.node.name}: {node.message}")


def _build_models(run: _Run, stage: str) -> int:
    warehouse = open_warehouse(run.project)
    try:
        drifted = request_refit_on_drift(run.project, warehouse)
    finally:
        warehouse.close()
    if drifted:
        run.log("segments will be fitted again", drifted=drifted)
    _build(run, stage, *WITHOUT_MONITORING)
    return _count(run, run.project.model_relation("fct_transactions"))


def _allocate(run: _Run, stage: str) -> int:  # noqa: ARG001
    warehouse = open_warehouse(run.project)
    try:
        published = run_allocation(
            run.project, warehouse, run.settings, approve=run.approve, warm_start=run.warm_start
        )
    finally:
        warehouse.close()
    run.report.published = published
    plan = published.plan
    if plan is None:
        run.log("plan is there already", run_id=published.run_id)
        return 0
    solution = plan.solution
    run.log("plan published", run_id=published.run_id, cost=solution.objective, gap=solution.gap)
    return sum(map(len, plan.tables.values()))


def _build_plan_marts(run: _Run, stage: str) -> int:
    _build(run, stage, "--select", PLAN_MARTS, *WITHOUT_MONITORING)
    return _count(run, run.project.model_relation("fct_allocation_plan"))


def _monitor(run: _Run, stage: str) -> int:
    _build(run, stage, "--select", MONITORING)
    return _count(run, run.project.model_relation("fct_monitoring_checks"))


def _send_alerts(run: _Run, stage: str) -> int:  # noqa: ARG001
    return send_alerts(run.project, datetime.now(UTC))


STAGES: dict[str, Callable[[_Run, str], int | None]] = {
    "check inputs": _check_inputs,
    "build models": _build_models,
    "allocate": _allocate,
    "build plan marts": _build_plan_marts,
    "monitor": _monitor,
    "send alerts": _send_alerts,
}


def _run_stage(run: _Run, log: JobLog, step: int, stage: str) -> None:
    started_at, started = datetime.now(UTC), time.perf_counter()
    begin_peak()
    rows, error = None, None
    run.log("stage begins", stage=stage)
    # dbt's output is hidden while it runs, and what is printed then with it.
    run.progress(stage, 0, 1)
    try:
        rows = STAGES[stage](run, stage)
    except Exception as raised:
        error = raised
    outcome = "failed" if error else "succeeded"
    seconds = time.perf_counter() - started
    record = StageRecord(
        stage, outcome, seconds, read_peak_mb(), rows, str(error) if error else None
    )
    run.report.stages.append(record)
    run.log(
        "stage ended",
        logging.ERROR if error else logging.INFO,
        stage=stage,
        outcome=outcome,
        seconds=round(seconds, 3),
        rows=rows,
        peak_mb=round(record.peak_mb, 1),
        error=record.message,
    )
    try:
        log.write(step, record, started_at)
    except Exception:
        # Where the warehouse can't be written to, what the stage says comes first.
        if error is None:
            raise
    if error is not None:
        _tell_of_failure(run, stage, error)
        raise error


def _tell_of_failure(run: _Run, stage: str, error: Exception) -> None:
    number = run.report.job_run_id
    try:
        send(f"inventory allocation: run {number} failed", f"stage {stage}: {error}")
    except InventoryAllocationError as unsent:
        run.log("failure not sent", logging.WARNING, error=str(unsent))


def run_chain(
    project: DbtProject,
    settings: SolveSettings,
    progress: Progress,
    *,
    approve: bool = True,
    warm_start: bool = False,
    resume: bool = False,
) -> Report:
    """Check the inputs, build, make and publish a plan, build its marts, monitor and send alerts.

    One run at a time: it holds the lock of the warehouse. Each stage that ends is a row of
    `job_runs`.

    Args:
        project: The project.
        settings: How to solve.
        progress: Called with stage, step and number of steps.
        approve: Put the plan in force; it stays a draft otherwise.
        warm_start: Start the search from the plan in force.
        resume: Go on with the last run, after the stages that it has done; where it is complete
            nothing is done.

    Raises:
        InputError: An input is wrong, or there is no run of these settings to resume.
        InventoryAllocationError: A stage failed, and the plan in force stays; or another run
            holds the lock.
    """
    report = Report()
    run = _Run(project, settings, progress, report, approve, warm_start)
    with run_lock(project) as lock:
        project.run("run-operation", "create_job_tables")
        configuration = hash_configuration(project, settings, approve, warm_start)
        log = open_log(project, len(STAGES), configuration, resume=resume)
        if log is None:
            report.skipped = tuple(STAGES)
            return report
        report.job_run_id, report.skipped = log.job_run_id, log.done
        _run_stages(run, log, lock)
    return report


def _run_stages(run: _Run, log: JobLog, lock: RunLock) -> None:
    for step, stage in enumerate(STAGES, start=1):
        if stage not in log.done:
            lock.check()
            _run_stage(run, log, step, stage)
