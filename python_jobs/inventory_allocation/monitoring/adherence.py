"""Whether what happened is what was planned."""

import pandas as pd

from inventory_allocation.monitoring.findings import Finding
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["check_adherence"]


def check_adherence(
    lanes: pd.DataFrame, period_start: pd.Timestamp, settings: MonitoringSettings
) -> list[Finding]:
    """Compare lanes that were used with those of the plan that was in force.

    Args:
        lanes: period_start, fc_id, region_id, planned_units, shipped_units, of the newest period
            that a plan covered. Units are compared as shares of their region, since demand never
            is what was forecast.
        period_start: Period of the finding where there is no row.
        settings: Limits.
    """
    if lanes.empty or lanes["shipped_units"].sum() == 0:
        return [Finding("plan_adherence", "lanes", period_start, "unknown")]
    lanes = lanes[lanes["period_start"] == lanes["period_start"].max()]
    region = lanes.groupby("region_id")
    shares = [
        lanes[name] / region[name].transform("sum").where(lambda units: units > 0)
        for name in ("planned_units", "shipped_units")
    ]
    as_planned = pd.concat(shares, axis=1).min(axis=1, skipna=False).fillna(0.0)
    share = float((as_planned * region["shipped_units"].transform("sum")).sum())
    share /= float(lanes["shipped_units"].sum())
    return [
        Finding(
            "plan_adherence",
            "lanes",
            pd.Timestamp(lanes["period_start"].iloc[0]),
            "warning" if share < settings.adherence_limit else "ok",
            share,
            1.0,
            settings.adherence_limit,
            cause=f"{share:.0%} of units went the way that the plan has",
            suggested_action="look whether the plan reached those who route orders, or whether "
            "they know something that it doesn't (plan_overrides can say it)",
        )
    ]
