"""Tables of the plan in force that people look at, each summed in the warehouse."""

from typing import Any, Protocol

import pandas as pd

from inventory_allocation.errors import InputError

__all__ = [
    "Read",
    "read_centers",
    "read_constraints",
    "read_exceptions",
    "read_figures",
    "read_periods",
    "read_plan",
    "read_shortages",
    "read_unmet",
]

PLAN = """
    select run_id, as_of, horizon_start, horizon_periods, objective, lower_bound, gap, approved_at,
        approved_by, note
    from {rpt_plan_runs} where state = 'in_force'
"""
FIGURES = """
    select metric, value, baseline_value from {plan_kpis}
    where level = 'total' and run_id = ? order by metric
"""
PLAN_BEFORE = """
    select run_id from {rpt_plan_runs} where state = 'superseded'
    order by approved_at desc limit 1
"""
PERIODS = """
    select period_start, sum(demand_units) as demand, sum(shipped_units) as served
    from {fct_planned_demand} group by period_start order by period_start
"""
CENTERS = """
    select c.fc_id, sum(p.units) as units,
        sum(p.shipping_cost + p.handling_cost) / sum(p.units) as cost_per_unit,
        max(c.outbound_capacity_units) * count(distinct p.period_start) as capacity_units
    from {fct_allocation_plan} as p
    inner join {dim_fulfillment_centers} as c on p.fc_id = c.fc_id
    group by c.fc_id order by units desc, c.fc_id
"""
UNMET = """
    select binding_reason, sum(unmet_units) as unmet_units, sum(unmet_cost) as unmet_cost
    from {fct_planned_demand} where binding_reason is not null
    group by binding_reason order by unmet_units desc, binding_reason
"""
SHORTAGES = """
    select sku, region_id, binding_reason, min(fix) as fix, sum(demand_units) as demand_units,
        sum(unmet_units) as unmet_units, sum(unmet_cost) as unmet_cost
    from {{fct_planned_demand}} where binding_reason is not null{condition}
    group by sku, region_id, binding_reason
    order by unmet_cost desc, sku, region_id, binding_reason limit {limit}
"""
CONSTRAINTS = """
    select constraint_type, constraint_key, period_start, unit, limit_quantity, used_quantity,
        shadow_price, shadow_price * limit_quantity as worth, meaning
    from {{plan_constraints}} where run_id = ? and shadow_price > 0{condition}
    order by worth desc, constraint_type, constraint_key, period_start limit {limit}
"""
EXCEPTIONS = """
    select severity, rule, count(*) as exceptions from {rpt_plan_exceptions}
    group by severity, rule order by severity, rule
"""


class Read(Protocol):
    """Runs a query that names models in braces, with texts for its question marks."""

    def __call__(self, sql: str, *parameters: str) -> pd.DataFrame:
        """Give the rows."""
        ...


def read_plan(read: Read) -> "pd.Series[Any]":
    """The plan in force as the marts have it.

    Raises:
        InputError: There is none.
    """
    plans = read(PLAN)
    if plans.empty:
        raise InputError(
            "there is no plan in force. `inventory-allocation run` makes one; a draft is put in "
            "force by `inventory-allocation approve RUN` and `inventory-allocation rebuild-marts`"
        )
    return plans.iloc[0]


def read_figures(read: Read, run_id: str) -> pd.DataFrame:
    """Figures of a whole plan: metric, plan, greedy, plan_before.

    Where no plan was in force before, all of plan_before is missing.
    """
    names = {"value": "plan", "baseline_value": "greedy"}
    figures = read(FIGURES, run_id).rename(columns=names)
    before = read(PLAN_BEFORE)
    if before.empty:
        return figures.assign(plan_before=float("nan"))
    earlier = read(FIGURES, str(before["run_id"].iloc[0])).rename(columns={"value": "plan_before"})
    return figures.merge(earlier[["metric", "plan_before"]], on="metric", how="left")


def read_periods(read: Read) -> pd.DataFrame:
    """Units by period: period_start, demand, served."""
    return read(PERIODS)


def read_centers(read: Read) -> pd.DataFrame:
    """What each centre ships in all: fc_id, units, cost_per_unit, capacity_units."""
    return read(CENTERS)


def read_unmet(read: Read) -> pd.DataFrame:
    """What isn't served by what is in the way: binding_reason, unmet_units, unmet_cost."""
    return read(UNMET)


def read_shortages(
    read: Read, limit: int, condition: str = "", parameters: tuple[str, ...] = ()
) -> pd.DataFrame:
    """The dearest shortages of a SKU in a region, and what helps.

    Args:
        read: Reads.
        limit: How many.
        condition: SQL of the project's own that begins with `and`.
        parameters: For its question marks.
    """
    return read(SHORTAGES.format(condition=condition, limit=limit), *parameters)


def read_constraints(
    read: Read, run_id: str, limit: int, condition: str = "", parameters: tuple[str, ...] = ()
) -> pd.DataFrame:
    """The constraints of a plan that cost most; arguments as `read_shortages`."""
    return read(CONSTRAINTS.format(condition=condition, limit=limit), run_id, *parameters)


def read_exceptions(read: Read) -> pd.DataFrame:
    """How many exceptions the plan has: severity, rule, exceptions."""
    return read(EXCEPTIONS)
