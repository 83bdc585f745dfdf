"""The features that make segments: what is measured, on which scale, with which weight."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.frames import require_columns

__all__ = [
    "CATALOGUE",
    "INPUT",
    "QUARTER_SHARES",
    "Scaling",
    "fit_scaling",
    "scale_customers",
    "sort_customers",
]

INPUT = "int_customers__segment_input"
QUARTER_SHARES = ("q1_share", "q2_share", "q3_share", "q4_share")
DAYS_PER_YEAR = 365.25
CLIP = 4.0
"""Values further from the mean than this many deviations count as this far: an odd customer is no
segment."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """A feature: the columns it is made of, and whether they are taken as log(1 + x)."""

    columns: tuple[str, ...]
    is_logarithmic: bool


CATALOGUE: dict[str, Feature] = {
    "recency_days": Feature(("recency_days",), True),
    "frequency": Feature(("frequency",), True),
    "monetary": Feature(("monetary",), True),
    "tenure_days": Feature(("tenure_days",), True),
    "interpurchase_days": Feature(("interpurchase_days",), True),
    "interpurchase_variation": Feature(("interpurchase_variation",), False),
    "return_rate": Feature(("return_rate",), True),
    "season": Feature(("season_cos", "season_sin"), False),
    "quarter_shares": Feature(QUARTER_SHARES, False),
    "category_count": Feature(("category_count",), True),
    "expected_value": Feature(("expected_value",), True),
}


@dataclass(frozen=True)
class Scaling:
    """How the columns of a fit are scaled; every array has shape (columns,).

    Attributes:
        features: Feature of each column.
        columns: Names.
        mean: Mean of the column, after the logarithm.
        deviation: Standard deviation of the column, after the logarithm.
    """

    features: tuple[str, ...]
    columns: tuple[str, ...]
    mean: Matrix
    deviation: Matrix

    @property
    def weight(self) -> Matrix:
        """Weight of each column: those of one feature count as one together."""
        counts = {name: self.features.count(name) for name in self.features}
        return np.array([counts[name] ** -0.5 for name in self.features])

    def keep(self, names: Sequence[str]) -> "Scaling":
        """The scaling of some of the features."""
        chosen = [i for i, name in enumerate(self.features) if name in names]
        return Scaling(
            tuple(self.features[i] for i in chosen),
            tuple(self.columns[i] for i in chosen),
            self.mean[chosen],
            self.deviation[chosen],
        )


def sort_customers(features: pd.DataFrame) -> pd.DataFrame:
    """Sort by customer, so that the order of the rows never matters.

    Raises:
        InputError: The key is missing.
    """
    require_columns(features, ["customer_id"], INPUT)
    return features.sort_values("customer_id", kind="stable").reset_index(drop=True)


def _transform(customers: pd.DataFrame, feature: Feature) -> Matrix:
    """Columns of a feature before scaling, shape (customers, columns); unknown is NaN."""
    if feature.columns == ("season_cos", "season_sin"):
        require_columns(customers, ["season_strength", "season_peak_day"], INPUT)
        strength = customers["season_strength"].to_numpy("float64", na_value=0.0)
        day = customers["season_peak_day"].to_numpy("float64", na_value=0.0)
        angle = 2 * np.pi * day / DAYS_PER_YEAR
        return np.column_stack([strength * np.cos(angle), strength * np.sin(angle)])
    require_columns(customers, feature.columns, INPUT)
    values = np.column_stack(
        [customers[name].to_numpy("float64", na_value=np.nan) for name in feature.columns]
    )
    return np.log1p(np.maximum(values, 0.0)) if feature.is_logarithmic else values


def fit_scaling(customers: pd.DataFrame, names: Sequence[str]) -> Scaling:
    """Measure mean and deviation of the columns of some features.

    Args:
        customers: One row per customer, sorted.
        names: Features of `CATALOGUE`. One that is the same for all customers, or unknown for
            all, is left out.

    Raises:
        InputError: A column is missing.
    """
    features, columns, means, deviations = [], [], [], []
    for name in names:
        values = _transform(customers, CATALOGUE[name])
        known = np.isfinite(values)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        deviation = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count)
        for column, name_of_column in enumerate(CATALOGUE[name].columns):
            if deviation[column] > 1e-9:
                features.append(name)
                columns.append(name_of_column)
                means.append(mean[column])
                deviations.append(deviation[column])
    return Scaling(tuple(features), tuple(columns), np.array(means), np.array(deviations))


def scale_customers(customers: pd.DataFrame, scaling: Scaling) -> Matrix:
    """Scale the features of customers: mean 0 and deviation 1, times the weight.

    Args:
        customers: One row per customer; a negative value under a logarithm counts as 0.
        scaling: From `fit_scaling`, of these customers or of those of an earlier fit.

    Returns:
        Matrix of shape (customers, columns). An unknown value counts as the mean, one further than
        4 deviations from it as 4.
    """
    matrix = np.empty((len(customers), len(scaling.columns)))
    for name in dict.fromkeys(scaling.features):
        values = _transform(customers, CATALOGUE[name])
        for column, name_of_column in enumerate(CATALOGUE[name].columns):
            if name_of_column in scaling.columns:
                matrix[:, scaling.columns.index(name_of_column)] = values[:, column]
    matrix = (matrix - scaling.mean) / scaling.deviation
    matrix[~np.isfinite(matrix)] = 0.0
    scaled: Matrix = np.clip(matrix, -CLIP, CLIP) * scaling.weight
    return scaled
