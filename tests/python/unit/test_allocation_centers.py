"""What centres take in and hold, and whether they are open at all."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from allocation_cases import (
    EXACT,
    SEEDS,
    decide,
    due,
    hold,
    lane,
    lines_of,
    make_inputs,
    move,
    product,
    random_inputs,
    solve_cost,
    start_of,
    want,
    with_values,
)

from inventory_allocation.allocation import (
    AllocationInputs,
    allocate,
    build_program,
    index_inputs,
    solve_program,
)
from inventory_allocation.allocation.checker import check_plan

OR_LIBRARY = Path(__file__).parents[4] / "shared" / "data" / "or-library"
OPTIMA = {
    "cap41": 1040444.375,
    "cap62": 977799.400,
    "cap71": 932615.750,
    "cap94": 946051.325,
    "cap104": 928941.750,
    "cap131": 793439.562,
}


def moving_inputs(**center_b: float) -> AllocationInputs:
    """A has the stock, B the only lane: 10 units go there, with 4 on their way already."""
    return make_inputs(
        demand=[want("r", 14, period=1, unmet=50)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 20)],
        inbound=[due("B", 4, period=1)],
        products=[product("s1", volume=0.5)],
        transfer_lanes=[move("A", "B", 1)],
        periods=2,
        storage_overflow=10,
        limits={"B": center_b},
    )


def test_a_centre_takes_in_no_more_than_it_can_open_orders_first() -> None:
    plan = allocate(moving_inputs(inbound_capacity_units=9), EXACT)
    assert plan.problems == []
    assert plan.tables["plan_transfers"]["units"].sum() == 5
    assert plan.tables["plan_demand"]["unmet_units"].sum() == pytest.approx(5)
    row = lines_of(
        plan, "plan_constraints", constraint_type="inbound_capacity", period_start=start_of(1)
    )
    assert (row["limit_quantity"].item(), row["used_quantity"].item()) == (5, 5)


def test_open_orders_above_the_inbound_capacity_still_come() -> None:
    plan = allocate(moving_inputs(inbound_capacity_units=2), EXACT)
    assert plan.problems == []
    assert plan.tables["plan_demand"]["shipped_units"].sum() == pytest.approx(4)


def storing_inputs(capacity: float) -> AllocationInputs:
    """10 units of half a m3 with nowhere to go, 2 m3 of something else, and a second centre."""
    return make_inputs(
        demand=[want("r", 1, period=1)],
        lanes=[lane("A", "r", 1), lane("B", "r", 2)],
        stock=[hold("A", 11), hold("A", 2, sku="idle")],
        products=[product("s1", volume=0.5), product("idle", volume=1.0)],
        transfer_lanes=[move("A", "B", 3)],
        periods=3,
        storage_overflow=10,
        limits={"A": {"storage_capacity_m3": capacity}},
    )


def test_stock_above_the_storage_capacity_is_paid_for_or_moved() -> None:
    # Room for 4 m3 beside what is idle: in the first period 1.5 m3 too many, then 3 units are
    # moved, for 3 each, and not paid for twice.
    plan = allocate(storing_inputs(6.0), EXACT)
    assert plan.problems == []
    moved = plan.tables["plan_transfers"]["units"].sum()
    closing = lines_of(plan, "plan_inventory", fc_id="A")["closing"]
    overflow = (closing * 0.5 - 4).clip(lower=0).sum()
    figures = plan.tables["plan_kpis"].query("level == 'total'").set_index("metric")["value"]
    assert figures["cost_storage_overflow"] == pytest.approx(10 * overflow)
    assert moved == 3
    assert overflow == pytest.approx(0.0)
    row = lines_of(
        plan, "plan_constraints", constraint_type="storage_capacity", period_start=start_of(0)
    )
    assert (row["unit"].item(), row["limit_quantity"].item()) == ("m3", 4)


def test_stock_that_cannot_be_moved_overflows_and_is_no_obstacle() -> None:
    inputs = replace(
        storing_inputs(1.0), transfer_lanes=storing_inputs(1.0).transfer_lanes.iloc[:0]
    )
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    # No room beside what is idle: 5.5, 5 and 5 m3 too many.
    assert plan.solution.objective == pytest.approx(10 * 15.5 + 1)


def closing_inputs(*, close: bool = True, fixed: float = 100.0) -> AllocationInputs:
    """B ships for 1 where A ships for 3, and both have all the stock."""
    return make_inputs(
        demand=[want("r", 40, unmet=50)],
        lanes=[lane("A", "r", 3), lane("B", "r", 1)],
        stock=[hold("A", 40), hold("B", 40)],
        limits={"A": {"fixed_cost_per_period": 10}, "B": {"fixed_cost_per_period": fixed}},
        close_centers=close,
    )


@pytest.mark.parametrize(
    ("close", "fixed", "cost", "fc"),
    [(True, 100, 3 * 40 + 10, "A"), (True, 80, 40 + 80, "B"), (False, 100, 40, "B")],
)
def test_a_centre_is_closed_where_its_fixed_cost_is_above_what_it_saves(
    close: bool, fixed: float, cost: float, fc: str
) -> None:
    plan = allocate(closing_inputs(close=close, fixed=fixed), EXACT)
    assert plan.problems == []
    assert plan.solution.objective == pytest.approx(cost)
    assert set(plan.tables["plan_shipments"]["fc_id"]) == {fc}
    in_use = lines_of(plan, "plan_kpis", metric="is_in_use").set_index("key")["value"]
    assert in_use.to_dict() == {name: float(name == fc) for name in "AB"}


@pytest.mark.parametrize(("fixed", "packs"), [(0, 3), (40, 0)])
@pytest.mark.parametrize("route", ["mip", "relax_and_round", "column_generation"])
def test_a_closed_centre_is_sent_nothing(fixed: float, packs: int, route: str) -> None:
    # 3 units at B, which has no lane, would save 10 each: less than the 40 that it may cost.
    inputs = make_inputs(
        demand=[want("r", 3, period=1)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 6)],
        transfer_lanes=[move("A", "B", 1)],
        periods=2,
        overrides=[decide("o", "minimum", 3, to_fc="B")],
        override_cost_per_unit=10,
        limits={"B": {"fixed_cost_per_period": fixed / 2}},
        close_centers=True,
    )
    plan = allocate(inputs, replace(EXACT, route=route))
    assert plan.problems == []
    assert plan.tables["plan_transfers"]["units"].sum() == packs


@pytest.mark.parametrize("seed", SEEDS)
def test_cuts_cut_off_no_plan_and_are_needed_for_none(seed: int) -> None:
    program = build_program(
        index_inputs(with_values(random_inputs(seed), "parameters", close_centers=True))
    )
    cuts = np.flatnonzero(program.is_cut)
    assert len(cuts)
    cost = solve_program(program, EXACT).objective
    assert solve_program(program.with_free_rows(cuts), EXACT).objective == pytest.approx(cost)


def test_the_reason_for_the_dearer_centre_is_that_the_cheaper_is_closed() -> None:
    line = allocate(closing_inputs(), EXACT).tables["plan_shipments"].iloc[0]
    assert line["reason_code"] == "cheaper_centre_closed"
    assert line["runner_up_fc_id"] is None


def test_demand_that_is_not_worth_a_centre_is_left_and_the_reason_given() -> None:
    plan = allocate(
        make_inputs(
            demand=[want("r", 2, unmet=5)],
            lanes=[lane("A", "r", 1)],
            stock=[hold("A", 9)],
            limits={"A": {"fixed_cost_per_period": 100}},
            close_centers=True,
        ),
        EXACT,
    )
    assert plan.problems == []
    assert plan.tables["plan_demand"]["binding_reason"].item() == "centre_closed"


def test_a_centre_in_use_that_is_not_paid_for_is_noticed() -> None:
    plan = allocate(closing_inputs(fixed=80), EXACT)
    problems = check_plan(closing_inputs(fixed=80), plan.tables, plan.solution.objective - 80)
    assert problems == ["the plan costs 120.0000, not 40.0000 as it claims"]


def read_warehouse_location(path: Path) -> AllocationInputs:
    """An instance of the OR-Library: one SKU and period; the plan may not leave demand unmet."""
    numbers = iter(path.read_text().split())
    centers, customers = int(next(numbers)), int(next(numbers))
    capacities, limits = {}, {}
    for center in range(centers):
        fc = f"w{center:02d}"
        capacities[fc] = float(next(numbers))
        limits[fc] = {"fixed_cost_per_period": float(next(numbers))}
    demand, lanes = [], []
    for customer in range(customers):
        units = float(next(numbers))
        demand.append(want(f"c{customer:02d}", units, unmet=1e6))
        # Costs are those of all of a customer's demand.
        lanes += [lane(fc, f"c{customer:02d}", float(next(numbers)) / units) for fc in capacities]
    return make_inputs(
        demand=demand,
        lanes=lanes,
        stock=[hold(fc, capacity) for fc, capacity in capacities.items()],
        centers=capacities,
        limits=limits,
        close_centers=True,
    )


@pytest.mark.skipif(not OR_LIBRARY.exists(), reason="shared/data is not beside the project")
@pytest.mark.parametrize("instance", OPTIMA)
def test_the_warehouse_locations_of_the_or_library_cost_their_published_optimum(
    instance: str,
) -> None:
    plan = allocate(read_warehouse_location(OR_LIBRARY / f"{instance}.txt"), EXACT)
    assert plan.problems == []
    assert plan.solution.objective == pytest.approx(OPTIMA[instance], rel=1e-6)
    assert plan.solution.gap < 1e-6


@pytest.mark.parametrize("column", ["inbound_capacity_units", "storage_capacity_m3"])
def test_a_limit_that_is_not_given_is_none(column: str) -> None:
    inputs = storing_inputs(6.0)
    free = with_values(inputs, "centers", **{column: float("nan")})
    assert solve_cost(free) <= solve_cost(inputs)
