"""Another solver finds the same cost, and one that isn't there is named."""

import pytest
from allocation_cases import SEEDS, random_inputs, random_plan

from inventory_allocation.allocation import SolveSettings, allocate
from inventory_allocation.errors import InputError


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_cbc_costs_what_highs_does_and_is_named(seed: int) -> None:
    plan = allocate(random_inputs(seed), SolveSettings(gap=1e-7, solver="cbc"))
    assert plan.problems == []
    assert plan.solution.solver == "cbc"
    assert plan.solution.gap <= 1e-6
    assert plan.solution.objective == pytest.approx(random_plan(seed).solution.objective, rel=1e-6)


def test_a_solver_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(
        InputError, match=r"solver nosuch is not installed; there are: highs, .*cbc"
    ):
        allocate(random_inputs(8), SolveSettings(solver="nosuch"))
