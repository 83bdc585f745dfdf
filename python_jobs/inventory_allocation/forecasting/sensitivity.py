"""What forecasts depend on: without a part, with other settings, after a shock, held out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.features import FEATURE_GROUPS
from inventory_allocation.forecasting.forecast import forecast
from inventory_allocation.forecasting.panel import Panel, read_panel
from inventory_allocation.forecasting.registry import BASE, STATISTICAL
from inventory_allocation.forecasting.runners import Progress, say_nothing
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.forecasting.tree import SERIES
from inventory_allocation.frames import require_columns
from inventory_allocation.one_thread import one_thread

__all__ = ["Scenario", "list_scenarios", "measure_sensitivity"]

# A column with more values is held out by this many groups of them.
FOLDS = 5
# The share of series that a promotion touches.
PROMOTED = 0.2
Change = Callable[[pd.DataFrame], pd.DataFrame]


def _keep(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


@dataclass(frozen=True)
class Scenario:
    """One thing that is different.

    Attributes:
        kind: ablation, parameter, shock or holdout.
        name: What is different, in words.
        settings: Settings.
        past: What happens to the history that is known.
        future: What happens to the periods to come, which nobody foresaw.
        held_out_by: A column of the panel: series are forecast by what those with other values of
            it taught.
    """

    kind: str
    name: str
    settings: ForecastSettings
    past: Change = _keep
    future: Change = _keep
    held_out_by: str | None = None


def _multiply(factor: float) -> Change:
    return lambda frame: frame.assign(units=frame["units"] * factor)


def _last_periods(frame: pd.DataFrame, count: int) -> "pd.Series[bool]":
    dates = np.sort(frame["period_start"].unique())
    return frame["period_start"].ge(dates[-min(count, len(dates))])


def _lose(count: int) -> Change:
    """Leave out the periods before the last, as if they had not been loaded."""

    def lose(frame: pd.DataFrame) -> pd.DataFrame:
        gone = _last_periods(frame, count + 1) & ~_last_periods(frame, 1)
        return frame.assign(units=frame["units"].mask(gone))

    return lose


def _promote(seed: int, factor: float) -> Change:
    """Sell more of some series in the last period: what happened once, or was never to come."""

    def promote(frame: pd.DataFrame) -> pd.DataFrame:
        names = np.sort(frame["series_id"].unique())
        chosen = np.random.default_rng(seed).random(len(names)) < PROMOTED
        touched = frame["series_id"].isin(names[chosen]) & _last_periods(frame, 1)
        return frame.assign(units=frame["units"].where(~touched, frame["units"] * factor))

    return promote


def list_scenarios(
    settings: ForecastSettings, held_out_by: str | None = None
) -> Iterator[Scenario]:
    """The scenarios: the base first, then without each part, other settings, shocks, holdout."""
    yield Scenario("base", "as it is", settings)
    for name in (*settings.global_models, BASE, *STATISTICAL, *settings.aggregate_models):
        yield Scenario("ablation", f"without {name}", replace(settings, left_out=(name,)))
    if settings.global_models:
        yield Scenario("ablation", "no global model", replace(settings, global_models=()))
        for name in FEATURE_GROUPS:
            changed = replace(settings, left_out=(name,))
            yield Scenario("ablation", f"without features {name}", changed)
    if settings.hierarchy:
        yield Scenario("ablation", "only the total has a say", replace(settings, hierarchy=()))
    half = max(1, settings.backtest_cutoffs // 2)
    yield Scenario("parameter", f"{half} cutoffs", replace(settings, backtest_cutoffs=half))
    step = 2 * settings.stride
    yield Scenario("parameter", "cutoffs twice as far apart",
                   replace(settings, backtest_step_periods=step))  # fmt: skip
    yield Scenario("parameter", "another seed", replace(settings, seed=settings.seed + 1))
    for factor in (0.5, 2.0):
        yield Scenario("shock", f"demand x {factor:g} from the first period ahead", settings,
                       future=_multiply(factor))  # fmt: skip
    yield Scenario("shock", "a fifth of the series sold x 3 in the last period", settings,
                   past=_promote(settings.seed, 3.0))  # fmt: skip
    yield Scenario("shock", "a promotion expected for the last period did not happen", settings,
                   past=_promote(settings.seed, 1 / 3))  # fmt: skip
    yield Scenario("shock", "the four periods before the last are lost", settings, past=_lose(4))
    if held_out_by is not None:
        # Nothing is learnt of sums with a member that is held out.
        yield Scenario("holdout", f"learnt from other {held_out_by}, only the total has a say",
                       replace(settings, hierarchy=()), held_out_by=held_out_by)  # fmt: skip


def _forecast_scenario(
    scenario: Scenario, past: pd.DataFrame, signals: pd.DataFrame | None
) -> pd.DataFrame:
    """Forecasts of series."""
    known = scenario.past(past)
    if scenario.held_out_by is None:
        return _forecast_series(known, scenario.settings, signals)
    fold = pd.factorize(known[scenario.held_out_by], sort=True)[0] % FOLDS
    parts = []
    for number in np.unique(fold):
        is_held_out = fold == number
        found = _forecast_series(known.assign(is_held_out=is_held_out), scenario.settings, signals)
        parts.append(found[found["series_id"].isin(known.loc[is_held_out, "series_id"])])
    return pd.concat(parts, ignore_index=True)


def _forecast_series(
    past: pd.DataFrame, settings: ForecastSettings, signals: pd.DataFrame | None
) -> pd.DataFrame:
    found = forecast(past, settings, signals).forecasts
    return found[found["level"].eq(SERIES)]


def _score(found: pd.DataFrame, future: pd.DataFrame) -> dict[str, float]:
    """Errors over all series and periods ahead; RMSSE over series that changed before."""
    rows = future.merge(found, on=["series_id", "period_start"])
    error = rows["mean"] - rows["units"]
    scale = rows["naive_squared_error"].where(rows["naive_squared_error"] > 0)
    by_series = (error**2 / scale).groupby(rows["series_id"]).mean()
    inside = rows["units"].between(rows["q0_025"], rows["q0_975"])
    units = float(rows["units"].sum()) or float("nan")
    return {
        "wape": float(error.abs().sum()) / units,
        "bias": float(error.sum()) / units,
        "rmsse": float(np.sqrt(by_series).mean()),
        "coverage": float(inside.mean()),
    }


def _list_rows(frame: pd.DataFrame, panel: Panel, columns: Sequence[str]) -> pd.DataFrame:
    """A row per series and period, mended as `forecast` would; null where unknown."""
    wide = pd.DataFrame(panel.units, index=pd.Index(panel.series, name="series_id"))
    wide = wide.set_axis(panel.periods, axis=1)
    long = wide.reset_index().melt("series_id", var_name="period_start", value_name="units")
    long["period_start"] = pd.to_datetime(long["period_start"])
    labels = frame[["series_id", *columns]].astype("string")
    return long.merge(labels.groupby("series_id").min().reset_index(), on="series_id")


@one_thread()
def measure_sensitivity(
    frame: pd.DataFrame,
    settings: ForecastSettings,
    progress: Progress = say_nothing,
    signals: pd.DataFrame | None = None,
    held_out_by: str | None = None,
) -> pd.DataFrame:
    """Forecast the newest periods of a panel from those before, one thing different at a time.

    Args:
        frame: As for `forecast`.
        settings: Settings; as many periods as they look ahead are held back.
        progress: Called with how many scenarios are done, of how many.
        signals: As for `forecast`.
        held_out_by: A column of the panel, such as the centre: as a last scenario each series is
            forecast by models, weights and intervals learnt from series with other values of it.

    Returns:
        One row per scenario, the base first: kind, scenario, wape, bias, rmsse and coverage of the
        95 % interval over the periods held back, and their changes against the base.

    Raises:
        InputError: A column is missing, or too few periods are left to forecast from.
    """
    panel = read_panel(frame, settings)
    count = len(panel.periods)
    if count <= settings.forecast_periods:
        raise InputError(
            f"the panel has {count} periods; holding back {settings.forecast_periods} leaves none: "
            "forecast fewer periods"
        )
    columns = {*settings.hierarchy, *settings.attributes, *([held_out_by] if held_out_by else [])}
    require_columns(frame, sorted(columns), "panel")
    rows = _list_rows(frame, panel, sorted(columns))
    held = _last_periods(rows, settings.forecast_periods)
    past, future = rows[~held], rows[held].dropna(subset="units")
    scenarios = list(list_scenarios(settings, held_out_by))
    scores = []
    for number, scenario in enumerate(scenarios):
        progress(number, len(scenarios))
        found = _forecast_scenario(scenario, past, signals)
        wanted = ["series_id", "period_start", "units"]
        scored = _score(found, scenario.future(future)[wanted])
        scores.append({"kind": scenario.kind, "scenario": scenario.name, **scored})
    progress(len(scenarios), len(scenarios))
    table = pd.DataFrame(scores)
    for measure in ("wape", "bias", "rmsse", "coverage"):
        table[f"{measure}_change"] = table[measure] - table[measure].iloc[0]
    return table
