"""Conditions a replay can be put under: what if forecasts, capacity, demand or suppliers differ."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from inventory_allocation.replay.company import Company, Floats
from inventory_allocation.replay.future import Future
from inventory_allocation.replay.policy import Outlook

__all__ = ["CONDITIONS", "USUAL", "World", "scale_errors"]

USUAL = "usual"
SHOCK_PERIODS = 4
LATE_PERIODS = 8


@dataclass(frozen=True)
class World:
    """A company, what comes, and what is known of it.

    Attributes:
        company: Places and goods.
        future: What comes.
        outlooks: What is known on the first morning of each period.
        first: Position of the period in which something happens.
    """

    company: Company
    future: Future
    outlooks: list[Outlook]
    first: int


def _add_up(world: World) -> Floats:
    """Units wanted; shape (periods, regions, skus)."""
    future = world.future
    periods = len(future.period_starts)
    wanted = np.zeros((periods, len(world.company.regions), len(world.company.skus)))
    period = np.repeat(np.arange(periods), np.diff(future.bounds))
    np.add.at(wanted, (period, future.region, future.sku), future.units)
    return wanted


def scale_errors(world: World, factor: float) -> World:
    """Forecasts so much further from what comes, or nearer, and their deviations as much."""
    wanted = _add_up(world)
    scaled = []
    for period, outlook in enumerate(world.outlooks):
        mean = outlook.mean.copy()
        known = wanted[period : period + len(mean)]
        near = mean[: len(known)]
        mean[: len(known)] = np.maximum(known + factor * (near - known), 0.0)
        scaled.append(_with_forecast(world.company, outlook, mean, factor))
    return replace(world, outlooks=scaled)


def _with_forecast(company: Company, outlook: Outlook, mean: Floats, factor: float) -> Outlook:
    """The outlook with another mean; frames of the allocation are scaled alike."""
    usual = outlook.mean
    share = np.divide(mean, usual, out=np.ones_like(mean), where=usual > 0)
    inputs = outlook.inputs
    demand, cover = inputs.demand, inputs.cover
    at = (
        demand["period_index"].to_numpy(dtype="int64"),
        pd.Index(company.regions).get_indexer(pd.Index(demand["region_id"].astype(str))),
        pd.Index(company.skus).get_indexer(pd.Index(demand["sku"].astype(str))),
    )
    return replace(
        outlook,
        mean=mean,
        deviation=factor * outlook.deviation,
        inputs=replace(
            inputs,
            demand=demand.assign(
                demand_units=demand["demand_units"].astype("float64") * share[at],
                demand_deviation=demand["demand_deviation"].astype("float64") * factor,
            ),
            cover=cover.assign(cover_deviation=cover["cover_deviation"].astype("float64") * factor),
        ),
    )


def _forecast_alone(world: World) -> World:
    """Forecasts of series that don't agree with those of what they add up to."""
    known = [
        _with_forecast(world.company, outlook, outlook.own_mean, 1.0) for outlook in world.outlooks
    ]
    return replace(world, outlooks=known)


def _scale_capacity(world: World, factor: float) -> World:
    """Centres that ship so much more or less, as everybody knows."""
    known = [
        replace(
            outlook,
            inputs=replace(
                outlook.inputs,
                centers=outlook.inputs.centers.assign(
                    outbound_capacity_units=np.floor(
                        outlook.inputs.centers["outbound_capacity_units"].astype("float64") * factor
                    )
                ),
            ),
        )
        for outlook in world.outlooks
    ]
    company = replace(world.company, outbound=np.floor(world.company.outbound * factor))
    return replace(world, company=company, outlooks=known)


def _shock_demand(world: World) -> World:
    """Every second line wants twice as much for some periods, as nobody foresees."""
    bounds = world.future.bounds
    last = min(world.first + SHOCK_PERIODS, len(bounds) - 1)
    units = world.future.units.copy()
    units[bounds[world.first] : bounds[last] : 2] *= 2
    return replace(world, future=replace(world.future, units=units))


def _delay_suppliers(world: World) -> World:
    """Orders of some periods take twice the lead time, as nobody foresees."""
    delay = world.future.delay.copy()
    lead = world.company.offers["lead_periods"].to_numpy(dtype="int64")
    delay[world.first : world.first + LATE_PERIODS] += lead
    return replace(world, future=replace(world.future, delay=delay))


def _close_center(world: World) -> World:
    """The centre that ships most is closed for some periods, as nobody foresees."""
    future, company = world.future, world.company
    is_closed = np.zeros((len(future.period_starts), len(company.fcs)), dtype=bool)
    largest = int(np.argmax(company.outbound))
    is_closed[world.first : world.first + SHOCK_PERIODS, largest] = True
    return replace(world, future=replace(future, is_closed=is_closed))


CONDITIONS: dict[str, Callable[[World], World]] = {
    USUAL: lambda world: world,
    "forecast_error_half": lambda world: scale_errors(world, 0.5),
    "forecast_error_double": lambda world: scale_errors(world, 2.0),
    "without_coherence": _forecast_alone,
    "capacity_fifth_less": lambda world: _scale_capacity(world, 0.8),
    "capacity_fifth_more": lambda world: _scale_capacity(world, 1.2),
    "demand_shock": _shock_demand,
    "lead_times_double": _delay_suppliers,
    "center_closed": _close_center,
}
"""By name: what makes of the usual world the one of the condition."""
