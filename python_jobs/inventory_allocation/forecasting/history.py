"""What is known at an origin, and what follows from it for every model."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.seasonality import Seasons, estimate_seasons

__all__ = ["CEILING", "CLASSES", "SHORT_HISTORY", "History", "mean_of_last"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "new")
# Of a series with fewer known periods nobody can tell: it is new.
SHORT_HISTORY = 8
# Syntetos, Boylan and Croston (2005): mean gap between sales, squared variation of their size.
GAP_LIMIT = 1.32
VARIATION_LIMIT = 0.49
# No forecast is above this many times the most that a series ever sold.
CEILING = 3.0


def mean_of_last(units: Matrix, periods: int) -> Vector:
    """Mean of what is known of the last periods, by series; 0 where nothing is."""
    window = units[:, max(0, units.shape[1] - periods) :]
    known = ~np.isnan(window)
    mean: Vector = np.where(known, window, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return mean


@dataclass(frozen=True)
class History:
    """The series as known at an origin.

    Attributes:
        units: Shape (series, periods), the newest period last; NaN where unknown: before the
            first sale, missing, or out of stock.
        season_length: Periods in a season.
        steps: Periods to forecast.
    """

    units: Matrix
    season_length: int
    steps: int

    def take(self, rows: npt.NDArray[np.int64]) -> "History":
        """The same of some of the series; what is pooled over all stays."""
        part = History(self.units[rows], self.season_length, self.steps)
        part.__dict__["seasons"] = self.seasons.take(rows)
        return part

    @property
    def length(self) -> int:
        """Periods known."""
        return int(self.units.shape[1])

    @cached_property
    def periods_ahead(self) -> npt.NDArray[np.int64]:
        """The periods to forecast, counted from the start."""
        return np.arange(self.length, self.length + self.steps)

    @cached_property
    def seasons(self) -> Seasons:
        """Seasonal indices."""
        return estimate_seasons(self.units, self.season_length)

    @cached_property
    def known_periods(self) -> npt.NDArray[np.int64]:
        """Periods known of each series."""
        counts: npt.NDArray[np.int64] = (~np.isnan(self.units)).sum(axis=1)
        return counts

    @cached_property
    def mean(self) -> Vector:
        """Mean of each series over what is known of the last season."""
        return mean_of_last(self.units, max(self.season_length, 8))

    @cached_property
    def ceiling(self) -> Vector:
        """The most that a forecast of each series may be."""
        most: Vector = np.nan_to_num(self.units).max(axis=1, initial=0.0)
        return CEILING * most

    @cached_property
    def level(self) -> Vector:
        """The size of each series, above 0: what features are relative to."""
        known = ~np.isnan(self.units)
        count = np.maximum(known.sum(axis=1), 1)
        centre = np.where(known, self.units, 0.0).sum(axis=1) / count
        squares = np.where(known, (self.units - centre[:, None]) ** 2, 0.0).sum(axis=1)
        level: Vector = self.mean + 0.1 * np.sqrt(squares / count) + 1e-9
        return level

    @cached_property
    def demand_class(self) -> npt.NDArray[np.int64]:
        """Index in CLASSES of each series (Syntetos, Boylan and Croston 2005), or new."""
        is_sale = np.nan_to_num(self.units) > 0
        sales = np.maximum(is_sale.sum(axis=1), 1)
        size = np.where(is_sale, self.units, 0.0).sum(axis=1) / sales
        spread = np.where(is_sale, (self.units - size[:, None]) ** 2, 0.0).sum(axis=1) / sales
        is_rare = self.known_periods / sales > GAP_LIMIT
        is_uneven = spread / np.maximum(size, 1e-9) ** 2 > VARIATION_LIMIT
        number: npt.NDArray[np.int64] = is_rare * 2 + is_uneven * 1
        is_new = self.known_periods < SHORT_HISTORY
        return np.where(is_new, CLASSES.index("new"), number)

    @cached_property
    def naive_error(self) -> Vector:
        """Root mean squared change from period to period: the scale of RMSSE, above 0.

        A series without a change gets a tenth of the median of the others.
        """
        changes = np.diff(self.units, axis=1)
        known = ~np.isnan(changes)
        squares = np.where(known, changes**2, 0.0).sum(axis=1)
        error = np.sqrt(squares / np.maximum(known.sum(axis=1), 1))
        usual = float(np.median(error[error > 0])) if (error > 0).any() else 1.0
        scale: Vector = np.maximum(error, 0.1 * usual)
        return scale
