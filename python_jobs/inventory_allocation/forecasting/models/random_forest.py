"""Global random forest: trees on the ratio of demand to the base forecast of every series."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.training import TrainingRows

__all__ = ["fit_random_forest"]

MAX_ROWS = 15_000
TREES = 40
LARGEST_RATIO = 10.0


def fit_random_forest(
    rows: TrainingRows, seed: int
) -> Callable[[npt.NDArray[np.float32], npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    """Fit scikit-learn's forest on the ratio of demand to the base forecast.

    Ratios weigh as the square root of the base, between counting units and counting per cent.

    Args:
        rows: Features, actual demand and base forecasts of past origins.
        seed: Seed of the sampling of rows and features.

    Returns:
        A function of features (rows, features) and base forecasts (rows,) that gives means.
    """
    from sklearn.ensemble import RandomForestRegressor

    every = max(1, -(-len(rows.actual) // MAX_ROWS))
    features, base = rows.features[::every], rows.base[::every]
    ratio = np.minimum(rows.actual[::every] / base, LARGEST_RATIO)
    forest = RandomForestRegressor(
        TREES, min_samples_leaf=20, max_features=1 / 3, max_samples=0.5, random_state=seed, n_jobs=1
    )
    forest.fit(np.nan_to_num(features, nan=-1.0), ratio, sample_weight=np.sqrt(base))

    def predict(
        features: npt.NDArray[np.float32], base: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        means: npt.NDArray[np.float64] = base * forest.predict(np.nan_to_num(features, nan=-1.0))
        return means

    return predict
