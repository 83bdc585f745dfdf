"""Features that say the same: variance inflation factors, and what goes because of them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.segmentation.features import Scaling

__all__ = ["MAX_VIF", "drop_collinear_features", "variance_inflation_factors"]

MAX_VIF = 5.0
CEILING = 1e6
RIDGE = 1e-12
COLUMNS = ["feature", "value", "verdict"]


def _log_determinant(correlation: npt.NDArray[np.float64]) -> float:
    return float(np.linalg.slogdet(correlation + RIDGE * np.eye(len(correlation)))[1])


def variance_inflation_factors(
    matrix: npt.NDArray[np.float64], features: Sequence[str]
) -> dict[str, float]:
    """Variance inflation factor of each feature on the other features.

    For a feature of one column it is 1 / (1 - R squared). For one of several it is the generalised
    factor to the power 1 / columns, which is on the same scale (Fox and Monette 1992, Generalized
    collinearity diagnostics); ties between its own columns don't count.

    Args:
        matrix: Shape (rows, columns), no column constant.
        features: Feature of each column.

    Returns:
        Factor by feature; at most a million, which stands for an exact copy.
    """
    names = np.array(features)
    correlation = np.corrcoef(matrix, rowvar=False).reshape(len(names), len(names))
    whole = _log_determinant(correlation)
    factors = {}
    for name in dict.fromkeys(features):
        own, others = np.flatnonzero(names == name), np.flatnonzero(names != name)
        parts = [_log_determinant(correlation[np.ix_(part, part)]) for part in (own, others)]
        generalised = (sum(parts) - whole) / len(own)
        factors[name] = float(np.exp(np.clip(generalised, 0.0, np.log(CEILING))))
    return factors


def _factors_of(
    matrix: npt.NDArray[np.float64], scaling: Scaling, names: list[str]
) -> dict[str, float]:
    columns = [i for i, name in enumerate(scaling.features) if name in names]
    return variance_inflation_factors(matrix[:, columns], [scaling.features[i] for i in columns])


def drop_collinear_features(
    matrix: npt.NDArray[np.float64], scaling: Scaling
) -> tuple[Scaling, pd.DataFrame]:
    """Take features in order of importance, and leave out what they say already.

    A feature that would bring any variance inflation factor, its own or that of a more important
    one, to 5 or more is left out.

    Args:
        matrix: Scaled features, shape (customers, columns).
        scaling: Their columns, features in order of importance.

    Returns:
        The scaling of the features that stay; and a row per feature with its factor among those
        that stay, or for one left out the factor that it would have brought about, and a verdict.
    """
    kept: list[str] = []
    left_out: dict[str, tuple[float, str]] = {}
    for name in dict.fromkeys(scaling.features):
        factors = _factors_of(matrix, scaling, [*kept, name])
        highest = max(factors, key=lambda feature: factors[feature])
        if factors[highest] >= MAX_VIF:
            left_out[name] = (factors[highest], f"left out: would bring {highest} to 5 or more")
        else:
            kept.append(name)
    final = _factors_of(matrix, scaling, kept) if kept else {}
    rows = [
        (name, *left_out.get(name, (final.get(name, 1.0), "kept")))
        for name in dict.fromkeys(scaling.features)
    ]
    return scaling.keep(kept), pd.DataFrame(rows, columns=COLUMNS)
