"""Seasonal indices: one pooled over all series, and each series' own shrunk towards it.

A year of weeks has too few observations of each week. There a series' own indices are shrunk
towards a few waves of its own, which are shrunk towards the pooled indices.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["Seasons", "estimate_seasons"]

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

SMALLEST_INDEX = 0.05
# A year of weeks has too few observations of each week: neighbours are averaged.
SMOOTHED_FROM = 52
PROFILE_ROUNDS = 8
# Waves a season, and how much they and the trend of a season vary over series, as logarithms.
WAVES = 4
WAVE_SPREAD = 0.2
TREND_SPREAD = 0.2
NEWTON_STEPS = 6
# A wave or a trend is between these factors, as logarithms.
LARGEST_WAVE = 2.0
LARGEST_CHANGE = 3.0


@dataclass(frozen=True)
class Seasons:
    """Multiplicative seasonal indices with mean 1, by position in the season.

    Position 0 is the first period of the panel.

    Attributes:
        pooled: Shape (season length,); ones when less than a season is known.
        has_pooled: Whether the pooled indices were estimated.
        has_own: Whether those of each series are.
        units: What they are estimated from, shape (series, periods).
    """

    pooled: Vector
    has_pooled: bool
    has_own: bool
    units: Matrix

    @cached_property
    def own(self) -> Matrix:
        """Shape (series, season length); the pooled ones when less than two seasons are known."""
        if self.has_own:
            return _own_indices(self.units, self.pooled)
        return np.tile(self.pooled, (len(self.units), 1))

    def take(self, rows: npt.NDArray[np.int64]) -> "Seasons":
        """The same of some of the series, as estimated from all."""
        part = replace(self, units=self.units[rows])
        part.__dict__["own"] = self.own[rows]
        return part

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


def _waves(periods: npt.NDArray[np.int64], length: int) -> Matrix:
    angles = 2 * np.pi * np.outer(periods, np.arange(1, WAVES + 1)) / length
    return np.column_stack([np.sin(angles), np.cos(angles)])


def _wave_indices(units: Matrix, pooled: Vector) -> Matrix:
    """Pooled indices times a few waves of each series, shape (series, season length).

    Quasi-Poisson regression of units on level, trend, sines and cosines (Fourier terms, Hyndman and
    Athanasopoulos 2021, section 7.4), with normal priors: the noisier a series, the nearer it stays
    to the pooled indices.
    """
    length, periods = len(pooled), np.arange(units.shape[1])
    known = (~np.isnan(units)).astype(np.float64)
    filled = np.nan_to_num(units)
    usual = pooled[periods % length]
    trend = (periods - len(periods)) / length
    terms = np.column_stack([np.ones(len(periods)), trend, _waves(periods, length)])
    count = terms.shape[1]
    squares = (terms[:, :, None] * terms[:, None, :]).reshape(len(periods), -1)
    by_wave = np.arange(1, WAVES + 1) ** 2 / WAVE_SPREAD**2
    prior = np.concatenate([[0.0, 1 / TREND_SPREAD**2], by_wave, by_wave])
    level = np.maximum(filled.sum(axis=1) / np.maximum((known * usual).sum(axis=1), 1e-9), 1e-9)
    weights = np.zeros((len(units), count))
    dispersion = np.ones(len(units))
    for step in range(NEWTON_STEPS):
        change = np.clip(weights @ terms.T, -LARGEST_CHANGE, LARGEST_CHANGE)
        mean = level[:, None] * np.exp(change) * usual * known
        error = (filled - mean) * known
        if step:
            freedom = np.maximum(known.sum(axis=1) - 3, 1)
            chi_squared = (error**2 / np.maximum(mean, 1e-9)).sum(axis=1)
            dispersion = np.maximum(chi_squared / freedom, 0.3)
        pull = dispersion[:, None] * prior
        curvature = (mean @ squares).reshape(-1, count, count)
        curvature = curvature + (pull + 1e-6)[:, :, None] * np.eye(count)
        slope = error @ terms - pull * weights
        weights += np.clip(np.linalg.solve(curvature, slope[:, :, None])[:, :, 0], -1.0, 1.0)
    waves = weights[:, 2:] @ _waves(np.arange(length), length).T
    return _normalise(pooled * np.exp(np.clip(waves, -LARGEST_WAVE, LARGEST_WAVE)))


def _own_indices(units: Matrix, pooled: Vector) -> Matrix:
    """Ratio-to-moving-average indices of each series, shrunk towards others.

    Those are the pooled ones, or in long seasons a few waves. The weight of a series' own index is
    one less its noise over its spread about them (James and Stein 1961, as empirical Bayes); the
    noise is that of the ratios from season to season.
    """
    length = len(pooled)
    prior = np.broadcast_to(pooled, (len(units), length))
    if length >= SMOOTHED_FROM:
        prior = _wave_indices(units, pooled)
    trend = _centred_mean(units, length)
    trend = np.where(np.isnan(units), np.nan, trend)
    sales, level = _fold(np.where(np.isnan(trend), np.nan, units), length), _fold(trend, length)
    counts = (~np.isnan(level)).sum(axis=1)
    raw = np.nansum(sales, axis=1) / np.maximum(np.nansum(level, axis=1), 1e-9)
    is_estimated = (counts.min(axis=1) >= 1) & (np.nansum(level, axis=(1, 2)) > 0)
    raw = np.where(is_estimated[:, None], raw, prior)
    raw = raw / np.maximum(raw.mean(axis=1, keepdims=True), 1e-9)

    residual = sales / np.maximum(level, 1e-9) - raw[:, None, :]
    observations = counts.sum(axis=1)
    freedom = np.maximum(observations - length, 1)
    noise = np.nansum(residual**2, axis=(1, 2)) / freedom / np.maximum(counts.mean(axis=1), 1)
    spread = ((raw - prior) ** 2).mean(axis=1)
    # Too little beyond one season to see the noise: that of the other series, in proportion.
    is_seen = is_estimated & (observations >= 1.5 * length)
    ratio = noise[is_seen] / np.maximum(spread[is_seen], 1e-9)
    usual = float(np.median(ratio)) if len(ratio) else 1.0
    noise_share = np.where(is_seen, noise / np.maximum(spread, 1e-9), usual)
    weight = np.where(is_estimated, np.clip(1 - noise_share, 0.0, 1.0), 0.0)
    return _normalise(prior + weight[:, None] * (raw - prior))


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
        return Seasons(np.ones(max(length, 1)), has_pooled=False, has_own=False, units=units)
    pooled = _pooled_indices(_two_way_profile(units), length)
    return Seasons(pooled, has_pooled=True, has_own=periods > 2 * length, units=units)
