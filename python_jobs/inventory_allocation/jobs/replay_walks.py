"""Walking policies through what happened, side by side, and keeping what is done."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from inventory_allocation.jobs.allocate_files import read_input_files
from inventory_allocation.jobs.replay_outlooks import read_outlook
from inventory_allocation.replay import (
    POLICIES,
    build_company,
    build_future,
    measure_walk,
    simulate,
)
from inventory_allocation.replay.clairvoyant import bound_cost, bound_shipping
from inventory_allocation.replay.conditions import CONDITIONS, USUAL, World
from inventory_allocation.replay.measures import ALL_SKUS, BOUND, CLAIRVOYANT
from inventory_allocation.replay.recorded import recall_walk

__all__ = ["RECORDED", "WalkSetup", "WalkTask", "walk_all"]

RECORDED = "recorded"
"""What the company did: no policy either."""


@dataclass(frozen=True)
class WalkSetup:
    """What walks go through.

    Attributes:
        outlooks: Directories of what was known on the first day of each period.
        days: First days of periods, and the day after the last one.
        directory: Has a folder `frames` with what happened, and gets a folder `walks`.
        seed: Seed of what chance decides.
        return_share: Share of lines that are sent back.
        first: Position of the period in which something happens under a condition.
        workers: Processes.
    """

    outlooks: tuple[Path, ...]
    days: tuple[pd.Timestamp, ...]
    directory: Path
    seed: int
    return_share: float
    first: int
    workers: int


@dataclass(frozen=True)
class WalkTask:
    """One walk.

    Attributes:
        policy: Name of a policy, or CLAIRVOYANT or RECORDED.
        setting: Its setting.
        condition: A key of CONDITIONS.
    """

    policy: str
    setting: float
    condition: str = USUAL

    @property
    def file_name(self) -> str:
        """The file that keeps its measures."""
        usual = f"{self.policy}-{self.setting:g}"
        return usual + ("" if self.condition == USUAL else f"-{self.condition}") + ".parquet"


@lru_cache(maxsize=1)
def _read_world(setup: WalkSetup) -> tuple[World, dict[str, pd.DataFrame]]:
    """What all walks of a process go through, and what happened; they change nothing of it."""
    company = build_company(read_input_files(setup.outlooks[-1]))
    frames = {path.stem: pd.read_parquet(path) for path in (setup.directory / "frames").iterdir()}
    future = build_future(
        company,
        list(setup.days),
        frames["lines"],
        frames["stock"],
        frames["arriving"],
        setup.seed,
        setup.return_share,
    )
    known = [read_outlook(company, path) for path in setup.outlooks]
    return World(company, future, known, setup.first), frames


def _walk(setup: WalkSetup, task: WalkTask) -> None:
    """Take one walk, or bound the cost of all, and keep the measures."""
    usual, frames = _read_world(setup)
    company, future = usual.company, usual.future
    if task.policy == RECORDED:
        recorded = (frames[name] for name in ("sold", "counts", "receipts"))
        rows = measure_walk(company, future, recall_walk(company, future, *recorded))
    elif task.policy == CLAIRVOYANT:
        bound = {"measure": BOUND, "period": 0, "value": bound_cost(company, future)}
        rows = pd.concat([pd.DataFrame([bound]), bound_shipping(company, future)])
        rows = rows.assign(cluster=ALL_SKUS)
    else:
        world = CONDITIONS[task.condition](usual)
        policy = POLICIES[task.policy][0](task.setting)
        walk = simulate(world.company, world.future, world.outlooks, policy)
        rows = measure_walk(world.company, world.future, walk)
    rows = rows.assign(
        condition=task.condition,
        policy=task.policy,
        setting=task.setting,
        period_start=pd.DatetimeIndex(setup.days)[rows["period"].to_numpy()],
    )
    target = setup.directory / "walks" / task.file_name
    partial = target.with_suffix(".partial")
    rows.to_parquet(partial, index=False)
    partial.rename(target)


def walk_all(
    setup: WalkSetup, tasks: list[WalkTask], progress: Callable[[int, int], None]
) -> pd.DataFrame:
    """Take walks; those that are kept are not taken again.

    Args:
        setup: What they go through.
        tasks: The walks; the ones that take longest come last, and are begun first.
        progress: Called with how many are done, of how many.

    Returns:
        condition, policy, setting, period_start, cluster, measure, value.
    """
    walks = setup.directory / "walks"
    walks.mkdir(exist_ok=True)
    missing = [task for task in tasks if not (walks / task.file_name).exists()]
    done = len(tasks) - len(missing)
    progress(done, len(tasks))
    with ProcessPoolExecutor(setup.workers, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_walk, setup, task) for task in reversed(missing)]
        for number, result in enumerate(as_completed(waiting), done + 1):
            result.result()
            progress(number, len(tasks))
    return pd.concat([pd.read_parquet(walks / task.file_name) for task in tasks], ignore_index=True)
