"""From a long panel to long forecasts, with the backtest that they rest on."""

from dataclasses import dataclass

import pandas as pd

from inventory_allocation.forecasting.ensemble import combine
from inventory_allocation.forecasting.origins import compute_origins
from inventory_allocation.forecasting.panel import read_panel
from inventory_allocation.forecasting.registry import START_WEIGHTS
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.forecasting.signals import read_signals
from inventory_allocation.forecasting.tables import (
    MODELS,
    list_nodes,
    list_series,
    type_of_columns,
)
from inventory_allocation.forecasting.tree import SERIES
from inventory_allocation.one_thread import one_thread

__all__ = ["ENSEMBLE", "Forecasts", "forecast", "list_models"]

ENSEMBLE = "ensemble"
KEY = ["cutoff", "level", "series_id", "period_start"]


@dataclass(frozen=True)
class Forecasts:
    """What `forecast` gives.

    Attributes:
        periods: One row per cutoff, series and period ahead of it, sorted: the backtest, and from
            the end of the panel the forecast.

            - cutoff (first date of the last period known), is_forecast (whether that is the end),
              level (series, those of the hierarchy, total; without a hierarchy series only),
              series_id, period_start, horizon, band (third of the horizon, 1 to 3);
            - demand_class (all above the series); basis: what the forecast rests on;
            - mean and quantiles, in units; unreconciled: the mean before series and what they add
              up to were made to agree;
            - lead_time_mean and ``lead_time_...`` quantiles of demand summed from the first period
              ahead to this one; all quantiles are null at origins before which nothing had come
              true;
            - actual: what came; null where unknown or still to come;
            - training_units, naive_error, naive_squared_error: see `Scale`; noise_floor: see
              `poisson_mape_floor`;
            - ``weight_...``, with the name of a model: its part in the unreconciled mean; trust:
              weight of that beside the sum of its members, 0 to 1, above the series;
            - a column per model: its mean.
        repairs: series_id, reason, rows, remedy: what was wrong with the panel.
        signals: signal, is_known_ahead, series (0 for all), variance_inflation, is_used, verdict.
    """

    periods: pd.DataFrame
    repairs: pd.DataFrame
    signals: pd.DataFrame

    @property
    def forecasts(self) -> pd.DataFrame:
        """The rows from the end of the panel, without what is still to come."""
        rows = self.periods[self.periods["is_forecast"]].reset_index(drop=True)
        return rows.drop(columns=["is_forecast", "actual"])

    @property
    def backtests(self) -> pd.DataFrame:
        """The rows of the cutoffs before."""
        rows = self.periods[~self.periods["is_forecast"]].reset_index(drop=True)
        return rows.drop(columns="is_forecast")

    @property
    def weights(self) -> pd.DataFrame:
        """Mean weight of each model in the forecast of series, by demand_class and band."""
        rows = self.forecasts
        rows = rows[rows["level"].eq(SERIES)]
        names = {f"weight_{name}": name for name in START_WEIGHTS}
        means = rows.groupby(["demand_class", "band"], as_index=False)[list(names)].mean()
        long = means.rename(columns=names).melt(
            ["demand_class", "band"], var_name="model", value_name="weight"
        )
        return long.sort_values(["demand_class", "band", "model"], ignore_index=True)


def list_models(periods: pd.DataFrame) -> dict[str, "pd.Series[float]"]:
    """Means by name of the model, the ensemble first; those that said nothing are left out."""
    models = {name: periods[name] for name in MODELS if name in periods}
    models = {name: means for name, means in models.items() if means.notna().any()}
    return {ENSEMBLE: periods["mean"], **models}


@one_thread()
def forecast(
    frame: pd.DataFrame, settings: ForecastSettings, signals: pd.DataFrame | None = None
) -> Forecasts:
    """Forecast every series of a panel, and say how such forecasts did in the past.

    Pure: no file, no clock, one thread; the same rows in any order give the same bytes.

    Args:
        frame: Columns series_id, period_start, units, those of the hierarchy and the attributes,
            and optionally is_stockout and is_held_out; see `read_panel` for what they mean and
            what happens to rows that break the rules.
        settings: Settings.
        signals: Columns signal_name, period_start, value, is_known_ahead, and optionally
            series_id: regressors of the global models; see `read_signals`.

    Raises:
        InputError: A column is missing, the hierarchy isn't one, or a signal is known ahead in
            some rows only.
    """
    panel = read_panel(frame, settings)
    given = read_signals(signals, panel, settings)
    types = type_of_columns(settings)
    if panel.units.size == 0:
        none = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
        return Forecasts(none, panel.repairs, given.table)
    series, nodes = compute_origins(panel, given, settings)
    listed = []
    for origin, above, (mean, sums, trust) in zip(
        series,
        nodes,
        combine(series, nodes, panel.tree, settings.levels, settings.left_out),
        strict=True,
    ):
        listed.append(list_series(panel, origin, mean, settings))
        if settings.hierarchy:
            listed.append(list_nodes(panel, above, sums, trust, settings))
    periods = pd.concat(listed, ignore_index=True)
    # Series alone are in this order already.
    if settings.hierarchy:
        periods = periods.sort_values(KEY, ignore_index=True)
    return Forecasts(periods, panel.repairs, given.table)
