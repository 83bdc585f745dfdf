"""Global autoregression: one ridge regression on all series."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.training import TrainingRows

__all__ = ["fit_autoregression"]

PENALTY = 1e-3
LARGEST_FEATURE = 5.0
LARGEST_RATIO = 10.0


def fit_autoregression(
    rows: TrainingRows,
    seed: int,  # noqa: ARG001
) -> Callable[[npt.NDArray[np.float32], npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    """Fit a linear model of demand relative to the size of the series.

    A global linear autoregression holds its own against methods for one series (Montero-Manso
    and Hyndman 2021).

    Args:
        rows: Features, actual demand, size and base forecasts of past origins.
        seed: Not used: the fit is exact.

    Returns:
        A function of features (rows, features) and base forecasts (rows,) that gives means.
    """
    from sklearn.linear_model import Ridge

    features = np.nan_to_num(rows.features).astype(np.float64)
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-6

    def standardise(raw: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        scaled = (np.nan_to_num(raw) - centre) / spread
        bounded: npt.NDArray[np.float64] = np.clip(scaled, -LARGEST_FEATURE, LARGEST_FEATURE)
        return bounded

    # The last feature is the logarithm of the base over the size of the series.
    level = rows.base / np.exp(rows.features[:, -1].astype(np.float64))
    correction = np.clip((rows.actual - rows.base) / level, -LARGEST_RATIO, LARGEST_RATIO)
    ridge = Ridge(alpha=PENALTY * len(correction))
    ridge.fit(standardise(rows.features), correction, sample_weight=level / level.mean())

    def predict(
        features: npt.NDArray[np.float32], base: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        size = base / np.exp(features[:, -1].astype(np.float64))
        means: npt.NDArray[np.float64] = base + size * ridge.predict(standardise(features))
        return np.maximum(means, 0.0)

    return predict
