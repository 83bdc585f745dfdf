"""Signals from outside the series, such as promotions, prices and the weather, as regressors."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.panel import Panel
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.forecasting.tree import Tree
from inventory_allocation.frames import require_columns

__all__ = ["SIGNAL_TYPES", "Signals", "read_signals"]

Matrix = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# Present in fewer of the periods a signal is an event, which is 0 where it has no row.
EVENT_SHARE = 0.5
PERIOD_DAYS = {"day": 1, "week": 7, "month": 30}
# Periods before an origin that are recent.
RECENT = 4
# A signal that others say this well is left out (James and others 2021, section 3.3.3).
LARGEST_INFLATION = 5.0
SIGNAL_TYPES = {
    "signal": "string",
    "is_known_ahead": "bool",
    "series": "int64",
    "variance_inflation": "float64",
    "is_used": "bool",
    "verdict": "string",
}


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame(columns=list(SIGNAL_TYPES)).astype(SIGNAL_TYPES)


@dataclass(frozen=True)
class Signals:
    """Signals by series and period.

    Attributes:
        is_known_ahead: By signal: whether its future counts as known.
        is_relative: By signal: whether it is seen beside its mean, as a price is, or above it.
        values: By signal, shape (series, or 1 where it is the same for all; periods + steps); NaN
            where unknown.
        table: One row per signal: how many series it is for (0: all), its variance inflation, and
            whether it is used; see SIGNAL_TYPES.
    """

    is_known_ahead: tuple[bool, ...] = ()
    is_relative: tuple[bool, ...] = ()
    values: tuple[Matrix, ...] = ()
    table: pd.DataFrame = field(default_factory=_no_rows)

    def ahead(self, origin: int, steps: int, rows: Index) -> list[Matrix]:
        """Features of some series at an origin, each of shape (rows, steps).

        Of each signal how far it is above its past mean: ahead, where that is known, or else at
        the origin; and in the last periods before, which forecasts start from.
        """
        found = []
        kinds = zip(self.is_known_ahead, self.is_relative, self.values, strict=True)
        for is_known_ahead, is_relative, values in kinds:
            own = values[rows] if len(values) > 1 else values
            mean = _mean(own[:, :origin])
            deviation = own[:, : origin + steps] - mean
            deviation = deviation / mean if is_relative else deviation
            recent = _mean(deviation[:, max(0, origin - RECENT) : origin])
            latest = deviation[:, origin:] if is_known_ahead else deviation[:, origin - 1 : origin]
            # What isn't said is as ever.
            parts = (np.nan_to_num(latest), np.nan_to_num(recent))
            found += [np.broadcast_to(part, (len(rows), steps)) for part in parts]
        return found

    def of_nodes(self, tree: Tree) -> "Signals":
        """The same of what series add up to: the mean of the members."""

        def mean(values: Matrix) -> Matrix:
            if len(values) == 1:
                return values
            known = tree.sum_all(~np.isnan(values) * 1.0)
            return np.where(
                known > 0, tree.sum_all(np.nan_to_num(values)) / np.maximum(known, 1), np.nan
            )

        values = tuple(mean(values) for values in self.values)
        return Signals(self.is_known_ahead, self.is_relative, values)


def _mean(values: Matrix) -> Matrix:
    """Mean of what is known of each row, shape (rows, 1); NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=1, keepdims=True)
    total = np.where(known, values, 0.0).sum(axis=1, keepdims=True)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _clean(frame: pd.DataFrame, panel: Panel, settings: ForecastSettings) -> pd.DataFrame:
    """Rows with signal, row of the series (-1 for all), column of the period, day, value."""
    grid = pd.date_range(
        panel.periods[0],
        periods=len(panel.periods) + settings.forecast_periods + 1,
        freq=settings.frequency,
    )
    dates = pd.to_datetime(frame["period_start"], errors="coerce")
    names = frame.get("series_id", pd.Series(pd.NA, index=frame.index)).astype("string")
    rows = pd.DataFrame(
        {
            "signal": frame["signal_name"].astype("string"),
            "row": pd.Index(panel.series).get_indexer(pd.Index(names)),
            "column": np.searchsorted(grid, dates.fillna(pd.Timestamp(0)), side="right") - 1,
            "day": dates.dt.normalize(),
            "value": pd.to_numeric(frame["value"], errors="coerce").astype("float64"),
            "is_known_ahead": frame["is_known_ahead"].eq(True),
        }
    )
    is_good = (
        rows["signal"].notna()
        & dates.notna()
        & np.isfinite(rows["value"])
        & rows["column"].between(0, len(grid) - 2)
        & (names.isna() | rows["row"].ge(0))
    )
    rows = rows[is_good]
    torn = rows.groupby("signal")["is_known_ahead"].nunique()
    if (torn > 1).any():
        raise InputError(
            f"signals: {torn.index[torn > 1][0]!r} is known ahead in some rows and not in others: "
            "give it two names"
        )
    ordered: pd.DataFrame = rows.sort_values(["signal", "row", "column", "day", "value"])
    return ordered


def _lay_out(rows: pd.DataFrame, panel: Panel, settings: ForecastSettings) -> tuple[Matrix, bool]:
    """Values of one signal, shape (series or 1, periods + steps), and whether it is an event.

    NaN where unknown. An event is 0 where it has no row, and counts for the days that it has; a
    measurement goes on as it was to the end of the panel.
    """
    by_period = rows.groupby(["row", "column"], as_index=False)
    means = by_period.agg(value=("value", "mean"), days=("day", "nunique"))
    values = _spread(means, panel, settings.forecast_periods)
    periods = len(panel.periods)
    is_given = ~np.isnan(values[:, :periods])
    begun = np.logical_or.accumulate(is_given, axis=1)
    if is_given.sum() < EVENT_SHARE * max(begun.sum(), 1):
        means["value"] *= np.minimum(means["days"] / PERIOD_DAYS[settings.period], 1.0)
        return np.nan_to_num(_spread(means, panel, settings.forecast_periods)), True
    for period in range(1, periods):
        gap = np.isnan(values[:, period])
        values[gap, period] = values[gap, period - 1]
    return values, False


def _spread(means: pd.DataFrame, panel: Panel, steps: int) -> Matrix:
    is_common = means["row"].eq(-1)
    common = means[is_common]
    only_common = bool(is_common.all())
    values = np.full((1 if only_common else len(panel.series), len(panel.periods) + steps), np.nan)
    values[:, common["column"]] = common["value"].to_numpy()
    own = means[~is_common]
    values[own["row"], own["column"]] = own["value"].to_numpy()
    return values


def _inflations(columns: Matrix) -> npt.NDArray[np.float64]:
    """Variance inflation factors of columns: the diagonal of the inverse correlations."""
    correlations = np.corrcoef(columns, rowvar=False).reshape(columns.shape[1], -1)
    # Columns that are sums of others to the last digit have no inverse.
    return np.diag(np.linalg.inv(correlations + 1e-9 * np.eye(len(correlations))))


def _measure_inflation(values: list[Matrix], periods: int) -> npt.NDArray[np.float64]:
    """Variance inflation of each signal when it was left out, or among those that are kept.

    0 where it never changes. The one with most is left out until none is above the limit.
    """
    series = max(len(one) for one in values)
    columns = np.column_stack(
        [
            np.broadcast_to(one[:, :periods] - _mean(one[:, :periods]), (series, periods)).ravel()
            for one in values
        ]
    )
    columns = np.nan_to_num(columns)
    found = np.zeros(len(values))
    kept = [number for number in range(len(values)) if np.ptp(columns[:, number]) > 0]
    while kept:
        inflations = _inflations(columns[:, kept])
        found[kept] = inflations
        worst = int(inflations.argmax())
        if inflations[worst] < LARGEST_INFLATION:
            break
        kept.pop(worst)
    return found


def _say(inflation: float) -> str:
    if inflation == 0:
        return "left out: it never changed in the history of the series"
    if inflation < LARGEST_INFLATION:
        return "used: the other signals do not say the same"
    share = 1 - 1 / inflation
    return f"left out: {share:.0%} of it is said by the other signals; see which of them is meant"


def _list_lost(names: list[str]) -> pd.DataFrame:
    """Signals without a row that counts: that must not go unseen."""
    verdict = (
        "left out: none of its rows has a number, a series of the panel and one of its periods"
    )
    rows = {
        "signal": names,
        "is_known_ahead": False,
        "series": 0,
        "variance_inflation": 0.0,
        "is_used": False,
        "verdict": verdict,
    }
    return pd.DataFrame(rows).astype(SIGNAL_TYPES)


def read_signals(frame: pd.DataFrame | None, panel: Panel, settings: ForecastSettings) -> Signals:
    """Lay signals out by series and period.

    A signal with rows in fewer than half of the periods since its first is an event, such as a
    promotion: it is 0 where it has no row, and counts for the days of a period that have one.
    Others, such as a price, go on as they were; positive ones count beside their mean. Rows that
    aren't of the panel's series and periods, or without a number, don't count; several rows of a
    period are averaged. Signals that never change, or that others say (variance inflation of 5 or
    more), are left out.

    Args:
        frame: Columns signal_name, period_start, value, is_known_ahead, and optionally series_id:
            null where the row is for all series. None for no signals.
        panel: The panel.
        settings: Settings.

    Raises:
        InputError: A column is missing, or a signal is known ahead in some rows only.
    """
    if frame is None or panel.units.size == 0:
        return Signals()
    require_columns(frame, ["signal_name", "period_start", "value", "is_known_ahead"], "signals")
    rows = _clean(frame, panel, settings)
    groups = {str(name): group for name, group in rows.groupby("signal", sort=True)}
    ahead = [bool(group["is_known_ahead"].iloc[0]) for group in groups.values()]
    laid_out = [_lay_out(group, panel, settings) for group in groups.values()]
    values = [found for found, _ in laid_out]
    inflations = _measure_inflation(values, len(panel.periods)) if values else np.zeros(0)
    is_used = (inflations > 0) & (inflations < LARGEST_INFLATION)
    table = pd.DataFrame(
        {
            "signal": list(groups),
            "is_known_ahead": ahead,
            "series": [
                int(group.loc[group["row"].ge(0), "row"].nunique()) for group in groups.values()
            ],
            "variance_inflation": inflations,
            "is_used": is_used,
            "verdict": [_say(float(inflation)) for inflation in inflations],
        }
    ).astype(SIGNAL_TYPES)
    relative = [not is_event and bool(np.nanmin(found) > 0) for found, is_event in laid_out]
    kept = np.flatnonzero(is_used).tolist()
    names = set(frame["signal_name"].dropna().astype("string")) - set(groups)
    table = pd.concat([table, _list_lost(sorted(names))], ignore_index=True)
    return Signals(
        tuple(ahead[number] for number in kept),
        tuple(relative[number] for number in kept),
        tuple(values[number] for number in kept),
        table,
    )
