"""The models together: weights, sums that agree, and quantiles.

For an origin only origins count whose steps had all come true by then, so what is reported of the
backtest is what would have been known.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.intervals import (
    Outcome,
    quantiles_from,
    sum_ahead,
)
from inventory_allocation.forecasting.reconciliation import Claims, learn_trust, reconcile
from inventory_allocation.forecasting.registry import (
    BASE,
    NODE_START_WEIGHTS,
    START_WEIGHTS,
)
from inventory_allocation.forecasting.scales import Scale
from inventory_allocation.forecasting.stacking import (
    add_records,
    measure_record,
    solve_weights,
)
from inventory_allocation.forecasting.tree import Tree

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
        series: Rows forecast, of all series or all nodes, shape (series,).
        members: Means by model, each of shape (series, steps).
        actual: What came, shape (series, steps); NaN where unknown.
        lesson: The part of it to learn from.
        group: Number of the group of each series: its class of demand, or the level of a node.
        groups: Names of the groups.
        naive_error: Root mean squared change from period to period of each series.
        level: Size of each series.
        scale: What errors are measured against.
        basis: What the forecast of each series rests on: its own history, or too short a one.
    """

    length: int
    series: Index
    members: dict[str, Matrix]
    actual: Matrix
    lesson: Matrix
    group: Index
    groups: tuple[str, ...]
    naive_error: npt.NDArray[np.float64]
    level: npt.NDArray[np.float64]
    scale: Scale
    basis: npt.NDArray[Any]


@dataclass(frozen=True)
class Combined:
    """The forecast of one origin, of all series or all nodes.

    Attributes:
        mean: Shape (series, steps).
        unreconciled: The same before it was made to agree with what it adds up to.
        quantiles: Shape (series, steps, levels).
        lead_time_quantiles: The same of demand summed from the first step to each.
        is_calibrated: Whether the quantiles come from past errors.
        models: Names of the models weighed.
        weights: Their weights, shape (series, steps, models).
    """

    mean: Matrix
    unreconciled: Matrix
    quantiles: npt.NDArray[np.float64]
    lead_time_quantiles: npt.NDArray[np.float64]
    is_calibrated: bool
    models: tuple[str, ...]
    weights: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Mixed:
    models: tuple[str, ...]
    weights: npt.NDArray[np.float64]
    mean: Matrix


def band_of(steps: int) -> Index:
    """Band of each step: the first, middle or last third of the horizon."""
    return np.arange(steps) * BANDS // max(steps, 1)


def _cells(origin: Origin) -> Index:
    """Cell of each series and step: its group and the band of the step."""
    return origin.group[:, None] * BANDS + band_of(origin.actual.shape[1])[None, :]


def _mix(
    origin: Origin,
    past: Sequence[Origin],
    start_weights: dict[str, float],
    left_out: Collection[str],
) -> _Mixed:
    """The models weighed by what they did before, by cell."""
    wanted = [name for name in start_weights if name not in left_out]
    models = tuple(name for name in wanted if name in origin.members) or (BASE,)
    start = np.array([start_weights[name] for name in models], dtype=np.float64)
    cells = len(origin.groups) * BANDS
    records = [
        measure_record(
            np.stack([other.members[name] for name in models]),
            other.lesson,
            1 / other.naive_error,
            _cells(other),
            cells,
        )
        for other in past
        if set(models) <= set(other.members)
    ]
    by_cell = np.tile(start / start.sum(), (cells, 1))
    if records:
        by_cell = solve_weights(add_records(records), SHRINKAGE, start)
    weights = by_cell[_cells(origin)]
    members = np.stack([origin.members[name] for name in models])
    return _Mixed(models, weights, np.einsum("shm,msh->sh", weights, members))


@dataclass(frozen=True)
class _Record:
    """What an origin says of how far nodes are to be trusted, by level."""

    claims: list[Claims]
    actual: list[Matrix]
    weight: list[npt.NDArray[np.float64]]


def _spread(values: npt.NDArray[np.float64], rows: Index, of: int, empty: float) -> Matrix:
    """Values of some rows among all rows."""
    whole = np.full((of, *values.shape[1:]), empty)
    whole[rows] = values
    return whole


def _by_level(tree: Tree, nodes: Matrix) -> list[Matrix]:
    ends = np.cumsum([len(labels) for labels in tree.labels])
    return np.split(nodes, ends[:-1])


def _trust(tree: Tree, records: Sequence[_Record]) -> npt.NDArray[np.float64]:
    """Weight of the nodes' own forecasts, by level; half before anything is known of them."""
    if not records:
        return np.full(len(tree.levels), 0.5)
    return learn_trust(
        [record.claims for record in records],
        [record.actual for record in records],
        [record.weight for record in records],
    )


def combine(
    series: Sequence[Origin],
    nodes: Sequence[Origin],
    tree: Tree,
    levels: Sequence[float],
    left_out: Collection[str] = (),
) -> list[tuple[Combined, Combined, npt.NDArray[np.float64]]]:
    """Combine the models at every origin, learning from the origins before it.

    Args:
        series: Origins of the series, oldest first; the last one may be without actuals.
        nodes: The same origins of the nodes they add up to.
        tree: The nodes.
        levels: Levels of the quantiles, rising.
        left_out: Models that get no weight.

    Returns:
        By origin: the series, the nodes, and the weight of the nodes' own forecasts by level.
    """
    done: list[tuple[Combined, Combined, npt.NDArray[np.float64]]] = []
    records: list[_Record] = []
    of_nodes = sum(len(labels) for labels in tree.labels)
    of_series = len(tree.parents[0])
    for origin, above in zip(series, nodes, strict=True):
        steps = origin.actual.shape[1]
        past = [
            number for number, other in enumerate(series) if other.length + steps <= origin.length
        ]
        mixed = _mix(origin, [series[number] for number in past], START_WEIGHTS, left_out)
        own = _mix(above, [nodes[number] for number in past], NODE_START_WEIGHTS, left_out)
        trust = _trust(tree, [records[number] for number in past])
        means, claims = reconcile(
            tree,
            _spread(mixed.mean, origin.series, of_series, 0.0),
            _by_level(tree, _spread(own.mean, above.series, of_nodes, np.nan)),
            trust,
        )
        importance = 1 / above.naive_error**2
        records.append(
            _Record(
                claims,
                _by_level(tree, _spread(above.lesson, above.series, of_nodes, np.nan)),
                _by_level(tree, _spread(importance, above.series, of_nodes, 0.0)),
            )
        )
        of_past = [_outcome(series[number], done[number][0].mean) for number in past]
        finished = _finish(origin, means[origin.series], mixed, of_past, levels)
        sums = tree.sum_all(means)[above.series]
        of_past = [_outcome(nodes[number], done[number][1].mean) for number in past]
        done.append((finished, _finish(above, sums, own, of_past, levels), trust))
    return done


def _finish(
    origin: Origin,
    mean: Matrix,
    mixed: _Mixed,
    before: Sequence[Outcome],
    levels: Sequence[float],
) -> Combined:
    """Add quantiles."""
    outcome = _outcome(origin, mean)
    quantiles, is_calibrated = quantiles_from(before, outcome, levels)
    over_lead_time, _ = quantiles_from(
        [sum_ahead(other) for other in before], sum_ahead(outcome), levels
    )
    return Combined(
        mean, mixed.mean, quantiles, over_lead_time, is_calibrated, mixed.models, mixed.weights
    )


def _outcome(origin: Origin, mean: Matrix) -> Outcome:
    return Outcome(
        mean, origin.lesson, origin.group, len(origin.groups), origin.naive_error, origin.level
    )
