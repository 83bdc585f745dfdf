"""Choosing a model per demand class by the backtest."""

import pandas as pd

from inventory_allocation.forecasting.models import ENSEMBLE

__all__ = ["select_models"]


def select_models(backtests: pd.DataFrame) -> dict[str, str]:
    """Choose the model of each demand class.

    The score is the root mean squared error over the mean of sales, plus the absolute bias: a
    model that always forecasts too little sells out. Selecting per class, not per series, avoids
    picking the luckiest model of each series.

    Args:
        backtests: Columns model, demand_class, forecast, actual, is_stockout.

    Returns:
        Model by demand class. Ties go to the name that comes first.
    """
    scored = backtests[~backtests["is_stockout"].astype(bool)]
    scored = scored.assign(
        error=scored["forecast"] - scored["actual"],
        squared=(scored["forecast"] - scored["actual"]) ** 2,
    )
    cells = scored.groupby(["demand_class", "model"])[["error", "squared", "actual"]].mean()
    level = cells["actual"].clip(lower=1e-9)
    score = (cells["squared"] ** 0.5 + cells["error"].abs()) / level
    best = score.rename("score").reset_index().sort_values(["demand_class", "score", "model"])
    winners = best.drop_duplicates("demand_class")
    return dict(zip(winners["demand_class"], winners["model"], strict=True))


def selected_model(winners: dict[str, str], demand_class: "pd.Series[str]") -> "pd.Series[str]":
    """The model of each row's class; a class without a winner gets the ensemble."""
    return demand_class.map(winners).fillna(ENSEMBLE)
