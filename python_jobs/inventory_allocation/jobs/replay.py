"""The replay job: what was known, what came, and what each policy would have made of it."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inventory_allocation.jobs.allocate_files import read_input_files
from inventory_allocation.jobs.replay_history import History
from inventory_allocation.jobs.replay_outlooks import make_outlooks, read_outlook
from inventory_allocation.replay import (
    POLICIES,
    Company,
    Outlook,
    build_company,
    build_future,
    measure_walk,
    simulate,
)
from inventory_allocation.replay.clairvoyant import bound_cost
from inventory_allocation.replay.measures import ALL_SKUS, BOUND

__all__ = ["VARIABLES", "ReplaySettings", "has_counts", "replay_history"]

CLAIRVOYANT = "clairvoyant"
"""Who knows all orders beforehand: no policy, a bound."""
Progress = Callable[[str, int, int], None]
# Weeks of the forecast that each centre holds for its home regions where nobody counted.
START_WEEKS = 4
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
        workers: Processes.
        seed: Seed of what chance decides.
    """

    periods: int = 26
    training_periods: int = 13
    policies: tuple[str, ...] = tuple(POLICIES)
    workers: int = 2
    seed: int = 1


def _list_days(end: pd.Timestamp, periods: int) -> list[pd.Timestamp]:
    """First days of the last periods before an end, and the end itself; periods are weeks."""
    return [end - pd.Timedelta(weeks=back) for back in range(periods, -1, -1)]


def _walk(
    outlooks: list[Path],
    days: list[pd.Timestamp],
    frames: Path,
    seed: int,
    name: str,
    setting: float,
    target: Path,
) -> None:
    """Replay one policy with one setting, or bound the cost of all, and keep the measures."""
    company = build_company(read_input_files(outlooks[-1]))
    lines, stock, arriving = (
        pd.read_parquet(frames / f"{part}.parquet") for part in ("lines", "stock", "arriving")
    )
    future = build_future(company, days, lines, stock, arriving, seed)
    if name == CLAIRVOYANT:
        bound = {"measure": BOUND, "period": 0, "cluster": ALL_SKUS}
        rows = pd.DataFrame([{**bound, "value": bound_cost(company, future)}])
    else:
        known = [read_outlook(company, path) for path in outlooks]
        make, _ = POLICIES[name]
        rows = measure_walk(company, future, simulate(company, future, known, make(setting)))
    rows = rows.assign(
        policy=name,
        setting=setting,
        period_start=pd.DatetimeIndex(days)[rows["period"].to_numpy()],
    )
    partial = target.with_suffix(".partial")
    rows.to_parquet(partial, index=False)
    partial.rename(target)


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
        company, policy, setting, period_start, cluster, measure, value; sorted.

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
    # Of other periods or another seed nothing is taken over.
    own = directory / f"{days[0]:%Y-%m-%d}-{len(days) - 1}-{settings.seed}"
    frames = own / "frames"
    frames.mkdir(parents=True, exist_ok=True)
    company = build_company(read_input_files(outlooks[-1]))
    counted = _count_before(history, days[0])
    if counted.empty:
        counted = _invent_stock(company, read_outlook(company, outlooks[0]))
    # Lead times are a week and more: what came in the first two weeks was mostly ordered before.
    arrives = history.arriving["arrives_on"]
    arriving = history.arriving[(arrives >= days[0]) & (arrives < days[2])]
    for part, frame in {"lines": history.lines, "stock": counted, "arriving": arriving}.items():
        frame.to_parquet(frames / f"{part}.parquet", index=False)
    walks = own / "walks"
    walks.mkdir(exist_ok=True)
    asked = [
        (policy, float(value))
        for policy in settings.policies
        for value in sorted(POLICIES[policy][1])
    ]
    asked.append((CLAIRVOYANT, 0.0))
    targets = [walks / f"{policy}-{value:g}.parquet" for policy, value in asked]
    missing = [
        (*pair, target) for pair, target in zip(asked, targets, strict=True) if not target.exists()
    ]
    done = len(asked) - len(missing)
    progress("policies", done, len(asked))
    # Those that take longest come first.
    with ProcessPoolExecutor(settings.workers, mp_context=get_context("spawn")) as pool:
        waiting = [
            pool.submit(_walk, outlooks, days, frames, settings.seed, *work)
            for work in reversed(missing)
        ]
        for number, result in enumerate(as_completed(waiting), done + 1):
            result.result()
            progress("policies", number, len(asked))
    rows = pd.concat([pd.read_parquet(target) for target in targets], ignore_index=True)
    keys = ["company", "policy", "setting", "measure", "period_start", "cluster"]
    named = rows.assign(company=history.name)
    return named[[*keys, "value"]].sort_values(keys, ignore_index=True)
