"""What is ordered, when, from whom; and that a plan without suppliers orders nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from allocation_cases import (
    EXACT,
    SEEDS,
    hold,
    keep,
    lane,
    lines_of,
    make_inputs,
    move,
    offer,
    product,
    random_inputs,
    random_plan,
    start_of,
    want,
    with_values,
)

from inventory_allocation.allocation import AllocationInputs, SolveSettings, allocate, index_inputs
from inventory_allocation.allocation.checker import check_plan


def selling(*offers: dict[str, Any], **more: Any) -> AllocationInputs:
    """Ten units are wanted in each of three periods; A has those of the first."""
    return make_inputs(
        demand=[want("r", 10, period=t, unmet=50) for t in range(3)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 10)],
        products=[product("s1", holding=0.01)],
        suppliers=offers,
        periods=3,
        **more,
    )


def ordered(inputs: AllocationInputs) -> pd.DataFrame:
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    return plan.tables["plan_orders"]


def test_the_random_cases_have_orders_of_every_kind() -> None:
    orders = pd.concat([random_plan(seed).tables["plan_orders"] for seed in SEEDS])
    assert len(orders) >= 10
    assert orders["order_multiples"].gt(1).any()
    assert set(orders["supplier_id"]) == {"quick", "slow"}


def test_what_is_missing_is_ordered_in_time() -> None:
    orders = ordered(selling(offer("s", "A")))
    assert orders["units"].sum() == 20
    first = orders.iloc[0]
    assert (first["period_start"], first["due_on"]) == (start_of(0), start_of(1))


def test_a_fixed_cost_brings_orders_together_and_holding_them_apart() -> None:
    assert len(ordered(selling(offer("s", "A", fixed=30)))) == 1
    assert len(ordered(selling(offer("s", "A")))) == 2


@pytest.mark.parametrize(
    ("terms", "units"),
    [
        ({"multiple": 6}, [24]),
        ({"minimum": 35, "fixed": 1}, [35]),
        ({"capacity": 12, "fixed": 1}, [10, 10]),
        ({"fixed": 2000}, []),
        ({"lead": 2, "fixed": 1}, [10]),
        ({"extra": 60}, []),
    ],
)
def test_an_order_keeps_to_the_terms_and_is_made_only_where_it_pays(
    terms: dict[str, float], units: list[float]
) -> None:
    found = ordered(selling(offer("s", "A", **terms)))["units"].sort_values().to_list()
    assert sum(found) == pytest.approx(sum(units))
    assert all(count <= terms.get("capacity", 99) for count in found)
    assert all(count >= terms.get("minimum", 0) for count in found)


def test_of_two_suppliers_the_cheaper_in_all_is_asked() -> None:
    quick = offer("quick", "A", extra=2)
    slow = offer("slow", "A", lead=2)
    orders = ordered(selling(quick, slow)).groupby("supplier_id")["units"].sum()
    # The slow one can't come before the third period.
    assert orders.to_dict() == {"quick": 10, "slow": 10}


def test_what_is_ordered_costs_its_price_and_a_plan_what_is_above_the_cheapest() -> None:
    plan = allocate(selling(offer("s", "A", cost=5, extra=2, fixed=30)), EXACT)
    order = plan.tables["plan_orders"].iloc[0]
    assert order["cost"] == pytest.approx(20 * 7 + 30)
    figures = plan.tables["plan_kpis"].query("level == 'total'").set_index("metric")["value"]
    # And a period's holding, since it is paid for when it is ordered.
    assert figures["cost_order"] == pytest.approx(20 * 2.01 + 30)
    assert figures["ordered_units"] == 20


def test_orders_count_against_the_inbound_capacity() -> None:
    limits = {"A": {"inbound_capacity_units": 8}}
    orders = ordered(selling(offer("s", "A"), limits=limits))
    assert orders.groupby("due_on")["units"].sum().max() == 8
    assert orders["units"].sum() == 16


def covering(
    units: float, *offers: dict[str, Any], holding: float = 0.01, **more: Any
) -> AllocationInputs:
    """Nothing is wanted after the first period, but units after the horizon."""
    return make_inputs(
        demand=[want("r", 10, unmet=40)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 10)],
        products=[product("s1", holding=holding)],
        suppliers=offers,
        cover=[keep("A", units, **more)],
        periods=2,
        stock_target=1,
    )


def test_demand_after_the_horizon_is_covered_by_what_arrives_then() -> None:
    orders = ordered(covering(20, offer("s", "A", lead=2)))
    assert orders["units"].sum() == 20
    # The second period's order comes after the last: dates go on.
    assert set(orders["due_on"]) <= {start_of(2), start_of(3)}


def test_open_orders_that_come_after_the_horizon_cover_too() -> None:
    assert ordered(covering(20, offer("s", "A", lead=2), later=15))["units"].sum() == 5


def test_cover_is_left_where_an_order_costs_more_than_half_of_losing_it() -> None:
    # 20 units at half of 40 are worth 400; without holding costs no more is worth anything.
    worth = covering(20, offer("s", "A", fixed=390), holding=0)
    assert ordered(worth)["units"].sum() == 20
    plan = allocate(covering(20, offer("s", "A", fixed=410), holding=0), EXACT)
    assert plan.problems == []
    assert plan.tables["plan_orders"].empty
    assert plan.solution.objective == pytest.approx(10 + 400)


def test_safety_stock_is_covered_at_the_price_of_a_stock_target() -> None:
    # z(0.9) x 10 = 12.8 units at 1 each: worth an order at 0.5 more than the cheapest, not at 1.5.
    worth = covering(20, offer("s", "A", extra=0.5), deviation=10)
    assert ordered(worth)["units"].sum() == 33
    dear = covering(20, offer("s", "A", extra=1.5), deviation=10)
    assert ordered(dear)["units"].sum() == 20


def test_stock_targets_cover_the_lead_time() -> None:
    """z(0.9) x the root of the variance of the next period and of the lead time before it."""
    deviations = [1.0, 2.0, 3.0, 4.0]
    inputs = make_inputs(
        demand=[
            want("r", 10, period=period, deviation=deviation, level=0.9, home="A")
            for period, deviation in enumerate(deviations)
        ],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 10)],
        suppliers=[offer("s", "A", lead=2), offer("t", "A", lead=3)],
        periods=4,
        stock_target=1,
    )
    targets = index_inputs(inputs).stock_targets["target"].to_numpy()
    variance = np.array([1 + 4, 1 + 4 + 9, 4 + 9 + 16, 4 + 9 + 16])
    assert targets == pytest.approx(1.2815516 * np.sqrt(variance), rel=1e-6)
    without = replace(inputs, suppliers=inputs.suppliers.iloc[:0])
    targets = index_inputs(without).stock_targets["target"].to_numpy()
    assert targets == pytest.approx(1.2815516 * np.array([2, 3, 4, 4]), rel=1e-6)


def test_a_centre_may_order_for_another() -> None:
    inputs = make_inputs(
        demand=[want("r", 10, period=2, unmet=50)],
        lanes=[lane("B", "r", 1)],
        suppliers=[offer("s", "A")],
        products=[product("s1", holding=0.01)],
        transfer_lanes=[move("A", "B", 1)],
        stock=[],
        periods=3,
    )
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    assert plan.tables["plan_demand"]["unmet_units"].sum() == 0


@pytest.mark.parametrize("seed", [9, 13, 22, 25])
def test_rounding_down_gives_a_checked_plan_above_the_best_and_a_bound_below(seed: int) -> None:
    best = random_plan(seed).solution.objective
    plan = allocate(random_inputs(seed), SolveSettings(gap=0.0, route="relax_and_round"))
    assert plan.problems == []
    assert plan.solution.lower_bound <= best * (1 + 1e-9)
    assert plan.solution.objective >= best * (1 - 1e-9)


def test_months_after_the_horizon_go_by_the_calendar() -> None:
    inputs = covering(20, offer("s", "A", lead=2, fixed=1))
    starts = pd.to_datetime(["2026-06-01", "2026-07-01"])
    inputs = with_values(inputs, "parameters", period="month", period_days=30)
    inputs = with_values(inputs, "periods", period_start=starts)
    assert set(ordered(inputs)["due_on"]) <= {
        pd.Timestamp("2026-08-01"),
        pd.Timestamp("2026-09-01"),
    }


def order_less(tables: dict[str, pd.DataFrame]) -> None:
    tables["plan_orders"].loc[0, "units"] -= 1


def order_elsewhere(tables: dict[str, pd.DataFrame]) -> None:
    tables["plan_orders"].loc[0, "supplier_id"] = "nobody"


def order_cheaper(tables: dict[str, pd.DataFrame]) -> None:
    tables["plan_orders"].loc[0, "cost"] = 0.0


def order_sooner(tables: dict[str, pd.DataFrame]) -> None:
    tables["plan_orders"].loc[0, "due_on"] = start_of(0)


def forget_orders(tables: dict[str, pd.DataFrame]) -> None:
    tables["plan_orders"] = tables["plan_orders"].iloc[:0]


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (order_less, "not whole multiples"),
        (order_less, "ordered differs from the lines"),
        (order_elsewhere, "there is no such offer"),
        (order_cheaper, "plan_orders.cost is wrong"),
        (order_sooner, "due at another time"),
        (forget_orders, "ordered differs from the lines"),
    ],
)
def test_a_planted_fault_of_an_order_is_named(
    plant: Callable[[dict[str, pd.DataFrame]], None], words: str
) -> None:
    inputs = selling(offer("s", "A", multiple=5, fixed=1))
    plan = allocate(inputs, EXACT)
    tables = {name: frame.copy() for name, frame in plan.tables.items()}
    plant(tables)
    problems = check_plan(inputs, tables, plan.solution.objective)
    assert any(problem.startswith(words) for problem in problems)


@pytest.mark.parametrize(
    ("terms", "words"),
    [({"minimum": 50}, "below the supplier's minimum"), ({"capacity": 5}, "above the supplier's")],
)
def test_an_order_against_other_terms_is_named(terms: dict[str, float], words: str) -> None:
    plan = allocate(selling(offer("s", "A", fixed=1)), EXACT)
    problems = check_plan(
        selling(offer("s", "A", fixed=1, **terms)), plan.tables, plan.solution.objective
    )
    assert all(problem.startswith(words) for problem in problems)
    assert problems


def test_nothing_is_ordered_without_a_supplier() -> None:
    plan = allocate(selling(), EXACT)
    assert plan.tables["plan_orders"].empty
    assert lines_of(plan, "plan_inventory")["ordered"].sum() == 0
