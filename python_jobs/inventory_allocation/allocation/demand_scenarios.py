"""Demand that may come, drawn from the forecasts."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from inventory_allocation.allocation.inputs import Network

__all__ = ["draw_demand", "with_demand"]

Floats = npt.NDArray[np.float64]


def draw_demand(network: Network, count: int, correlation: float, seed: int) -> Floats:
    """Draw demand by segment, as likely each as the other.

    Each line of `network.segments` is a gamma variable with the mean and the deviation (a 95 %
    interval over 3.92) of its forecast. Lines of a SKU, whatever their region, segment and period,
    have the same correlation, by a Gaussian copula with one factor a SKU; SKUs are
    independent. The draws of a line are one of each of `count` equally likely strata (McKay,
    Beckman and Conover, Technometrics 21, 1979) in the order that the copula gives (Iman and
    Conover, Communications in Statistics 11, 1982), and add up to its mean: few draws do.

    Args:
        network: The network.
        count: Number of scenarios.
        correlation: Between the lines of a SKU, 0 to 1.
        seed: Of the random numbers.

    Returns:
        Units, shape (count, segments).
    """
    from scipy.special import gammaincinv

    lines = network.segments
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((count, len(network.skus)))[:, lines["sku"].to_numpy()]
    own = rng.standard_normal((count, len(lines)))
    score = np.sqrt(correlation) * factor + np.sqrt(1.0 - correlation) * own
    rank = np.argsort(np.argsort(score, axis=0, kind="stable"), axis=0, kind="stable")
    mean, deviation = lines["units"].to_numpy(), lines["deviation"].to_numpy()
    spread = deviation > 1e-9 * mean
    shape = (mean / np.where(spread, deviation, 1.0)) ** 2
    level = (np.arange(count) + 0.5) / count
    strata = gammaincinv(np.where(spread, shape, 1.0), level[:, None])
    total = strata.mean(axis=0)
    strata = np.where(spread & (total > 0), strata / np.where(total > 0, total, 1.0), 1.0) * mean
    drawn: Floats = np.take_along_axis(strata, rank, axis=0)
    return drawn


def with_demand(network: Network, units: Floats, most: Floats | None = None) -> Network:
    """The network with other units of each line of `segments`; rows stay, also those of nothing.

    Args:
        network: The network.
        units: By line.
        most: By line, the units that decisions made beforehand are to reckon with at most; the
            same as before when None.
    """
    rows = len(network.demand)
    demand = network.demand.assign(
        units=np.bincount(network.segments["row"], units, minlength=rows)
    )
    if most is not None:
        demand["most"] = np.bincount(network.segments["row"], most, minlength=rows)
    return replace(network, demand=demand, segments=network.segments.assign(units=units))
