"""Experiments: planning, assignment, checks and results, randomised or matched."""

from inventory_allocation.experiments.analyze import analyze_experiments
from inventory_allocation.experiments.assign import assign_units, measure_assignment
from inventory_allocation.experiments.check import check_balance
from inventory_allocation.experiments.plan import SamplePlan, plan_sample_size
from inventory_allocation.experiments.settings import ExperimentSettings

__all__ = [
    "ExperimentSettings",
    "SamplePlan",
    "analyze_experiments",
    "assign_units",
    "check_balance",
    "measure_assignment",
    "plan_sample_size",
]
