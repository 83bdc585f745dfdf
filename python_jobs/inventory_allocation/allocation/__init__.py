"""Allocation: what ships from where, what moves, with a proven gap and a reason for each line."""

from inventory_allocation.allocation.allocate import Plan, Solved, allocate, solve_inputs
from inventory_allocation.allocation.checker import check_plan
from inventory_allocation.allocation.earlier_plan import EarlierPlan
from inventory_allocation.allocation.inputs import AllocationInputs, index_inputs
from inventory_allocation.allocation.model import build_program
from inventory_allocation.allocation.solving import SolveSettings, solve_program

__all__ = [
    "AllocationInputs",
    "EarlierPlan",
    "Plan",
    "SolveSettings",
    "Solved",
    "allocate",
    "build_program",
    "check_plan",
    "index_inputs",
    "solve_inputs",
    "solve_program",
]
