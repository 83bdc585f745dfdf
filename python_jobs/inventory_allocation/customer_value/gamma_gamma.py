"""What a purchase of a customer is worth: the Gamma-Gamma model.

Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value",
brucehardie.com/notes/025. The value of a purchase is gamma distributed around the customer's own
mean, with shape p; the means differ over customers with shape q and scale v. The value is assumed
to be independent of how often a customer buys.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, psi

from inventory_allocation.customer_value.fitting import (
    count_distinct,
    maximize_likelihood,
    thin,
    weighted_sum,
)

__all__ = ["GammaGammaParameters", "expected_mean_value", "fit_gamma_gamma"]

Floats = npt.NDArray[np.float64]

# p and q from 0.001 to 1,100, v in mean values. At an upper bound the model is as good as its
# limit: a customer's purchases are all worth the same (p), or all customers are alike (q).
SHAPE_BOUND = (-7.0, 7.0)
SCALE_BOUND = (-14.0, 14.0)
STARTS = np.log([[1.0, 2.0, 1.0], [6.0, 4.0, 0.5], [2.0, 10.0, 4.5]])

# The mean over customers is p * v / (q - 1): infinite up to q = 1, and just above it decided by the
# tail rather than by the customers seen.
MIN_Q = 1.1


@dataclass(frozen=True)
class GammaGammaParameters:
    """A fitted Gamma-Gamma model.

    Attributes:
        p: Shape of the values of one customer's purchases.
        q: Shape of the customers' scales.
        v: Scale of the customers' scales, in currency.
        population_mean: Mean value of a purchase over customers, in currency: of the model,
            p * v / (q - 1), or without one the plain mean over the customers seen.
        log_likelihood: Of all customers, at these parameters.
        customers: How many the fit saw.
        converged: Whether there is a model; without one p, q, v and log_likelihood are NaN.
    """

    p: float
    q: float
    v: float
    population_mean: float
    log_likelihood: float = float("nan")
    customers: int = 0
    converged: bool = True


def _likelihood_and_slope(
    logs: Floats, counts: Floats, which: npt.NDArray[np.intp], value: Floats
) -> tuple[Floats, Floats]:
    """Log-likelihood per row and its slope in the logarithms of p, q and v.

    Equation 1a of the note. `counts` are the distinct x, `which` the place of each row in them.
    """
    p, q, v = np.exp(logs)
    shapes = p * counts
    per_count = np.array(
        [
            counts,
            -betaln(shapes, q),
            psi(shapes + q) - psi(shapes),
            psi(shapes + q) - psi(q),
        ]
    )
    x, constant, p_slope, q_slope = per_count[:, which]
    shape = p * x
    # log(x m / (x m + v)) and log(v / (x m + v)).
    log_own = -np.log1p(v / (x * value))
    log_other = -np.log1p(x * value / v)
    likelihood = constant + shape * log_own + q * log_other - np.log(value)
    slope = np.array(
        [
            shape * (p_slope + log_own),
            q * (q_slope + log_other),
            q - (shape + q) * np.exp(log_other),
        ]
    )
    return likelihood, slope


def fit_gamma_gamma(
    x: Floats, mean_value: Floats, min_repeat_customers: int
) -> GammaGammaParameters:
    """Fit Gamma-Gamma by maximum likelihood.

    Equal customers are counted once; of more than 100,000 distinct ones the fit sees a systematic
    sample (see `thin`). The order of customers is without effect.

    Args:
        x: Repeat purchases, shape (customers,).
        mean_value: Mean value of the repeat purchases, in currency. Customers without repeat
            purchase or with a value that is not positive are left out.
        min_repeat_customers: With fewer customers left there is no fit.

    Returns:
        The model; not converged, with the plain mean of the customers as `population_mean`, when
        there are too few customers, all values are alike or q is at most 1.1 (the mean over
        customers exists only for q above 1). The mean of nobody is NaN.
    """
    x, mean_value = (np.asarray(column, dtype="float64") for column in (x, mean_value))
    has_value = (x > 0) & (mean_value > 0)
    distinct, weights = count_distinct(x[has_value], mean_value[has_value])
    nan = float("nan")
    customers = int(weights.sum())
    plain_mean = weighted_sum(distinct[1], weights) / customers if customers else nan
    nothing = GammaGammaParameters(nan, nan, nan, plain_mean, nan, customers, converged=False)
    if customers < max(min_repeat_customers, 1) or np.ptp(distinct[1]) <= 1e-9 * plain_mean:
        return nothing
    some_x, some_value, some_weights = thin(distinct, weights)
    counts, which = np.unique(some_x, return_inverse=True)
    logs, converged = maximize_likelihood(
        lambda at: _likelihood_and_slope(at, counts, which, some_value / plain_mean),
        some_weights,
        STARTS,
        [SHAPE_BOUND, SHAPE_BOUND, SCALE_BOUND],
    )
    p, q, v = (float(value) for value in np.exp(logs))
    if not converged or q <= MIN_Q:
        return nothing
    v *= plain_mean
    counts, which = np.unique(distinct[0], return_inverse=True)
    likelihood = _likelihood_and_slope(np.log([p, q, v]), counts, which, distinct[1])[0]
    total = weighted_sum(likelihood, weights)
    return GammaGammaParameters(p, q, v, p * v / (q - 1), total, customers)


def expected_mean_value(parameters: GammaGammaParameters, x: Floats, mean_value: Floats) -> Floats:
    """Value to expect of a purchase of each customer, equation 5 of the note.

    The customer's own mean and the population mean, weighted by how much was seen of the customer.

    Args:
        parameters: The model.
        x: Repeat purchases, shape (customers,).
        mean_value: Mean value of the repeat purchases, in currency.

    Returns:
        Shape (customers,), in currency. The population mean for customers without repeat purchase
        or without positive value, and for all when the model has not converged.
    """
    has_value = (x > 0) & (mean_value > 0)
    if not parameters.converged or not has_value.any():
        return np.full(len(x), parameters.population_mean)
    seen = parameters.p * np.where(has_value, x, 0.0)
    own_weight = seen / (seen + parameters.q - 1)
    own = np.where(has_value, mean_value, 0.0)
    return own_weight * own + (1 - own_weight) * parameters.population_mean
