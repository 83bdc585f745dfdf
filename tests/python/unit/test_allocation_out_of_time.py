"""Where time runs out there is still a checked plan, with a bound that holds."""

from collections.abc import Iterator

import pytest
from allocation_cases import random_inputs, random_plan, with_values
from test_allocation_columns import copy_skus, small_groups, without_integers  # noqa: F401

from inventory_allocation.allocation import (
    AllocationInputs,
    SolveSettings,
    allocate,
    build_program,
    index_inputs,
    solve_program,
)
from inventory_allocation.allocation.cost import cost_parts
from inventory_allocation.allocation.greedy import plan_greedily
from inventory_allocation.allocation.reference import solve_reference
from inventory_allocation.allocation.solving import (
    OutOfTimeError,
    by_columns,
    column_generation,
    slope_scaling,
    solve,
    whole,
)
from inventory_allocation.errors import InventoryAllocationError

SEEDS = range(3)


class Clock:
    """Stands at 0 for so many looks at it, and is far too late from then on."""

    def __init__(self, looks: Iterator[float]) -> None:
        """Take the looks that are left."""
        self._looks = looks

    def perf_counter(self) -> float:
        return next(self._looks, 1e6)


def stop_always(*_: object, **__: object) -> None:
    """Run out of time."""
    raise OutOfTimeError("stopped")


def check_plan_of(inputs: AllocationInputs, settings: SolveSettings, best: float) -> str:
    """Plan, see that plan and bound are right, and give the route."""
    plan = allocate(inputs, settings)
    assert plan.problems == []
    assert plan.solution.lower_bound <= best * (1 + 1e-9) + 1e-9
    assert best <= plan.solution.objective * (1 + 1e-9) + 1e-9
    network = index_inputs(inputs)
    greedy = sum(cost_parts(network, plan_greedily(network)).values())
    assert plan.solution.objective <= greedy * (1 + 1e-9)
    return plan.solution.route


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("seed", SEEDS)
def test_columns_stopped_after_one_round_are_cut_to_fit(seed: int) -> None:
    inputs = copy_skus(without_integers(seed))
    best = solve_program(
        build_program(index_inputs(inputs)), SolveSettings(gap=0.0, route="relax_and_round")
    ).objective
    settings = SolveSettings(gap=1e-5, route="column_generation", time_limit=0.0)
    check_plan_of(inputs, settings, best)


@pytest.mark.parametrize("rounds", range(1, 30, 9))
@pytest.mark.parametrize("seed", [10, 16, 20])
def test_columns_stopped_after_some_rounds_prove_nothing_wrong(
    seed: int, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = random_inputs(seed)
    clock = iter([0.0] * (5 * rounds))
    monkeypatch.setattr(column_generation, "time", Clock(clock))
    monkeypatch.setattr(slope_scaling, "time", Clock(clock))
    monkeypatch.setattr(by_columns, "time", Clock(clock))
    settings = SolveSettings(gap=1e-6, route="column_generation", time_limit=1.0)
    check_plan_of(inputs, settings, random_plan(seed).solution.objective)


@pytest.mark.parametrize("seed", [10, 16, 20])
def test_the_bound_of_dearer_trucks_is_no_bound_of_the_plan(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dearer(column_generation.ColumnGeneration):
        """Runs out of time with a bound that only holds at the costs it was given."""

        def run(self, *_: object) -> column_generation.Relaxed:
            """Run out of time."""
            raise OutOfTimeError("stopped", 1e9)

    monkeypatch.setattr(slope_scaling, "ColumnGeneration", Dearer)
    settings = SolveSettings(gap=1e-6, route="column_generation")
    check_plan_of(random_inputs(seed), settings, random_plan(seed).solution.objective)


@pytest.mark.parametrize("route", ["mip", "relax_and_round"])
@pytest.mark.parametrize("stage", [0, 1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_stage_without_a_plan_leaves_another_plan(
    seed: int, stage: int, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = random_inputs(seed)
    best = solve_reference(inputs)
    run, stages = whole.WholeProgram.run, []

    def stop(solver: whole.WholeProgram, what: str, gap: float, share: float) -> str:
        stages.append(what)
        if len(stages) > stage:
            raise OutOfTimeError(what)
        return run(solver, what, gap, share)

    monkeypatch.setattr(whole.WholeProgram, "run", stop)
    check_plan_of(inputs, SolveSettings(gap=1e-6, route=route), best)


@pytest.mark.parametrize("seed", SEEDS)
def test_scenarios_without_any_plan_are_shipped_greedily(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = with_values(random_inputs(seed), "parameters", demand_scenarios=3)
    best = allocate(inputs, SolveSettings(gap=1e-6)).solution.objective
    solve_by = solve._solve_by

    def stop(*arguments: object) -> object:
        # What is decided beforehand is held, and shipments for the mean are solved.
        if arguments[4] is None:
            raise OutOfTimeError("stopped")
        return solve_by(*arguments)

    monkeypatch.setattr(solve, "_solve_by", stop)
    monkeypatch.setattr(solve, "solve_by_columns", stop_always)
    plan = allocate(inputs, SolveSettings(gap=1e-6))
    assert plan.problems == []
    assert plan.solution.route == "greedy"
    assert plan.solution.lower_bound <= best <= plan.solution.objective * (1 + 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_any_plan_the_greedy_one_is_published_with_what_is_known(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = random_inputs(seed)

    monkeypatch.setattr(solve, "solve_whole", stop_always)
    monkeypatch.setattr(solve, "solve_by_columns", stop_always)
    route = check_plan_of(inputs, SolveSettings(gap=1e-6), solve_reference(inputs))
    assert route == "greedy"
    with pytest.raises(InventoryAllocationError, match="--time-limit"):
        solve_program(build_program(index_inputs(inputs)), SolveSettings())


@pytest.mark.parametrize("route", ["mip", "column_generation"])
def test_where_the_solver_fails_the_greedy_plan_is_the_plan(
    route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise InventoryAllocationError("the solver found no mix of plans (Infeasible)")

    monkeypatch.setattr(solve, "_solve_by", fail)
    monkeypatch.setattr(solve, "solve_by_columns", fail)
    plan = allocate(random_inputs(3), SolveSettings(route=route))
    assert plan.problems == []
    assert plan.solution.route == "greedy"
    assert plan.solution.lower_bound == 0
