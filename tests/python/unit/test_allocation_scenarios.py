"""Decisions over demand scenarios against brute force, equality and planted distributions."""

from dataclasses import replace

import numpy as np
import pytest
from allocation_cases import (
    EXACT,
    hold,
    lane,
    lines_of,
    make_inputs,
    move,
    product,
    random_inputs,
    want,
    with_values,
)
from scipy.stats import gamma, norm, spearmanr

from inventory_allocation.allocation import (
    AllocationInputs,
    SolveSettings,
    allocate,
    build_program,
    index_inputs,
    solve_program,
)
from inventory_allocation.allocation.demand_scenarios import draw_demand
from inventory_allocation.allocation.reference import solve_reference
from inventory_allocation.allocation.two_stage import decide_beforehand, draw_networks
from inventory_allocation.errors import InputError

SEEDS = [8, 10, 11, 14, 16, 20, 26]


def over_scenarios(inputs: AllocationInputs, count: int) -> AllocationInputs:
    return with_values(inputs, "parameters", demand_scenarios=count)


def company(skus: int, regions: int, mean: float, deviation: float) -> AllocationInputs:
    return make_inputs(
        demand=[
            want(f"r{r}", mean, sku=f"s{s:03}", deviation=deviation)
            for s in range(skus)
            for r in range(regions)
        ],
        lanes=[lane("A", f"r{r}", 1) for r in range(regions)],
        stock=[hold("A", 10, sku="s000")],
        products=[product(f"s{s:03}") for s in range(skus)],
    )


def test_draws_have_the_mean_and_the_spread_of_the_forecast() -> None:
    network = index_inputs(company(1, 2, mean=12.0, deviation=5.0))
    drawn = draw_demand(network, 500, 0.5, seed=1)
    np.testing.assert_allclose(drawn.mean(axis=0), 12.0)
    np.testing.assert_allclose(drawn.std(axis=0), 5.0, rtol=0.03)
    # One draw of each five hundredth of the gamma distribution.
    known = gamma(a=(12 / 5) ** 2, scale=25 / 12).ppf((np.arange(500) + 0.5) / 500)
    np.testing.assert_allclose(np.sort(drawn[:, 0]), known * 12 / known.mean(), rtol=1e-9)


@pytest.mark.parametrize(
    ("correlation", "low", "high"), [(0, -0.1, 0.1), (0.5, 0.4, 0.6), (1, 1, 1)]
)
def test_draws_of_a_sku_are_as_correlated_as_asked_and_those_of_others_are_not(
    correlation: float, low: float, high: float
) -> None:
    network = index_inputs(company(2, 2, mean=12.0, deviation=5.0))
    drawn = draw_demand(network, 800, correlation, seed=2)
    sku = network.segments["sku"].to_numpy()
    same = spearmanr(*drawn[:, sku == 0].T).statistic
    other = spearmanr(drawn[:, sku == 0][:, 0], drawn[:, sku == 1][:, 0]).statistic
    assert low - 1e-9 <= same <= high + 1e-9
    assert abs(other) < 0.1


def test_demand_that_is_certain_is_the_same_in_each_draw() -> None:
    network = index_inputs(company(1, 2, mean=12.0, deviation=0.0))
    np.testing.assert_allclose(draw_demand(network, 7, 0.5, seed=3), 12.0)


def test_packs_sent_beforehand_are_those_that_trying_each_number_says() -> None:
    inputs = over_scenarios(
        make_inputs(
            demand=[want("r", 20, period=1, deviation=12, unmet=9)],
            lanes=[lane("B", "r", 1)],
            stock=[hold("A", 60)],
            products=[product("s1", pack=3, holding=0.0)],
            transfer_lanes=[move("A", "B", 2.0)],
            periods=2,
        ),
        15,
    )
    units = draw_demand(index_inputs(inputs), 15, 0.5, seed=0)[:, 0]

    def expected_cost(packs: int) -> float:
        sold = np.minimum(units, 3 * packs)
        return float(3 * packs * 2.0 + np.mean(sold * 1 + (units - sold) * 9))

    costs = [expected_cost(packs) for packs in range(21)]
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    assert plan.solution.objective == pytest.approx(min(costs))
    assert plan.tables["plan_transfers"]["packs"].to_list() == [int(np.argmin(costs))]
    # The point forecast sends for the mean, which is too little where losing a sale is dear.
    point = allocate(over_scenarios(inputs, 0), EXACT)
    assert point.tables["plan_transfers"]["packs"].sum() < np.argmin(costs)
    figures = lines_of(plan, "plan_kpis", level="total").set_index("metric")["value"]
    assert figures["expected_cost"] == pytest.approx(min(costs))
    filled = np.minimum(units, 3 * int(np.argmin(costs))).sum() / units.sum()
    assert figures["expected_fill_rate"] == pytest.approx(filled)


@pytest.mark.parametrize("seed", SEEDS)
def test_scenarios_without_spread_cost_what_the_point_forecast_does(seed: int) -> None:
    inputs = with_values(random_inputs(seed), "demand", demand_deviation=0.0)
    point = with_values(inputs, "parameters", stock_target_mode="none")
    best = solve_program(build_program(index_inputs(point)), EXACT).objective
    solution, _, _ = decide_beforehand(
        draw_networks(index_inputs(over_scenarios(inputs, 3)), 0)[1], EXACT
    )
    assert solution.objective == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_other_decisions_cost_less_over_the_scenarios(seed: int) -> None:
    inputs = over_scenarios(random_inputs(seed), 4)
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    assert plan.solution.gap < 1e-6
    network, scenarios = draw_networks(index_inputs(inputs), 0)
    program = build_program(network)
    values = solve_program(program, EXACT).values[program.is_integer]
    costs = [
        solve_program(build_program(one), EXACT, held=np.round(values)).objective
        for one in scenarios
    ]
    assert plan.solution.objective <= np.mean(costs) * (1 + 1e-6)


@pytest.mark.parametrize("route", ["relax_and_round", "column_generation"])
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_large_programs_of_scenarios_are_rounded_and_checked(seed: int, route: str) -> None:
    inputs = over_scenarios(random_inputs(seed), 4)
    best = allocate(inputs, EXACT).solution
    plan = allocate(inputs, SolveSettings(gap=1e-6, route=route))
    assert plan.problems == []
    assert plan.solution.lower_bound <= best.objective * (1 + 1e-9)
    assert best.objective <= plan.solution.objective * (1 + 1e-9)


def test_stock_that_a_newsvendor_keeps_follows_the_critical_ratio() -> None:
    inputs = make_inputs(
        demand=[want("r", 10, deviation=4, unmet=3, level=0.6, home="A")],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 30)],
        products=[product("s1", holding=1.0)],
        stock_target=5.0,
        stock_target_mode="newsvendor",
    )
    target = index_inputs(inputs).stock_targets["target"].to_list()
    # 3 / (3 + 1), and the normal quantile of that: 0.674.
    assert target == pytest.approx([0.67449 * 4], rel=1e-4)
    with pytest.raises(InputError, match="var stock_target_mode is 'often': it has to be service_"):
        with_values(inputs, "parameters", stock_target_mode="often")
    none = replace(inputs, parameters=inputs.parameters.assign(stock_target_mode="none"))
    assert index_inputs(none).stock_targets.empty


def test_a_missing_unit_costs_its_price_times_the_chance_that_it_is_wanted() -> None:
    # Demand is 10 +- 4, and a lost unit costs 10: what is kept on top saves expected loss.
    def cost(stock: float) -> float:
        inputs = make_inputs(
            demand=[want("r", 10, deviation=4, unmet=10, home="A")],
            lanes=[lane("A", "r", 1)],
            stock=[hold("A", 10 + stock)],
            stock_target_mode="expected_loss",
        )
        plan = allocate(inputs, EXACT)
        assert plan.problems == []
        return plan.solution.objective

    def lost(units: float) -> float:
        return float(norm.expect(lambda z: 4 * z - units, lb=units / 4))

    for units in (2.0, 4.0, 8.0):
        assert cost(units) - cost(12.0) == pytest.approx(10 * (lost(units) - lost(12)), rel=1e-6)
    # Between steps the loss is drawn straight, above the curve.
    assert cost(3.0) == pytest.approx((cost(2.0) + cost(4.0)) / 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_prices_by_chance_the_cost_is_that_of_the_reference(seed: int) -> None:
    inputs = with_values(random_inputs(seed), "parameters", stock_target_mode="expected_loss")
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    assert plan.solution.objective == pytest.approx(solve_reference(inputs), rel=1e-6)
