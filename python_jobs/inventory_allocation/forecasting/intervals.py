"""Quantiles from what forecasts missed by in the past, pooled over series.

A residual is divided by the size of error to expect of its series and step, which is itself learnt
from past residuals; then residuals of all series of a group (a class of demand, or a level of sums)
are comparable, and a few origins give thousands of them. (Three windows of one series cannot say
what happens one time in forty.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

__all__ = ["Calibration", "Outcome", "calibrate", "quantiles_from", "sum_ahead"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# Older residuals count less: by this factor an origin (Barber and others 2023).
DECAY = 0.95
# Within a group residuals are pooled by how large the forecast is beside its expected error: near
# zero, errors are one-sided.
BINS = 4
MIN_RESIDUALS = 200
MAX_FIT_ROWS = 60_000
# A series that slept has no size of its own, and one that never changed no error: each is taken to
# be at least this part of the others, or logarithms of next to nothing make intervals of millions.
LEAST_PART = 0.1
ROUNDS = 40


@dataclass(frozen=True)
class Outcome:
    """Forecasts of one origin, with what expected errors depend on.

    Attributes:
        mean: Forecasts, shape (series, steps).
        actual: What came, same shape; NaN where unknown.
        group: Number of the group whose errors are pooled, shape (series,).
        groups: How many groups there are.
        naive_error: Root mean squared change from period to period, shape (series,).
        level: Size of the series, shape (series,).
    """

    mean: Matrix
    actual: Matrix
    group: Index
    groups: int
    naive_error: Vector
    level: Vector


def _design(outcome: Outcome) -> Matrix:
    """What the logarithm of the expected error is linear in, shape (series, steps, terms)."""
    ones = np.ones_like(outcome.mean)
    level = np.maximum(outcome.level, LEAST_PART * outcome.naive_error)
    level = np.maximum(level, LEAST_PART * outcome.mean.mean(axis=1))
    naive_error = np.maximum(outcome.naive_error, LEAST_PART * level)
    ahead = np.log(np.arange(1, outcome.mean.shape[1] + 1)) * ones
    terms = [
        ones,
        np.log(outcome.mean + 0.02 * level[:, None] + 1e-9),
        np.log(naive_error + 1e-9)[:, None] * ones,
        np.log(level)[:, None] * ones,
        ahead,
    ]
    for number in range(1, outcome.groups):
        is_class = (outcome.group == number)[:, None]
        terms += [is_class * ones, is_class * ahead]
    return np.stack(terms, axis=-1)


@dataclass(frozen=True)
class Calibration:
    """How forecasts miss.

    Attributes:
        centre: Means of the design's terms.
        spread: Their deviations.
        coefficients: Of the logarithm of the expected absolute error.
        edges: By class, where the bins of forecast over expected error end, shape (groups, bins -
            1).
        quantiles: Quantiles of residuals over expected error, shape (groups, bins, levels).
    """

    centre: Vector
    spread: Vector
    coefficients: Vector
    edges: Matrix
    quantiles: npt.NDArray[np.float64]

    def expected_error(self, outcome: Outcome) -> Matrix:
        """Expected absolute error, shape (series, steps), in units."""
        terms = (_design(outcome) - self.centre) / self.spread
        logarithm = np.einsum("sht,t->sh", terms, self.coefficients)
        expected: Matrix = np.exp(np.clip(logarithm, -30.0, 30.0))
        return expected

    def apply(self, outcome: Outcome) -> npt.NDArray[np.float64]:
        """Quantiles of fresh forecasts, shape (series, steps, levels): 0 or more, rising."""
        error = self.expected_error(outcome)
        ratio = outcome.mean / error
        edges = self.edges[outcome.group]
        which = (ratio[:, :, None] > edges[:, None, :]).sum(axis=-1)
        scaled = self.quantiles[outcome.group[:, None], which]
        levels = outcome.mean[..., None] + error[..., None] * scaled
        rising: npt.NDArray[np.float64] = np.maximum.accumulate(np.maximum(levels, 0.0), axis=-1)
        return rising


def _fit_expected_error(terms: Matrix, size: Vector) -> Vector:
    """Log-linear regression of absolute errors by gamma quasi-likelihood (Fisher scoring)."""
    coefficients = np.zeros(terms.shape[1])
    coefficients[0] = np.log(size.mean() + 1e-12)
    ridge = 1e-3 * len(terms) * np.eye(terms.shape[1])
    ridge[0, 0] = 0.0
    information = np.einsum("ra,rb->ab", terms, terms) + ridge
    for _ in range(ROUNDS):
        expected = np.exp(np.clip(np.einsum("rt,t->r", terms, coefficients), -30.0, 30.0))
        slope = np.einsum("rt,r->t", terms, size / expected - 1) - ridge @ coefficients
        change = np.clip(np.linalg.solve(information, slope), -2.0, 2.0)
        coefficients = coefficients + 0.7 * change
        if np.abs(change).max() < 1e-6:
            break
    return coefficients


def _weighted_quantiles(values: Vector, weights: Vector, levels: Vector) -> Vector:
    order = np.argsort(values, kind="stable")
    # A unit of weight is kept for the next residual, which may lie beyond all others.
    share = np.cumsum(weights[order]) / (weights.sum() + weights.max())
    low = np.minimum(np.searchsorted(share, levels), len(values) - 1)
    chosen: Vector = values[order][low]
    return chosen


def calibrate(past: Sequence[Outcome], levels: Sequence[float]) -> Calibration | None:
    """Learn from past origins how forecasts miss.

    Args:
        past: Outcomes, oldest first.
        levels: Levels of the quantiles, rising.

    Returns:
        The calibration; None where there is nothing to learn from.
    """
    known = [~np.isnan(outcome.actual) for outcome in past]
    if sum(int(part.sum()) for part in known) < MIN_RESIDUALS:
        return None
    wanted, groups = np.array(levels), past[0].groups

    def gather(values: Sequence[Matrix]) -> Matrix:
        return np.concatenate([value[part] for value, part in zip(values, known, strict=True)])

    terms = gather([_design(outcome) for outcome in past])
    mean = gather([outcome.mean for outcome in past])
    residual = gather([outcome.actual for outcome in past]) - mean
    shape = [outcome.mean.shape for outcome in past]
    group = gather(
        [
            np.broadcast_to(outcome.group[:, None], size)
            for outcome, size in zip(past, shape, strict=True)
        ]
    )
    weight = gather(
        [np.full(size, DECAY ** (len(past) - 1 - number)) for number, size in enumerate(shape)]
    )
    centre, spread = terms.mean(axis=0), terms.std(axis=0)
    centre[0], spread[0] = 0.0, 1.0
    spread = np.where(spread < 1e-9, 1.0, spread)
    scaled = (terms - centre) / spread
    size = np.maximum(np.abs(residual), 1e-6 * np.abs(residual).mean() + 1e-12)
    every = -(-len(scaled) // MAX_FIT_ROWS)
    coefficients = _fit_expected_error(scaled[::every], size[::every])
    error = np.exp(np.clip(np.einsum("rt,t->r", scaled, coefficients), -30.0, 30.0))
    ratio, unit = mean / error, residual / error
    together = _weighted_quantiles(unit, weight, wanted)
    edges = np.full((groups, BINS - 1), np.inf)
    quantiles = np.tile(together, (groups, BINS, 1))
    for number in range(groups):
        member = group == number
        if member.sum() < MIN_RESIDUALS:
            continue
        edges[number] = np.quantile(ratio[member], np.arange(1, BINS) / BINS)
        which = (ratio[member][:, None] > edges[number]).sum(axis=1)
        for part in range(BINS):
            inside = which == part
            pool = inside if inside.sum() >= MIN_RESIDUALS else np.ones_like(inside)
            quantiles[number, part] = _weighted_quantiles(
                unit[member][pool], weight[member][pool], wanted
            )
    return Calibration(centre, spread, coefficients, edges, quantiles)


def sum_ahead(outcome: Outcome) -> Outcome:
    """The same of demand summed from the first step to each: over a lead time.

    Quantiles of steps don't add up to those of their sum, since errors of neighbouring steps go
    together; errors of sums say what those of sums are.
    """
    return replace(
        outcome,
        mean=np.cumsum(outcome.mean, axis=1),
        actual=np.cumsum(outcome.actual, axis=1),
    )


def quantiles_from(
    past: Sequence[Outcome], outcome: Outcome, levels: Sequence[float]
) -> tuple[npt.NDArray[np.float64], bool]:
    """Quantiles of an outcome, shape (series, steps, levels), and whether past errors gave them."""
    calibration = calibrate(past, levels)
    if calibration is None:
        return _uncalibrated_quantiles(outcome, levels), False
    return calibration.apply(outcome), True


def _uncalibrated_quantiles(outcome: Outcome, levels: Sequence[float]) -> npt.NDArray[np.float64]:
    """Quantiles with nothing to learn from: normal, with the spread of a random walk so far."""
    from scipy.stats import norm

    change = np.maximum(outcome.naive_error, 0.1 * outcome.level)[:, None]
    spread = change * np.sqrt(np.arange(1, outcome.mean.shape[1] + 1))
    ahead = outcome.mean[..., None] + spread[..., None] * norm.ppf(np.array(levels))
    rising: npt.NDArray[np.float64] = np.maximum(ahead, 0.0)
    return rising
