"""A replay in words: a page for a meeting, or a document, from the same numbers."""

from typing import Any

import pandas as pd

from inventory_allocation.replay.claims import ENGINE
from inventory_allocation.replay.conditions import USUAL
from inventory_allocation.replay.measures import (
    BOUND,
    CLAIRVOYANT,
    COST_PARTS,
    LEAST_SHIPPING,
)
from inventory_allocation.replay.verdicts import judge_claims, table_conditions, table_policies

__all__ = ["describe_replay", "table_cost_parts"]

WANTED = "Demand is what customers wanted, not what was sold."
SOLD = "Demand is what was sold: what nobody could ship then isn't in it."
VERDICTS = {
    "met": "met: the whole interval is at or beyond the aim",
    "missed": "missed: none of the interval reaches the aim",
    "unclear": "unclear: the aim lies within the interval",
    "too few weeks": "too few weeks: the intervals say nothing of chance",
    "not comparable": "not comparable: no setting of the baseline reaches what is held equal",
}


def table_cost_parts(rows: pd.DataFrame, first_counted: pd.Timestamp) -> pd.DataFrame:
    """Cost per unit wanted by part, of each policy with its own setting, on what counts.

    Args:
        rows: company, condition, policy, setting, period_start, measure, value.
        first_counted: First day of the first period that counts.

    Returns:
        policy and a column per cost part.
    """
    table = table_policies(rows, first_counted)
    own = table.loc[table["is_chosen"], ["policy", "setting"]]
    rows = rows[rows["condition"] == USUAL]
    counted = rows[rows["period_start"] >= first_counted].merge(own, on=["policy", "setting"])
    sums = counted.pivot_table(index="policy", columns="measure", values="value", aggfunc="sum")
    wanted = sums["demand_units"]
    parts = sums.reindex(columns=COST_PARTS).fillna(0.0).div(wanted, axis=0)
    return parts.reset_index()


def _beside_bound(rows: pd.DataFrame, table: pd.DataFrame) -> dict[str, float]:
    """Cost of all weeks, training too, over the least that anybody could have paid."""
    bound = float(rows.loc[rows["measure"] == BOUND, "value"].sum())
    if bound <= 0:
        return {}
    own = rows.merge(table.loc[table["is_chosen"], ["policy", "setting"]])
    cost = own[own["measure"].isin(COST_PARTS)].groupby("policy")["value"].sum()
    return {str(name): float(value) / bound for name, value in cost.items()}


def _least_shipping(rows: pd.DataFrame, first_counted: pd.Timestamp) -> float:
    """What shipping a unit wanted costs by the cheapest lane of each, on what counts."""
    counted = rows[(rows["policy"] == CLAIRVOYANT) & (rows["period_start"] >= first_counted)]
    sums = counted.groupby("measure")["value"].sum()
    return float(sums[LEAST_SHIPPING] / sums["demand_units"])


def describe_replay(
    rows: pd.DataFrame, first_counted: pd.Timestamp, *, is_sold: bool = False
) -> dict[str, Any]:
    """What a page on a replay says: plain values for a template.

    Args:
        rows: company, condition, policy, setting, period_start, measure, value.
        first_counted: First day of the first period that counts.
        is_sold: Whether demand is what was sold.

    Returns:
        companies, demand (what it is), weeks, training_weeks, first_day, last_day, engine (its
        name), headline, policies (a dict each: a row of `table_policies`, beside_bound),
        least_shipping (a unit wanted), claims (a dict each: a row of `judge_claims`), verdicts
        (what each means), conditions (a dict each: a row of `table_conditions`; none where there is
        the usual one only).
    """
    table = table_policies(rows, first_counted)
    claims = judge_claims(rows, first_counted)
    conditions = table_conditions(rows, first_counted)
    rows = rows[rows["condition"] == USUAL]
    beside = _beside_bound(rows, table)
    own = table[table["is_chosen"]].sort_values(["cost_per_demand_unit", "policy"])
    days = sorted(rows["period_start"].unique())
    counted = [day for day in days if day >= first_counted]
    policies = [
        {**row, "beside_bound": beside.get(str(row["policy"]))} for row in own.to_dict("records")
    ]
    total = claims.iloc[0]
    word = "less" if total["effect"] < 0 else "more"
    headline = (
        f"The plan of this system costs {abs(total['effect']):.1%} {word} per unit wanted than "
        f"{total['baseline']}, the simple policy that cost least in training "
        f"(95 % interval {total['low']:+.1%} to {total['high']:+.1%})."
    )
    return {
        "companies": sorted(rows["company"].unique()),
        "demand": SOLD if is_sold else WANTED,
        "weeks": len(counted),
        "training_weeks": len(days) - len(counted),
        "first_day": f"{pd.Timestamp(counted[0]):%Y-%m-%d}",
        "last_day": f"{pd.Timestamp(counted[-1]) + pd.Timedelta(days=6):%Y-%m-%d}",
        "engine": ENGINE,
        "headline": headline,
        "policies": policies,
        "least_shipping": _least_shipping(rows, first_counted),
        "claims": claims.to_dict("records"),
        "verdicts": VERDICTS,
        "conditions": conditions.to_dict("records") if len(conditions) > 1 else [],
    }
