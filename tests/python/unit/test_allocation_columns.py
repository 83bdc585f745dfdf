"""Column generation costs what PuLP or HiGHS on the whole program says, however it is cut up."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from allocation_cases import (
    SEEDS,
    hold,
    lane,
    make_inputs,
    move,
    offer,
    product,
    random_inputs,
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
from inventory_allocation.allocation.constraints import truck_volume
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.reference import solve_reference
from inventory_allocation.allocation.solving import blocks, column_generation, whole_skus
from inventory_allocation.allocation.solving.blocks import split_by_sku

BY_COLUMNS = SolveSettings(gap=2e-6, route="column_generation")
WHOLE = SolveSettings(gap=0.0, route="relax_and_round")
COPIES = 12


def without_integers(seed: int) -> AllocationInputs:
    """Random inputs whose program is linear."""
    inputs = random_inputs(seed, transfers=False)
    return replace(inputs, suppliers=inputs.suppliers.iloc[:0], cover=inputs.cover.iloc[:0])


def copy_skus(inputs: AllocationInputs) -> AllocationInputs:
    """The same with a dozen of each SKU, each wanted a little more than the one before.

    Limits of centres and lanes stay, times twelve.
    """
    frames = {}
    for field in fields(inputs):
        frame = getattr(inputs, field.name)
        if "sku" in frame:
            copies = [frame.assign(sku=frame["sku"] + f"-{number:02}") for number in range(COPIES)]
            if field.name == "demand":
                for number, copy in enumerate(copies):
                    copy["demand_units"] = copy["demand_units"] * (1 + number / COPIES)
            frame = pd.concat(copies, ignore_index=True)
        limits = [name for name in frame if "capacity" in name and name != "truck_capacity_m3"]
        frames[field.name] = frame.assign(**{name: frame[name] * COPIES for name in limits})
    frames["overrides"] = frames["overrides"].iloc[:0]
    return AllocationInputs(**frames)


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several SKUs in a group, and prices to start from out of samples of samples."""
    monkeypatch.setattr(column_generation, "GROUPS", 10)
    monkeypatch.setattr(column_generation, "WHOLE_COLUMNS", 100)
    monkeypatch.setattr(column_generation, "SAMPLE_STEP", 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_program_reaches_its_optimum_and_proves_it(seed: int) -> None:
    inputs = without_integers(seed)
    plan = allocate(inputs, BY_COLUMNS)
    best = solve_reference(inputs)
    assert plan.problems == []
    assert plan.solution.objective == pytest.approx(best, rel=1e-6)
    # The solver's tolerance, 1e-7 of a row, times prices of up to 1,000.
    assert plan.solution.lower_bound <= best * (1 + 1e-8)
    assert plan.solution.lower_bound == pytest.approx(best, rel=1e-6)


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("seed", [8, 11, 14, 17, 20, 23])
def test_groups_of_many_skus_reach_the_optimum_too(seed: int) -> None:
    inputs = copy_skus(without_integers(seed))
    plan = allocate(inputs, BY_COLUMNS)
    best = solve_program(build_program(index_inputs(inputs)), WHOLE).objective
    assert plan.problems == []
    assert plan.solution.objective == pytest.approx(best, rel=1e-6)
    assert plan.solution.lower_bound <= best * (1 + 1e-9)


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("seed", [10, 11, 15, 26])
def test_with_packs_and_trucks_the_bound_is_that_of_the_relaxation_or_above(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a row for each transfer the price of trucks is known beforehand.
    monkeypatch.setattr(truck_volume, "MAX_USE_ROWS", 0)
    inputs = copy_skus(random_inputs(seed))
    plan = allocate(inputs, BY_COLUMNS)
    whole = solve_program(build_program(index_inputs(inputs)), WHOLE)
    assert plan.problems == []
    # Orders lift the bound above that of the relaxation; no plan is below it.
    assert plan.solution.lower_bound >= whole.lower_bound * (1 - 1e-5)
    if inputs.suppliers.empty:
        assert plan.solution.lower_bound <= whole.lower_bound * (1 + 1e-9)
    assert plan.solution.lower_bound <= min(whole.objective, plan.solution.objective)
    # The other route searches all packs at once, and a unit of a frozen order left out costs 500.
    assert plan.solution.objective <= whole.objective * 1.1


@pytest.mark.parametrize(
    "seed", [seed for seed in SEEDS if not random_inputs(seed).suppliers.empty]
)
def test_whole_orders_lift_the_bound_and_never_above_the_optimum(seed: int) -> None:
    inputs = random_inputs(seed)
    plan = allocate(inputs, BY_COLUMNS)
    best = solve_reference(inputs)
    relaxed = solve_program(
        build_program(index_inputs(inputs)), replace(WHOLE, route="relax_and_round")
    )
    assert plan.problems == []
    assert plan.solution.lower_bound <= best * (1 + 1e-8)
    assert plan.solution.lower_bound >= relaxed.lower_bound * (1 - 1e-6)


@pytest.mark.parametrize("holding", [0.1, 1.0, 2.0, 4.0])
def test_without_time_to_search_orders_are_as_good_as_wagner_and_whitin(
    holding: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One SKU with orders of fixed cost 30 and demand in five periods, SKUs by SKU without a search.
    wanted = [10, 4, 20, 6, 12]
    inputs = make_inputs(
        demand=[want("r", units, period=t, unmet=100) for t, units in enumerate(wanted, start=1)],
        lanes=[lane("A", "r", 1)],
        products=[product("s1", holding=holding)],
        suppliers=[offer("s", "A", lead=1, fixed=30)],
        periods=6,
    )
    monkeypatch.setattr(whole_skus, "LEAST_SECONDS", 0.0)
    program = build_program(index_inputs(inputs))
    split = split_by_sku(program, 1)
    skus = whole_skus.WholeSkus(program, split, np.zeros(len(split.linking)), 0.0)
    values = skus.plan(np.where(program.is_integer, 0.5, 0.0), 0.0)
    # An order pays a period's holding; units that wait for later periods pay for each.
    best = [0.0] * 6
    for start in range(4, -1, -1):
        best[start] = min(
            30 + sum(wanted[t] * holding * (1 + t - start) for t in range(start, end)) + best[end]
            for end in range(start + 1, 6)
        )
    cost = float(program.cost @ values) - sum(wanted)
    assert best[0] - 1e-6 <= cost <= 1.06 * best[0]


def test_flows_gather_in_few_trucks() -> None:
    # In parts of a truck it costs least to go to both centres; of whole trucks one is enough.
    inputs = make_inputs(
        demand=[want("b", 10, period=1, unmet=50), want("c", 10, period=1, unmet=50)],
        lanes=[
            lane("B", "b", 1.0),
            lane("C", "b", 1.4),
            lane("B", "c", 1.4),
            lane("C", "c", 1.0),
        ],
        stock=[hold("A", 20)],
        products=[product("s1", volume=0.1)],
        transfer_lanes=[
            move("A", "B", 0.1, truck_cost=30, truck_m3=10),
            move("A", "C", 0.1, truck_cost=36, truck_m3=10),
        ],
        periods=2,
    )
    plan = allocate(inputs, SolveSettings(gap=1e-6, route="column_generation"))
    assert plan.problems == []
    assert plan.tables["plan_trucks"]["trucks"].sum() == 1
    assert plan.solution.objective == pytest.approx(solve_reference(inputs))


@pytest.mark.parametrize(("share_of_second", "rows_priced"), [(2.0, 1), (-2.0, 0)])
def test_a_price_is_known_only_where_nothing_gives_room_back(
    share_of_second: float, rows_priced: int
) -> None:
    # One unit of the first SKU, and of the second, in a truck that holds ten.
    program = Program()
    goods = program.add_columns("goods", pd.DataFrame({"sku": [0, 1]}), 1.0, 5.0)
    truck = program.add_columns("truck", pd.DataFrame({"lane": [0]}), 30.0)
    room = program.add_rows("room", pd.DataFrame({"lane": [0]}), -np.inf, 0.0)
    for column, size in zip(
        [*goods.positions, *truck.positions], [1.0, share_of_second, -10.0], strict=True
    ):
        program.add_entries(room.positions, np.array([column]), size)
    split = split_by_sku(program, 2)
    assert len(split.priced) == rows_priced
    assert list(split.prices) == [-3.0] * rows_priced


@pytest.mark.parametrize("skus_of_part", [1, 2, 3])
def test_every_group_has_parts_of_its_own(
    skus_of_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "PART_COLUMNS", skus_of_part * 2)
    program = Program()
    goods = program.add_columns("goods", pd.DataFrame({"sku": np.repeat(np.arange(8), 2)}), 1.0)
    room = program.add_rows("room", pd.DataFrame({"lane": [0]}), -np.inf, 9.0)
    program.add_entries(np.repeat(room.positions, 16), goods.positions, 1.0)
    split = split_by_sku(program, 4)
    assert sorted(set(split.group_of_part)) == [0, 1, 2, 3]
    for part, columns in enumerate(split.part_columns):
        skus = goods.keys["sku"].to_numpy()[columns]
        assert set(skus % 4) == {split.group_of_part[part]}


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("seed", [8, 12, 13, 19, 25])
def test_a_mix_that_stops_early_pays_only_for_what_it_lacks(seed: int) -> None:
    # The checker adds up what is short in the mix, which is less than the mix of what is short.
    plan = allocate(copy_skus(random_inputs(seed)), replace(BY_COLUMNS, gap=0.5))
    assert plan.problems == []


@pytest.mark.usefixtures("small_groups")
def test_prices_are_those_of_the_bound() -> None:
    program = build_program(index_inputs(copy_skus(without_integers(11))))
    solution = solve_program(program, BY_COLUMNS)
    prices, lower = solution.row_prices, program.row_bounds[0]
    reduced = program.cost - program.matrix().T @ prices
    assert solution.reduced_costs == pytest.approx(reduced, abs=1e-6)
    at = np.where(prices > 0, lower, np.where(prices < 0, program.row_bounds[1], 0.0))
    cheap = np.minimum(np.where(reduced < -1e-6, reduced, 0.0), 0.0)
    dual = prices @ at + (cheap[cheap < 0] @ program.upper[cheap < 0])
    assert dual == pytest.approx(solution.lower_bound, rel=1e-6)


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("seed", [8, 14, 20])
def test_what_more_of_a_limit_saves_is_no_more_than_it_saves(seed: int) -> None:
    program = build_program(index_inputs(copy_skus(without_integers(seed))))
    said = solve_program(program, BY_COLUMNS).savings
    seen = solve_program(program, WHOLE).savings
    both = sorted(set(said) & set(seen))
    cost = solve_program(program, WHOLE).objective
    assert len(both) >= 2
    for row in both:
        assert said[row].step == seen[row].step
        assert said[row].saved <= seen[row].saved + 1e-5 * cost
        assert said[row].saved >= 0.8 * seen[row].saved - 1e-5 * cost


@pytest.mark.usefixtures("small_groups")
def test_any_number_of_threads_gives_the_same_plan() -> None:
    program = build_program(index_inputs(copy_skus(random_inputs(16))))
    one, three = (solve_program(program, replace(BY_COLUMNS, threads=n)) for n in (1, 3))
    assert np.array_equal(one.values, three.values)
    assert np.array_equal(one.row_prices, three.row_prices)


def test_no_gap_at_all_comes_to_an_end() -> None:
    program = build_program(index_inputs(without_integers(12)))
    solution = solve_program(program, SolveSettings(gap=0.0, route="column_generation"))
    assert solution.seconds < 60
    assert solution.gap < 1e-7
    assert solution.termination_condition == "Optimal"
