"""Comparing policies: paired by period, with intervals by moving blocks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.replay.company import Floats
from inventory_allocation.replay.measures import COST_PARTS

__all__ = [
    "BLOCK_PERIODS",
    "RATIOS",
    "Effect",
    "choose_settings",
    "compare",
    "compare_at_equal",
    "table_ratios",
]

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
    "nervousness": (("replanned_units",), ("planned_or_placed_units",)),
}
"""Each measure is a sum over a sum: of these measures, over periods and clusters."""
BLOCK_PERIODS = 4
DRAWS = 2_000
LEAST_SHARE = 0.9


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


def _ratios(sums: Floats) -> Floats:
    """Ratio of the two sums in the last axis; NaN where nothing is below."""
    above, below = sums[..., 0], sums[..., 1]
    empty = np.full(above.shape, np.nan)
    ratios: Floats = np.divide(above, below, out=empty, where=below != 0)
    return ratios


def _draw_ratios(parts: Floats, seed: int) -> Floats:
    """Ratio of all companies and periods first, then of each bootstrap sample."""
    company, period = draw_blocks(parts.shape[0], parts.shape[1], DRAWS, seed)
    whole = parts.sum(axis=(0, 1))[None]
    return _ratios(np.concatenate([whole, parts[company, period].sum(axis=(1, 2))]))


def _judge(measure: str, values: Floats, baselines: Floats) -> Effect:
    effects = _ratios(np.column_stack([values, baselines])) - 1
    drawn = effects[1:][~np.isnan(effects[1:])]
    low, high, tail = np.nan, np.nan, np.nan
    # Where the policies cannot be compared in many samples, nothing is said of chance.
    if len(drawn) >= LEAST_SHARE * DRAWS:
        low, high = np.quantile(drawn, [0.025, 0.975])
        tail = min(1.0, 2 * min((drawn <= 0).mean(), (drawn >= 0).mean()))
    return Effect(
        measure, *(float(x) for x in (values[0], baselines[0], effects[0], low, high, tail))
    )


def compare(rows: pd.DataFrame, baseline: pd.DataFrame, measure: str, seed: int = 0) -> Effect:
    """Compare two policies on the same periods of the same companies.

    Args:
        rows: company, period_start, measure, value of the policy.
        baseline: The same of the other one.
        measure: A key of RATIOS.
        seed: Seed of the bootstrap.

    Returns:
        The effect, with the percentile interval of a paired moving-block bootstrap.
    """
    both = (_draw_ratios(_by_period(part, measure), seed) for part in (rows, baseline))
    return _judge(measure, *both)


def compare_at_equal(
    rows: pd.DataFrame, baseline: pd.DataFrame, measure: str, equal: str, seed: int = 0
) -> Effect:
    """Compare two policies where another measure is equal.

    Between the settings of the baseline the measure is taken to be linear in the one held equal:
    the points of its frontier are joined, and read where it has as much of that as the policy.

    Args:
        rows: company, period_start, measure, value of the policy with one setting.
        baseline: company, period_start, setting, measure, value of the other with all its settings.
        measure: A key of RATIOS.
        equal: The one held equal.
        seed: Seed of the bootstrap.

    Returns:
        The effect; NaN where no setting of the baseline reaches what the policy has.
    """
    at, value = (_draw_ratios(_by_period(rows, name), seed) for name in (equal, measure))
    parts = [part for _, part in baseline.groupby("setting")]
    reached, values = (
        np.array([_draw_ratios(_by_period(part, name), seed) for part in parts])
        for name in (equal, measure)
    )
    order = np.argsort(reached, axis=0)
    reached, values = (np.take_along_axis(part, order, axis=0) for part in (reached, values))
    joined = np.array(
        [
            np.interp(at[draw], reached[:, draw], values[:, draw], left=np.nan, right=np.nan)
            for draw in range(len(at))
        ]
    )
    return _judge(measure, value, joined)
