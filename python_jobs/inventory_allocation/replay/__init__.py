"""Replay: what policies would have cost, period by period, on the orders that came."""

from inventory_allocation.replay.company import Company, build_company
from inventory_allocation.replay.future import Future, build_future
from inventory_allocation.replay.measures import measure_walk
from inventory_allocation.replay.policies import ABLATIONS, POLICIES
from inventory_allocation.replay.policy import Decision, Outlook, Policy, View
from inventory_allocation.replay.report import describe_replay, table_cost_parts
from inventory_allocation.replay.simulate import Walk, simulate
from inventory_allocation.replay.verdicts import (
    choose_compared,
    judge_claims,
    table_conditions,
    table_policies,
)

__all__ = [
    "ABLATIONS",
    "POLICIES",
    "Company",
    "Decision",
    "Future",
    "Outlook",
    "Policy",
    "View",
    "Walk",
    "build_company",
    "build_future",
    "choose_compared",
    "describe_replay",
    "judge_claims",
    "measure_walk",
    "simulate",
    "table_conditions",
    "table_cost_parts",
    "table_policies",
]
