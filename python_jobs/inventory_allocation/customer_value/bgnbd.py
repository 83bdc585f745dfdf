"""How often a customer will buy again: the BG/NBD model.

Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the
Pareto/NBD Model", Marketing Science 24(2). Each customer buys at a rate of their own, gamma
distributed over customers with shape r and rate alpha, and leaves for good after a repeat purchase
with a probability of their own, beta distributed with a and b.

Each customer is three numbers: x repeat purchases, recency (time from the first purchase to the
last, t_x in the paper) and age (time from the first purchase to now, T in the paper). Time has any
unit; alpha has the same one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln, expit, gammaln, hyp2f1, polygamma, psi

from inventory_allocation.customer_value.fitting import (
    count_distinct,
    maximize_likelihood,
    thin,
    weighted_sum,
)

__all__ = [
    "BgNbdParameters",
    "expected_purchases",
    "expected_purchases_new",
    "fit_bgnbd",
    "log_likelihood",
    "no_bgnbd",
    "probability_alive",
]

Floats = npt.NDArray[np.float64]

PARAMETERS = 4

# r, a and b from 0.001 to 1,100. At a bound the model is as good as its limit, which is a model
# too: all buy at one rate (r), nobody leaves (a low, b high).
SHAPE_BOUND = (-7.0, 7.0)
# alpha times the mean purchase rate.
SCALE_BOUND = (-14.0, 14.0)
# r, alpha in mean intervals between purchases, a, b.
STARTS = np.log([[0.5, 0.3, 1.0, 3.0], [2.0, 2.0, 0.5, 5.0], [0.2, 0.1, 2.0, 2.0]])

# Closer to a = 1 than this, the closed form is a small difference divided by a small one.
SINGULAR = 1e-6
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(300)
CHUNK = 10_000


@dataclass(frozen=True)
class BgNbdParameters:
    """A fitted BG/NBD model.

    Attributes:
        r: Shape of the purchase rates over customers.
        alpha: Rate of the purchase rates, in units of time.
        a: First shape of the probabilities to leave after a repeat purchase.
        b: Second shape.
        log_likelihood: Of all customers, at these parameters.
        customers: How many the fit saw.
        converged: Whether there is a fit; without one all floats are NaN.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")
    customers: int = 0
    converged: bool = True


def _likelihood_and_slope(
    logs: Floats, counts: Floats, which: npt.NDArray[np.intp], recency: Floats, age: Floats
) -> tuple[Floats, Floats]:
    """Log-likelihood per row and its slope in the logarithms of r, alpha, a and b.

    Equation 6 of the paper. `counts` are the distinct x and `which` the place of each row in them:
    the gamma functions are needed only once per count.
    """
    r, alpha, a, b = np.exp(logs)
    repeats = np.maximum(counts, 1.0)
    per_count = np.array(
        [
            counts,
            # The factor common to a customer who is alive and one who has left.
            gammaln(r + counts) - gammaln(r) + betaln(a, b + counts) - betaln(a, b),
            np.where(counts > 0, np.log(a) - np.log(b + repeats - 1), -np.inf),
            psi(r + counts) - psi(r),
            psi(a + b) - psi(a + b + counts),
            psi(b + counts) - psi(b),
            1 / (b + repeats - 1),
        ]
    )
    x, constant, log_odds, r_slope, ab_slope, b_slope, left_b_slope = per_count[:, which]
    log_alive = -r * np.log1p(age / alpha) - x * np.log(alpha + age)
    log_left = -r * np.log1p(recency / alpha) - x * np.log(alpha + recency) + log_odds
    log_either = np.logaddexp(log_alive, log_left)
    alive = np.exp(log_alive - log_either)
    left = 1 - alive
    slope = np.array(
        [
            r * (r_slope - alive * np.log1p(age / alpha) - left * np.log1p(recency / alpha)),
            r - alpha * (r + x) * (alive / (alpha + age) + left / (alpha + recency)),
            a * ab_slope + left,
            b * (ab_slope + b_slope - left * left_b_slope),
        ]
    )
    return constant + log_either, slope


def log_likelihood(parameters: BgNbdParameters, x: Floats, recency: Floats, age: Floats) -> Floats:
    """Log-likelihood of each customer, equation 6 of Fader, Hardie and Lee (2005).

    Args:
        parameters: The model.
        x: Repeat purchases, shape (customers,).
        recency: Time from first to last purchase.
        age: Time from first purchase to now.

    Returns:
        Shape (customers,).
    """
    logs = np.log([parameters.r, parameters.alpha, parameters.a, parameters.b])
    counts, which = np.unique(x, return_inverse=True)
    return _likelihood_and_slope(logs, counts, which, recency, age)[0]


def no_bgnbd(customers: int) -> BgNbdParameters:
    """What a fit gives that found no model: NaN, and not converged."""
    nan = float("nan")
    return BgNbdParameters(nan, nan, nan, nan, nan, customers, converged=False)


def fit_bgnbd(x: Floats, recency: Floats, age: Floats) -> BgNbdParameters:
    """Fit BG/NBD by maximum likelihood.

    Equal customers are counted once; of more than 100,000 distinct ones the fit sees a systematic
    sample (see `thin`), the reported log-likelihood sees all. The order of customers is without
    effect.

    Args:
        x: Repeat purchases, shape (customers,), 0 or more.
        recency: Time from first to last purchase, at most `age`, 0 without repeat purchase.
        age: Time from first purchase to now.

    Returns:
        The model; not converged, with NaN, when nobody bought again, no time has passed or there
        are fewer different customers than parameters.
    """
    distinct, weights = count_distinct(
        *(np.asarray(column, dtype="float64") for column in (x, recency, age))
    )
    purchases, time = weighted_sum(distinct[0], weights), weighted_sum(distinct[2], weights)
    if len(weights) < PARAMETERS or purchases <= 0 or time <= 0:
        return no_bgnbd(len(x))
    rate = purchases / time
    some_x, some_recency, some_age, some_weights = thin(distinct, weights)
    counts, which = np.unique(some_x, return_inverse=True)
    logs, converged = maximize_likelihood(
        lambda at: _likelihood_and_slope(at, counts, which, some_recency * rate, some_age * rate),
        some_weights,
        STARTS,
        [SHAPE_BOUND, SCALE_BOUND, SHAPE_BOUND, SHAPE_BOUND],
    )
    if not converged:
        return no_bgnbd(len(x))
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    found = BgNbdParameters(r, alpha / rate, a, b)
    total = weighted_sum(log_likelihood(found, *distinct), weights)
    return BgNbdParameters(r, alpha / rate, a, b, total, len(x))


def probability_alive(
    parameters: BgNbdParameters, x: Floats, recency: Floats, age: Floats
) -> Floats:
    """Probability that a customer has not left.

    Source: Fader and Hardie (2008), "Computing P(alive) Using the BG/NBD Model". A customer without
    repeat purchase is alive with probability 1: in this model one leaves only after a repeat
    purchase.

    Args:
        parameters: The model.
        x: Repeat purchases, shape (customers,).
        recency: Time from first to last purchase.
        age: Time from first purchase to now.

    Returns:
        Shape (customers,), from 0 to 1.
    """
    silence = np.log1p((age - recency) / (parameters.alpha + recency))
    log_odds = np.log(parameters.a) - np.log(parameters.b + np.maximum(x, 1.0) - 1)
    alive: Floats = expit(-(log_odds + (parameters.r + x) * silence))
    return np.where(x > 0, alive, 1.0)


def _closed_form(parameters: BgNbdParameters, x: Floats, waited: Floats, horizon: Floats) -> Floats:
    """Purchases of a customer who is alive: equation 10 without its denominator.

    Euler's transformation takes the power of 1 - z out of the hypergeometric function; what is
    left does not overflow in x.
    """
    r, a, b = parameters.r, parameters.a, parameters.b
    z = horizon / (waited + horizon)
    tail = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    survival = np.exp((a - 1) * np.log(waited / (waited + horizon))) * tail
    expected: Floats = (a + b + x - 1) / (a - 1) * (1 - survival)
    return expected


def _quadrature(parameters: BgNbdParameters, x: Floats, waited: Floats, horizon: Floats) -> Floats:
    """The same expectation as an integral over the probability p to leave.

    With n = r + x and s = horizon / (alpha + age) it is the mean of (1 - (1 + p s)^-n) / p over
    p ~ Beta(a, b + x). Gauss-Legendre in the logit of p, between the points where nothing is left
    or the integrand has come to its limit for p near 0 or 1; from there on the limit is integrated
    exactly. Nothing is subtracted and nothing overflows.
    """
    a = parameters.a
    n = (parameters.r + x)[:, None]
    b = (parameters.b + x)[:, None]
    s = (horizon / waited)[:, None]
    log_beta = betaln(a, b)
    spread = 40 * np.sqrt(polygamma(1, a) + polygamma(1, b))
    centre = psi(a) - psi(b)
    near_0 = -np.log(1e9 * np.maximum(np.maximum(n * s, b), 1))
    near_1 = np.log(1e9 * max(a, 1.0))
    low, high = np.maximum(centre - spread, near_0), np.minimum(centre + spread, near_1)
    half = (high - low) / 2
    logit = low + half * (NODES + 1)
    log_p, log_rest = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
    density = np.exp((a - 1) * log_p + b * log_rest - log_beta)
    inside = density * -np.expm1(-n * np.log1p(np.exp(log_p) * s))
    middle = (inside * NODE_WEIGHTS).sum(axis=1, keepdims=True)
    below = n * s / a * np.exp(np.where(low == near_0, a * low - log_beta, -np.inf))
    above = -np.expm1(-n * np.log1p(s)) / b
    above = above * np.exp(np.where(high == near_1, -b * high - log_beta, -np.inf))
    expected: Floats = (half * middle + below + above)[:, 0]
    return expected


def _expected_if_alive(
    parameters: BgNbdParameters, x: Floats, age: Floats, horizon: Floats
) -> Floats:
    """The closed form where it holds, the integral elsewhere."""
    waited = parameters.alpha + age
    # What a customer buys who never leaves.
    most = (parameters.r + x) * horizon / waited
    with np.errstate(all="ignore"):
        expected = _closed_form(parameters, x, waited, horizon)
    lost = ~((expected >= 0) & (expected <= most * (1 + 1e-9)))
    if abs(parameters.a - 1) < SINGULAR:
        lost[:] = True
    places = np.flatnonzero(lost)
    for start in range(0, len(places), CHUNK):
        some = places[start : start + CHUNK]
        expected[some] = _quadrature(parameters, x[some], waited[some], horizon[some])
    return expected


def expected_purchases(
    parameters: BgNbdParameters,
    x: Floats,
    recency: Floats,
    age: Floats,
    horizon: float | Floats,
) -> Floats:
    """Purchases to expect of each customer within the horizon.

    Equation 10 of Fader, Hardie and Lee (2005).

    Args:
        parameters: The model.
        x: Repeat purchases, shape (customers,).
        recency: Time from first to last purchase.
        age: Time from first purchase to now.
        horizon: Time from now on, one for all or shape (customers,).

    Returns:
        Shape (customers,), finite, 0 or more.
    """
    x, recency, age = (np.asarray(column, dtype="float64") for column in (x, recency, age))
    horizon = np.broadcast_to(np.asarray(horizon, dtype="float64"), x.shape)
    # Recency matters for the probability only; the slow part is the same for many customers.
    codes = [pd.factorize(column) for column in (x, age, horizon)]
    key = np.zeros(len(x), dtype="int64")
    for code, values in codes:
        key = key * max(len(values), 1) + code
    which, keys = pd.factorize(key)
    first = np.empty(len(keys), dtype="int64")
    first[which[::-1]] = np.arange(len(x))[::-1]
    alive = _expected_if_alive(parameters, x[first], age[first], horizon[first])[which]
    return alive * probability_alive(parameters, x, recency, age)


def expected_purchases_new(parameters: BgNbdParameters, horizon: float) -> float:
    """Repeat purchases to expect of a customer who has just made the first purchase.

    Equation 9 of Fader, Hardie and Lee (2005), which is equation 10 for x = 0 and age 0.

    Args:
        parameters: The model.
        horizon: Time after the first purchase.

    Returns:
        Expected repeat purchases.
    """
    nothing = np.zeros(1)
    return float(expected_purchases(parameters, nothing, nothing, nothing, horizon)[0])
