"""The program of a network: its decisions and constraints."""

from inventory_allocation.allocation.constraints import CONSTRAINTS
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.variables import add_variables

__all__ = ["build_program"]


def build_program(network: Network) -> Program:
    """Build the mixed-integer program (see docs/model.md)."""
    program = Program()
    add_variables(program, network)
    for add_constraint in CONSTRAINTS:
        add_constraint(program, network)
    return program
