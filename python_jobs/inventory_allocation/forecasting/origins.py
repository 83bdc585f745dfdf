"""What every model says at every origin."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.ensemble import Origin
from inventory_allocation.forecasting.panel import SHORT_HISTORY, Panel
from inventory_allocation.forecasting.scales import measure_scale
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.forecasting.timeline import Timeline

__all__ = ["Origins", "backtest_lengths"]

Matrix = npt.NDArray[np.float64]

# With fewer periods known an origin says nothing.
MIN_PERIODS = 8
# Global models are fitted at every so many origins of the backtest.
REFIT_EVERY = 3


def backtest_lengths(periods: int, settings: ForecastSettings) -> list[int]:
    """Periods known at each origin of the backtest, oldest first.

    Of origins that know less of the season than the last one does, enough others leave them out.
    """
    newest = periods - settings.forecast_periods
    lengths = [
        newest - number * settings.stride
        for number in range(settings.backtest_cutoffs)
        if newest - number * settings.stride >= MIN_PERIODS
    ]
    season = settings.season_length
    least = next((need for need in (2 * season + 1, season) if periods >= need), 0)
    alike = [length for length in lengths if length >= least]
    return sorted(alike if len(alike) >= 3 else lengths)


@dataclass(frozen=True)
class Origins:
    """The origins of a panel.

    Attributes:
        panel: The panel.
        settings: Settings.
        timeline: Its series, origin by origin.
        total: Their sum, origin by origin.
    """

    panel: Panel
    settings: ForecastSettings
    timeline: Timeline
    total: Timeline

    @classmethod
    def of(cls, panel: Panel, settings: ForecastSettings) -> "Origins":
        """The origins of a panel; nothing is computed yet."""
        arguments = (
            settings.season_length,
            settings.forecast_periods,
            settings.stride,
            settings.seed,
        )
        return cls(
            panel,
            settings,
            Timeline(panel.units, *arguments, settings.global_models),
            Timeline(np.nansum(panel.units, axis=0)[None], *arguments, ()),
        )

    def _origin(self, length: int, members: dict[str, Matrix]) -> Origin:
        rows, history = self.timeline.history(length)
        above = self.total.learn(length)
        return Origin(
            length=length,
            series=rows,
            members=members,
            total=self.total.base(length, above.models, above.weights)[0],
            actual=self.timeline.actual(length),
            demand_class=history.demand_class,
            naive_error=history.naive_error,
            level=history.level,
            scale=measure_scale(history.units, history.season_length),
            basis=np.where(history.known_periods < SHORT_HISTORY, "short history", "own history"),
        )

    def last(self) -> Origin:
        """What every model says at the end of the panel."""
        length = len(self.panel.periods)
        return self._origin(length, self.timeline.forecast(length, self.timeline.learn(length)))

    def past(self) -> list[Origin]:
        """What every model says at the origins of the backtest, oldest first."""
        found, learnt = [], None
        lengths = backtest_lengths(len(self.panel.periods), self.settings)
        for number, length in enumerate(lengths):
            if learnt is None or number % REFIT_EVERY == 0:
                learnt = self.timeline.learn(length)
            found.append(self._origin(length, self.timeline.forecast(length, learnt)))
        return found
