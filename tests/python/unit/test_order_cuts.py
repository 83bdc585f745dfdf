"""A fixed cost for each SKU and centre: the bound is tight, and orders heed what centres ship."""

from dataclasses import replace

import numpy as np
import pytest
from allocation_cases import (
    EXACT,
    hold,
    lane,
    make_inputs,
    offer,
    product,
    want,
)

from inventory_allocation.allocation import (
    AllocationInputs,
    SolveSettings,
    allocate,
    build_program,
    index_inputs,
    solve_program,
)
from inventory_allocation.allocation.reference import solve_reference
from inventory_allocation.allocation.solving import column_generation

BY_COLUMNS = SolveSettings(gap=0.0, route="column_generation")
FCS, REGIONS = ("A", "B", "C"), ("p", "q", "r", "s")


def order_everywhere(skus: int, seed: int = 0) -> AllocationInputs:
    """No stock; each SKU may be ordered at each centre; centres ship a tenth more than wanted."""
    rng = np.random.default_rng(seed)
    names = [f"s{number}" for number in range(skus)]
    units = rng.integers(1, 30, (skus, len(REGIONS)))
    room = float(np.ceil(1.1 * units.sum() / len(FCS)))
    return make_inputs(
        demand=[
            want(region, int(units[s, r]), sku=sku, unmet=40)
            for s, sku in enumerate(names)
            for r, region in enumerate(REGIONS)
        ],
        lanes=[lane(fc, region, float(rng.integers(1, 9))) for fc in FCS for region in REGIONS],
        products=[product(sku) for sku in names],
        suppliers=[
            offer("x", fc, sku=sku, lead=0, fixed=float(rng.integers(20, 60)))
            for sku in names
            for fc in FCS
        ],
        limits={fc: {"outbound_capacity_units": room} for fc in FCS},
    )


def test_the_bound_is_within_two_percent_where_all_supply_is_ordered() -> None:
    inputs = order_everywhere(6)
    program = build_program(index_inputs(inputs))
    best = solve_reference(inputs)
    relaxed = replace(EXACT, route="relax_and_round")
    tight = solve_program(program, relaxed).lower_bound
    loose = solve_program(program.with_free_rows(np.flatnonzero(program.is_cut)), relaxed)
    assert tight <= best * (1 + 1e-9)
    assert tight >= 0.98 * best
    assert loose.lower_bound < 0.95 * best


def test_the_cuts_cut_off_no_plan() -> None:
    inputs = order_everywhere(6, seed=1)
    assert allocate(inputs, EXACT).solution.objective == pytest.approx(solve_reference(inputs))


@pytest.mark.parametrize("other", ["stock", "free_order"])
def test_a_centre_with_another_supply_ships_without_an_order(other: str) -> None:
    more = {"stock": [hold("A", 5)]} if other == "stock" else {}
    free = [offer("free", "A", lead=0)] if other == "free_order" else []
    inputs = make_inputs(
        demand=[want("r", 5, unmet=40)],
        lanes=[lane("A", "r", 1)],
        suppliers=[offer("x", "A", lead=0, fixed=30), *free],
        **more,
    )
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    assert plan.tables["plan_shipments"]["units"].sum() == 5
    assert plan.solution.objective == pytest.approx(
        5 if other == "stock" else solve_reference(inputs)
    )


@pytest.mark.parametrize("seed", range(4))
def test_skus_with_orders_share_what_centres_ship(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(column_generation, "GROUPS", 5)
    inputs = order_everywhere(30, seed)
    plan = allocate(inputs, BY_COLUMNS)
    best = allocate(inputs, replace(EXACT, gap=1e-3, time_limit=60)).solution
    assert plan.problems == []
    assert plan.solution.objective <= 1.01 * best.lower_bound
