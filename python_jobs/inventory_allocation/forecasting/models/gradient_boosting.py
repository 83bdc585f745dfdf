"""Global gradient boosting: one set of trees that corrects the base forecast of every series."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.training import TrainingRows

__all__ = ["fit_gradient_boosting"]

ROUNDS = 200
PARAMETERS = {
    # Tweedie's variance, mean ** 1.5, lies between counting units and counting per cent.
    "objective": "tweedie",
    "tweedie_variance_power": 1.5,
    "learning_rate": 0.04,
    "num_leaves": 63,
    "min_data_in_leaf": 60,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_fraction": 0.6,
    "lambda_l2": 5.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
# The correction is a factor between these, as logarithms.
SMALLEST, LARGEST = -3.0, 2.0


def fit_gradient_boosting(
    rows: TrainingRows, seed: int
) -> Callable[[npt.NDArray[np.float32], npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    """Fit LightGBM on demand, starting from the logarithm of the base forecast.

    Args:
        rows: Features, actual demand and base forecasts of past origins.
        seed: Seed of the sampling of rows and features.

    Returns:
        A function of features (rows, features) and base forecasts (rows,) that gives means.
    """
    import lightgbm

    data = lightgbm.Dataset(rows.features, label=rows.actual, init_score=np.log(rows.base))
    trees = lightgbm.train({**PARAMETERS, "seed": seed}, data, ROUNDS)

    def predict(
        features: npt.NDArray[np.float32], base: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        factor = np.asarray(trees.predict(features, raw_score=True, num_threads=1))
        corrected: npt.NDArray[np.float64] = base * np.exp(np.clip(factor, SMALLEST, LARGEST))
        return corrected

    return predict
