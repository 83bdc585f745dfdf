"""Printing for people."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from inventory_allocation.jobs.run import Progress as ProgressCall
from inventory_allocation.jobs.run import Report
from inventory_allocation.jobs.summary import Summary
from inventory_allocation.jobs.what_if import Comparison

__all__ = [
    "console",
    "print_comparison",
    "print_frame",
    "print_report",
    "print_runs",
    "print_summary",
    "show_progress",
    "show_steps",
]

# Output that is no terminal is a log: wide enough for the tables.
console = Console(highlight=False)
if not console.is_terminal:
    console = Console(highlight=False, width=120)

SHARES = {"fill_rate", "share_within_sla"}
PERCENT = {"revenue_share", "wape", "bias", "coverage"}


@contextmanager
def show_progress() -> Iterator[ProgressCall]:
    """A bar per stage; a line per stage where the output is no terminal."""
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks: dict[str, int] = {}

        def progress(stage: str, step: int, steps: int) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    bars.update(task, completed=bars.tasks[task].total)  # type: ignore[arg-type]
                if not console.is_terminal:
                    console.print(f"{stage} ...")
                tasks[stage] = bars.add_task(stage, total=steps)
            bars.update(tasks[stage], completed=step, total=steps)  # type: ignore[arg-type]

        yield progress
        for task in tasks.values():
            bars.update(task, completed=bars.tasks[task].total)  # type: ignore[arg-type]


class _Steps(logging.Handler):
    """Prints what the solver does, with seconds since the start, on the error stream."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Print one step."""
        seconds = time.monotonic() - self.started
        self.console.print(f"{seconds:7.1f} s  {record.getMessage()}", style="dim")


@contextmanager
def show_steps() -> Iterator[None]:
    """Print the steps of a solve, on the error stream."""
    logger, handler = logging.getLogger("inventory_allocation.allocation"), _Steps()
    before, propagated = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    # dbt gives the root logger a handler, which would print each step again.
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        logger.propagate = propagated


def _text(column: str, value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if column in PERCENT and isinstance(value, float):
        return f"{value:.1%}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def print_frame(title: str, frame: pd.DataFrame) -> None:
    """Print a frame as a table."""
    table = Table(title=title, title_justify="left", title_style="bold", expand=False)
    for column in frame.columns:
        is_number = pd.api.types.is_numeric_dtype(frame[column])
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*(_text(name, value) for name, value in zip(frame.columns, row, strict=True)))
    console.print(table)


def print_runs(states: pd.DataFrame) -> None:
    """Print plans and what-ifs with their states."""
    shown = states.assign(
        gap=states["gap"].map("{:.2%}".format, na_action="ignore"),
        made=states["loaded_at"].dt.strftime("%Y-%m-%d %H:%M"),
        approved=states["approved_at"].dt.strftime("%Y-%m-%d %H:%M"),
    )
    columns = ["run_id", "state", "horizon_start", "objective", "gap", "made", "approved"]
    print_frame("Runs", shown[[*columns, "approved_by", "note"]].astype({"approved": object}))


def print_comparison(comparison: Comparison) -> None:
    """Print a scenario beside the plan in force."""

    def shown(figure: str, value: float) -> str:
        return f"{value:.2%}" if figure in SHARES else f"{value:,.2f}"

    names = ["in_force", "scenario", "change"]
    table = comparison.figures
    rows = [
        (str(row["figure"]), *(shown(str(row["figure"]), float(row[name])) for name in names))
        for _, row in table.iterrows()
    ]
    columns = ["figure", f"plan in force {comparison.base_run_id}", "scenario", "change"]
    print_frame(f"Scenario {comparison.run_id}", pd.DataFrame(rows, columns=columns))
    console.print(
        f"proven gap {comparison.gap:.2%}, of the plan in force {comparison.base_gap:.2%}: "
        "a change of cost below these may be the search's"
    )
    if not comparison.are_inputs_the_same:
        console.print(
            "warning: the inputs have changed since the plan in force was made; that is part of "
            "the difference. `inventory-allocation allocate` plans from them",
            style="yellow",
        )


def print_report(report: Report) -> None:
    """Print the stages of a run with seconds and peak memory."""
    frame = pd.DataFrame(report.stages).rename(columns={"name": "stage"}).astype({"rows": "Int64"})
    title = f"Stages of run {report.job_run_id}"
    if report.skipped:
        title += f" ({', '.join(report.skipped)}: done before)"
    print_frame(title, frame[["stage", "seconds", "rows", "peak_mb"]])
    for warning in report.warnings:
        console.print(f"warning: {warning}", style="yellow")


def print_summary(summary: Summary, queries: list[str]) -> None:
    """Print what a run left in the warehouse."""
    refused = int(summary.rejected["n"].sum())
    console.print(f"\n{summary.input_rows:,} order lines accepted, {refused:,} input rows refused")
    if refused:
        print_frame("Refused rows", summary.rejected.rename(columns={"n": "rows"}))
    print_frame("Customer segments", summary.segments)
    console.print(f"verdict: {summary.segment_verdict}")
    print_frame("Forecast accuracy, mean over the backtest", summary.accuracy)
    run = summary.run.iloc[0]
    value = summary.kpis.set_index("metric")["value"]
    greedy = summary.kpis.set_index("metric")["baseline_value"]
    plan = pd.DataFrame(
        {
            "figure": [
                "total cost",
                "shipping and handling per unit",
                "fill rate",
                "share within SLA",
            ],
            "plan": [
                f"{value['cost']:,.0f}",
                f"{value['shipping_cost_per_unit']:.2f}",
                f"{value['fill_rate']:.1%}",
                f"{value['share_within_sla']:.1%}",
            ],
            "nearest-centre greedy": [
                f"{greedy['cost']:,.0f}",
                f"{greedy['shipping_cost_per_unit']:.2f}",
                f"{greedy['fill_rate']:.1%}",
                f"{greedy['share_within_sla']:.1%}",
            ],
        }
    )
    print_frame(f"Plan {run['run_id']} for {run['horizon_periods']} periods", plan)
    console.print(
        f"proven gap {run['gap']:.3%}: no plan costs less than {run['lower_bound']:,.0f} "
        f"({run['solver']}, route {run['route']}, {run['seconds']:.1f} s)"
    )
    print_frame("The five constraints that cost most", summary.constraints)
    print_frame("The largest lines of the plan, with their reasons", summary.lines)
    print_frame("Exceptions", summary.exceptions.rename(columns={"n": "count"}))
    console.print(f"\nThe database is {summary.location}. Three queries to try:")
    for query in queries:
        console.print(f"  {query};", soft_wrap=True)
