"""The panel origin by origin: what was known, what the models said, what came true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inventory_allocation.forecasting.features import (
    build_features,
    floor_base,
    measure_relatives,
)
from inventory_allocation.forecasting.history import CLASSES, History
from inventory_allocation.forecasting.registry import (
    BASE,
    GLOBAL,
    Aggregate,
    Predict,
    forecast_statistical,
)
from inventory_allocation.forecasting.siblings import ColdStart, forecast_from_siblings
from inventory_allocation.forecasting.signals import Signals
from inventory_allocation.forecasting.stacking import (
    Record,
    add_records,
    measure_record,
    solve_weights,
)
from inventory_allocation.forecasting.training import TrainingRows

__all__ = ["Correctors", "Timeline"]

Matrix = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# Origins that global models learn from, at most, and rows of them.
TRAINING_ORIGINS = 24
TRAINING_ROWS = 150_000
MIN_TRAINING_ROWS = 500
# A series with fewer known periods at an origin teaches nothing.
MIN_KNOWN = 4
ENOUGH_ORIGINS = 4
# See `solve_weights`.
SHRINKAGE = 0.3


@dataclass(frozen=True)
class Correctors:
    """What was learnt from the origins before one.

    Attributes:
        models: The statistical models with a record.
        weights: Their weights by group, shape (groups, models).
        predict: Global models by name; none where there was too little to learn from.
    """

    models: tuple[str, ...]
    weights: Matrix
    predict: Mapping[str, Predict]


@dataclass
class Timeline:
    """Origins of a panel. What is computed for one is kept.

    Attributes:
        units: Shape (series, periods); NaN where unknown.
        season_length: Periods in a season.
        steps: Periods to forecast.
        stride: Periods from one origin to the one before.
        seed: Seed of everything random.
        global_models: Names of the global models to fit.
        group: Number of the group of each series, within which weights are learnt; None for its
            class of demand.
        groups: How many groups there are.
        retire_after: A series that sold nothing for longer is over; None for never.
        families: What series are alike in, the smallest families first; new series are forecast
            from their siblings.
        relatives: What else series have in common: how the others do is a feature.
        signals: Signals from outside.
        is_held_out: Series that nothing is learnt from; None for none.
        aggregate: Models of sums, where the series are sums.
        left_out: Statistical models and groups of features to do without.
    """

    units: Matrix
    season_length: int
    steps: int
    stride: int
    seed: int
    global_models: tuple[str, ...]
    group: Index | None = None
    groups: int = len(CLASSES)
    retire_after: int | None = None
    families: tuple[Index, ...] = ()
    relatives: tuple[Index, ...] = ()
    signals: Signals = field(default_factory=Signals)
    is_held_out: npt.NDArray[np.bool_] | None = None
    aggregate: Aggregate | None = None
    left_out: tuple[str, ...] = ()
    _histories: dict[int, tuple[Index, History]] = field(default_factory=dict)
    _statistical: dict[int, dict[str, Matrix]] = field(default_factory=dict)
    _records: dict[tuple[int, tuple[str, ...]], Record] = field(default_factory=dict)

    def history(self, origin: int) -> tuple[Index, History]:
        """The series alive at an origin (how many periods are known), and what is known of them."""
        if origin not in self._histories:
            known = self.units[:, :origin]
            is_alive = ~np.isnan(known).all(axis=1)
            if self.retire_after is not None and origin > self.retire_after:
                is_alive &= ~(known[:, -self.retire_after - 1 :] == 0).all(axis=1)
            rows = np.flatnonzero(is_alive)
            history = History(known[rows], self.season_length, self.steps)
            self._histories[origin] = (rows, history)
        return self._histories[origin]

    def group_at(self, origin: int) -> Index:
        """Group of the series alive at an origin."""
        rows, history = self.history(origin)
        return history.demand_class if self.group is None else self.group[rows]

    def cold_start(self, origin: int) -> ColdStart:
        """Forecasts of the series that are new at an origin."""
        rows, history = self.history(origin)
        return forecast_from_siblings(history, [family[rows] for family in self.families])

    def actual(self, origin: int) -> Matrix:
        """What came after an origin, of the series alive then; NaN where unknown."""
        rows, _ = self.history(origin)
        came = self.units[rows, origin : origin + self.steps]
        short = self.steps - came.shape[1]
        return np.pad(came, ((0, 0), (0, short)), constant_values=np.nan)

    def lesson(self, origin: int) -> Matrix:
        """What came after an origin and may be learnt from."""
        came = self.actual(origin)
        if self.is_held_out is None:
            return came
        rows, _ = self.history(origin)
        return np.where(self.is_held_out[rows][:, None], np.nan, came)

    def _others(self, origin: int) -> dict[str, list[Matrix]]:
        """Features that don't come from the history of the series; see `build_features`."""
        rows, history = self.history(origin)
        families = [family[rows] for family in (*self.families[:-1], *self.relatives)]
        relatives = measure_relatives(history, families)
        shape = (len(rows), self.steps)
        return {
            "relatives": [np.broadcast_to(value[:, None], shape) for value in relatives],
            "signals": self.signals.ahead(origin, self.steps, rows),
        }

    def statistical(self, origin: int) -> dict[str, Matrix]:
        """Means of the statistical models at an origin."""
        if origin not in self._statistical:
            _, history = self.history(origin)
            found = forecast_statistical(history, self.left_out, self.aggregate)
            self._statistical[origin] = found
        return self._statistical[origin]

    def training_origins(self, origin: int) -> list[int]:
        """Origins whose steps were all known at an origin, newest first."""
        newest = origin - self.steps
        # Known for as long as is forecast, and for eight periods at least.
        least = max(8, min(self.steps, newest))
        known = range(newest, least - 1, -self.stride)
        return list(known[:TRAINING_ORIGINS])

    def _alike(self, origin: int, past: list[int]) -> list[int]:
        """Of past origins those that knew as much of the season, if there are enough."""
        seasons = self.history(origin)[1].seasons
        alike = [
            other
            for other in past
            if self.history(other)[1].seasons.has_own == seasons.has_own
            and self.history(other)[1].seasons.has_pooled == seasons.has_pooled
        ]
        return alike if len(alike) >= ENOUGH_ORIGINS else past

    def _record(self, origin: int, models: tuple[str, ...]) -> Record:
        if (origin, models) not in self._records:
            _, history = self.history(origin)
            forecasts = np.stack([self.statistical(origin)[name] for name in models])
            actual = self.lesson(origin)
            cell = np.broadcast_to(self.group_at(origin)[:, None], actual.shape)
            weight = 1 / history.naive_error
            self._records[origin, models] = measure_record(
                forecasts, actual, weight, cell, self.groups
            )
        return self._records[origin, models]

    def base(self, origin: int, models: tuple[str, ...], weights: Matrix) -> Matrix:
        """The statistical models together at an origin, shape (series, steps)."""
        forecasts = np.stack([self.statistical(origin)[name] for name in models])
        together: Matrix = np.einsum("sm,msh->sh", weights[self.group_at(origin)], forecasts)
        return together

    def _training_rows(
        self, origins: Sequence[int], models: tuple[str, ...], weights: Matrix
    ) -> TrainingRows:
        wanted = -(-TRAINING_ROWS // (len(origins) * self.steps))
        features, actual, base = [], [], []
        for origin in origins:
            _, history = self.history(origin)
            lasting = np.flatnonzero(history.known_periods >= min(MIN_KNOWN, origin))
            rng = np.random.default_rng([self.seed, origin])
            picked = np.sort(rng.permutation(lasting)[:wanted])
            part = history.take(picked)
            whole = floor_base(self.base(origin, models, weights), history)[picked]
            forecasts = {name: self.statistical(origin)[name][picked] for name in models}
            came = self.lesson(origin)[picked]
            known = ~np.isnan(came)
            others = {
                name: [values[picked] for values in group]
                for name, group in self._others(origin).items()
            }
            features.append(build_features(part, forecasts, whole, self.left_out, others)[known])
            actual.append(came[known])
            base.append(whole[known])
        return TrainingRows(
            np.concatenate(features), np.maximum(np.concatenate(actual), 0), np.concatenate(base)
        )

    def learn(self, origin: int) -> Correctors:
        """Learn weights and global models from what was known at an origin."""
        models = tuple(self.statistical(origin))
        past = self.training_origins(origin)
        if not past:
            return Correctors(models, np.full((self.groups, len(models)), 1 / len(models)), {})
        past = self._alike(origin, past)
        record = add_records([self._record(other, models) for other in past])
        weights = solve_weights(record, SHRINKAGE)
        # The bias of the past says little of the next: what is left out isn't left out again.
        weights = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        if not self.global_models:
            return Correctors(models, weights, {})
        rows = self._training_rows(past, models, weights)
        if len(rows.actual) < MIN_TRAINING_ROWS or not rows.actual.any():
            return Correctors(models, weights, {})
        predict = {name: GLOBAL[name](rows, self.seed) for name in self.global_models}
        return Correctors(models, weights, predict)

    def forecast(self, origin: int, learnt: Correctors) -> dict[str, Matrix]:
        """Means of all models at an origin, by name, each of shape (series, steps)."""
        _, history = self.history(origin)
        base = self.base(origin, learnt.models, learnt.weights)
        ceiling = history.ceiling[:, None]
        corrected: dict[str, Matrix] = {}
        if learnt.predict:
            corrected = self._correct(origin, learnt, base)
        members = {**self.statistical(origin), BASE: base, **corrected}
        members = {name: np.clip(means, 0.0, ceiling) for name, means in members.items()}
        cold = self.cold_start(origin)
        for name in (BASE, *corrected):
            members[name][cold.rows] = cold.means
        return members

    def _correct(self, origin: int, learnt: Correctors, base: Matrix) -> dict[str, Matrix]:
        """The base corrected by each global model."""
        _, history = self.history(origin)
        whole = floor_base(base, history)
        forecasts = {name: self.statistical(origin)[name] for name in learnt.models}
        others = self._others(origin)
        features = build_features(history, forecasts, whole, self.left_out, others)
        flat = features.reshape(-1, features.shape[-1])
        return {
            name: predict(flat, whole.ravel()).reshape(base.shape)
            for name, predict in learnt.predict.items()
        }
