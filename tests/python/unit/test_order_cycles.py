"""Orders of plans that see few periods are of the economic size all the same."""

from collections import Counter
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from allocation_cases import (
    EXACT,
    due,
    hold,
    keep,
    lane,
    make_inputs,
    offer,
    product,
    start_of,
    want,
)

from inventory_allocation.allocation import allocate
from inventory_allocation.allocation.order_cycles import size_cycles


def size(
    storage: float, *, overflow_price: float = 50.0, period_days: float = 7.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cycles of two SKUs at a centre, 10 and 4 units a period, and what they cost and take."""
    cover = pd.DataFrame({"fc": 0, "sku": [0, 1], "mean": [20.0, 4.0], "safety": [6.0, 2.0]})
    suppliers = pd.DataFrame(
        {"fc": 0, "sku": [0, 0, 1], "fixed_cost": [90.0, 40.0, 25.0], "lead_periods": [3, 2, 1]}
    )
    products = pd.DataFrame({"holding": [0.5, 0.2], "volume": [0.1, 0.3]})
    sized = size_cycles(
        cover,
        suppliers,
        products,
        np.array([storage]),
        period_days=period_days,
        overflow_price=overflow_price,
    )
    return sized, products


def test_a_cycle_is_the_economic_order_quantity() -> None:
    sized, _ = size(np.inf)
    harris = [sqrt(2 * 40 * 10 / 0.5), sqrt(2 * 25 * 4 / 0.2)]
    assert sized["cycle"].tolist() == pytest.approx(harris)
    # Stock of a whole cycle is worth what an order costs: the triangle below its dearest unit.
    assert (sized["cycle"] * sized["cycle_price"] / 2).tolist() == pytest.approx([40, 25])


def test_cycles_of_a_centre_short_of_room_share_it() -> None:
    sized, products = size(6.0)
    volume = products["volume"].to_numpy()
    assert (volume * (sized["safety"] + sized["cycle"] / 2)).sum() == pytest.approx(6.0)
    # One price of room explains both quantities.
    fixed, rate = np.array([40.0, 25.0]), np.array([10.0, 4.0])
    room = (2 * fixed * rate / sized["cycle"] ** 2 - products["holding"]) / volume
    assert room[0] == pytest.approx(room[1])
    assert room[0] > 0


def test_room_is_worth_no_more_than_it_costs_to_do_without() -> None:
    tight, _ = size(0.0, overflow_price=2.0)
    assert tight["cycle"].iloc[0] == pytest.approx(sqrt(2 * 40 * 10 / (0.5 + 2 * 0.1)))


def test_no_order_is_for_more_than_half_a_year() -> None:
    sized, _ = size(np.inf, period_days=91.0)
    assert sized["cycle"].tolist() == [20.0, 8.0]


@pytest.mark.parametrize("lead", [1, 2])
def test_plans_of_few_periods_cost_little_more_than_the_best_cycle(lead: int) -> None:
    demand, fixed, holding = 10, 90.0, 0.5
    stock, arriving = demand * lead, Counter[int]()
    costs, ordered = [], []
    for week in range(40):
        plan = allocate(
            make_inputs(
                demand=[want("r", demand, period=t, unmet=40) for t in range(lead + 1)],
                lanes=[lane("A", "r", 1)],
                stock=[hold("A", stock)],
                inbound=[
                    due("A", arriving[week + t], period=t)
                    for t in range(1, lead + 1)
                    if arriving[week + t]
                ],
                products=[product("s1", holding=holding)],
                suppliers=[offer("s", "A", fixed=fixed, lead=lead)],
                cover=[keep("A", demand * lead, later=arriving[week + lead + 1])],
                periods=lead + 1,
            ),
            EXACT,
        )
        assert plan.problems == []
        orders = plan.tables["plan_orders"]
        now = orders[orders["period_start"] == start_of(0)]
        arriving[week + lead] += int(now["units"].sum())
        ordered += [week] * len(now)
        assert stock >= demand
        stock -= demand
        costs.append(fixed * len(now) + holding * stock)
        stock += arriving[week + 1]
    whole_cycles = costs[ordered[1] : ordered[-1]]
    # Harris: sqrt(2 K D h) a week, where stock of the middle of a week is half its demand higher.
    best = sqrt(2 * fixed * demand * holding) - holding * demand / 2
    # Whole units and weeks fit less well.
    assert np.mean(whole_cycles) < 1.15 * best
