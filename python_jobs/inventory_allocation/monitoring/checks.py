"""All checks, from tables to a table."""

from dataclasses import dataclass

import pandas as pd

from inventory_allocation.frames import require_columns
from inventory_allocation.monitoring.accuracy import check_coverage, check_forecasts
from inventory_allocation.monitoring.adherence import check_adherence
from inventory_allocation.monitoring.drift import check_features, check_segments
from inventory_allocation.monitoring.findings import Finding, to_frame
from inventory_allocation.monitoring.mix import check_mix
from inventory_allocation.monitoring.settings import MonitoringSettings
from inventory_allocation.monitoring.volume import check_rejects, check_volume
from inventory_allocation.one_thread import one_thread
from inventory_allocation.segmentation import SegmentSettings, assign_segments

__all__ = ["MonitoringInputs", "run_checks"]

# What is measured of a customer; columns of int_customers__segment_input. Not recency, which goes
# with the season, and not tenure, which grows.
FEATURES = [
    "frequency",
    "monetary",
    "interpurchase_days",
    "return_rate",
    "category_count",
]
# Snapshots of a quarter and of a year ago.
SNAPSHOTS_BACK = (1, 4)
PERIODS_PER_YEAR = {"day": 365, "week": 52, "month": 12}


@dataclass(frozen=True)
class MonitoringInputs:
    """What the checks read.

    Attributes:
        parameters: One row: period, last_complete_period_start and the limits.
        periods: period_start, measure (order_lines, region, category), entity, units (of lines:
            lines read), refused (lines).
        forecasts: level, series_id, period_start, mean, q0_025, q0_975, actual.
        lanes: period_start, fc_id, region_id, planned_units, shipped_units.
        customers: int_customers__segment_input.
        earlier_customers: int_customers__segment_history_input.
        centers: int_customers__segment_centers_fitted.
    """

    parameters: pd.DataFrame
    periods: pd.DataFrame
    forecasts: pd.DataFrame
    lanes: pd.DataFrame
    customers: pd.DataFrame
    earlier_customers: pd.DataFrame
    centers: pd.DataFrame


def _check_periods(
    periods: pd.DataFrame, periods_per_year: int, settings: MonitoringSettings
) -> list[Finding]:
    findings = []
    lines = periods[periods["measure"] == "order_lines"].sort_values("period_start")
    if len(lines):
        accepted = lines.assign(lines=lines["units"] - lines["refused"])
        findings += check_volume(accepted, periods_per_year, settings)
        findings += check_rejects(
            lines.rename(columns={"units": "lines", "refused": "rejected"}), settings
        )
    for dimension in ("region", "category"):
        units = periods[periods["measure"] == dimension]
        if len(units):
            findings += check_mix(units, dimension, periods_per_year, settings)
    return findings


def _check_customers(
    inputs: MonitoringInputs,
    period_start: pd.Timestamp,
    settings: MonitoringSettings,
    segment_settings: SegmentSettings,
) -> list[Finding]:
    # Of those with one purchase day there are more or fewer with each campaign.
    fewest = segment_settings.min_purchase_days
    current, earlier = (
        frame[frame["purchase_days"] >= fewest]
        for frame in (inputs.customers, inputs.earlier_customers)
    )
    then = [earlier[earlier["snapshots_back"] == back] for back in SNAPSHOTS_BACK]
    findings = check_features(then, current, FEATURES, period_start, settings)
    if current.empty or inputs.centers.empty:
        return [*findings, Finding("segment_drift", "all", period_start, "unknown")]
    # The customers of then, by the centres of now.
    now = current["snapshot_date"].iloc[0]
    current_labels, *labels = (
        assign_segments(customers.assign(snapshot_date=now), inputs.centers, segment_settings)[
            "segment"
        ]
        for customers in (current, *(frame.drop(columns="snapshots_back") for frame in then))
        if len(customers)
    )
    return findings + check_segments(labels, current_labels, period_start, settings)


@one_thread()
def run_checks(
    inputs: MonitoringInputs, settings: MonitoringSettings, segment_settings: SegmentSettings
) -> pd.DataFrame:
    """Run all checks for the newest complete period.

    Returns:
        One row per check and entity, sorted; columns of `findings.COLUMNS`.

    Raises:
        InputError: A column is missing.
    """
    require_columns(inputs.parameters, ["period"], "int_monitoring__parameters")
    row = inputs.parameters.iloc[0]
    period_start = pd.Timestamp(row["last_complete_period_start"])
    forecasts = inputs.forecasts
    findings = _check_periods(inputs.periods, PERIODS_PER_YEAR[str(row["period"])], settings)
    findings += check_forecasts(forecasts[forecasts["level"] != "sku_fc"], settings)
    findings += check_coverage(forecasts[forecasts["level"] == "sku_fc"], settings)
    findings += check_adherence(inputs.lanes, period_start, settings)
    findings += _check_customers(inputs, period_start, settings, segment_settings)
    return to_frame(findings)
