"""The whole chain: build, allocate, build the plan marts."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from inventory_allocation.allocation import SolveSettings
from inventory_allocation.jobs.allocate import PublishedPlan, run_allocation
from inventory_allocation.warehouse import DbtProject, open_warehouse

__all__ = ["Report", "Stage", "run_chain"]

PLAN_MARTS = "source:planning+"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Stage:
    """A stage that is done: its name, wall seconds, and the peak memory of the process so far."""

    name: str
    seconds: float
    peak_mb: float


@dataclass
class Report:
    """What a run did.

    Attributes:
        stages: The stages, in order.
        slowest_models: Seconds by model of the build, the ten slowest.
        published: The plan.
        warnings: Names and messages of tests that warn.
    """

    stages: list[Stage] = field(default_factory=list)
    slowest_models: dict[str, float] = field(default_factory=dict)
    published: PublishedPlan | None = None
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        started = time.perf_counter()
        yield
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.stages.append(Stage(name, time.perf_counter() - started, peak_mb))


def _build(
    project: DbtProject, report: Report, name: str, progress: Progress, *select: str
) -> None:
    def on_event(event: object) -> None:
        info, data = event.info, event.data  # type: ignore[attr-defined]
        if info.name == "LogStartLine":
            progress(name, data.index, data.total)

    # Unit tests check the SQL, not the data; on Postgres they need the right to make temporary
    # tables. Analytics CI runs them with `dbt build`.
    with report.stage(name):
        result = project.run(
            "build", "--exclude-resource-type", "unit_test", *select, on_event=on_event
        )
    seconds = {node.node.name: node.execution_time for node in result.results}
    report.slowest_models |= dict(sorted(seconds.items(), key=lambda item: -item[1])[:10])
    report.warnings += [
        f"{node.node.name}: {node.message}" for node in result.results if str(node.status) == "warn"
    ]


def run_chain(
    project: DbtProject,
    settings: SolveSettings,
    progress: Progress,
    *,
    approve: bool = True,
    warm_start: bool = False,
) -> Report:
    """Build the models, make and publish a plan, build the marts on top of it.

    Args:
        project: The project.
        settings: How to solve.
        progress: Called with stage, step and number of steps.
        approve: Put the plan in force; it stays a draft otherwise.
        warm_start: Start the search from the plan in force.

    Raises:
        InputError: An input is wrong.
        InventoryAllocationError: A stage failed; the plan in force stays.
    """
    report = Report()
    _build(project, report, "build models", progress)
    progress("allocate", 0, 1)
    with report.stage("allocate"):
        warehouse = open_warehouse(project)
        try:
            report.published = run_allocation(
                project, warehouse, settings, approve=approve, warm_start=warm_start
            )
        finally:
            warehouse.close()
    _build(project, report, "build plan marts", progress, "--select", PLAN_MARTS)
    return report
