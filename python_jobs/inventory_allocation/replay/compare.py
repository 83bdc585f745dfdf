"""Comparing policies: paired by period, with intervals by moving blocks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.replay.company import Floats
from inventory_allocation.replay.measures import COST_PARTS

__all__ = ["RATIOS", "Effect", "choose_settings", "compare", "table_ratios"]

RATIOS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cost_per_demand_unit": (tuple(COST_PARTS), ("demand_units",)),
    "shipping_per_unit": (("shipping_cost",), ("shipped_units",)),
    "stockout_rate": (("stockout_cells",), ("demand_cells",)),
    "lost_share": (("lost_units",), ("demand_units",)),
    "fill_rate": (("shipped_units",), ("demand_units",)),
    "fill_within_sla": (("within_sla_units",), ("demand_units",)),
    "stock_per_demand_unit": (("stock_value",), ("demand_units",)),
    "turnover": (("shipped_value",), ("stock_value",)),
    "split_share": (("split_orders",), ("orders",)),
    "transferred_share": (("transferred_units",), ("shipped_units",)),
    "carbon_per_unit": (("carbon_kg",), ("shipped_units",)),
}
"""Each measure is a sum over a sum: of these measures, over periods and clusters."""
BLOCK_PERIODS = 4
DRAWS = 2_000


@dataclass(frozen=True)
class Effect:
    """A measure of one policy beside that of another.

    Attributes:
        measure: A key of RATIOS.
        value: Of the policy.
        baseline: Of the other one.
        effect: Relative difference, value / baseline - 1.
        low: Lower end of the 95 % interval of the effect.
        high: Upper end.
        p_value: Two-sided, of no difference.
    """

    measure: str
    value: float
    baseline: float
    effect: float
    low: float
    high: float
    p_value: float


def table_ratios(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Add measures up and divide: a row per group, a column per key of RATIOS.

    Args:
        rows: by, measure, value.
        by: Columns that make a group, such as policy and setting.
    """
    sums = rows.pivot_table(index=by, columns="measure", values="value", aggfunc="sum")
    table = pd.DataFrame(index=sums.index)
    for name, (above, below) in RATIOS.items():
        table[name] = _add(sums, above) / _add(sums, below)
    return table.reset_index()


def _add(sums: pd.DataFrame, names: tuple[str, ...]) -> "pd.Series[float]":
    return sums.reindex(columns=list(names)).fillna(0.0).sum(axis=1)


def choose_settings(training: pd.DataFrame) -> dict[str, float]:
    """The setting of each policy that cost least, on rows of the training periods only."""
    costs = table_ratios(training, ["policy", "setting"])
    ranked = costs.sort_values(["cost_per_demand_unit", "setting"])
    chosen = ranked.drop_duplicates("policy").set_index("policy")["setting"]
    return {str(name): float(value) for name, value in chosen.items()}


def _by_period(rows: pd.DataFrame, measure: str) -> Floats:
    """Numerator and denominator by company and period; shape (companies, periods, 2)."""
    sums = rows.pivot_table(
        index=["company", "period_start"], columns="measure", values="value", aggfunc="sum"
    )
    both = np.column_stack([_add(sums, names).to_numpy() for names in RATIOS[measure]])
    companies = sums.index.get_level_values("company").nunique()
    shaped: Floats = both.reshape(companies, -1, 2).astype("float64")
    return shaped


def draw_blocks(
    companies: int, periods: int, draws: int, seed: int
) -> tuple["np.ndarray[tuple[int, ...], np.dtype[np.int64]]", ...]:
    """Companies and periods of moving-block bootstrap samples (Künsch 1989).

    Companies are drawn with replacement, where there are several, and in each of them blocks of
    BLOCK_PERIODS periods in a row.

    Returns:
        Positions of companies and of periods, each of shape (draws, companies, periods).
    """
    rng = np.random.default_rng(seed)
    length = min(BLOCK_PERIODS, periods)
    blocks = -(-periods // length)
    starts = rng.integers(0, periods - length + 1, (draws, companies, blocks, 1))
    period = (starts + np.arange(length)).reshape(draws, companies, -1)[:, :, :periods]
    company = np.broadcast_to(np.arange(companies)[:, None], (draws, companies, 1))
    if companies > 1:
        company = rng.integers(0, companies, (draws, companies, 1))
    return np.broadcast_to(company, period.shape), period


def compare(
    rows: pd.DataFrame,
    baseline: pd.DataFrame,
    measure: str,
    seed: int = 0,
    statistic: Callable[[Floats], Floats] | None = None,
) -> Effect:
    """Compare two policies on the same periods of the same companies.

    Args:
        rows: company, period_start, measure, value of the policy.
        baseline: The same of the other one.
        measure: A key of RATIOS.
        seed: Seed of the bootstrap.
        statistic: Of sums (draws, 2), what to compare; the ratio of the two by default.

    Returns:
        The effect, with the percentile interval of a paired moving-block bootstrap.
    """
    ratio = statistic or (lambda sums: sums[:, 0] / sums[:, 1])
    ours, theirs = _by_period(rows, measure), _by_period(baseline, measure)
    company, period = draw_blocks(ours.shape[0], ours.shape[1], DRAWS, seed)
    value, other = (float(ratio(part.sum(axis=(0, 1))[None])[0]) for part in (ours, theirs))
    drawn = ratio(ours[company, period].sum(axis=(1, 2))) / ratio(
        theirs[company, period].sum(axis=(1, 2))
    )
    effects = drawn - 1
    low, high = np.quantile(effects, [0.025, 0.975])
    tail = min((effects <= 0).mean(), (effects >= 0).mean())
    return Effect(
        measure, value, other, value / other - 1, float(low), float(high), min(1.0, 2 * float(tail))
    )
