"""All checks, from tables to a table."""

import pandas as pd

from inventory_allocation.frames import require_columns
from inventory_allocation.monitoring.accuracy import check_coverage, check_forecasts
from inventory_allocation.monitoring.adherence import check_adherence
from inventory_allocation.monitoring.drift import check_features, check_segments
from inventory_allocation.monitoring.findings import Finding, to_frame
from inventory_allocation.monitoring.mix import check_mix
from inventory_allocation.monitoring.settings import MonitoringSettings
from inventory_allocation.monitoring.volume import (
    check_new_customers,
    check_rejects,
    check_volume,
)
from inventory_allocation.one_thread import one_thread
from inventory_allocation.segmentation import SegmentSettings, assign_segments

__all__ = ["check_customers", "check_periods"]

# What is measured of a customer; columns of int_customers__segment_input. Not recency, which goes
# with the season, and not tenure, which grows.
FEATURES = [
    "frequency",
    "monetary",
    "interpurchase_days",
    "return_rate",
    "category_count",
]
PARAMETERS = "int_monitoring__parameters"
# Snapshots of a quarter and of a year ago.
SNAPSHOTS_BACK = (1, 4)
PERIODS_PER_YEAR = {"day": 365, "week": 52, "month": 12}


def _check_counts(
    periods: pd.DataFrame, periods_per_year: int, settings: MonitoringSettings
) -> list[Finding]:
    findings = []
    by_measure = {
        str(measure): rows.sort_values("period_start")
        for measure, rows in periods.groupby("measure")
    }
    if "order_lines" in by_measure:
        lines = by_measure["order_lines"]
        accepted = lines.assign(lines=lines["units"] - lines["part_units"])
        findings += check_volume(accepted, periods_per_year, settings)
        findings += check_rejects(lines, settings)
    if "customers" in by_measure:
        findings += check_new_customers(by_measure["customers"], settings)
    for dimension in ("region", "category"):
        if dimension in by_measure:
            findings += check_mix(by_measure[dimension], dimension, periods_per_year, settings)
    return findings


def _read_period(parameters: pd.DataFrame) -> tuple[str, pd.Timestamp]:
    """The kind of period, and the first day of the last complete one."""
    require_columns(parameters, ["period", "last_complete_period_start"], PARAMETERS)
    row = parameters.iloc[0]
    return str(row["period"]), pd.Timestamp(row["last_complete_period_start"])


@one_thread()
def check_periods(
    parameters: pd.DataFrame,
    periods: pd.DataFrame,
    forecasts: pd.DataFrame,
    lanes: pd.DataFrame,
    settings: MonitoringSettings,
) -> pd.DataFrame:
    """Check what came in the last complete period, and what was forecast and planned of it.

    Args:
        parameters: One row: period, last_complete_period_start.
        periods: period_start, measure (order_lines, customers, region, category), entity, units,
            part_units (of lines read those refused, of customers those who never bought before).
        forecasts: level, series_id, period_start, mean, q0_025, q0_975, actual.
        lanes: period_start, fc_id, region_id, planned_units, shipped_units.
        settings: Limits.

    Returns:
        One row per check and entity, sorted; columns of `findings.COLUMNS`.

    Raises:
        InputError: A column is missing.
    """
    period, period_start = _read_period(parameters)
    findings = _check_counts(periods, PERIODS_PER_YEAR[period], settings)
    findings += check_forecasts(forecasts[forecasts["level"] != "sku_fc"], settings)
    findings += check_coverage(forecasts[forecasts["level"] == "sku_fc"], settings)
    findings += check_adherence(lanes, period_start, settings)
    return to_frame(findings)


@one_thread()
def check_customers(
    parameters: pd.DataFrame,
    customers: pd.DataFrame,
    earlier_customers: pd.DataFrame,
    centers: pd.DataFrame,
    settings: MonitoringSettings,
    segment_settings: SegmentSettings,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare customers and their segments with what they were a quarter and a year ago.

    Args:
        parameters: One row: period, last_complete_period_start.
        customers: int_customers__segment_input.
        earlier_customers: int_customers__segment_history_input.
        centers: int_customers__segment_centers_fitted.
        settings: Limits.
        segment_settings: Settings of the fit in force.
        events: stg_operations__model_events.

    Returns:
        One row per check and entity, sorted; columns of `findings.COLUMNS`.

    Raises:
        InputError: A column is missing.
    """
    _, period_start = _read_period(parameters)
    # Of those with one purchase day there are more or fewer with each campaign.
    fewest = segment_settings.min_purchase_days
    current, earlier = (
        frame[frame["purchase_days"] >= fewest] for frame in (customers, earlier_customers)
    )
    then = [earlier[earlier["snapshots_back"] == back] for back in SNAPSHOTS_BACK]
    findings = check_features(then, current, FEATURES, period_start, settings)
    if current.empty or centers.empty:
        return to_frame([*findings, Finding("segment_drift", "all", period_start, "unknown")])
    # The customers of then, by the centres of now.
    now = current["snapshot_date"].iloc[0]
    current_labels, *labels = (
        assign_segments(frame.assign(snapshot_date=now), centers, segment_settings, events)[
            "segment"
        ]
        for frame in (current, *(frame.drop(columns="snapshots_back") for frame in then))
        if len(frame)
    )
    findings += check_segments(labels, current_labels, period_start, settings)
    return to_frame(findings)
