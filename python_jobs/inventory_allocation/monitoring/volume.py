"""Whether as much data came as usual, as much of it was good, and from customers who are known."""

import numpy as np
import pandas as pd

from inventory_allocation.monitoring.findings import Finding
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["check_new_customers", "check_rejects", "check_volume"]

# Periods of history without which nothing is said, and a year of periods is looked back on.
FEWEST_PERIODS = 26
# Counts differ by this share from one period to the next even where nothing happened.
LEAST_DEVIATION = 0.03
DEVIATION_OF_MEDIAN = 1.4826
FEWEST_PART = 10
# Logarithm of the least change that is worth an alarm: a fifth.
LEAST_CHANGE = 0.2


def check_volume(
    counts: pd.DataFrame, periods_per_year: int, settings: MonitoringSettings
) -> list[Finding]:
    """Compare the number of order lines of the newest period with the periods before it.

    The logarithm of a count is compared with the median of the periods before it, in units of the
    median absolute deviation of such differences. A change that came at the same time last year,
    too, is the season: the smaller of the change and the change beyond last year's counts, which is
    why few deviations say much.

    Args:
        counts: period_start, lines; one row a period, sorted.
        periods_per_year: Periods in a year.
        settings: Limits.
    """
    newest = pd.Timestamp(counts["period_start"].iloc[-1])
    if len(counts) < FEWEST_PERIODS + settings.reference_periods:
        return [Finding("data_volume", "order_lines", newest, "unknown")]
    logs = pd.Series(np.log1p(counts["lines"].to_numpy(dtype="float64")))
    usual = logs.shift(1).rolling(settings.reference_periods).median()
    change = logs - usual
    before = change.iloc[:-1].dropna()
    scale = max(
        float(DEVIATION_OF_MEDIAN * (before - before.median()).abs().median()), LEAST_DEVIATION
    )
    now = float(change.iloc[-1])
    seasonal = change.shift(periods_per_year).iloc[-1]
    beyond_season = now if pd.isna(seasonal) else now - float(seasonal)
    change_beyond = min(abs(now), abs(beyond_season))
    deviations = change_beyond / scale
    is_alarm = deviations > settings.volume_limit and change_beyond > LEAST_CHANGE
    lines, expected = float(counts["lines"].iloc[-1]), float(np.expm1(usual.iloc[-1]))
    return [
        Finding(
            "data_volume",
            "order_lines",
            newest,
            "error" if is_alarm else "ok",
            lines,
            expected,
            settings.volume_limit,
            cause=f"{lines:,.0f} order lines came where some {expected:,.0f} are usual: "
            f"{deviations:.1f} deviations",
            suggested_action="look whether loading stopped or rows were loaded twice, before "
            "trusting forecasts of this build",
        )
    ]


def _check_share(
    counts: pd.DataFrame,
    check_name: str,
    entity: str,
    severity: str,
    what: str,
    suggested_action: str,
    settings: MonitoringSettings,
) -> list[Finding]:
    """Compare the share of a part in the newest period with the periods before.

    A binomial test by its normal approximation, with the dispersion of the periods before
    (quasi-likelihood: Pearson's chi-squared over its degrees of freedom, 1 at least).
    """
    newest = pd.Timestamp(counts["period_start"].iloc[-1])
    whole, part = (counts[name].to_numpy(dtype="float64") for name in ("units", "part_units"))
    past = slice(max(len(whole) - 1 - FEWEST_PERIODS, 0), len(whole) - 1)
    if past.stop - past.start < settings.reference_periods or whole[-1] == 0:
        return [Finding(check_name, entity, newest, "unknown")]
    # A half more, so that a past without any is no certainty.
    usual = float((part[past].sum() + 0.5) / (whole[past].sum() + 1.0))
    variance = usual * (1 - usual)
    any_whole = whole[past] > 0
    expected = whole[past][any_whole]
    squares = (part[past][any_whole] - expected * usual) ** 2 / (expected * variance)
    dispersion = max(float(squares.sum()) / max(any_whole.sum() - 1, 1), 1.0)
    share = float(part[-1] / whole[-1])
    deviations = (share - usual) / np.sqrt(dispersion * variance / whole[-1])
    is_alarm = deviations > settings.share_limit and part[-1] >= FEWEST_PART
    return [
        Finding(
            check_name,
            entity,
            newest,
            severity if is_alarm else "ok",
            share,
            usual,
            settings.share_limit,
            cause=f"{share:.1%} of {what}, where {usual:.1%} are usual",
            suggested_action=suggested_action,
        )
    ]


def check_rejects(counts: pd.DataFrame, settings: MonitoringSettings) -> list[Finding]:
    """Compare the share of order lines that were refused with the periods before.

    Args:
        counts: period_start, units (lines read), part_units (refused); one row a period, sorted.
        settings: Limits.
    """
    return _check_share(
        counts,
        "rejected_rows",
        "order_lines",
        "error",
        "order lines were refused",
        "fct_rejected_rows names each row and the reason",
        settings,
    )


def check_new_customers(counts: pd.DataFrame, settings: MonitoringSettings) -> list[Finding]:
    """Compare the share of customers who never bought before with the periods before.

    Args:
        counts: period_start, units (customers who bought), part_units (for the first time); one
            row a period, sorted.
        settings: Limits.
    """
    return _check_share(
        counts,
        "new_customers",
        "all",
        "warning",
        "customers bought for the first time",
        "look whether customers got other ids: segments and the value of customers would start "
        "anew",
        settings,
    )
