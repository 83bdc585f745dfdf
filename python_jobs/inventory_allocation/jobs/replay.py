"""The replay job: what was known, what came, and what each policy would have made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inventory_allocation.jobs.allocate_files import read_input_files
from inventory_allocation.jobs.replay_history import History, read_sold_lines
from inventory_allocation.jobs.replay_outlooks import make_outlooks, read_outlook
from inventory_allocation.jobs.replay_walks import RECORDED, WalkSetup, WalkTask, walk_all
from inventory_allocation.replay import (
    ABLATIONS,
    POLICIES,
    Company,
    Outlook,
    build_company,
    choose_compared,
)
from inventory_allocation.replay.conditions import CONDITIONS, USUAL
from inventory_allocation.replay.measures import CLAIRVOYANT

__all__ = ["START_WEEKS", "VARIABLES", "ReplaySettings", "has_counts", "replay_history"]

Progress = Callable[[str, int, int], None]
KEYS = ["company", "condition", "policy", "setting", "measure", "period_start", "cluster"]
# Weeks of the forecast that each centre holds for its home regions where nobody counted.
START_WEEKS = 4
# Of the periods that count, those before something happens under a condition.
QUIET_SHARE = 1 / 3
# The models of a replay: orders are planned, and forecasts do without trees, for time.
VARIABLES = {
    "sample_company": False,
    "plan_orders": True,
    "forecast_global_models": ["autoregression"],
    "backtest_cutoffs": 6,
}


@dataclass(frozen=True)
class ReplaySettings:
    """What to replay.

    Attributes:
        periods: Periods that count.
        training_periods: Periods before those, on which settings are chosen.
        policies: Names of policies; of POLICIES.
        is_stressed: Whether the plan and those it is compared with walk under CONDITIONS, too.
        workers: Processes.
        seed: Seed of what chance decides.
    """

    periods: int = 26
    training_periods: int = 13
    policies: tuple[str, ...] = tuple(name for name in POLICIES if name not in ABLATIONS)
    is_stressed: bool = False
    workers: int = 2
    seed: int = 1


def _list_days(end: pd.Timestamp, periods: int) -> list[pd.Timestamp]:
    """First days of the last periods before an end, and the end itself; periods are weeks."""
    return [end - pd.Timedelta(weeks=back) for back in range(periods, -1, -1)]


def _first_day(history: History, settings: ReplaySettings) -> pd.Timestamp:
    return history.end - pd.Timedelta(weeks=settings.training_periods + settings.periods)


def _count_before(history: History, day: pd.Timestamp) -> pd.DataFrame:
    """The last count of the week before a day; no row where nobody counted."""
    date = history.stock["snapshot_date"]
    rows: pd.DataFrame = history.stock[(date < day) & (date >= day - pd.Timedelta(weeks=1))]
    last: pd.DataFrame = rows[rows["snapshot_date"] == rows["snapshot_date"].max()]
    return last


def has_counts(history: History, settings: ReplaySettings) -> bool:
    """Whether the replay starts from counted stock; if not, from START_WEEKS of forecasts."""
    return len(_count_before(history, _first_day(history, settings))) > 0


def _is_counted(history: History, days: list[pd.Timestamp]) -> bool:
    """Whether stock was counted in every period: what the company did can be priced only then."""
    period = pd.DatetimeIndex(days).searchsorted(history.stock["snapshot_date"], side="right")
    return set(range(1, len(days))) <= set(period.tolist())


def _invent_stock(company: Company, outlook: Outlook) -> pd.DataFrame:
    """Weeks of the forecast of a centre's home regions, in whole units."""
    wanted = outlook.mean[:START_WEEKS].sum(axis=0)
    held = np.zeros((len(company.fcs), len(company.skus)))
    is_served = company.home >= 0
    np.add.at(held, company.home[is_served], wanted[is_served])
    fc, sku = np.indices(held.shape).reshape(2, -1)
    return pd.DataFrame(
        {
            "fc_id": np.array(company.fcs, dtype=object)[fc],
            "sku": np.array(company.skus, dtype=object)[sku],
            "units": np.ceil(held.ravel()),
        }
    )


def replay_history(
    project_directory: Path,
    history: History,
    variables: dict[str, Any],
    settings: ReplaySettings,
    directory: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Replay policies on what happened to a company.

    Args:
        project_directory: Where dbt_project.yml is.
        history: What happened.
        variables: Values for the project's vars; those of VARIABLES go before.
        settings: What to replay.
        directory: Where to keep what is done, in a folder for each company; a replay that was
            stopped goes on from there.
        progress: Called with stage, step and number of steps.

    Returns:
        company, condition, policy, setting, measure, period_start, cluster, value; sorted.

    Raises:
        InputError: An input is wrong.
        InventoryAllocationError: A stage failed.
    """
    directory = directory / history.name
    days = _list_days(history.end, settings.training_periods + settings.periods)
    outlooks = make_outlooks(
        project_directory,
        {**variables, **VARIABLES},
        history.raw,
        days[:-1],
        directory / "outlooks",
        settings.workers,
        lambda done, of: progress("outlooks", done, of),
    )
    setup = WalkSetup(
        tuple(outlooks),
        tuple(days),
        # Of other periods or another seed nothing is taken over.
        directory / f"{days[0]:%Y-%m-%d}-{len(days) - 1}-{settings.seed}",
        settings.seed,
        history.return_share,
        settings.training_periods + int(QUIET_SHARE * settings.periods),
        settings.workers,
    )
    _keep_frames(setup, history, project_directory, {**variables, **VARIABLES})
    usual = [
        WalkTask(policy, float(value))
        for policy in settings.policies
        for value in sorted(POLICIES[policy][1])
    ]
    rows = walk_all(
        setup,
        [
            *usual,
            WalkTask(CLAIRVOYANT, 0.0),
            *([WalkTask(RECORDED, 0.0)] if _is_counted(history, days) else []),
        ],
        lambda done, of: progress("policies", done, of),
    ).assign(company=history.name)
    if settings.is_stressed:
        compared = choose_compared(rows, days[settings.training_periods])
        stressed = walk_all(
            setup,
            [
                WalkTask(policy, setting, condition)
                for policy, setting in compared.items()
                for condition in CONDITIONS
                if condition != USUAL
            ],
            lambda done, of: progress("conditions", done, of),
        ).assign(company=history.name)
        rows = pd.concat([rows, stressed], ignore_index=True)
    return rows[[*KEYS, "value"]].sort_values(KEYS, ignore_index=True)


def _keep_frames(
    setup: WalkSetup, history: History, project_directory: Path, variables: dict[str, Any]
) -> None:
    """Write what happened to where walks read it."""
    days, frames = setup.days, setup.directory / "frames"
    frames.mkdir(parents=True, exist_ok=True)
    counted = _count_before(history, days[0])
    if counted.empty:
        company = build_company(read_input_files(setup.outlooks[-1]))
        counted = _invent_stock(company, read_outlook(company, setup.outlooks[0]))
    # Lead times are a week and more: what came in the first two weeks was mostly ordered before.
    arrives = history.arriving["arrives_on"]
    parts = {
        "lines": history.lines,
        "stock": counted,
        "arriving": history.arriving[(arrives >= days[0]) & (arrives < days[2])],
        "counts": history.stock,
        "receipts": history.arriving,
    }
    if not (frames / "sold.parquet").exists():
        # Of a company of one's own that is what lines are.
        is_sold = "fc_id" in history.lines
        parts["sold"] = (
            history.lines if is_sold else read_sold_lines(project_directory, variables, history.raw)
        )
    for part, frame in parts.items():
        frame.to_parquet(frames / f"{part}.parquet", index=False)
