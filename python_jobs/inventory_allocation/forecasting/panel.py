"""The panel as a matrix: one row per series, one column per period."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.frames import require_columns

__all__ = ["Panel", "build_panel", "classify_demand", "measure_scale"]

Matrix = npt.NDArray[np.float64]

# Syntetos, Boylan and Croston (2005): mean gap between sales, squared variation of their size.
GAP_LIMIT = 1.32
VARIATION_LIMIT = 0.49


@dataclass(frozen=True)
class Panel:
    """Series aligned to the same last period.

    Attributes:
        series: One row per series, sorted by series_id: series_id, model_level, sku.
        periods: The first date of each period, without a gap.
        units: Shape (series, periods); NaN before the first sale.
        is_stockout: Same shape; sales there say less than demand.
    """

    series: pd.DataFrame
    periods: pd.DatetimeIndex
    units: Matrix
    is_stockout: npt.NDArray[np.bool_]

    def until(self, length: int) -> "Panel":
        """The first `length` periods, of the series that had begun by then."""
        begun = ~np.isnan(self.units[:, length - 1])
        return Panel(
            self.series[begun].reset_index(drop=True),
            self.periods[:length],
            self.units[begun, :length],
            self.is_stockout[begun, :length],
        )

    def demand(self) -> Matrix:
        """Units with stock-outs filled by the mean of the eight periods before."""
        filled = self.units.copy()
        rows, columns = np.nonzero(self.is_stockout & ~np.isnan(self.units))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            before = filled[row, max(0, column - 8) : column]
            before = before[~np.isnan(before)]
            if len(before):
                filled[row, column] = max(filled[row, column], before.mean())
        return filled


def build_panel(frame: pd.DataFrame, settings: ForecastSettings) -> Panel:
    """Turn the long panel into a matrix.

    Args:
        frame: Columns series_id, model_level, sku, period_start, units, is_stockout; one row per
            series and period from its first sale to the common last period, in any order.
        settings: Settings; the period gives the grid.

    Raises:
        InputError: A column is missing, or a series has a gap.
    """
    table = "int_demand__forecast_input"
    names = ["series_id", "model_level", "sku", "period_start", "units", "is_stockout"]
    require_columns(frame, names, table)
    frame = frame[names].assign(period_start=pd.to_datetime(frame["period_start"]))
    frame = frame.sort_values(["series_id", "period_start"], kind="stable")
    series = frame.drop_duplicates("series_id")[["series_id", "model_level", "sku"]]
    series = series.astype("string").reset_index(drop=True)
    if frame.empty:
        empty = np.zeros((0, 0))
        return Panel(series, pd.DatetimeIndex([]), empty, empty.astype(bool))
    periods = pd.date_range(
        frame["period_start"].min(), frame["period_start"].max(), freq=settings.frequency
    )
    rows = pd.Index(series["series_id"]).get_indexer(pd.Index(frame["series_id"].astype("string")))
    columns = periods.get_indexer(pd.Index(frame["period_start"]))
    units = np.full((len(series), len(periods)), np.nan)
    units[rows, columns] = frame["units"].to_numpy(dtype="float64")
    is_stockout = np.zeros(units.shape, dtype=bool)
    is_stockout[rows, columns] = frame["is_stockout"].to_numpy(dtype=bool)
    first = np.argmax(~np.isnan(units), axis=1)
    lengths = (~np.isnan(units)).sum(axis=1)
    is_broken = first + lengths != len(periods)
    is_broken[rows[columns < 0]] = True
    if is_broken.any():
        bad = series["series_id"][np.argmax(is_broken)]
        raise InputError(
            f"table {table} has a gap in series {bad!r}: "
            "it needs a row for every period from the first sale to the last period"
        )
    return Panel(series, periods, units, is_stockout)


def classify_demand(units: Matrix) -> npt.NDArray[np.str_]:
    """Class of each series: smooth, erratic, intermittent or lumpy (Syntetos et al. 2005)."""
    classes = []
    for row in units:
        known = row[~np.isnan(row)]
        sizes = known[known > 0]
        gap = len(known) / max(len(sizes), 1)
        variation = (sizes.std() / sizes.mean()) ** 2 if len(sizes) else 0.0
        names = ("smooth", "erratic") if gap <= GAP_LIMIT else ("intermittent", "lumpy")
        classes.append(names[int(variation > VARIATION_LIMIT)])
    return np.array(classes, dtype=np.str_)


def measure_scale(units: Matrix, season_length: int) -> Matrix:
    """Spread of each series over the last season: mean absolute deviation, in units.

    At least half the square root of the mean, so that a flat stretch of sales doesn't claim
    certainty.
    """
    recent = units[:, -season_length:]
    mean = np.nanmean(recent, axis=1)
    deviation = np.nanmean(np.abs(recent - mean[:, None]), axis=1)
    scale: Matrix = np.maximum(deviation, 0.5 * np.sqrt(np.maximum(mean, 0.05)))
    return scale
