"""What every model says at every origin."""

import numpy as np
import pandas as pd

from inventory_allocation.forecasting.ensemble import Origin
from inventory_allocation.forecasting.history import CLASSES, SHORT_HISTORY
from inventory_allocation.forecasting.panel import Panel
from inventory_allocation.forecasting.registry import Aggregate
from inventory_allocation.forecasting.scales import measure_scale
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.forecasting.signals import Signals
from inventory_allocation.forecasting.timeline import Correctors, Timeline

__all__ = ["backtest_lengths", "compute_origins"]

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


def _origin(line: Timeline, groups: tuple[str, ...], length: int, learnt: Correctors) -> Origin:
    rows, history = line.history(length)
    basis = np.where(history.known_periods < SHORT_HISTORY, "short history", "own history")
    basis = basis.astype(object)
    basis[line.cold_start(length).rows] = "siblings"
    return Origin(
        length=length,
        series=rows,
        members=line.forecast(length, learnt),
        actual=line.actual(length),
        lesson=line.lesson(length),
        group=line.group_at(length),
        groups=groups,
        naive_error=history.naive_error,
        level=history.level,
        scale=measure_scale(history.units, history.season_length),
        basis=basis,
    )


def _list_origins(
    line: Timeline, groups: tuple[str, ...], settings: ForecastSettings
) -> list[Origin]:
    """What every model says at the origins of the backtest, oldest first, and at the end."""
    found, learnt = [], None
    newest = line.units.shape[1]
    for number, length in enumerate(backtest_lengths(newest, settings)):
        if learnt is None or number % REFIT_EVERY == 0:
            learnt = line.learn(length)
        found.append(_origin(line, groups, length, learnt))
    return [*found, _origin(line, groups, newest, line.learn(newest))]


def compute_origins(
    panel: Panel, signals: Signals, settings: ForecastSettings
) -> tuple[list[Origin], list[Origin]]:
    """Origins of the series of a panel, and of the nodes they add up to, oldest first."""
    arguments = (
        settings.season_length,
        settings.forecast_periods,
        settings.stride,
        settings.seed,
        tuple(name for name in settings.global_models if name not in settings.left_out),
    )
    tree = panel.tree
    # The grid goes on.
    dates = pd.date_range(
        panel.periods[0],
        periods=len(panel.periods) + settings.forecast_periods,
        freq=settings.frequency,
    )
    series = Timeline(
        panel.units,
        *arguments,
        retire_after=settings.retire_after_periods,
        families=tree.families(),
        relatives=panel.attributes,
        signals=signals,
        is_held_out=panel.is_held_out,
        left_out=settings.left_out,
    )
    nodes = Timeline(
        tree.sum_units(panel.units),
        *arguments,
        tree.level_of_nodes(),
        len(tree.levels),
        signals=signals.of_nodes(tree),
        aggregate=Aggregate(settings.aggregate_models, dates, settings.country),
        is_held_out=tree.sum_all(panel.is_held_out[:, None].astype(np.float64))[:, 0] > 0,
        left_out=settings.left_out,
    )
    return _list_origins(series, CLASSES, settings), _list_origins(nodes, tree.levels, settings)
