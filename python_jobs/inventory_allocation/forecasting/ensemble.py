"""The models together: weights, the total they should add up to, and quantiles.

For an origin only origins count whose steps had all come true by then, so what is reported of the
backtest is what would have been known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.history import CLASSES
from inventory_allocation.forecasting.intervals import (
    Outcome,
    quantiles_from,
    sum_ahead,
)
from inventory_allocation.forecasting.reconciliation import measure_trust, move_to_total
from inventory_allocation.forecasting.registry import START_WEIGHTS
from inventory_allocation.forecasting.scales import Scale
from inventory_allocation.forecasting.stacking import (
    add_records,
    measure_record,
    solve_weights,
)

__all__ = ["BANDS", "Combined", "Origin", "band_of", "combine"]

Matrix = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# Steps ahead fall into this many bands, whose weights may differ.
BANDS = 3
# Held tightly: a dozen origins are few, and what they say of the best mix changes.
SHRINKAGE = 10.0


@dataclass(frozen=True)
class Origin:
    """Forecasts of all models from one origin, and what came true.

    Attributes:
        length: Periods known at the origin.
        series: Rows of the panel forecast, shape (series,).
        members: Means by model, each of shape (series, steps).
        total: Forecast of the sum of all series from its own history, shape (steps,).
        actual: What came, shape (series, steps); NaN where unknown.
        demand_class: Index in CLASSES of each series.
        naive_error: Root mean squared change from period to period of each series.
        level: Size of each series.
        scale: What errors are measured against.
        basis: What the forecast of each series rests on: its own history, or too short a one.
    """

    length: int
    series: Index
    members: dict[str, Matrix]
    total: npt.NDArray[np.float64]
    actual: Matrix
    demand_class: Index
    naive_error: npt.NDArray[np.float64]
    level: npt.NDArray[np.float64]
    scale: Scale
    basis: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Combined:
    """The forecast of one origin.

    Attributes:
        mean: Shape (series, steps).
        quantiles: Shape (series, steps, levels).
        lead_time_quantiles: The same of demand summed from the first step to each.
        is_calibrated: Whether the quantiles come from past errors.
        models: Names of the models weighed.
        weights: Their weights, shape (classes x bands, models).
        trust: Weight of the total's own forecast beside the sum of the series, 0 to 1.
    """

    mean: Matrix
    quantiles: npt.NDArray[np.float64]
    lead_time_quantiles: npt.NDArray[np.float64]
    is_calibrated: bool
    models: tuple[str, ...]
    weights: npt.NDArray[np.float64]
    trust: float

    def weights_by_row(self, demand_class: Index) -> npt.NDArray[np.float64]:
        """Weights of series of these classes, shape (series, steps, models)."""
        found: npt.NDArray[np.float64] = self.weights[_cells(demand_class, self.mean.shape[1])]
        return found


def band_of(steps: int) -> Index:
    """Band of each step: the first, middle or last third of the horizon."""
    return np.arange(steps) * BANDS // max(steps, 1)


def _weigh(origin: Origin, past: Sequence[Origin]) -> tuple[tuple[str, ...], Matrix]:
    """Names of the models, and their weights by cell (class and band)."""
    models = tuple(name for name in START_WEIGHTS if name in origin.members)
    start = np.array([START_WEIGHTS[name] for name in models], dtype=np.float64)
    cells = len(CLASSES) * BANDS
    records = [
        measure_record(
            np.stack([other.members[name] for name in models]),
            other.actual,
            1 / other.naive_error,
            _cells(other.demand_class, other.actual.shape[1]),
            cells,
        )
        for other in past
        if set(models) <= set(other.members)
    ]
    if not records:
        return models, np.tile(start / start.sum(), (cells, 1))
    return models, solve_weights(add_records(records), SHRINKAGE, start)


def _cells(demand_class: Index, steps: int) -> Index:
    return demand_class[:, None] * BANDS + band_of(steps)[None, :]


def combine(origins: Sequence[Origin], levels: Sequence[float]) -> list[Combined]:
    """Combine the models at every origin, learning from the origins before it.

    Args:
        origins: Oldest first; the last one may be without actuals.
        levels: Levels of the quantiles, rising.
    """
    done: list[Combined] = []
    raw: list[Matrix] = []
    for origin in origins:
        steps = origin.actual.shape[1]
        past = [
            number for number, other in enumerate(origins) if other.length + steps <= origin.length
        ]
        models, weights = _weigh(origin, [origins[number] for number in past])
        members = np.stack([origin.members[name] for name in models])
        mean = np.einsum("shm,msh->sh", weights[_cells(origin.demand_class, steps)], members)
        raw.append(mean)
        trust = _trust([origins[number] for number in past], [raw[number] for number in past])
        mean = move_to_total(mean, origin.total, trust)
        outcome = _outcome(origin, mean)
        before = [_outcome(origins[number], done[number].mean) for number in past]
        quantiles, is_calibrated = quantiles_from(before, outcome, levels)
        over_lead_time, _ = quantiles_from(
            [sum_ahead(other) for other in before], sum_ahead(outcome), levels
        )
        done.append(
            Combined(mean, quantiles, over_lead_time, is_calibrated, models, weights, trust)
        )
    return done


def _outcome(origin: Origin, mean: Matrix) -> Outcome:
    return Outcome(mean, origin.actual, origin.demand_class, origin.naive_error, origin.level)


def _trust(past: Sequence[Origin], means: Sequence[Matrix]) -> float:
    """Weight of the total's own forecast, from how it and the sum of the series did."""
    if not past:
        return 0.0
    own, summed, actual = [], [], []
    for origin, mean in zip(past, means, strict=True):
        known = ~np.isnan(origin.actual)
        # Of series unknown in a period, the total's forecast has the share the models give them.
        part = (mean * known).sum(axis=0)
        share = part / np.maximum(mean.sum(axis=0), 1e-12)
        own.append(origin.total * share)
        summed.append(part)
        actual.append(np.where(known, origin.actual, 0.0).sum(axis=0))
    trust = measure_trust(np.stack(own), np.stack(summed), np.stack(actual))
    # Origins whose steps overlap say the same again: as many count as fit beside each other.
    steps = past[0].actual.shape[1]
    independent = (past[-1].length - past[0].length) / steps + 1
    return float(trust * independent / (independent + 1))
