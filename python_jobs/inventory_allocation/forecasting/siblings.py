"""Cold start: series of which little is known, forecast from those they are alike with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import (
    CEILING,
    SHORT_HISTORY,
    History,
    mean_of_last,
)

__all__ = ["ColdStart", "forecast_from_siblings"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# A family with fewer grown-up series says nothing; the next larger one is asked.
MIN_SIBLINGS = 5
GROWN_UP = 2 * SHORT_HISTORY


@dataclass(frozen=True)
class ColdStart:
    """Forecasts of the series that are new.

    Attributes:
        rows: Which series, shape (new series,).
        means: Shape (new series, steps), in units.
    """

    rows: Index
    means: Matrix


def _by_family(family: Index, values: Vector, members: Index) -> Vector:
    """Mean of values over members of each series' family; NaN where they are too few."""
    of = int(family.max()) + 1
    count = np.bincount(family[members], minlength=of)
    total = np.bincount(family[members], values[members], minlength=of)
    mean = np.where(count >= MIN_SIBLINGS, total / np.maximum(count, 1), np.nan)
    found: Vector = mean[family]
    return found


def forecast_from_siblings(history: History, families: Sequence[Index]) -> ColdStart:
    """Forecast series with fewer than eight known periods.

    A new series begins with a sale, or it wouldn't be there, so its own mean says too much. Its
    level is a weighted mean of its own and its siblings': the weight of its own is what siblings
    differ by over that and the noise of its few periods (the linear Bayes rule of Buehlmann 1967,
    credibility). It has the season of all series.

    Args:
        history: What is known at an origin.
        families: Family of each series, the smallest families first: same SKU and centre, same
            SKU, same category, all.

    Returns:
        No rows where there are no siblings at all.
    """
    is_new = history.known_periods < SHORT_HISTORY
    grown = np.flatnonzero(history.known_periods >= GROWN_UP)
    rows = np.flatnonzero(is_new)
    if not families or len(grown) < MIN_SIBLINGS or len(rows) == 0:
        return ColdStart(np.zeros(0, dtype=np.int64), np.zeros((0, history.steps)))
    season = history.seasons.pooled[np.arange(history.length) % history.season_length]
    units = history.units / season
    span = max(history.season_length, GROWN_UP)
    level = mean_of_last(units, span)
    noise = mean_of_last((units - level[:, None]) ** 2, span)
    siblings = np.full((4, len(units)), np.nan)
    for family in reversed(families):
        centre = _by_family(family, level, grown)
        spread = _by_family(family, (level - centre) ** 2, grown)
        others = [_by_family(family, values, grown) for values in (noise, history.mean)]
        found = np.stack([centre, spread, *others])
        siblings = np.where(np.isnan(found), siblings, found)
    centre, spread, noise, usual = siblings[:, rows]
    # The first period is there because of its sale: it says nothing of how often there is one.
    is_first = np.cumsum(~np.isnan(units[rows]), axis=1) == 1
    later = np.where(is_first, np.nan, units[rows])
    known = history.known_periods[rows] - 1
    # The spread of true levels is that of the measured ones less their noise.
    spread = np.maximum(spread - noise / span, 0.05 * spread + 1e-12)
    own = known * spread / (known * spread + noise + 1e-12)
    mixed = own * mean_of_last(later, span) + (1 - own) * centre
    ahead = history.seasons.pooled[history.periods_ahead % history.season_length]
    ceiling = np.maximum(history.ceiling[rows], CEILING * usual)
    return ColdStart(rows, np.minimum(mixed[:, None] * ahead[None, :], ceiling[:, None]))
