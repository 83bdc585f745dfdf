"""From the measures of a replay to the claims: met or missed, with intervals."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from inventory_allocation.replay.claims import CLAIMS, ENGINE, SIMPLE, TYPICAL
from inventory_allocation.replay.compare import (
    BLOCK_PERIODS,
    choose_settings,
    compare,
    compare_at_equal,
    table_ratios,
)
from inventory_allocation.replay.conditions import CONDITIONS, USUAL
from inventory_allocation.replay.measures import CLAIRVOYANT
from inventory_allocation.statistics.corrections import correct_holm

__all__ = ["choose_compared", "judge_claims", "table_conditions", "table_policies"]


TOO_FEW = "too few weeks"


def _split(
    rows: pd.DataFrame, first_counted: pd.Timestamp, condition: str = USUAL
) -> tuple[pd.DataFrame, pd.DataFrame]:
    of_policies = rows[(rows["policy"] != CLAIRVOYANT) & (rows["condition"] == condition)]
    is_training = of_policies["period_start"] < first_counted
    return of_policies[is_training], of_policies[~is_training]


def table_policies(rows: pd.DataFrame, first_counted: pd.Timestamp) -> pd.DataFrame:
    """Every policy and setting on the periods that count, and which setting is its own.

    Args:
        rows: company, condition, policy, setting, period_start, measure, value.
        first_counted: First day of the first period that counts; before are training periods.

    Returns:
        policy, setting, is_chosen (on the training periods), a column per key of RATIOS.
    """
    training, counted = _split(rows, first_counted)
    chosen = choose_settings(training)
    table = table_ratios(counted, ["policy", "setting"])
    table.insert(2, "is_chosen", table["setting"] == table["policy"].map(chosen))
    return table


def _find_cheapest(training: pd.DataFrame, chosen: dict[str, float]) -> str:
    """The simple policy that cost least on the training periods."""
    costs = table_ratios(training, ["policy", "setting"])
    is_own = costs["setting"] == costs["policy"].map(chosen)
    simple = costs[is_own & costs["policy"].isin(SIMPLE)]
    return str(simple.sort_values(["cost_per_demand_unit", "policy"])["policy"].iloc[0])


def choose_compared(rows: pd.DataFrame, first_counted: pd.Timestamp) -> dict[str, float]:
    """The plan, the best simple policy and the typical one, with the setting chosen for each."""
    training, _ = _split(rows, first_counted)
    chosen = choose_settings(training)
    names = (TYPICAL, _find_cheapest(training, chosen), ENGINE)
    return {name: chosen[name] for name in names}


def table_conditions(rows: pd.DataFrame, first_counted: pd.Timestamp) -> pd.DataFrame:
    """The plan beside the best simple policy under each condition there is.

    Args:
        rows: As for `judge_claims`.
        first_counted: As for `table_policies`.

    Returns:
        condition, baseline, value (what the plan costs, a unit wanted), baseline_value, effect,
        low, high (95 %), fill_rate (of the plan), baseline_fill_rate.
    """
    training, _ = _split(rows, first_counted)
    compared = choose_compared(rows, first_counted)
    best = _find_cheapest(training, choose_settings(training))
    table = []
    for condition in (name for name in CONDITIONS if name in set(rows["condition"])):
        _, counted = _split(rows, first_counted, condition)
        plan, baseline = (
            counted[(counted["policy"] == name) & (counted["setting"] == compared[name])]
            for name in (ENGINE, best)
        )
        cost = compare(plan, baseline, "cost_per_demand_unit")
        fill = compare(plan, baseline, "fill_rate")
        table.append(
            {
                "condition": condition,
                "baseline": best,
                "value": cost.value,
                "baseline_value": cost.baseline,
                "effect": cost.effect,
                "low": cost.low,
                "high": cost.high,
                "fill_rate": fill.value,
                "baseline_fill_rate": fill.baseline,
            }
        )
    return pd.DataFrame(table)


def judge_claims(rows: pd.DataFrame, first_counted: pd.Timestamp) -> pd.DataFrame:
    """Hold the claims against the replay.

    Args:
        rows: company, condition, policy, setting, period_start, measure, value.
        first_counted: As for `table_policies`.

    Returns:
        One row per claim: name, baseline, equal, measure, value, baseline_value, effect, low, high
        (95 %), p_value, corrected_p_value (Holm, over the claims), aim, verdict: met where the
        whole interval is on the right side of the aim, missed where it is on the wrong one,
        unclear between, too few weeks where the bootstrap has one block to draw.
    """
    training, counted = _split(rows, first_counted)
    chosen = choose_settings(training)
    best = _find_cheapest(training, chosen)

    def rows_of(name: str) -> pd.DataFrame:
        return counted[(counted["policy"] == name) & (counted["setting"] == chosen[name])]

    table = []
    for claim in CLAIMS:
        baseline = best if claim.baseline == "best simple" else claim.baseline
        if claim.equal is None:
            effect = compare(rows_of(ENGINE), rows_of(baseline), claim.measure)
        else:
            every = counted[counted["policy"] == baseline]
            effect = compare_at_equal(rows_of(ENGINE), every, claim.measure, claim.equal)
        found = {
            key if key != "baseline" else "baseline_value": value
            for key, value in asdict(effect).items()
        }
        table.append(
            {
                "claim": claim.name,
                "baseline": baseline,
                "equal": claim.equal,
                **found,
                "aim": claim.aim,
                "verdict": (
                    TOO_FEW
                    if counted["period_start"].nunique() <= BLOCK_PERIODS
                    else _judge(effect.low, effect.high, claim.aim)
                ),
                "source": claim.source,
            }
        )
    frame = pd.DataFrame(table)
    return frame.assign(corrected_p_value=correct_holm(frame["p_value"].to_numpy()))


def _judge(low: float, high: float, aim: float) -> str:
    if np.isnan(low):
        return "not comparable"
    if aim < 0:
        low, high, aim = -high, -low, -aim
    if low >= aim:
        return "met"
    return "missed" if high < aim else "unclear"
