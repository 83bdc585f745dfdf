"""Demand forecasts: one pure function from a long panel to long forecasts.

`forecast` reads the panel (`panel`) and its regressors (`signals`), lets the models speak at every
origin (`timeline`, `registry`, `models`), weighs them (`stacking`, `ensemble`), makes them agree
with what they add up to (`tree`, `reconciliation`) and adds quantiles (`intervals`). `runners` run
it by bucket of series, `diagnostics` test its errors, `share` hands pooled forecasts out.
"""

from inventory_allocation.forecasting.diagnostics import check_signals, diagnose
from inventory_allocation.forecasting.forecast import ENSEMBLE, Forecasts, forecast, list_models
from inventory_allocation.forecasting.runners import (
    run_in_processes,
    run_on_spark,
    run_serially,
)
from inventory_allocation.forecasting.sensitivity import measure_sensitivity
from inventory_allocation.forecasting.settings import QUANTILES, ForecastSettings
from inventory_allocation.forecasting.share import share_out

__all__ = [
    "ENSEMBLE",
    "QUANTILES",
    "ForecastSettings",
    "Forecasts",
    "check_signals",
    "diagnose",
    "forecast",
    "list_models",
    "measure_sensitivity",
    "run_in_processes",
    "run_on_spark",
    "run_serially",
    "share_out",
]
