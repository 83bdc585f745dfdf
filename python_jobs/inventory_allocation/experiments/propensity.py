"""Propensity: how likely a unit was to be treated, given what was known before."""

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from inventory_allocation.statistics.two_groups import Values

__all__ = ["fit_propensity"]

# So weak that it only matters when covariates separate the groups, where there is no maximum
# likelihood.
RIDGE_INVERSE = 1e6


def fit_propensity(covariates: Values, is_treated: npt.NDArray[np.bool_]) -> Values:
    """Logit of the propensity score by logistic regression (Rosenbaum and Rubin 1983).

    Args:
        covariates: Scaled, shape (units, columns), at least one column.
        is_treated: Shape (units,); both groups have units.

    Returns:
        Log odds of being treated, shape (units,).
    """
    model = LogisticRegression(C=RIDGE_INVERSE, tol=1e-8, max_iter=10_000)
    model.fit(covariates, is_treated)
    logit: Values = model.decision_function(covariates)
    return logit
