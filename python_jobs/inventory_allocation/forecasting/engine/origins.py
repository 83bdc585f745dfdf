"""What every model says at every origin: computed, or taken from a backtest computed before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.engine.ensemble import Origin
from inventory_allocation.forecasting.engine.panel import EnginePanel
from inventory_allocation.forecasting.engine.settings import EngineSettings
from inventory_allocation.forecasting.engine.tables import ENSEMBLE
from inventory_allocation.forecasting.engine.timeline import Timeline
from inventory_allocation.frames import require_columns

__all__ = ["Origins", "backtest_lengths"]

Matrix = npt.NDArray[np.float64]

# With fewer periods known an origin says nothing.
MIN_PERIODS = 8
# Global models are fitted at every so many origins of the backtest.
REFIT_EVERY = 3


def backtest_lengths(periods: int, settings: EngineSettings) -> list[int]:
    """Periods known at each origin of the backtest, oldest first.

    Of origins that know less of the season than the last one does, enough others leave them out.
    """
    newest = periods - settings.forecast_periods
    lengths = [
        newest - number * settings.stride
        for number in range(settings.backtest_origins)
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

    panel: EnginePanel
    settings: EngineSettings
    timeline: Timeline
    total: Timeline

    @classmethod
    def of(cls, panel: EnginePanel, settings: EngineSettings) -> "Origins":
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
        )

    def last(self) -> Origin:
        """What every model says at the end of the panel."""
        length = len(self.panel.periods)
        return self._origin(length, self.timeline.forecast(length, self.timeline.learn(length)))

    def compute_past(self) -> list[Origin]:
        """What every model says at the origins of the backtest, oldest first."""
        found, learnt = [], None
        lengths = backtest_lengths(len(self.panel.periods), self.settings)
        for number, length in enumerate(lengths):
            if learnt is None or number % REFIT_EVERY == 0:
                learnt = self.timeline.learn(length)
            found.append(self._origin(length, self.timeline.forecast(length, learnt)))
        return found

    def restore_past(self, backtests: pd.DataFrame) -> list[Origin]:
        """The same from the table of a backtest of this panel, rows in any order.

        Raises:
            InputError: The table lacks a column, or is of another panel.
        """
        needed = ["cutoff", "model", "series_id", "horizon", "forecast"]
        require_columns(backtests, needed, "backtests")
        members = backtests[backtests["model"] != ENSEMBLE]
        lengths = self.panel.periods.get_indexer(pd.DatetimeIndex(members["cutoff"])) + 1
        series = pd.Index(self.panel.series).get_indexer(pd.Index(members["series_id"].astype(str)))
        if (lengths == 0).any() or (series < 0).any():
            raise InputError("table backtests is of another panel: run the backtest again")
        step = members["horizon"].to_numpy(dtype="int64") - 1
        means = members["forecast"].to_numpy(dtype="float64")
        models = members["model"].astype(str).to_numpy()
        found = []
        for length in np.unique(lengths).tolist():
            rows, _ = self.timeline.history(length)
            position = np.full(len(self.panel.series), -1)
            position[rows] = np.arange(len(rows))
            here = lengths == length
            said = {}
            for name in np.unique(models[here]):
                chosen = here & (models == name)
                matrix = np.full((len(rows), self.settings.forecast_periods), np.nan)
                matrix[position[series[chosen]], step[chosen]] = means[chosen]
                if np.isnan(matrix).any():
                    raise InputError(
                        f"table backtests has not every series and period of model {name} at "
                        f"{self.panel.periods[length - 1]:%Y-%m-%d}: run the backtest again"
                    )
                said[str(name)] = matrix
            found.append(self._origin(length, said))
        return found
