"""The program costs what an independent one, a brute force or a hand calculation says."""

from dataclasses import replace
from itertools import product as combine

import numpy as np
import pytest
from allocation_cases import (
    EXACT,
    SEEDS,
    due,
    hold,
    lane,
    lines_of,
    make_inputs,
    move,
    product,
    random_inputs,
    random_plan,
    solve_cost,
    start_of,
    want,
    with_values,
)
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

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
from inventory_allocation.allocation.solving import Solution
from inventory_allocation.errors import InventoryAllocationError

LINEAR_SEEDS = range(100, 108)
ROUTES = ["mip", "relax_and_round", "column_generation"]


def test_the_random_cases_cover_every_kind_of_decision() -> None:
    plans = [random_plan(seed) for seed in SEEDS]
    cases = [random_inputs(seed) for seed in SEEDS]
    assert sum(len(plan.tables["plan_trucks"]) > 0 for plan in plans) >= 5
    assert sum(len(plan.tables["plan_transfers"]) > 0 for plan in plans) >= 10
    for kind in ("outbound_capacity", "lane_capacity"):
        rows = [lines_of(plan, "plan_constraints", constraint_type=kind) for plan in plans]
        assert sum((frame["shadow_price"] > 0).any() for frame in rows) >= 3, kind
    roads = [lines_of(p, "plan_constraints", constraint_type="transfer_capacity") for p in plans]
    assert sum((frame["used_quantity"] > frame["limit_quantity"] / 2).any() for frame in roads) >= 2
    assert sum((case.products["pack_size"] > 1).any() for case in cases) >= 5
    assert sum(case.demand["target_service_level"].nunique() == 2 for case in cases) >= 5


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sparse_program_and_the_reference_cost_the_same(seed: int) -> None:
    assert random_plan(seed).solution.objective == pytest.approx(
        solve_reference(random_inputs(seed)), rel=1e-6
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_solved_to_no_gap_is_proven_to_be_optimal(seed: int) -> None:
    assert random_plan(seed).solution.gap < 1e-9


@pytest.mark.parametrize("most_links", [100_000, 0], ids=["small", "large"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_sku_without_volume_needs_a_truck_all_the_same(
    route: str, most_links: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truck_volume, "MAX_USE_ROWS", most_links)
    inputs = make_inputs(
        demand=[want("r", 5, period=1)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 5)],
        products=[product("s1", volume=0)],
        transfer_lanes=[move("A", "B", 0.1, truck_cost=30, truck_m3=1)],
        periods=2,
    )
    plan = allocate(inputs, SolveSettings(gap=0.0, route=route))
    assert plan.problems == []
    assert plan.solution.objective == pytest.approx(30 + 0.5 + 5)
    assert solve_reference(inputs) == pytest.approx(30 + 0.5 + 5)


def cheapest_by_hand(inputs: AllocationInputs) -> float:
    """Try every whole number of packs, trucks and shipments of a two-period, one-SKU case.

    Knows stock at A only, one transfer lane from A to B with lead time 1, demand of two regions,
    and no targets.
    """
    lanes = inputs.lanes.to_dict("records")
    demand = {(d["region_id"], d["period_index"]): d for d in inputs.demand.to_dict("records")}
    goods, road = inputs.products.iloc[0], inputs.transfer_lanes.iloc[0]
    limit = inputs.centers.set_index("fc_id")["outbound_capacity_units"].fillna(np.inf)
    held = float(inputs.stock["available_units"].sum())
    pack, holding = float(goods["pack_size"]), float(goods["holding_cost_per_period"])

    def ways(period: int) -> list[tuple[dict[str, float], float]]:
        """Units that leave each centre, and the cost, for each way to ship in a period."""
        found = []
        for units in combine(range(5), repeat=len(lanes)):
            sent, out, cost = {"r1": 0, "r2": 0}, {"A": 0.0, "B": 0.0}, 0.0
            for line, number in zip(lanes, units, strict=True):
                sent[line["region_id"]] += number
                out[line["fc_id"]] += number
                cost += number * line["cost_per_unit"]
                if number > np.nan_to_num(line["capacity_units"], nan=np.inf):
                    cost = np.inf
            for region, number in sent.items():
                short = demand[region, period]["demand_units"] - number
                cost += (
                    np.inf if short < 0 else short * demand[region, period]["unmet_cost_per_unit"]
                )
            if np.isfinite(cost):
                found.append((out, cost))
        return found

    best = np.inf
    first, second = ways(0), ways(1)
    for packs in range(int(held // pack) + 1):
        moved = packs * pack
        trucks = np.ceil(moved * goods["unit_volume_m3"] / road["truck_capacity_m3"] - 1e-9)
        sending = moved * road["cost_per_unit"] + trucks * road["fixed_cost"]
        for out, cost in first:
            left = held - moved - out["A"]
            if out["B"] or left < 0 or out["A"] + moved > limit["A"]:
                continue
            for later, more in second:
                ends = left - later["A"], moved - later["B"]
                if min(ends) < 0 or any(later[fc] > limit[fc] for fc in later):
                    continue
                kept = holding * (left + sum(ends))
                best = min(best, sending + cost + more + kept)
    return float(best)


@pytest.mark.parametrize("seed", range(12))
def test_a_tiny_case_costs_what_trying_every_plan_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inputs = make_inputs(
        demand=[
            want(region, float(rng.integers(1, 5)), period=t, unmet=float(rng.integers(4, 12)))
            for region in ("r1", "r2")
            for t in range(2)
        ],
        lanes=[
            lane("A", "r1", float(rng.integers(1, 4)), capacity=rng.choice([None, 2.0])),
            lane("A", "r2", float(rng.integers(4, 9))),
            lane("B", "r2", float(rng.integers(1, 3)), capacity=rng.choice([None, 3.0])),
        ],
        stock=[hold("A", float(rng.integers(5, 13)))],
        centers={"A": rng.choice([None, 5.0]), "B": None},
        products=[product("s1", pack=float(rng.integers(1, 4)), volume=0.3, holding=0.05)],
        transfer_lanes=[
            move("A", "B", 0.2, truck_cost=float(rng.integers(1, 6)), truck_m3=float(seed % 2 + 1))
        ],
        periods=2,
    )
    assert solve_cost(inputs) == pytest.approx(cheapest_by_hand(inputs), rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_a_transportation_problem_costs_what_linprog_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sources, sinks = 4, 5
    cost = rng.uniform(1, 9, (sources, sinks))
    supply, wanted = rng.uniform(10, 30, sources), rng.uniform(5, 25, sinks)
    inputs = make_inputs(
        demand=[want(f"r{j}", wanted[j], unmet=50) for j in range(sinks)],
        lanes=[lane(f"f{i}", f"r{j}", cost[i, j]) for i in range(sources) for j in range(sinks)],
        stock=[hold(f"f{i}", supply[i]) for i in range(sources)],
    )
    unmet = np.full(sinks, 50.0)
    known = linprog(
        np.concatenate([cost.ravel(), unmet]),
        A_ub=np.hstack([np.kron(np.eye(sources), np.ones(sinks)), np.zeros((sources, sinks))]),
        b_ub=supply,
        A_eq=np.hstack([np.tile(np.eye(sinks), sources), np.eye(sinks)]),
        b_eq=wanted,
    )
    assert solve_cost(inputs) == pytest.approx(known.fun, rel=1e-9)


def two_centres(cost: float = 1.0, **road: float | None) -> AllocationInputs:
    """A holds 20 units, B serves: what is served comes by transfer."""
    return make_inputs(
        demand=[want("r", 6, period=2, unmet=10)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 20)],
        transfer_lanes=[move("A", "B", cost, **road)],  # type: ignore[arg-type]
        periods=3,
    )


def test_a_transfer_is_made_only_where_it_is_cheaper_than_not_serving() -> None:
    assert solve_cost(two_centres(8.9)) == pytest.approx(6 * (8.9 + 1))
    assert solve_cost(two_centres(9.1)) == pytest.approx(6 * 10)


def test_a_truck_is_sent_only_where_it_is_cheaper_than_not_serving() -> None:
    for truck_cost, expected in ((47.0, 6 * 2 + 47), (49.0, 6 * 10)):
        inputs = two_centres(truck_cost=truck_cost, truck_m3=10)
        assert solve_cost(inputs) == pytest.approx(expected)


@pytest.mark.parametrize(("lead", "served"), [(1, 6), (2, 6), (3, 0)])
def test_a_transfer_serves_only_after_its_lead_time(lead: int, served: float) -> None:
    plan = allocate(two_centres(lead=lead), EXACT)
    assert plan.tables["plan_demand"]["shipped_units"].sum() == pytest.approx(served)
    moves = plan.tables["plan_transfers"]
    days = (moves["arrives_on"] - moves["period_start"]).dt.days
    assert (days == 7 * lead).all()
    assert plan.problems == []


@pytest.mark.parametrize(("road", "packs"), [(0.5, 2), (0.7, 1), (0.9, 0)])
def test_packs_are_whole_and_the_last_one_is_sent_where_it_pays(road: float, packs: int) -> None:
    # The first pack serves 4 units and the second 3 more, each worth 0.8.
    inputs = make_inputs(
        demand=[want("r", 7, period=1, unmet=1)],
        lanes=[lane("B", "r", 0.2)],
        stock=[hold("A", 10)],
        products=[product("s1", pack=4)],
        transfer_lanes=[move("A", "B", road)],
        periods=2,
    )
    plan = allocate(inputs, EXACT)
    assert plan.tables["plan_transfers"]["packs"].sum() == packs
    assert plan.solution.objective == pytest.approx(
        packs * 4 * road + 0.2 * min(7, packs * 4) + 7 - min(7, packs * 4)
    )


def test_a_pack_is_not_sent_that_the_centre_cannot_fill() -> None:
    inputs = make_inputs(
        demand=[want("r", 4, period=1)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 3)],
        products=[product("s1", pack=4)],
        transfer_lanes=[move("A", "B", 0.1)],
        periods=2,
    )
    assert solve_cost(inputs) == pytest.approx(400)


def test_trucks_hold_no_more_than_their_volume() -> None:
    inputs = make_inputs(
        demand=[want("r", 7, period=1)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 20)],
        products=[product("s1", volume=0.3)],
        transfer_lanes=[move("A", "B", 0.1, truck_cost=5, truck_m3=1)],
        periods=2,
    )
    plan = allocate(inputs, EXACT)
    trucks = plan.tables["plan_trucks"].iloc[0]
    assert trucks["trucks"] == 3  # 3 units fit in one
    assert trucks["fill_share"] == pytest.approx(0.7)
    assert plan.solution.objective == pytest.approx(7 + 0.7 + 15)


def test_a_transfer_lane_carries_no_more_than_its_capacity() -> None:
    inputs = make_inputs(
        demand=[want("r", 9, period=1)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 20)],
        products=[product("s1", pack=2)],
        transfer_lanes=[move("A", "B", 0, capacity=5)],
        periods=2,
    )
    assert solve_cost(inputs) == pytest.approx(4 * 1 + 5 * 100)


def test_transfers_count_against_the_outbound_capacity() -> None:
    inputs = make_inputs(
        demand=[want("r", 9, period=1)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 20)],
        centers={"A": 4, "B": None},
        transfer_lanes=[move("A", "B", 0)],
        periods=2,
    )
    assert solve_cost(inputs) == pytest.approx(4 * 1 + 5 * 100)


def test_inbound_serves_from_its_period_on() -> None:
    inputs = make_inputs(
        demand=[want("r", 5, period=t) for t in range(3)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 0)],
        inbound=[due("A", 7, period=1)],
        periods=3,
    )
    plan = allocate(inputs, EXACT)
    served = plan.tables["plan_demand"].set_index("period_start")["shipped_units"]
    assert served[start_of(0)] == 0
    assert served.sum() == pytest.approx(7)


def test_holding_is_paid_for_what_is_left_at_the_end_of_each_period() -> None:
    inputs = make_inputs(
        demand=[want("r", 2, period=t) for t in range(3)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 10)],
        products=[product("s1", holding=0.5)],
        periods=3,
    )
    assert solve_cost(inputs) == pytest.approx(6 + 0.5 * (8 + 6 + 4))


def test_weight_and_handling_are_part_of_the_cost_of_a_lane() -> None:
    inputs = make_inputs(
        demand=[want("r", 10)],
        lanes=[lane("A", "r", 1, per_kg=0.5, handling=0.25)],
        stock=[hold("A", 10)],
        products=[product("s1", weight=3)],
    )
    assert solve_cost(inputs) == pytest.approx(10 * (1 + 1.5 + 0.25))


def test_a_stock_target_moves_stock_where_moving_costs_less() -> None:
    # Demand deviates by 2 and 3 in two regions whose home is B: 5 together, 1.6449 * 5 at 95 %.
    inputs = make_inputs(
        demand=[
            want(region, 1, period=t, level=0.95, deviation=deviation, home="B")
            for region, deviation in (("r1", 2), ("r2", 3))
            for t in range(2)
        ],
        lanes=[lane("A", "r1", 1), lane("A", "r2", 1)],
        stock=[hold("A", 50)],
        transfer_lanes=[move("A", "B", 1)],
        periods=2,
        stock_target=1.5,
    )
    target = 1.6448536 * 5
    plan = allocate(inputs, EXACT)
    goals = plan.tables["plan_inventory"].query("fc_id == 'B'")["target"]
    assert goals.to_list() == pytest.approx([target, target], rel=1e-6)
    # Eight whole packs pay, the ninth would cover only a part of a unit in the last period.
    expected = 4 * 1 + 1.5 * target + 8 * 1 + 1.5 * (target - 8)
    assert plan.solution.objective == pytest.approx(expected, rel=1e-6)
    assert plan.tables["plan_transfers"]["units"].sum() == 8
    dearer = with_values(inputs, "transfer_lanes", cost_per_unit=1.6)
    assert allocate(dearer, EXACT).tables["plan_transfers"].empty


@pytest.mark.parametrize(("price", "served"), [(0.4, 0.0), (0.6, 9.0)])
def test_a_service_target_is_met_where_its_price_is_above_the_loss(
    price: float, served: float
) -> None:
    # Serving loses 0.5 a unit; the target asks for 9 of 10.
    inputs = make_inputs(
        demand=[want("r", 10, unmet=0.5, level=0.9)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 20)],
        service=price,
    )
    plan = allocate(inputs, EXACT)
    assert plan.tables["plan_demand"]["shipped_units"].sum() == pytest.approx(served)
    assert plan.solution.objective == pytest.approx(
        served + 0.5 * (10 - served) + price * (9 - served)
    )


@pytest.mark.parametrize(("price", "fast"), [(1.4, 0.0), (1.6, 9.0)])
def test_the_sla_is_kept_where_a_late_unit_costs_more_than_the_faster_lane(
    price: float, fast: float
) -> None:
    inputs = make_inputs(
        demand=[want("r", 10, level=0.9)],
        lanes=[lane("A", "r", 1, days=9, in_time=False), lane("B", "r", 2.5, days=1)],
        stock=[hold("A", 20), hold("B", 20)],
        late=price,
    )
    plan = allocate(inputs, EXACT)
    assert lines_of(plan, "plan_shipments", fc_id="B")["units"].sum() == pytest.approx(fast)
    assert plan.solution.objective == pytest.approx(2.5 * fast + (10 - fast) + price * (9 - fast))


def test_targets_are_asked_of_each_service_level_apart() -> None:
    # Serving loses 1 a unit, so no more is served than the targets ask for: 9 and 5.
    inputs = make_inputs(
        demand=[
            want("r", 10, segment="gold", level=0.9, unmet=0),
            want("r", 10, segment="silver", level=0.5, unmet=0),
        ],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 12)],
        service=3,
    )
    plan = allocate(inputs, EXACT)
    served = plan.tables["plan_demand"].set_index("segment")["shipped_units"]
    assert served.sum() == pytest.approx(12)
    assert served["gold"] <= 9 + 1e-6
    assert served["silver"] <= 5 + 1e-6
    assert plan.solution.objective == pytest.approx(12 + 3 * 2)


def force(program: Program, column: int, least: float) -> float:
    """Cost of a program without integers with a column at least so high; infinite if it can't."""
    lower, upper = program.row_bounds
    matrix = program.matrix()
    is_equal = lower == upper
    above = np.isfinite(lower) & ~is_equal
    below = np.isfinite(upper) & ~is_equal
    bounds = [(0.0, None)] * len(program.cost)
    bounds[column] = (least, None)
    found = linprog(
        program.cost,
        A_eq=matrix[is_equal],
        b_eq=lower[is_equal],
        A_ub=np.vstack([matrix[below].toarray(), -matrix[above].toarray()]),
        b_ub=np.concatenate([upper[below], -lower[above]]),
        bounds=bounds,
    )
    return float(found.fun) if found.status == 0 else float("inf")


@pytest.mark.parametrize("seed", LINEAR_SEEDS)
def test_regret_is_what_forcing_units_to_the_runner_up_costs(seed: int) -> None:
    inputs = random_inputs(seed, transfers=False)
    program = build_program(index_inputs(inputs))
    plan = allocate(inputs, EXACT)
    ship, network, step = program.columns["ship"], index_inputs(inputs), 1e-3
    lines = plan.tables["plan_shipments"].dropna(subset="regret")
    exact = []
    for _, line in lines.iloc[:: max(1, len(lines) // 6)].iterrows():
        rows = network.segments[
            (network.segments["region"] == network.regions.index(line["region_id"]))
            & (network.segments["sku"] == network.skus.index(line["sku"]))
            & (network.segments["segment"] == line["segment"])
            & (network.segments["period"] == (line["period_start"] - start_of(0)).days // 7)
        ]
        fc = network.fcs.index(line["runner_up_fc_id"])
        chosen = (ship.keys["demand_row"] == rows["row"].iloc[0]) & (ship.keys["fc"] == fc)
        column = int(ship.positions[chosen][0])
        least = plan.solution.values[column] + step
        cost = force(program, column, least) - plan.solution.objective
        # Prices of a linear program never promise more than comes true.
        assert cost >= line["regret"] * step - 1e-6
        # Where both centres serve already, or orders are kept whole, prices may change with the
        # first unit.
        is_paired = inputs.sku_pairs[["sku", "partner_sku"]].eq(line["sku"]).any(axis=None)
        if np.isfinite(cost) and least == step and not is_paired:
            exact.append(cost == pytest.approx(line["regret"] * step, abs=1e-6))
    assert sum(exact) >= 0.8 * len(exact)


@pytest.mark.parametrize("seed", LINEAR_SEEDS)
def test_shadow_prices_are_what_a_little_more_of_a_limit_saves(seed: int) -> None:
    inputs = random_inputs(seed, transfers=False)
    plan, step = allocate(inputs, EXACT), 1e-3
    rows = plan.tables["plan_constraints"].query("constraint_type == 'stock'").head(4)
    rows = rows[rows["period_start"] == start_of(0)]
    for _, row in rows.iterrows():
        fc, sku = row["constraint_key"].split(": ")
        more = replace(inputs, inbound=inputs.inbound.copy())
        more.inbound.loc[len(more.inbound)] = due(fc, step, sku=sku)
        saved = plan.solution.objective - solve_cost(more)
        assert row["shadow_price"] > 0
        assert saved == pytest.approx(row["shadow_price"] * step, abs=2e-6)


@pytest.mark.parametrize("seed", LINEAR_SEEDS)
def test_what_more_of_the_dearest_limits_saves_is_what_another_solver_says(seed: int) -> None:
    program = build_program(index_inputs(random_inputs(seed, transfers=False)))
    solution = solve_program(program, EXACT)
    lower, upper = program.row_bounds
    matrix = program.matrix()

    def cost(row: int, more_lower: float, more_upper: float) -> float:
        least, most = lower.copy(), upper.copy()
        least[row] += more_lower
        most[row] += more_upper
        found = milp(
            program.cost,
            constraints=LinearConstraint(matrix, least, most),
            bounds=Bounds(0, program.upper),
        )
        return float(found.fun)

    targets = [program.rows[name].positions for name in ("service_target", "sla_target")]
    is_target = set(np.concatenate(targets).tolist())
    assert solution.savings
    for row, saving in solution.savings.items():
        more = (-saving.step, 0.0) if row in is_target else (saving.step, saving.step)
        assert saving.saved == pytest.approx(cost(row, 0, 0) - cost(row, *more), abs=1e-6)
        # Each unit more saves no more than the one before.
        assert saving.saved <= saving.price * saving.step * (1 + 1e-6)
        assert saving.price <= abs(solution.row_prices[row]) * (1 + 1e-6)
        less = (saving.step, 0.0) if row in is_target else (-saving.step, -saving.step)
        assert saving.lost == pytest.approx(cost(row, *less) - cost(row, 0, 0), abs=1e-6)
        small = [1e-3 * part for part in less]
        lost = cost(row, *small) - cost(row, 0, 0)
        assert saving.price_of_less * 1e-3 * saving.step == pytest.approx(lost, abs=1e-6)
        assert saving.price_of_less >= abs(solution.row_prices[row]) * (1 - 1e-6)


@pytest.mark.parametrize(
    ("units", "route", "price"),
    # As much stock as A can ship: one unit more of either alone brings nothing.
    [(5, "mip", 0), (9, "mip", 99), (9, "column_generation", 99)],
)
def test_a_shadow_price_that_is_not_unique_has_a_range(
    units: float, route: str, price: float
) -> None:
    plan = allocate(
        make_inputs(
            demand=[want("r", 10, sku=sku, unmet=100) for sku in ("s1", "s2")],
            lanes=[lane("A", "r", 1)],
            stock=[hold("A", units, sku=sku) for sku in ("s1", "s2")],
            products=[product("s1"), product("s2")],
            limits={"A": {"outbound_capacity_units": 10}},
        ),
        replace(EXACT, route=route),
    )
    rows = plan.tables["plan_constraints"]
    tried = rows[rows["shadow_price_of_less"].notna()]
    assert len(tried) >= 1
    assert tried["shadow_price"].to_list() == pytest.approx([price] * len(tried))
    assert tried["shadow_price_of_less"].to_list() == pytest.approx([99] * len(tried))
    said = f"would save {price:.2f}, 1 less cost 99.00"
    assert tried["meaning"].str.endswith(said).all()


@pytest.mark.parametrize(
    ("units", "words"),
    [
        (200, "2 units more would save 198.00, 2 less cost 198.00"),
        (50, "1 unit more would save 99.00, 1 less cost 99.00"),
    ],
)
def test_the_meaning_of_a_dear_limit_says_what_more_of_it_saves(units: float, words: str) -> None:
    inputs = make_inputs(
        demand=[want("r", 300)], lanes=[lane("A", "r", 1)], stock=[hold("A", units)]
    )
    row = lines_of(allocate(inputs, EXACT), "plan_constraints", constraint_type="stock").iloc[0]
    assert row["meaning"] == f"A has only so many units of s1: {words}"


def test_stock_that_is_left_over_has_no_shadow_price() -> None:
    inputs = make_inputs(
        demand=[want("r", 2)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 10)],
        products=[product("s1", holding=0.5)],
    )
    assert lines_of(allocate(inputs, EXACT), "plan_constraints", constraint_type="stock").empty


def test_what_is_used_of_stock_kept_for_later_is_never_below_nothing() -> None:
    inputs = make_inputs(
        demand=[want("r", 2), want("r", 30, period=2)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 10)],
        inbound=[due("A", 3, period=1)],
        periods=3,
    )
    rows = lines_of(allocate(inputs, EXACT), "plan_constraints", constraint_type="stock")
    assert rows["used_quantity"].to_list() == pytest.approx([2, 0])
    assert rows["slack_quantity"].to_list() == pytest.approx([8, 3])
    assert rows["shadow_price"].to_list() == pytest.approx([99, 99])


@pytest.mark.parametrize("table", ["centers", "lanes"])
def test_the_price_of_a_capacity_is_what_one_unit_more_saves(table: str) -> None:
    inputs = make_inputs(
        demand=[want("r", 10)],
        lanes=[lane("A", "r", 1), lane("B", "r", 4)],
        stock=[hold("A", 20), hold("B", 20)],
    )
    column = {"centers": "outbound_capacity_units", "lanes": "capacity_units"}[table]
    kind = {"centers": "outbound_capacity", "lanes": "lane_capacity"}[table]

    def limited(units: float) -> AllocationInputs:
        frame = getattr(inputs, table)
        return with_values(
            inputs, table, **{column: frame[column].mask(frame["fc_id"] == "A", units)}
        )

    plan = allocate(limited(6), EXACT)
    row = lines_of(plan, "plan_constraints", constraint_type=kind).iloc[0]
    assert (row["limit_quantity"], row["used_quantity"], row["slack_quantity"]) == pytest.approx(
        (6, 6, 0)
    )
    assert row["shadow_price"] == pytest.approx(3)
    assert solve_cost(limited(6)) - solve_cost(limited(7)) == pytest.approx(3)
    roomy = lines_of(allocate(limited(12), EXACT), "plan_constraints", constraint_type=kind).iloc[0]
    assert (roomy["used_quantity"], roomy["slack_quantity"], roomy["shadow_price"]) == (10, 2, 0)


def solve(seed: int, **settings: float | str) -> Solution:
    program = build_program(index_inputs(random_inputs(seed)))
    return solve_program(program, SolveSettings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("route", ["relax_and_round", "column_generation"])
@pytest.mark.parametrize("seed", [10, 16, 20, 24])
def test_a_rounded_plan_is_checked_and_between_bound_and_greedy(seed: int, route: str) -> None:
    best = random_plan(seed).solution.objective
    plan = allocate(random_inputs(seed), SolveSettings(gap=1e-6, route=route))
    assert plan.solution.route == route
    assert plan.problems == []
    assert plan.solution.gap >= 0
    assert plan.solution.lower_bound <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= plan.solution.objective
    # The greedy plan knows no overrides and no plan in force.
    if random_inputs(seed).overrides.empty and random_inputs(seed).plan_in_force.empty:
        assert plan.solution.objective <= plan.greedy_objective


@pytest.mark.parametrize("seed", [10, 16, 20, 24])
def test_the_gap_asked_for_is_kept_and_the_bound_holds(seed: int) -> None:
    solution = solve(seed, gap=0.02)
    assert solution.gap <= 0.02 + 1e-9
    assert solution.lower_bound <= random_plan(seed).solution.objective * (1 + 1e-9)


def test_the_route_asked_for_is_taken() -> None:
    assert solve(3, route="auto").route == "mip"
    assert solve(3, route="mip").route == "mip"
    assert solve(3, route="relax_and_round").route == "relax_and_round"


def test_a_large_program_with_integers_is_relaxed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory_allocation.allocation.solving.solve.MAX_MIP_COLUMNS", 10)
    assert solve(16).route == "column_generation"
    monkeypatch.setattr("inventory_allocation.allocation.solving.solve.MAX_LINKING_ROWS", 1)
    assert solve(16).route == "relax_and_round"
    linear_program = build_program(index_inputs(random_inputs(100, transfers=False)))
    assert solve_program(linear_program, SolveSettings()).route == "mip"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("seed", [10, 16, 26])
def test_a_large_program_without_truck_links_gives_checked_plans_and_valid_bounds(
    seed: int, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truck_volume, "MAX_USE_ROWS", 0)
    best = random_plan(seed).solution.objective
    plan = allocate(random_inputs(seed), SolveSettings(gap=1e-6, route=route))
    assert plan.problems == []
    assert plan.solution.lower_bound <= best * (1 + 1e-9)
    assert plan.solution.objective >= best * (1 - 1e-9)
    if route == "mip":
        assert plan.solution.objective == pytest.approx(best, rel=1e-5)


def test_the_same_program_is_solved_to_the_same_plan() -> None:
    one, other = solve(16, gap=0.01), solve(16, gap=0.01)
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(one.row_prices, other.row_prices)


@pytest.mark.parametrize("route", ROUTES)
def test_a_centre_that_passes_on_a_part_pack_is_no_obstacle(route: str) -> None:
    # The relaxation sends 0.9 packs from A to B and with B's one unit a whole one to C. Of whole
    # packs, A can fill none.
    inputs = make_inputs(
        demand=[want("r", 10, period=2)],
        lanes=[lane("C", "r", 1)],
        stock=[hold("A", 9)],
        inbound=[due("B", 1, period=1)],
        products=[product("s1", pack=10)],
        transfer_lanes=[move("A", "B", 0.1), move("B", "C", 0.1)],
        periods=3,
    )
    plan = allocate(inputs, SolveSettings(gap=0.0, route=route))
    assert plan.solution.objective == pytest.approx(1000)
    assert plan.problems == []


@pytest.mark.parametrize("route", ROUTES)
def test_no_time_gives_a_clear_error_or_a_checked_plan(route: str) -> None:
    error, plan = "", None
    try:
        plan = allocate(random_inputs(4), SolveSettings(0.0, 0.0, route))
    except InventoryAllocationError as raised:
        error = str(raised)
    if plan is None:
        assert "--time-limit" in error
    else:
        assert plan.problems == []
        assert plan.solution.lower_bound <= plan.solution.objective * (1 + 1e-9)


def test_running_out_of_time_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from inventory_allocation.allocation.solving import whole as module

    monkeypatch.setattr(module, "max", lambda *_: 0.0, raising=False)
    program = build_program(index_inputs(random_inputs(10)))
    with pytest.raises(InventoryAllocationError, match="--time-limit"):
        solve_program(program, SolveSettings(time_limit=0.0))
