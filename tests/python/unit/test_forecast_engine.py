"""The forecasting engine from a long panel to long forecasts."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import (
    ENSEMBLE,
    ForecastSettings,
    forecast,
    list_models,
    run_in_processes,
    run_serially,
    timeline,
)
from inventory_allocation.forecasting.models import random_forest
from inventory_allocation.forecasting.origins import backtest_lengths
from inventory_allocation.forecasting.panel import read_panel
from inventory_allocation.forecasting.registry import GLOBAL, START_WEIGHTS, STATISTICAL
from inventory_allocation.forecasting.runners import bucket_of
from inventory_allocation.forecasting.tables import MODELS, type_of_columns
from inventory_allocation.forecasting.timeline import Timeline

ROOT = Path(__file__).parents[3]
FITTED = ROOT / "models" / "intermediate" / "demand" / "int_demand__forecast_fitted.py"
SETTINGS = ForecastSettings("month", 6, backtest_cutoffs=9, seed=3)
QUANTILES = ["q0_025", "q0_05", "q0_25", "q0_5", "q0_75", "q0_95", "q0_975"]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few rows and trees: what is tested isn't how good they are."""
    monkeypatch.setattr(timeline, "TRAINING_ROWS", 6_000)
    monkeypatch.setattr(random_forest, "TREES", 8)


def make_truth(series=40, periods=66, season=12, seed=1):
    """Mean demand: size of the series times a season of its own phase."""
    rng = np.random.default_rng(seed)
    phase = rng.integers(0, 3, series)[:, None]
    wave = 1 + 0.5 * np.sin(2 * np.pi * (np.arange(periods) + phase) / season)
    return np.geomspace(4, 300, series)[:, None] * wave


def make_frame(units, period="month", names=None):
    frequency = {"day": "D", "week": "W-MON", "month": "MS"}[period]
    dates = pd.date_range("2021-01-01", periods=units.shape[1], freq=frequency)
    names = names or [f"s{row:03d}" for row in range(len(units))]
    frame = pd.DataFrame(
        {
            "series_id": np.repeat(names, len(dates)),
            "period_start": np.tile(dates, len(units)),
            "units": units.ravel(),
        }
    )
    return frame[frame["units"].notna()].reset_index(drop=True)


@pytest.fixture(scope="module")
def counts():
    return np.random.default_rng(2).poisson(make_truth()).astype("float64")


@pytest.fixture(scope="module")
def found(counts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "TRAINING_ROWS", 6_000)
        patch.setattr(random_forest, "TREES", 8)
        return forecast(make_frame(counts[:, :60]), SETTINGS)


def test_every_series_gets_every_step_with_rising_quantiles(found):
    forecasts = found.forecasts
    assert len(forecasts) == 40 * 6
    assert (forecasts.groupby("series_id")["horizon"].apply(list).map(len) == 6).all()
    assert forecasts["period_start"].min() == pd.Timestamp("2026-01-01")
    quantiles = forecasts[QUANTILES].to_numpy()
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert np.isfinite(forecasts["mean"]).all()


def test_lead_times_add_up_means_and_widen_less_than_steps_do(found):
    steps = found.forecasts
    expected = steps.groupby("series_id")["mean"].cumsum()
    np.testing.assert_allclose(steps["lead_time_mean"], expected, rtol=1e-12)
    last = steps[steps["horizon"] == 6].set_index("series_id")
    widths = last["lead_time_q0_975"] - last["lead_time_q0_025"]
    added = (steps["q0_975"] - steps["q0_025"]).groupby(steps["series_id"]).sum()
    # Noise of counts is independent from month to month: about the root of six, not six.
    assert 0.3 < (widths / added).median() < 0.75
    quantiles = steps[[f"lead_time_{name}" for name in QUANTILES]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    first = steps[steps["horizon"] == 1]
    np.testing.assert_array_equal(first["lead_time_mean"], first["mean"])


def test_a_planted_season_is_forecast_near_its_noise(found, counts):
    """A forecast of the true mean misses by the noise; the season ignored, by three times that."""
    actual = counts[:, 60:].ravel()
    truth = make_truth()[:, 60:].ravel()
    flat = np.repeat(counts[:, 48:60].mean(axis=1), 6)
    mean = found.forecasts["mean"].to_numpy()
    miss, floor, ignorant = (np.abs(actual - f).sum() for f in (mean, truth, flat))
    assert ignorant > 2.5 * floor
    assert miss < 1.25 * floor


def test_the_ensemble_is_no_worse_than_any_member_but_a_few_percent(found):
    rows = found.backtests
    scores = pd.Series(
        {name: (means - rows["actual"]).abs().sum() for name, means in list_models(rows).items()}
    )
    assert set(STATISTICAL) | set(GLOBAL) | {"statistical", ENSEMBLE} == set(scores.index)
    assert scores[ENSEMBLE] < 1.03 * scores.min()
    assert scores[ENSEMBLE] < 0.9 * scores["seasonal_naive"]


def test_backtest_intervals_cover(found):
    ensemble = found.backtests.dropna(subset=["q0_025"])
    # Origins before which nothing had come true have no calibrated interval.
    assert ensemble["cutoff"].nunique() == 3
    inside = ensemble["actual"].between(ensemble["q0_025"], ensemble["q0_975"])
    assert 0.92 < inside.mean() < 0.98


def test_the_backtest_holds_what_came_true(found, counts):
    rows = found.backtests
    months = (rows["period_start"].dt.year - 2021) * 12 + rows["period_start"].dt.month - 1
    series = rows["series_id"].str[1:].astype(int)
    np.testing.assert_array_equal(rows["actual"], counts[series, months])
    assert (rows["period_start"] > rows["cutoff"]).all()


def test_weights_are_a_table(found):
    weights = found.weights
    assert (weights["weight"] >= 0).all()
    assert set(weights["model"]) == {*GLOBAL, "statistical"}
    total = weights.groupby(["demand_class", "band"])["weight"].sum()
    assert total.between(0.8, 1.2).all()


def test_rows_in_any_order_give_the_same_bytes(found, counts):
    shuffled = make_frame(counts[:, :60]).sample(frac=1, random_state=4)
    again = forecast(shuffled, SETTINGS)
    for name in ("periods", "repairs"):
        assert_frame_equal(getattr(again, name), getattr(found, name), check_exact=True)


def test_another_seed_gives_other_trees_and_nearly_the_same_forecasts(found, counts):
    other = forecast(make_frame(counts[:, :60]), ForecastSettings("month", 6, 9, seed=4))
    mean, before = other.forecasts["mean"], found.forecasts["mean"]
    assert (mean != before).any()
    assert (mean - before).abs().sum() < 0.02 * before.sum()


# --- no leak -------------------------------------------------------------------------------------


def reads_the_future(models, monkeypatch, origin=48):
    """Names of the models whose forecasts at an origin change with what came after it."""
    for name, model in models.items():
        monkeypatch.setitem(STATISTICAL, name, model)
    past = np.random.default_rng(5).poisson(make_truth(periods=60)).astype("float64")
    future = past.copy()
    future[:, origin:] = future[:, origin:] * 7 + 100
    told = []
    for units in (past, future):
        line = Timeline(units, 12, 6, 1, 3, tuple(GLOBAL))
        told.append(line.forecast(origin, line.learn(origin)))
    return {name for name in told[0] if not np.array_equal(told[0][name], told[1][name])}


def test_no_model_reads_what_came_after_the_origin(monkeypatch):
    assert reads_the_future({}, monkeypatch) == set()


def test_nothing_of_the_backtest_reads_what_came_after_its_origins(found, counts):
    """Weights, total, errors and quantiles too: the newest origin knows all but six months."""
    units = counts[:, :60].copy()
    units[:, 54:] = units[:, 54:] * 7 + 100
    told = forecast(make_frame(units), SETTINGS).backtests
    assert (told["actual"] != found.backtests["actual"]).any()
    columns = told.columns.drop("actual")
    assert_frame_equal(told[columns], found.backtests[columns], check_exact=True)


def test_a_planted_leak_is_caught(monkeypatch):
    everything = {}

    def keep(line):
        everything["units"] = line.units

    original = Timeline.statistical

    def statistical(self, origin):
        keep(self)
        return original(self, origin)

    def leak(history):
        ahead = everything["units"][:, history.length : history.length + history.steps]
        return np.pad(ahead, ((0, 0), (0, history.steps - ahead.shape[1])), mode="edge")

    monkeypatch.setattr(Timeline, "statistical", statistical)
    caught = reads_the_future({"leak": leak}, monkeypatch)
    # And all that learn from it.
    assert caught == {"leak", "statistical", *GLOBAL}


def test_training_rows_were_known_at_the_origin():
    line = Timeline(
        np.random.default_rng(6).poisson(5.0, (9, 60)).astype("float64"), 12, 6, 1, 3, ()
    )
    assert max(line.training_origins(48)) + 6 == 48
    assert len(line.training_origins(60)) == timeline.TRAINING_ORIGINS


def test_backtest_origins_know_as_much_of_the_season_as_the_last():
    settings = ForecastSettings("month", 6, backtest_cutoffs=12)
    assert backtest_lengths(60, settings) == list(range(43, 55))
    assert backtest_lengths(33, settings) == [25, 26, 27]
    # Too few of them: origins that know less count too.
    assert backtest_lengths(31, settings) == list(range(14, 26))
    assert backtest_lengths(14, settings) == [8]
    assert backtest_lengths(13, settings) == []


# --- bad panels ----------------------------------------------------------------------------------

BASE = np.random.default_rng(7).poisson(20, (12, 40)).astype("float64")


def with_series(values, name="odd"):
    odd = np.full((1, 40), np.nan)
    odd[0, 40 - len(values) :] = values
    return make_frame(np.vstack([BASE, odd]), names=[*(f"s{n:02d}" for n in range(12)), name])


@pytest.mark.parametrize(
    "values",
    [
        [0.0] * 40,
        [5.0] * 40,
        [0.0] * 39 + [1.0],
        [7.0] + [0.0] * 39,
        *([3.0] * length for length in range(1, 11)),
        [1e9, 0, 3, 1e9, 0, 0, 2],
        [0.001] * 30,
    ],
    ids=lambda values: f"{len(values)} of {values[0]:g}",
)
def test_odd_series_are_forecast(values):
    found = forecast(with_series(values), SETTINGS).forecasts
    odd = found.query("series_id == 'odd'")
    assert len(odd) == 6
    assert np.isfinite(odd[["mean", *QUANTILES]].to_numpy()).all()
    # One that is new is forecast from its siblings, which sell about 20.
    is_new = len(values) < 8
    assert (odd["mean"] <= max(60 * is_new, 3 * max(values))).all()
    if len(set(values)) == 1 and not is_new:
        np.testing.assert_allclose(odd["mean"], values[0], rtol=0.35, atol=1e-6)


def reasons(found, name):
    rows = found.repairs.query("series_id == @name")
    return dict(zip(rows["reason"], rows["rows"], strict=True))


def test_bad_rows_are_mended_and_said():
    frame = with_series([4.0] * 40)
    frame.loc[frame.index[-1], "units"] = np.nan
    frame.loc[frame.index[-3], "units"] = -8.0
    frame.loc[frame.index[-4], "units"] = np.inf
    twice = pd.concat([frame, frame.iloc[[-6, -6]], frame.iloc[[0]].assign(period_start=None)])
    found = forecast(twice.drop(index=frame.index[-9]), SETTINGS)
    assert reasons(found, "odd") == {
        "duplicate_period": 2,
        "missing_period": 1,
        "negative_units": 1,
        "not_a_number": 2,
    }
    assert reasons(found, "s00") == {"no_date": 1}
    assert found.repairs["remedy"].str.len().min() > 10
    panel = read_panel(twice.drop(index=frame.index[-9]), SETTINGS)
    odd = panel.units[panel.series.index("odd")]
    np.testing.assert_array_equal(odd[[-9, -6, -4, -3, -1]], [np.nan, 12, np.nan, 0, np.nan])


def test_a_missing_row_is_no_sale_where_the_panel_never_says_zero():
    frame = with_series([4.0] * 40)
    kept = frame[(frame["units"] > 0)].drop(index=frame.index[-5])
    panel = read_panel(kept, SETTINGS)
    assert panel.units[panel.series.index("odd")][-5] == 0
    assert set(panel.repairs["reason"]) == {"no_sale_period"}


def test_stock_outs_are_unknown_demand():
    units = np.full((12, 40), 10.0) + BASE / 20
    frame = make_frame(units).assign(is_stockout=False)
    is_out = (frame["series_id"] == "s000") & (frame["period_start"] >= "2023-11-01")
    frame.loc[is_out, "units"] = 0.0
    blind = forecast(frame, SETTINGS).forecasts.query("series_id == 's000'")["mean"]
    frame.loc[is_out, "is_stockout"] = True
    seen = forecast(frame, SETTINGS).forecasts.query("series_id == 's000'")["mean"]
    np.testing.assert_allclose(seen, units[0].mean(), rtol=0.1)
    assert blind.mean() < 0.7 * units[0].mean()


def test_a_tenth_of_the_rows_missing_hardly_matters(counts, found):
    frame = make_frame(counts[:, :60])
    kept = frame.sample(frac=0.9, random_state=8)
    mean = forecast(kept, SETTINGS).forecasts["mean"].to_numpy()
    whole = found.forecasts["mean"].to_numpy()
    assert np.abs(mean - whole).sum() < 0.1 * whole.sum()


@pytest.mark.parametrize("periods", [1, 2, 5, 9, 13, 14])
def test_a_short_panel_is_forecast(periods):
    found = forecast(make_frame(BASE[:, :periods]), SETTINGS)
    assert len(found.forecasts) == 12 * 6
    assert found.forecasts["mean"].between(8, 40).all()
    assert (found.forecasts["q0_975"] > found.forecasts["q0_025"]).all()


@pytest.mark.parametrize("period", ["day", "week"])
def test_days_and_weeks_are_forecast(period):
    found = forecast(make_frame(BASE, period), ForecastSettings(period, 3, 3, 3)).forecasts
    gap = found.groupby("series_id")["period_start"].diff().dropna().dt.days
    assert set(gap) == {1 if period == "day" else 7}


def test_dates_within_a_period_count_for_it():
    frame = make_frame(BASE)
    moved = frame.assign(period_start=frame["period_start"] + pd.Timedelta(hours=300))
    assert_frame_equal(forecast(moved, SETTINGS).forecasts, forecast(frame, SETTINGS).forecasts)


def test_no_rows_give_no_forecasts_of_the_same_types(found):
    nothing = forecast(make_frame(BASE).iloc[:0], SETTINGS)
    assert nothing.forecasts.empty
    assert nothing.weights.empty
    assert nothing.periods.dtypes.to_dict() == found.periods.dtypes.to_dict()


def test_a_series_of_which_nothing_is_known_is_not_lost():
    frame = with_series([np.nan] * 40)
    assert len(frame.query("series_id == 'odd'")) == 0
    dates = pd.DataFrame({"series_id": "odd", "period_start": ["2024-04-01"], "units": [np.nan]})
    found = forecast(pd.concat([frame, dates]), SETTINGS)
    rows = found.forecasts.query("series_id == 'odd'")
    # Its siblings sell 20.
    assert rows["mean"].between(15, 25).all()
    assert set(rows["basis"]) == {"siblings"}
    assert reasons(found, "odd") == {"no_history": 0, "not_a_number": 1}
    nothing = forecast(make_frame(BASE).assign(units=np.nan), SETTINGS).forecasts
    assert (nothing["mean"] == 0).all()
    assert len(nothing) == 12 * 6


def test_rows_of_the_future_are_left_out_and_said():
    frame = make_frame(BASE)
    typo = frame.iloc[[5]].assign(period_start=pd.Timestamp("2099-01-01"), units=3.0)
    settings = ForecastSettings("month", 6, 9, as_of=date(2024, 4, 30), seed=3)
    found = forecast(pd.concat([frame, typo]), settings)
    assert_frame_equal(found.forecasts, forecast(frame, settings).forecasts)
    assert reasons(found, "s000") == {"future_date": 1}


def test_a_stock_out_that_is_null_is_none():
    frame = make_frame(BASE)
    blank = frame.assign(is_stockout=[None, *[False] * (len(frame) - 1)])
    assert_frame_equal(forecast(blank, SETTINGS).forecasts, forecast(frame, SETTINGS).forecasts)


def test_without_past_errors_lead_times_widen():
    found = forecast(make_frame(BASE[:, :12]), SETTINGS).forecasts
    width = (found["lead_time_q0_975"] - found["lead_time_q0_025"]).to_numpy().reshape(12, 6)
    assert (width[:, 5] > 2 * width[:, 0]).all()


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="panel lacks column units"):
        forecast(make_frame(BASE).drop(columns="units"), SETTINGS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"period": "year"},
        {"forecast_periods": 0},
        {"backtest_step_periods": -1},
        {"hierarchy": ("sku", "total")},
        {"hierarchy": ("sku", "sku")},
        {"global_models": ("oracle",)},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        ForecastSettings(**{"period": "week", "forecast_periods": 4, **wrong})


# --- dbt -----------------------------------------------------------------------------------------


def test_dbt_knows_the_columns_and_the_models():
    columns = type_of_columns(SETTINGS)
    node = yaml.safe_load(FITTED.with_suffix(".yml").read_text())["models"][0]
    assert [column["name"] for column in node["columns"]] == list(columns)
    kinds = {"string": "string", "float8": "float64", "bigint": "int64"}
    kinds |= {"timestamp": "datetime64[us]", "boolean": "bool"}
    assert [kinds[column["data_type"]] for column in node["columns"]] == list(columns.values())
    every, weighed = (
        re.findall(r"'(\w+)'", text)
        for text in (ROOT / "macros" / "forecast_models.sql").read_text().split("endmacro")[:2]
    )
    assert every == list(MODELS)
    assert set(weighed) == set(START_WEIGHTS)


# --- runners -------------------------------------------------------------------------------------


def test_processes_give_the_bytes_of_a_serial_run(counts, monkeypatch):
    # Processes don't see what is patched here.
    monkeypatch.undo()
    frame = make_frame(counts[:12, :40])
    settings = ForecastSettings("month", 3, backtest_cutoffs=3)
    done = []
    serial = run_serially(frame, settings, 2, lambda *step: done.append(step))
    assert done == [(1, 2), (2, 2)]
    assert len(serial.forecasts) == 12 * 3
    parallel = run_in_processes(frame.sample(frac=1, random_state=1), settings, 2, 2)
    for name in ("periods", "repairs"):
        assert_frame_equal(getattr(parallel, name), getattr(serial, name), check_exact=True)


def test_a_bucket_that_ends_earlier_keeps_its_forecasts(counts):
    frame = make_frame(counts[:12, :40])
    early = bucket_of(frame["series_id"], 2) == 0
    frame = frame[~early | (frame["period_start"] < "2024-03-01")]
    found = run_serially(frame, ForecastSettings("month", 3, 3, global_models=()), 2)
    assert len(found.forecasts) == 12 * 3
    assert found.forecasts["cutoff"].nunique() == 2


def test_buckets_are_stable_and_even():
    names = pd.Series([f"series {number}" for number in range(4000)])
    buckets = bucket_of(names, 8)
    assert buckets.value_counts().between(420, 580).all()
    # CRC-32 of "123456789" is 0xCBF43926, the check value of its definition.
    assert bucket_of(pd.Series(["123456789"]), 2**32)[0] == 0xCBF43926
