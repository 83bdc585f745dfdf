"""Times the program of the plan against PuLP, on the inputs that `make demo` left.

Run `make demo` first, then `make bench`. Prints seconds and their ratio; machines differ, ratios
of one run less so.
"""

import time
from collections.abc import Callable
from pathlib import Path

from inventory_allocation.allocation import (
    SolveSettings,
    build_program,
    index_inputs,
    solve_program,
)
from inventory_allocation.allocation.reference import build_reference
from inventory_allocation.commands.options import find_profiles
from inventory_allocation.jobs.allocate import read_inputs
from inventory_allocation.warehouse import DbtProject, open_warehouse

REPEATS = 3


def best_of(work: Callable[[], object]) -> float:
    """Seconds of the quickest of three runs."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def main() -> None:
    """Time and print."""
    project = DbtProject(Path(), find_profiles())
    warehouse = open_warehouse(project)
    inputs = read_inputs(project, warehouse)
    warehouse.close()
    sparse = best_of(lambda: build_program(index_inputs(inputs)))
    pulp = best_of(lambda: build_reference(inputs))
    program = build_program(index_inputs(inputs))
    print(f"program: {len(program.row_bounds[0]):,} rows, {len(program.cost):,} columns")
    print(f"build, sparse matrices {sparse:8.3f} s")
    print(f"build, PuLP            {pulp:8.3f} s   ratio {pulp / sparse:.1f}")
    solution = solve_program(program, SolveSettings())
    print(f"solve                  {solution.seconds:8.1f} s   proven gap {solution.gap:.3%}")


if __name__ == "__main__":
    main()
