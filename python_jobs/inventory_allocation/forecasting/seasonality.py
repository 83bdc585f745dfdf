"""Seasonal indices: one pooled over all series, and each series' own shrunk towards it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Seasons", "estimate_seasons"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

SMALLEST_INDEX = 0.05
# A year of weeks has too few observations of each week: neighbours are averaged.
SMOOTHED_FROM = 52
PROFILE_ROUNDS = 8


@dataclass(frozen=True)
class Seasons:
    """Multiplicative seasonal indices with mean 1, by position in the season.

    Position 0 is the first period of the panel.

    Attributes:
        pooled: Shape (season length,); ones when less than a season is known.
        own: Shape (series, season length); the pooled ones when less than two seasons are known.
        has_pooled: Whether the pooled indices were estimated.
        has_own: Whether the own indices were estimated.
    """

    pooled: Vector
    own: Matrix
    has_pooled: bool
    has_own: bool

    def of_all(self, periods: npt.NDArray[np.int64]) -> Matrix:
        """Pooled indices of the periods (counted from the start), shape (1, periods)."""
        return self.pooled[None, periods % len(self.pooled)]

    def of_each(self, periods: npt.NDArray[np.int64]) -> Matrix:
        """Own indices of the periods (counted from the start), shape (series, periods)."""
        return self.own[:, periods % len(self.pooled)]


def _two_way_profile(units: Matrix) -> Vector:
    """Sales by period after the size of each series and its late start are taken out.

    The fit of units = size of the series x profile of the period by quasi-Poisson likelihood,
    whose estimating equations are matching row and column totals (iterative proportional fitting).
    """
    known = (~np.isnan(units)).astype(np.float64)
    filled = np.nan_to_num(units)
    profile = np.ones(units.shape[1])
    for _ in range(PROFILE_ROUNDS):
        # einsum sums in the same order whatever the number of series a BLAS would block by.
        size = filled.sum(axis=1) / np.maximum(np.einsum("st,t->s", known, profile), 1e-9)
        profile = filled.sum(axis=0) / np.maximum(np.einsum("st,s->t", known, size), 1e-9)
        profile /= max(profile.mean(), 1e-9)
    return profile


def _centred_mean(units: Matrix, length: int) -> Matrix:
    """Centred moving average over a season; NaN where the window isn't wholly known."""
    missing = np.isnan(units)
    filled = np.where(missing, 0.0, units)
    window = length + 1 - length % 2
    result = np.full(units.shape, np.nan)
    if units.shape[1] < window:
        return result
    sums = np.cumsum(np.pad(filled, ((0, 0), (1, 0))), axis=1)
    gaps = np.cumsum(np.pad(missing, ((0, 0), (1, 0))), axis=1)
    total = sums[:, window:] - sums[:, :-window]
    if length % 2 == 0:
        total = total - 0.5 * filled[:, : 1 - window] - 0.5 * filled[:, window - 1 :]
    is_whole = gaps[:, window:] == gaps[:, :-window]
    half = (window - 1) // 2
    result[:, half : half + total.shape[1]] = np.where(is_whole, total / length, np.nan)
    return result


def _fold(values: Matrix, length: int) -> npt.NDArray[np.float64]:
    """By season: shape (series, seasons, season length), the last season filled with NaN."""
    short = -values.shape[1] % length
    padded = np.pad(values, ((0, 0), (0, short)), constant_values=np.nan)
    return padded.reshape(len(values), -1, length)


def _normalise(indices: Matrix) -> Matrix:
    bounded = np.maximum(indices, SMALLEST_INDEX)
    normal: Matrix = bounded / bounded.mean(axis=-1, keepdims=True)
    return normal


def _pooled_indices(profile: Vector, length: int) -> Vector:
    """Seasonal indices of a profile of at least one season."""
    if len(profile) > 2 * length:
        trend = _centred_mean(profile[None], length)[0]
        known = ~np.isnan(trend)
        position = np.flatnonzero(known) % length
        weights = np.bincount(position, trend[known], length)
        indices = np.bincount(position, profile[known], length) / np.maximum(weights, 1e-9)
    else:
        # Growth is that of the periods known twice, where there are enough.
        again = len(profile) - length
        growth = 1.0
        if again >= max(2, length // 4):
            growth = np.clip(profile[length:].sum() / max(profile[:again].sum(), 1e-9), 0.5, 2.0)
        level = profile / growth ** (np.arange(len(profile)) / length)
        indices = np.nanmean(_fold(level[None], length)[0], axis=0)
    if length >= SMOOTHED_FROM:
        indices = (np.roll(indices, 1) + 2 * indices + np.roll(indices, -1)) / 4
    return _normalise(indices)


def _own_indices(units: Matrix, pooled: Vector) -> Matrix:
    """Ratio-to-moving-average indices of each series, shrunk towards the pooled ones.

    The weight of a series' own index is one less its noise over its spread about the pooled one
    (James and Stein 1961, as empirical Bayes); the noise is that of the ratios from season to
    season.
    """
    length = len(pooled)
    trend = _centred_mean(units, length)
    trend = np.where(np.isnan(units), np.nan, trend)
    sales, level = _fold(np.where(np.isnan(trend), np.nan, units), length), _fold(trend, length)
    counts = (~np.isnan(level)).sum(axis=1)
    raw = np.nansum(sales, axis=1) / np.maximum(np.nansum(level, axis=1), 1e-9)
    is_estimated = (counts.min(axis=1) >= 1) & (np.nansum(level, axis=(1, 2)) > 0)
    raw = np.where(is_estimated[:, None], raw, pooled)
    raw = raw / np.maximum(raw.mean(axis=1, keepdims=True), 1e-9)

    residual = sales / np.maximum(level, 1e-9) - raw[:, None, :]
    observations = counts.sum(axis=1)
    freedom = np.maximum(observations - length, 1)
    noise = np.nansum(residual**2, axis=(1, 2)) / freedom / np.maximum(counts.mean(axis=1), 1)
    spread = ((raw - pooled) ** 2).mean(axis=1)
    # Too little beyond one season to see the noise: that of the other series, in proportion.
    is_seen = is_estimated & (observations >= 1.5 * length)
    ratio = noise[is_seen] / np.maximum(spread[is_seen], 1e-9)
    usual = float(np.median(ratio)) if len(ratio) else 1.0
    noise_share = np.where(is_seen, noise / np.maximum(spread, 1e-9), usual)
    weight = np.where(is_estimated, np.clip(1 - noise_share, 0.0, 1.0), 0.0)
    return _normalise(pooled + weight[:, None] * (raw - pooled))


def estimate_seasons(units: Matrix, length: int) -> Seasons:
    """Estimate seasonal indices from what is known.

    Args:
        units: Shape (series, periods); NaN where unknown.
        length: Periods in a season.

    Returns:
        Pooled indices from one season on, own ones from two on.
    """
    series, periods = units.shape
    if length < 2 or periods < length or series == 0:
        ones = np.ones(max(length, 1))
        return Seasons(ones, np.ones((series, len(ones))), has_pooled=False, has_own=False)
    pooled = _pooled_indices(_two_way_profile(units), length)
    if periods <= 2 * length:
        return Seasons(pooled, np.tile(pooled, (series, 1)), has_pooled=True, has_own=False)
    return Seasons(pooled, _own_indices(units, pooled), has_pooled=True, has_own=True)
