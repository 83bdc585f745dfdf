"""What the allocation accepts, what it refuses, and that odd inputs give checked plans."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from allocation_cases import (
    EXACT,
    busy_inputs,
    due,
    hold,
    lane,
    make_inputs,
    move,
    product,
    random_inputs,
    want,
    with_values,
)

from inventory_allocation.allocation import AllocationInputs, Plan, allocate, index_inputs
from inventory_allocation.allocation.inputs import COLUMNS
from inventory_allocation.errors import InputError


def without_rows(*tables: str) -> AllocationInputs:
    inputs = busy_inputs()
    return replace(inputs, **{name: getattr(inputs, name).iloc[:0] for name in tables})


@pytest.mark.parametrize(
    ("tables", "named", "remedy"),
    [
        (["centers"], "fulfillment_centers", "fct_rejected_rows"),
        (["lanes"], "lanes", "latitude and longitude"),
        (["demand"], "fct_demand_forecasts", "retire_after_periods"),
        (["stock", "inbound"], "inventory_snapshots and inbound_shipments", "Load the last count"),
    ],
)
def test_an_empty_table_is_refused_with_its_name_and_a_remedy(
    tables: list[str], named: str, remedy: str
) -> None:
    with pytest.raises(InputError, match=named) as refused:
        without_rows(*tables)
    assert remedy in str(refused.value)


def test_demand_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="fct_demand_forecasts"):
        make_inputs(demand=[want("r", 0)], lanes=[lane("A", "r", 1)], stock=[hold("A", 1)])


@pytest.mark.parametrize("table", [field.name for field in fields(AllocationInputs)])
def test_a_missing_column_is_refused_by_name(table: str) -> None:
    inputs = busy_inputs()
    for column in COLUMNS[table]:
        with pytest.raises(InputError, match=f"table {table} lacks column {column}"):
            replace(inputs, **{table: getattr(inputs, table).drop(columns=column)})


def test_more_columns_than_asked_for_change_nothing() -> None:
    inputs = busy_inputs()
    wider = replace(
        inputs,
        **{f.name: getattr(inputs, f.name).assign(currency="EUR") for f in fields(inputs)},
    )
    plan = solve_and_check(wider)
    assert plan.solution.objective == pytest.approx(allocate(inputs, EXACT).solution.objective)


def solve_and_check(inputs: AllocationInputs) -> Plan:
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    assert plan.solution.lower_bound <= plan.solution.objective * (1 + 1e-9) + 1e-9
    demand = plan.tables["plan_demand"]
    assert demand["demand_units"].sum() == pytest.approx(inputs.demand["demand_units"].sum())
    return plan


def served(plan: Plan) -> float:
    return float(plan.tables["plan_demand"]["shipped_units"].sum())


def test_one_of_everything_is_enough() -> None:
    inputs = make_inputs(demand=[want("r", 3)], lanes=[lane("A", "r", 1)], stock=[hold("A", 5)])
    assert served(solve_and_check(inputs)) == pytest.approx(3)


def test_stock_that_is_only_on_its_way_is_enough() -> None:
    inputs = make_inputs(
        demand=[want("r", 3, period=t) for t in range(2)],
        lanes=[lane("A", "r", 1)],
        inbound=[due("A", 4, period=1)],
        periods=2,
    )
    assert served(solve_and_check(inputs)) == pytest.approx(3)


ODD_SKUS = [
    "it's",
    'a "quoted" one',
    "semi;colon, comma",
    "new\nline\r\ttab",
    "Ångström-寿司-🍣",
    "' or 1=1 --",
    "%s {0} \\",
    " ",
    "x" * 10_000,
]


@pytest.mark.parametrize("sku", ODD_SKUS, ids=range(len(ODD_SKUS)))
def test_a_sku_may_be_any_text(sku: str) -> None:
    inputs = make_inputs(
        demand=[want("r", 8, sku=sku, period=1), want("r", 2, sku="plain")],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 6, sku=sku), hold("B", 2, sku="plain")],
        transfer_lanes=[move("A", "B", 0.1)],
        periods=2,
    )
    plan = solve_and_check(inputs)
    for name in ("plan_shipments", "plan_transfers", "plan_inventory", "plan_demand"):
        assert sku in set(plan.tables[name]["sku"]), name
    assert served(plan) == pytest.approx(8)


def test_centres_and_regions_may_be_any_text() -> None:
    inputs = make_inputs(
        demand=[want("r;'\"\n", 3)],
        lanes=[lane("Zürich > x: y", "r;'\"\n", 1, capacity=2)],
        stock=[hold("Zürich > x: y", 5)],
    )
    assert served(solve_and_check(inputs)) == pytest.approx(2)


def test_demand_far_above_everything_is_served_as_far_as_it_goes() -> None:
    inputs = make_inputs(
        demand=[want("r1", 1e9), want("r2", 7e8, sku="s2")],
        lanes=[lane("A", "r1", 1, capacity=50.5), lane("B", "r1", 2), lane("B", "r2", 2)],
        stock=[hold("A", 1e6), hold("B", 300), hold("B", 300, sku="s2")],
        centers={"A": 100, "B": 400},
        service=5,
        late=1,
    )
    assert served(solve_and_check(inputs)) == pytest.approx(450.5)


def test_capacities_may_all_be_missing() -> None:
    inputs = busy_inputs()
    for table, column in (
        ("centers", "outbound_capacity_units"),
        ("lanes", "capacity_units"),
        ("transfer_lanes", "capacity_units"),
        ("transfer_lanes", "truck_capacity_m3"),
    ):
        for nothing in (np.nan, None, pd.array([None] * len(getattr(inputs, table)), "Float64")):
            inputs = with_values(inputs, table, **{column: nothing})
            solve_and_check(inputs)
    kinds = set(allocate(inputs, EXACT).tables["plan_constraints"]["constraint_type"])
    assert not any(kind.endswith("capacity") for kind in kinds)


def test_a_capacity_of_nothing_is_not_a_missing_one() -> None:
    inputs = make_inputs(
        demand=[want("r", 3)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 5)],
        centers={"A": 0},
    )
    assert served(solve_and_check(inputs)) == 0


def test_demand_may_cost_nothing_to_lose() -> None:
    inputs = make_inputs(
        demand=[want("r", 3, unmet=0)], lanes=[lane("A", "r", 1)], stock=[hold("A", 5)]
    )
    plan = solve_and_check(inputs)
    assert (served(plan), plan.solution.objective, plan.solution.gap) == (0, 0, 0)


def test_lanes_may_be_free_and_products_without_weight_volume_or_holding() -> None:
    inputs = make_inputs(
        demand=[want("r", 3, period=1, deviation=1, home="B")],
        lanes=[lane("B", "r", 0)],
        stock=[hold("A", 50)],
        products=[product("s1", volume=0, weight=0, holding=0)],
        transfer_lanes=[move("A", "B", 0)],
        periods=2,
        stock_target=1,
    )
    assert served(solve_and_check(inputs)) == pytest.approx(3)


def test_rows_the_plan_has_no_use_for_are_left_out() -> None:
    inputs = make_inputs(
        demand=[want("r", 3), want("quiet", 0)],
        lanes=[lane("A", "r", 1), lane("A", "elsewhere", 1)],
        stock=[hold("A", 5), hold("A", 9, sku="unwanted")],
        products=[product("s1"), product("unwanted"), product("unknown")],
        inbound=[due("A", 1, sku="unwanted")],
    )
    network = index_inputs(inputs)
    assert (network.regions, network.skus) == (["r"], ["s1"])
    plan = solve_and_check(inputs)
    assert set(plan.tables["plan_inventory"]["sku"]) == {"s1"}


def test_a_home_centre_that_is_unknown_sets_no_target() -> None:
    inputs = make_inputs(
        demand=[want("r", 3, deviation=2, home="nowhere"), want("q", 3, deviation=2)],
        lanes=[lane("A", "r", 1), lane("A", "q", 1)],
        stock=[hold("A", 9)],
        stock_target=5,
    )
    assert index_inputs(inputs).stock_targets.empty
    assert (solve_and_check(inputs).tables["plan_inventory"]["target"] == 0).all()


def test_stock_covers_the_next_period_and_at_the_end_its_own() -> None:
    inputs = make_inputs(
        demand=[
            want("r", 3, period=t, deviation=deviation, level=0.95, home="A")
            for t, deviation in enumerate([1, 2, 4])
        ],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 90)],
        periods=3,
    )
    targets = index_inputs(inputs).stock_targets["target"]
    assert targets.to_list() == pytest.approx([1.644854 * d for d in (2, 4, 4)], rel=1e-5)


def test_numbers_may_come_as_decimals_and_dates_as_text() -> None:
    from decimal import Decimal

    inputs = busy_inputs()
    expected = allocate(inputs, EXACT).solution.objective
    demand = inputs.demand.assign(
        demand_units=[Decimal(str(units)) for units in inputs.demand["demand_units"]]
    )
    periods = inputs.periods.assign(
        period_start=[start.date() for start in inputs.periods["period_start"]]
    )
    assert allocate(replace(inputs, periods=periods), EXACT).problems == []
    changed = index_inputs(replace(inputs, demand=demand))
    assert changed.demand["units"].dtype == np.float64
    assert changed.demand["units"].sum() == pytest.approx(inputs.demand["demand_units"].sum())
    assert allocate(replace(inputs, periods=periods), EXACT).solution.objective == pytest.approx(
        expected
    )


@pytest.mark.parametrize("seed", range(40, 52))
def test_inputs_with_tables_missing_at_random_give_a_checked_plan_or_a_clear_refusal(
    seed: int,
) -> None:
    inputs, rng = random_inputs(seed), np.random.default_rng(seed)
    thinned = {}
    for name in ("lanes", "transfer_lanes", "demand", "stock", "inbound"):
        frame = getattr(inputs, name)
        thinned[name] = frame.sample(frac=float(rng.choice([0, 0.3, 0.7])), random_state=seed)
    try:
        thin = replace(inputs, **thinned)
    except InputError:
        assert any(thinned[name].empty for name in ("lanes", "demand", "stock"))
    else:
        solve_and_check(thin)
