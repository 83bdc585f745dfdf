"""Plans keep to what planners decided, say what it costs, and name what they can't keep to."""

from typing import Any

import pandas as pd
import pytest
from allocation_cases import (
    EXACT,
    HORIZON_START,
    decide,
    hold,
    lane,
    lines_of,
    make_inputs,
    move,
    product,
    start_of,
    want,
    with_values,
)

from inventory_allocation.allocation import AllocationInputs, Plan, allocate
from inventory_allocation.allocation.checker import check_plan


def two_centres(*overrides: dict[str, Any], **more: Any) -> AllocationInputs:
    """A ships for 1, B for 3, both have stock, and packs of 4 go from A to B for 1 a unit."""
    return make_inputs(
        demand=[want("r", 10, period=t) for t in range(2)],
        lanes=[lane("A", "r", 1), lane("B", "r", 3)],
        stock=[hold("A", 40), hold("B", 40)],
        products=[product("s1", pack=4)],
        transfer_lanes=[move("A", "B", 1)],
        periods=2,
        overrides=overrides,
        **more,
    )


def shipped(plan: Plan, fc: str, period: int = 0) -> float:
    lines = lines_of(plan, "plan_shipments", fc_id=fc, period_start=start_of(period))
    return float(lines["units"].sum())


@pytest.mark.parametrize(
    ("override", "from_b", "cost"),
    [
        (decide("o", "minimum", 4, fc="B"), 4, 2 * 4),
        (decide("o", "maximum", 7, fc="A"), 3, 2 * 3),
        (decide("o", "forbid", fc="A", region="r"), 10, 2 * 10),
        (decide("o", "fix", 6, fc="B", region="r"), 6, 2 * 6),
        (decide("o", "fix", 8, region="r"), 0, 100 * 2 - 2),
        (decide("o", "minimum", 4, fc="B", period=1), 0, 2 * 4),
        (decide("o", "maximum", 20, fc="A"), 0, 0),
    ],
)
def test_a_plan_keeps_to_an_override(override: dict[str, Any], from_b: float, cost: float) -> None:
    plan = allocate(two_centres(override), EXACT)
    assert plan.problems == []
    assert shipped(plan, "B") == pytest.approx(from_b)
    assert plan.solution.objective == pytest.approx(20 + cost)
    assert "override_missed" not in set(plan.tables["plan_exceptions"]["rule"])


def test_a_transfer_may_be_asked_for() -> None:
    plan = allocate(two_centres(decide("o", "minimum", 6, fc="A", to_fc="B")), EXACT)
    assert plan.problems == []
    # Two whole packs.
    assert plan.tables["plan_transfers"]["units"].sum() == 8


def test_what_packs_do_not_allow_is_named() -> None:
    plan = allocate(two_centres(decide("o", "fix", 6, to_fc="B")), EXACT)
    assert plan.problems == []
    row = lines_of(plan, "plan_exceptions", rule="override_missed").iloc[0]
    assert (row["entity"], row["threshold"]) == ("o", 6)
    assert row["value"] in (4, 8)
    assert row["suggested_action"].startswith("whole packs")
    figures = plan.tables["plan_kpis"].query("level == 'total'").set_index("metric")["value"]
    assert figures["cost_override"] == pytest.approx(2 * 1000)


def test_the_limits_that_contradict_an_override_are_named_and_no_others() -> None:
    inputs = make_inputs(
        demand=[want("r", 20), want("q", 5)],
        lanes=[lane("A", "r", 1, capacity=6), lane("B", "r", 1), lane("B", "q", 1)],
        stock=[hold("A", 50), hold("B", 50)],
        centers={"A": 40, "B": 40},
        overrides=[decide("o", "minimum", 9, fc="A", region="r")],
    )
    row = lines_of(allocate(inputs, EXACT), "plan_exceptions", rule="override_missed").iloc[0]
    assert row["suggested_action"] == (
        "can't hold together with: the lane from A to r carries only so many units"
    )


def test_the_reason_of_a_line_is_the_override_and_its_price_what_it_costs() -> None:
    plan = allocate(two_centres(decide("o", "minimum", 4, fc="B")), EXACT)
    reasons = lines_of(plan, "plan_shipments", period_start=start_of(0)).set_index("fc_id")
    assert reasons["reason_code"].to_dict() == {"A": "cheapest", "B": "override"}
    row = lines_of(plan, "plan_constraints", constraint_type="plan_override").iloc[0]
    assert (row["constraint_key"], row["limit_quantity"], row["used_quantity"]) == ("o", 4, 4)
    assert row["shadow_price"] == pytest.approx(2)


def test_the_reason_for_the_dearer_centre_is_what_limits_the_cheaper() -> None:
    plan = allocate(two_centres(decide("o", "maximum", 7, fc="A")), EXACT)
    line = lines_of(plan, "plan_shipments", fc_id="B").iloc[0]
    assert line["reason_code"] == "cheaper_centre_overridden"


def test_demand_that_an_override_leaves_unmet_says_so() -> None:
    plan = allocate(two_centres(decide("o", "maximum", 8, region="r")), EXACT)
    row = lines_of(plan, "plan_demand", period_start=start_of(0)).iloc[0]
    assert row["unmet_units"] == pytest.approx(2)
    assert row["binding_reason"] == "override"


def test_of_contradictory_overrides_the_latest_counts() -> None:
    inputs = two_centres(
        decide("new", "fix", 2, fc="B", made=2),
        decide("old", "fix", 9, fc="B", made=1),
        decide("fits", "maximum", 5, fc="B", made=0),
    )
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    assert shipped(plan, "B") == pytest.approx(2)
    rows = lines_of(plan, "plan_exceptions", rule="override_not_planned")
    assert rows["entity"].to_list() == ["old"]
    assert "later override" in rows["suggested_action"].item()


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (decide("o", "fix", 1, fc="B", period=2), "horizon"),
        (decide("o", "fix", 1, fc="B", period=-1), "horizon"),
        (decide("o", "fix", 1, fc="B", sku="other"), "no demand"),
        (decide("o", "fix", 1, to_fc="B", region="r"), "not both"),
    ],
)
def test_an_override_that_says_nothing_of_the_plan_is_named(
    override: dict[str, Any], words: str
) -> None:
    plan = allocate(two_centres(override), EXACT)
    assert plan.problems == []
    rows = lines_of(plan, "plan_exceptions", rule="override_not_planned")
    assert rows["entity"].to_list() == ["o"]
    assert words in rows["suggested_action"].item()


def test_a_day_within_the_period_is_as_good_as_its_first() -> None:
    override = decide("o", "fix", 3, fc="B") | {
        "period_start": HORIZON_START + pd.Timedelta(days=6)
    }
    assert shipped(allocate(two_centres(override), EXACT), "B") == pytest.approx(3)


def test_the_last_day_of_a_long_month_is_in_the_horizon() -> None:
    override = decide("o", "fix", 3, fc="B") | {"period_start": pd.Timestamp("2026-07-31")}
    inputs = with_values(two_centres(override), "parameters", period="month", period_days=30)
    starts = pd.to_datetime(["2026-06-01", "2026-07-01"])
    plan = allocate(with_values(inputs, "periods", period_start=starts), EXACT)
    assert plan.problems == []
    lines = lines_of(plan, "plan_shipments", fc_id="B", period_start=starts[1])
    assert lines["units"].sum() == pytest.approx(3)


def test_a_plan_that_misses_an_override_without_paying_is_noticed() -> None:
    inputs = two_centres()
    plan = allocate(inputs, EXACT)
    later = two_centres(decide("o", "fix", 6, fc="B"))
    problems = check_plan(later, plan.tables, plan.solution.objective)
    assert problems == ["the plan costs 6,020.0000, not 20.0000 as it claims"]
    free = with_values(later, "parameters", override_cost_per_unit=0.0)
    assert check_plan(free, plan.tables, plan.solution.objective) == []
