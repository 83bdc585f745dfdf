"""Whether forecasts that were published are as good as their backtest said."""

import numpy as np
import pandas as pd

from inventory_allocation.monitoring.findings import Finding
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["check_coverage", "check_forecasts", "cusum"]

# What errors may be off in each period, in deviations: half of the shift of one to be found.
ALLOWANCE = 0.5
# One period, however odd, is no trend.
LARGEST_ERROR = 4.0
ABOVE_LIMIT = 1.0
NORMAL_WIDTH = 3.92
COVERAGE = 0.95
FEWEST_PERIODS = 4


def cusum(errors: "pd.Series[float]", cap: float = np.inf) -> tuple[float, float]:
    """Upper and lower cumulative sums of standardised errors at their end.

    The tabular CUSUM (Page 1954; Montgomery, Introduction to Statistical Quality Control): each
    adds what errors are beyond the allowance, and never falls below 0.

    Args:
        errors: Errors over their deviation, in the order of time.
        cap: What the sums never rise above, so that an alarm ends soon after its cause.
    """
    high = low = 0.0
    for error in errors.clip(-LARGEST_ERROR, LARGEST_ERROR):
        high = min(max(high + error - ALLOWANCE, 0.0), cap)
        low = min(max(low - error - ALLOWANCE, 0.0), cap)
    return high, low


def check_forecasts(forecasts: pd.DataFrame, settings: MonitoringSettings) -> list[Finding]:
    """Sum up the errors of one period ahead, series by series, as they came true.

    Args:
        forecasts: level, series_id, period_start, mean, q0_025, q0_975, actual; forecasts that
            were made before the period, of sums whose demand was not cut short by stock-outs.
        settings: Limits.
    """
    findings = []
    for (level, name), rows in forecasts.groupby(["level", "series_id"]):
        rows = rows.sort_values("period_start")
        newest = pd.Timestamp(rows["period_start"].iloc[-1])
        entity = str(level) if level == "total" else f"{level} {name}"
        if len(rows) < FEWEST_PERIODS:
            findings.append(Finding("forecast_bias", entity, newest, "unknown"))
            continue
        deviation = ((rows["q0_975"] - rows["q0_025"]) / NORMAL_WIDTH).clip(lower=1e-9)
        cap = settings.cusum_limit + ABOVE_LIMIT
        high, low = cusum((rows["actual"] - rows["mean"]) / deviation, cap)
        recent = rows.tail(FEWEST_PERIODS)
        share = recent["actual"].sum() / max(float(recent["mean"].sum()), 1e-9)
        findings.append(
            Finding(
                "forecast_bias",
                entity,
                newest,
                "warning" if max(high, low) > settings.cusum_limit else "ok",
                high if high >= low else -low,
                0.0,
                settings.cusum_limit,
                cause=f"demand stays {'above' if high >= low else 'below'} the forecast of "
                f"{entity}: {share:.0%} of it in the last {FEWEST_PERIODS} periods",
                suggested_action="look for a cause that forecasts don't know (a promotion, a "
                "price, a lost customer) and give it as an external signal",
            )
        )
    return findings


def check_coverage(forecasts: pd.DataFrame, settings: MonitoringSettings) -> list[Finding]:
    """Count how often demand fell into the 95 % interval of one period ahead.

    A binomial test by its normal approximation. Series of a period share what happens in it, so
    the variance is at least that between periods.

    Args:
        forecasts: As for `check_forecasts`, of single series.
        settings: Limits.
    """
    if forecasts.empty:
        return []
    newest = pd.Timestamp(forecasts["period_start"].max())
    periods = sorted(forecasts["period_start"].unique())[-settings.reference_periods :]
    recent = forecasts[forecasts["period_start"].isin(periods)]
    if len(periods) < FEWEST_PERIODS:
        return [Finding("interval_coverage", "all", newest, "unknown")]
    inside = recent["actual"].between(recent["q0_025"], recent["q0_975"])
    shares = inside.groupby(recent["period_start"]).mean()
    variance = COVERAGE * (1 - COVERAGE) / len(recent)
    variance = max(variance, float(shares.var()) / len(shares))
    share = float(inside.mean())
    deviations = (COVERAGE - share) / np.sqrt(variance)
    return [
        Finding(
            "interval_coverage",
            "all",
            newest,
            "warning" if deviations > settings.coverage_limit else "ok",
            share,
            COVERAGE,
            settings.coverage_limit,
            cause=f"{share:.1%} of actuals are within the 95 % intervals, "
            f"{deviations:.1f} deviations too few",
            suggested_action="safety stocks are too small for such demand: look at "
            "fct_forecast_accuracy, and at the check forecast_bias",
        )
    ]
