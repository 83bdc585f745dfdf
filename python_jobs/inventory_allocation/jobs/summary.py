"""What a run leaves in the warehouse, for people: segments, accuracy, the plan."""

from dataclasses import dataclass

import pandas as pd

from inventory_allocation.frames import to_pandas
from inventory_allocation.warehouse import DbtProject, Warehouse

__all__ = ["Summary", "read_summary", "suggest_queries"]


@dataclass(frozen=True)
class Summary:
    """Frames for people.

    Attributes:
        input_rows: Accepted order lines.
        rejected: Refused rows by reason, and from how many tables.
        segments: segment, customers, revenue_share.
        segment_verdict: Whether to trust the segments, in words.
        accuracy: level, model, wape, bias, mase, coverage: means over the cutoffs.
        run: The row of plan_runs in force.
        kpis: metric, value, baseline_value of the whole plan.
        constraints: The five constraints that cost most: a unit's price times the limit.
        lines: A few lines of the plan, with their reasons.
        exceptions: severity, rule, and how many.
        location: Where the warehouse is.
    """

    input_rows: int
    rejected: pd.DataFrame
    segments: pd.DataFrame
    segment_verdict: str
    accuracy: pd.DataFrame
    run: pd.DataFrame
    kpis: pd.DataFrame
    constraints: pd.DataFrame
    lines: pd.DataFrame
    exceptions: pd.DataFrame
    location: str


def read_summary(project: DbtProject, warehouse: Warehouse) -> Summary:
    """Read the summary of the plan in force."""
    model = project.model_relation

    def source(name: str) -> str:
        return str(project.source_node("planning", name).relation_name)

    def query(sql: str) -> pd.DataFrame:
        return to_pandas(warehouse.query(sql))

    run_id = f"(select run_id from {model('int_allocation__choose_current_run')})"
    return Summary(
        input_rows=int(
            query(f"select count(*) as n from {model('fct_transactions')}")["n"].iloc[0]
        ),
        rejected=query(
            "select reason, count(distinct source_table) as tables, count(*) as n "
            f"from {model('fct_rejected_rows')} group by reason order by reason"
        ),
        segments=query(
            f"select segment, customers, revenue_share, mean_recency_days, mean_frequency "
            f"from {model('dim_segments')} order by segment_id"
        ),
        segment_verdict=str(
            query(
                f"select verdict from {model('fct_segment_validation')} "
                "where check_name = 'verdict'"
            )["verdict"].iloc[0]
        ),
        accuracy=query(
            "select level, model, avg(wape) as wape, avg(bias) as bias, avg(mase) as mase, "
            f"avg(coverage) as coverage from {model('fct_forecast_accuracy')} "
            "where model in ('ensemble', 'seasonal_naive') and demand_class = 'all' "
            "group by level, model "
            "order by level, model"
        ),
        run=query(f"select * from {source('plan_runs')} where run_id = {run_id}"),
        kpis=query(
            f"select metric, value, baseline_value from {model('rpt_plan_summary')} "
            "where level = 'total' order by metric"
        ),
        constraints=query(
            "select meaning, period_start, limit_quantity, shadow_price "
            f"from {source('plan_constraints')} "
            f"where run_id = {run_id} and shadow_price > 0 "
            "order by shadow_price * limit_quantity desc, meaning, period_start limit 5"
        ),
        lines=query(
            "select fc_id || ' > ' || region_id as lane, segment, sku, period_start, units, "
            "reason_code, runner_up_fc_id as runner_up, regret "
            f"from {model('fct_allocation_plan')} "
            "order by units desc, fc_id, region_id, sku, segment limit 5"
        ),
        exceptions=query(
            f"select severity, rule, count(*) as n from {model('rpt_plan_exceptions')} "
            "group by severity, rule order by severity, rule"
        ),
        location=warehouse.location,
    )


def suggest_queries(project: DbtProject) -> list[str]:
    """Three queries to try."""
    model = project.model_relation
    return [
        f"select * from {model('fct_allocation_plan')} order by units desc limit 20",
        f"select * from {model('fct_transfer_plan')} order by period_start, from_fc_id",
        f"select * from {model('rpt_stockout_risk')} order by stockout_probability desc limit 20",
    ]
