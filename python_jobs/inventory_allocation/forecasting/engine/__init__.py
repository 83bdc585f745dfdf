"""The forecasting engine: one pure function from a long panel to long forecasts.

`forecast` reads the panel (`panel`), lets the models speak at every origin (`timeline`, `registry`,
`models`), weighs them (`stacking`, `ensemble`), moves them towards the total (`reconciliation`) and
adds quantiles (`intervals`). `runners` run it by bucket of series.
"""

from inventory_allocation.forecasting.engine.forecast import Forecasts, forecast
from inventory_allocation.forecasting.engine.runners import (
    run_in_processes,
    run_on_spark,
    run_serially,
)
from inventory_allocation.forecasting.engine.settings import EngineSettings
from inventory_allocation.forecasting.engine.tables import ENSEMBLE

__all__ = [
    "ENSEMBLE",
    "EngineSettings",
    "Forecasts",
    "forecast",
    "run_in_processes",
    "run_on_spark",
    "run_serially",
]
