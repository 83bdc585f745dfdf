"""Rows that a model of all series learns from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["TrainingRows"]


@dataclass(frozen=True)
class TrainingRows:
    """Steps ahead of past origins.

    Attributes:
        features: Shape (rows, features); see `build_features`.
        actual: Demand that came, in units, 0 or more, shape (rows,).
        base: The forecast to be improved, in units, above 0, shape (rows,).
    """

    features: npt.NDArray[np.float32]
    actual: npt.NDArray[np.float64]
    base: npt.NDArray[np.float64]
