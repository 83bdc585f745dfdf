"""Whether as much data came as usual, and as much of it was good."""

import numpy as np
import pandas as pd

from inventory_allocation.monitoring.findings import Finding
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["check_rejects", "check_volume"]

# Periods of history without which nothing is said, and a year of periods is looked back on.
FEWEST_PERIODS = 26
# Counts differ by this share from one period to the next even where nothing happened.
LEAST_DEVIATION = 0.03
DEVIATION_OF_MEDIAN = 1.4826
FEWEST_REJECTS = 10
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


def check_rejects(counts: pd.DataFrame, settings: MonitoringSettings) -> list[Finding]:
    """Compare the share of order lines that were refused with the periods before.

    A binomial test by its normal approximation, with the dispersion of the periods before
    (quasi-likelihood: Pearson's chi-squared over its degrees of freedom, 1 at least).

    Args:
        counts: period_start, lines (read), rejected; one row a period, sorted.
        settings: Limits.
    """
    newest = pd.Timestamp(counts["period_start"].iloc[-1])
    read, refused = (counts[name].to_numpy(dtype="float64") for name in ("lines", "rejected"))
    past = slice(max(len(read) - 1 - FEWEST_PERIODS, 0), len(read) - 1)
    if past.stop - past.start < settings.reference_periods or read[-1] == 0:
        return [Finding("rejected_rows", "order_lines", newest, "unknown")]
    # A half more, so that a past without any is no certainty.
    usual = (refused[past].sum() + 0.5) / (read[past].sum() + 1.0)
    variance = usual * (1 - usual)
    weeks = read[past] > 0
    squares = (refused[past] - read[past] * usual)[weeks] ** 2 / (read[past][weeks] * variance)
    dispersion = max(float(squares.sum()) / max(weeks.sum() - 1, 1), 1.0)
    share = refused[-1] / read[-1]
    deviations = (share - usual) / np.sqrt(dispersion * variance / read[-1])
    is_alarm = deviations > settings.rejects_limit and refused[-1] >= FEWEST_REJECTS
    return [
        Finding(
            "rejected_rows",
            "order_lines",
            newest,
            "error" if is_alarm else "ok",
            float(share),
            float(usual),
            settings.rejects_limit,
            cause=f"{share:.1%} of order lines were refused, where {usual:.1%} are usual",
            suggested_action="fct_rejected_rows names each row and the reason",
        )
    ]
