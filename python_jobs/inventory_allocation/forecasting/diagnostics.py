"""What the errors of the backtest say: tests by series, corrected for their number, in words.

Every period of the backtest is taken from the newest cutoff before it, so the errors of a series
are one row of periods, none of which was known when it was forecast.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.forecasting.panel import read_panel
from inventory_allocation.forecasting.settings import SEASON_LENGTHS, ForecastSettings
from inventory_allocation.forecasting.signals import read_signals
from inventory_allocation.forecasting.tree import SERIES
from inventory_allocation.frames import require_columns
from inventory_allocation.one_thread import one_thread

__all__ = ["DIAGNOSTIC_TYPES", "check_signals", "diagnose"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

ALPHA = 0.05
# A series with fewer errors isn't tested.
MIN_ERRORS = 16
# Found in more than this share of the series, it is the rule.
OFTEN = 0.1
# Coverage this far from 95 % still serves.
COVERAGE_SLACK = 0.02
DIAGNOSTIC_TYPES = {
    "level": "string",
    "demand_class": "string",
    "test": "string",
    "signal": "string",
    "series": "int64",
    "statistic": "float64",
    "p_value": "float64",
    "corrected_p_value": "float64",
    "found_in": "int64",
    "verdict": "string",
}
WORDS = {
    "shapiro_wilk": (
        "errors look normal",
        "errors are not normal in {}, as those of counts never are: quantiles come from past "
        "errors, not from a normal curve, so the plan needs nothing",
    ),
    "breusch_pagan": (
        "errors are as large whatever the forecast",
        "errors grow with the forecast in {}: intervals allow for it, a fixed safety stock does "
        "not",
    ),
    "durbin_watson": (
        "an error says nothing of the next",
        "the error of a period carries over to the next in {}: for stock over several periods "
        "use the lead_time_ quantiles, which are learnt from sums",
    ),
    "ljung_box": (
        "errors do not repeat",
        "errors repeat over periods in {}: a season, price or promotion is not caught; the plan "
        "should be looked at where they are large",
    ),
}


@dataclass(frozen=True)
class _Errors:
    """Errors of the series of a group, shape (series, periods); NaN where unknown."""

    error: Matrix
    mean: Matrix


def _chain(periods: pd.DataFrame) -> pd.DataFrame:
    """Known periods, each from the newest cutoff before it."""
    known = periods[periods["actual"].notna()]
    ordered = known.sort_values(["level", "series_id", "period_start", "cutoff"])
    return ordered.drop_duplicates(["level", "series_id", "period_start"], keep="last")


def _arrange(rows: pd.DataFrame) -> _Errors:
    error = rows.assign(error=rows["actual"] - rows["mean"])
    wide = error.pivot_table(index="series_id", columns="period_start", values=["error", "mean"])
    errors = _Errors(wide["error"].to_numpy(), wide["mean"].to_numpy())
    is_enough = (~np.isnan(errors.error)).sum(axis=1) >= MIN_ERRORS
    has_spread = np.nanstd(errors.error, axis=1) > 1e-9
    chosen = is_enough & has_spread
    return _Errors(errors.error[chosen], errors.mean[chosen])


def shapiro_wilk(errors: _Errors, lags: int) -> tuple[Vector, Vector]:  # noqa: ARG001
    """Are the errors of each series normal (Shapiro and Wilk 1965)?"""
    from scipy.stats import shapiro

    found = [shapiro(row[~np.isnan(row)]) for row in errors.error]
    return np.array([one.statistic for one in found]), np.array([one.pvalue for one in found])


def breusch_pagan(errors: _Errors, lags: int) -> tuple[Vector, Vector]:  # noqa: ARG001
    """Do squared errors depend on the forecast (Breusch and Pagan 1979, as Koenker 1981)?"""
    from scipy.stats import chi2

    known = ~np.isnan(errors.error)
    count = known.sum(axis=1)

    def centred(values: Matrix) -> Matrix:
        mean = np.where(known, values, 0.0).sum(axis=1) / count
        return np.where(known, values - mean[:, None], 0.0)

    squares, means = centred(errors.error**2), centred(errors.mean)
    product = (squares * means).sum(axis=1)
    spread = (squares**2).sum(axis=1) * (means**2).sum(axis=1)
    share = np.where(spread > 0, product**2 / np.maximum(spread, 1e-300), 0.0)
    return count * share, chi2.sf(count * share, 1)


def _autocorrelations(error: Matrix, lags: int) -> Matrix:
    """Autocorrelations of the deviations from the mean, shape (series, lags)."""
    deviation = np.nan_to_num(error - np.nanmean(error, axis=1, keepdims=True))
    spread = (deviation**2).sum(axis=1)
    return np.stack(
        [
            (deviation[:, lag:] * deviation[:, :-lag]).sum(axis=1) / spread
            for lag in range(1, lags + 1)
        ],
        axis=1,
    )


def durbin_watson(errors: _Errors, lags: int) -> tuple[Vector, Vector]:  # noqa: ARG001
    """Does an error go with the one before (Durbin and Watson 1950)? p by a normal curve."""
    from scipy.stats import norm

    change = np.diff(errors.error, axis=1)
    known = ~np.isnan(change)
    statistic = np.where(known, change**2, 0.0).sum(axis=1) / np.nansum(errors.error**2, axis=1)
    pairs = np.maximum(known.sum(axis=1), 1)
    return statistic, 2 * norm.sf(np.abs(1 - statistic / 2) * np.sqrt(pairs))


def ljung_box(errors: _Errors, lags: int) -> tuple[Vector, Vector]:
    """Do errors go with those up to a season before (Ljung and Box 1978)?"""
    from scipy.stats import chi2

    count = (~np.isnan(errors.error)).sum(axis=1)
    squares = _autocorrelations(errors.error, lags) ** 2
    ahead = count[:, None] - np.arange(1, lags + 1)[None, :]
    statistic = count * (count + 2) * (squares / np.maximum(ahead, 1)).sum(axis=1)
    return statistic, chi2.sf(statistic, lags)


TESTS = {
    "shapiro_wilk": shapiro_wilk,
    "breusch_pagan": breusch_pagan,
    "durbin_watson": durbin_watson,
    "ljung_box": ljung_box,
}


def _test_series(errors: _Errors, season_length: int) -> Iterator[dict[str, object]]:
    from scipy.stats import false_discovery_control

    # Up to a season, if a quarter of the errors reaches so far back.
    lags = min(season_length, errors.error.shape[1] // 4)
    for name, test in TESTS.items():
        statistic, p_value = test(errors, lags)
        corrected = false_discovery_control(p_value)
        found_in = int((corrected < ALPHA).sum())
        clear, found = WORDS[name]
        often = "" if found_in > OFTEN * len(p_value) else "only "
        yield {
            "test": name,
            "series": len(p_value),
            "statistic": float(np.median(statistic)),
            "p_value": float(np.median(p_value)),
            "corrected_p_value": float(corrected.min()),
            "found_in": found_in,
            "verdict": found.format(f"{often}{found_in} of {len(p_value)} series")
            if found_in
            else clear,
        }


def _test_coverage(rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    from scipy.stats import ttest_1samp

    known = rows[rows["q0_025"].notna()]
    if known["cutoff"].nunique() < 2:
        return
    inside = known["actual"].between(known["q0_025"], known["q0_975"])
    # Errors of a cutoff go together: cutoffs, not periods, are what there are many of.
    by_cutoff = inside.groupby(known["cutoff"]).mean().to_numpy()
    share = float(inside.mean())
    p_value = float(ttest_1samp(by_cutoff, 0.95).pvalue) if np.ptp(by_cutoff) > 0 else 1.0
    if abs(share - 0.95) <= COVERAGE_SLACK:
        verdict = f"95 % intervals hold {share:.1%} of what came: they can be relied on"
    elif share < 0.95:
        verdict = f"95 % intervals hold only {share:.1%} of what came: keep more than they say"
    else:
        verdict = f"95 % intervals hold {share:.1%} of what came: less than they say would do"
    yield {
        "test": "interval_coverage",
        "series": int(known["series_id"].nunique()),
        "statistic": share,
        "p_value": p_value,
        "corrected_p_value": p_value,
        "found_in": 0,
        "verdict": verdict,
    }


def _diagnose_group(rows: pd.DataFrame, season_length: int) -> Iterator[dict[str, object]]:
    yield from _test_coverage(rows)
    errors = _arrange(_chain(rows))
    if len(errors.error):
        yield from _test_series(errors, season_length)


@one_thread()
def diagnose(periods: pd.DataFrame, period: str) -> pd.DataFrame:
    """Test the errors of the ensemble, by level and class of demand.

    Many series are tested: `corrected_p_value` and `found_in` keep the share of false alarms below
    5 % (Benjamini and Hochberg 1995). A class is that of the series at the newest cutoff.

    Args:
        periods: `Forecasts.periods`, rows in any order.
        period: day, week or month.

    Returns:
        One row per level, class of demand and test, sorted: series tested; medians of statistic and
        p-value; the smallest corrected p-value; in how many series it was found; verdict in words,
        with what it means for the plan. interval_coverage has the share covered as its statistic
        and a t test over cutoffs. No rows without a backtest; no tests by series with fewer than 16
        periods.

    Raises:
        InputError: A column is missing.
    """
    names = ["cutoff", "level", "series_id", "period_start", "demand_class", "actual", "mean"]
    require_columns(periods, [*names, "q0_025", "q0_975"], "int_demand__forecast_fitted")
    newest = periods.sort_values(["cutoff"], kind="stable").drop_duplicates(
        ["level", "series_id"], keep="last"
    )
    classes = newest[["level", "series_id", "demand_class"]]
    known = periods[periods["actual"].notna()].drop(columns="demand_class")
    rows = known.merge(classes, on=["level", "series_id"])
    rows = rows.sort_values(["level", "series_id", "period_start", "cutoff"], ignore_index=True)
    found = [
        {"level": level, "demand_class": demand_class, "signal": "", **result}
        for (level, demand_class), group in rows.groupby(["level", "demand_class"])
        for result in _diagnose_group(group, SEASON_LENGTHS[period])
    ]
    table = pd.DataFrame(found, columns=list(DIAGNOSTIC_TYPES)).astype(DIAGNOSTIC_TYPES)
    return table.sort_values(["level", "demand_class", "test"], ignore_index=True)


@one_thread()
def check_signals(
    panel: pd.DataFrame, signals: pd.DataFrame, settings: ForecastSettings
) -> pd.DataFrame:
    """Say of each signal whether the others say the same (variance inflation), as `diagnose` does.

    Args:
        panel: As for `forecast`.
        signals: As for `forecast`.
        settings: Settings; period and forecast_periods count.

    Returns:
        One row per signal, of the columns of `diagnose`: variance inflation as the statistic.

    Raises:
        InputError: A column is missing, or a signal is known ahead in some rows only.
    """
    table = read_signals(signals, read_panel(panel, settings), settings).table
    rows = {
        "level": SERIES,
        "demand_class": "all",
        "test": "variance_inflation",
        "signal": table["signal"],
        "series": table["series"],
        "statistic": table["variance_inflation"],
        "p_value": np.nan,
        "corrected_p_value": np.nan,
        "found_in": 0,
        "verdict": table["verdict"],
    }
    return pd.DataFrame(rows, columns=list(DIAGNOSTIC_TYPES)).astype(DIAGNOSTIC_TYPES)
