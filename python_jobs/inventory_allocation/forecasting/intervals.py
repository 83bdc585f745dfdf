"""Prediction intervals from pooled backtest residuals."""

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["BANDS", "POOL", "add_quantiles", "residual_quantiles"]

# Steps ahead that share residuals.
BANDS = (4, 8)
POOL = ["model", "demand_class", "band"]
MIN_RESIDUALS = 40


def band_of(horizon: "pd.Series[int]") -> "pd.Series[int]":
    """Band of the horizon: 0 for 1 to 4 steps ahead, 1 for 5 to 8, 2 beyond."""
    return pd.Series(np.searchsorted(BANDS, horizon), index=horizon.index)


def _finite_sample_quantiles(
    residuals: npt.NDArray[np.float64], quantiles: tuple[float, ...]
) -> npt.NDArray[np.float64]:
    """Quantiles at rank (n + 1) * q, as split conformal prediction asks (Vovk et al. 2005)."""
    ordered = np.sort(residuals)
    ranks = np.array([np.floor((len(ordered) + 1) * q) for q in quantiles])
    upper = np.array([np.ceil((len(ordered) + 1) * q) for q in quantiles])
    picks = np.where(np.array(quantiles) < 0.5, ranks, upper).astype(int) - 1
    chosen: npt.NDArray[np.float64] = ordered[np.clip(picks, 0, len(ordered) - 1)]
    return chosen


def residual_quantiles(backtests: pd.DataFrame, quantiles: tuple[float, ...]) -> pd.DataFrame:
    """Quantiles of signed residuals in units of the series' scale, by model, class and band.

    Args:
        backtests: Columns model, demand_class, horizon, forecast, actual, scale, is_stockout.
        quantiles: Levels.

    Returns:
        One row per model, class and band, a column per level. A cell with fewer than 40
        residuals borrows those of all classes in the band.
    """
    scored = backtests[~backtests["is_stockout"].astype(bool)]
    scored = scored.assign(
        band=band_of(scored["horizon"]),
        residual=(scored["actual"] - scored["forecast"]) / scored["scale"],
    )
    pooled = {key: group["residual"].to_numpy() for key, group in scored.groupby(["model", "band"])}
    rows = []
    for (model, demand_class, band), group in scored.groupby(POOL):
        residuals = group["residual"].to_numpy()
        if len(residuals) < MIN_RESIDUALS:
            residuals = pooled[(model, band)]
        rows.append((model, demand_class, band, *_finite_sample_quantiles(residuals, quantiles)))
    return pd.DataFrame(rows, columns=[*POOL, *quantiles])


def add_quantiles(
    forecasts: pd.DataFrame, table: pd.DataFrame, columns: dict[str, float]
) -> pd.DataFrame:
    """Add quantile columns: forecast + scale * residual quantile, at least 0, never crossing.

    Args:
        forecasts: Columns model, demand_class, horizon, forecast, scale.
        table: From `residual_quantiles`. A cell that it lacks gets the mean of all cells.
        columns: Level by name of the new column, rising.
    """
    keyed = forecasts.assign(band=band_of(forecasts["horizon"]))
    matched = keyed[POOL].merge(table, how="left", on=POOL)
    levels = list(columns.values())
    if len(table):
        matched = matched.fillna(table[levels].mean().to_dict())
    else:
        # With no backtest at all: a normal deviation, 1.2533 mean absolute deviations.
        from scipy.stats import norm

        for level in levels:
            matched[level] = 1.2533 * norm.ppf(level)
    values = forecasts["forecast"].to_numpy()[:, None] + forecasts["scale"].to_numpy()[
        :, None
    ] * matched[levels].to_numpy(dtype="float64")
    values = np.maximum.accumulate(np.maximum(values, 0.0), axis=1)
    return forecasts.assign(**{name: values[:, i] for i, name in enumerate(columns)})
