"""What drives demand week by week: season, trend, promotions, launches and noise."""

from dataclasses import dataclass

import numpy as np

from inventory_allocation.sample_company.clock import (
    FUTURE_WEEKS,
    WEEKS,
    FloatArray,
    IntArray,
    stream,
    year_position,
)
from inventory_allocation.sample_company.products import Products

TREND_PER_YEAR = 0.06
NOISE_SHAPE = 6.0
PROMOTED_SHARE = 0.5
PROMOTIONS_PER_YEAR = 4.0
LIFT_PER_DISCOUNT = 3.2
"""A discount d multiplies demand by exp(LIFT_PER_DISCOUNT * d)."""
FADE_WEEKS = 20
RAMP_WEEKS = 8
ON_SALE_SHARE = 0.3
"""Share of weeks in which an intermittent or lumpy SKU sells at all."""


@dataclass(frozen=True)
class Shape:
    """Relative demand.

    Attributes:
        expected: Relative demand without noise; shape (WEEKS, skus).
        realised: The same with this history's noise.
        discount: Share taken off the price; shape (WEEKS + FUTURE_WEEKS, skus).
    """

    expected: FloatArray
    realised: FloatArray
    discount: FloatArray


def lift(discount: FloatArray) -> FloatArray:
    """Factor by which a discount (0 to 1) multiplies demand."""
    return np.asarray(np.exp(LIFT_PER_DISCOUNT * discount))


def season_factor(season: str, weeks: IntArray) -> FloatArray:
    """Seasonal factor of each week, near 1 outside the peak; shape of `weeks`."""
    position = year_position(weeks)
    if season == "christmas":
        return np.asarray(0.85 + 1.6 * _bump(position, 48.8, 2.6))
    if season == "summer":
        return np.asarray(0.6 + 1.3 * _bump(position, 27.0, 6.0))
    return np.asarray(1.0 + 0.08 * np.cos(2 * np.pi * (position - 4.0) / 52.18))


def build_shape(products: Products, seed: int) -> Shape:
    """Relative weekly demand of every SKU, and the promotions behind part of it."""
    rng = stream(seed, "shape")
    discount = _promotions(products, rng)
    weeks = np.arange(WEEKS)
    seasons = {name: season_factor(name, weeks) for name in ("christmas", "summer", "flat")}
    seasonal = np.stack([seasons[name] for name in products.season], axis=1)
    trend = 1.0 + TREND_PER_YEAR * weeks / 52.18
    mean = products.rate * seasonal * trend[:, None] * lift(discount[:WEEKS])
    mean *= _life(products, weeks)

    noise = rng.gamma(NOISE_SHAPE, 1 / NOISE_SHAPE, mean.shape)
    sells = rng.random(mean.shape) < ON_SALE_SHARE
    rare = np.isin(products.role, ["intermittent", "lumpy"])
    noise = np.where(rare, noise * sells / ON_SALE_SHARE, noise)
    return Shape(expected=mean, realised=mean * noise, discount=discount)


def _bump(position: FloatArray, centre: float, width: float) -> FloatArray:
    away = np.abs(position - centre)
    away = np.minimum(away, 52.18 - away)
    return np.asarray(np.exp(-0.5 * (away / width) ** 2))


def _life(products: Products, weeks: IntArray) -> FloatArray:
    """Share of full demand by week: new SKUs ramp up, dying ones fade to nothing."""
    week = weeks[:, None]
    ramp = np.clip((week - products.launch_week + 1) / RAMP_WEEKS, 0.0, 1.0)
    ramp = np.where(products.launch_week > 0, ramp, 1.0)
    fade = np.clip((products.last_week - week) / FADE_WEEKS, 0.0, 1.0)
    return np.asarray(ramp * fade)


def _promotions(products: Products, rng: np.random.Generator) -> FloatArray:
    span = WEEKS + FUTURE_WEEKS
    count = len(products.rate)
    eligible = (products.role == "regular") & (rng.random(count) < PROMOTED_SHARE)
    discount = np.zeros((span, count))
    starts = rng.random((span, count)) < PROMOTIONS_PER_YEAR / 52.18
    depth = rng.choice([0.15, 0.2, 0.25, 0.3], (span, count))
    for length in range(2):
        begun = np.roll(starts, length, axis=0)
        begun[:length] = False
        discount = np.where(begun, np.roll(depth, length, axis=0), discount)
    return np.where(eligible, discount, 0.0)
