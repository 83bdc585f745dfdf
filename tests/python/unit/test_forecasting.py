"""Forecasts: the panel, the models, the backtest, the choice of a model and sharing out."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from statsforecast import StatsForecast
from statsforecast.models import Theta
from utilsforecast.losses import mae, mase

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import (
    QUANTILES,
    ForecastSettings,
    backtest_panel,
    forecast_panel,
    share_out,
)
from inventory_allocation.forecasting.backtest import cutoff_lengths
from inventory_allocation.forecasting.models import MODELS, forecast_all, random_forest
from inventory_allocation.forecasting.models.random_forest import forecast_random_forest
from inventory_allocation.forecasting.models.seasonal_naive import forecast_seasonal_naive
from inventory_allocation.forecasting.models.theta import forecast_theta
from inventory_allocation.forecasting.noise_floor import poisson_mape_floor
from inventory_allocation.forecasting.panel import build_panel, classify_demand, measure_scale
from inventory_allocation.forecasting.selection import select_models, selected_model
from inventory_allocation.forecasting.settings import QUANTILE_COLUMNS

FREQUENCIES = {"day": "D", "week": "W-MON", "month": "MS"}
LAST = {"day": "2026-06-30", "week": "2026-06-29", "month": "2026-06-01"}
QUANTILE_NAMES = list(QUANTILE_COLUMNS)


def make_settings(period="week", ahead=4, cutoffs=2, step=4, seed=1):
    return ForecastSettings(period, ahead, cutoffs, step, seed)


def make_frame(units, period="week", stockouts=()):
    """The long panel of series that all end at the same period."""
    frames = []
    for name, values in units.items():
        dates = pd.date_range(end=LAST[period], periods=len(values), freq=FREQUENCIES[period])
        frame = pd.DataFrame({"period_start": dates, "units": np.asarray(values, dtype="float64")})
        frame["is_stockout"] = [(name, number) in stockouts for number in range(len(values))]
        frames.append(frame.assign(series_id=name, model_level="sku", sku=f"SKU-{name}"))
    return pd.concat(frames, ignore_index=True)


def make_panel(units, period="week", stockouts=(), ahead=4):
    return build_panel(make_frame(units, period, stockouts), make_settings(period, ahead))


def make_seasonal(series, periods, season, noise, seed=0):
    """Series of different size with the same season, one wave long, and the truth without noise."""
    rng = np.random.default_rng(seed)
    wave = 1 + 0.6 * np.sin(2 * np.pi * np.arange(periods) / season)
    truth = np.geomspace(20, 200, series)[:, None] * wave
    return truth, np.maximum(truth * (1 + noise * rng.normal(size=truth.shape)), 0)


def constant_model(value):
    def forecast(panel, settings):
        return np.full((len(panel.units), settings.forecast_periods), float(value))

    return forecast


def as_series(matrix):
    return {f"s{row:02d}": values for row, values in enumerate(matrix)}


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", ["year", "Week", "", None])
def test_a_period_that_is_not_day_week_or_month_is_refused(period):
    with pytest.raises(InputError, match="day, week or month"):
        make_settings(period)


@pytest.mark.parametrize("wrong", [{"ahead": 0}, {"step": 0}])
def test_forecasting_nothing_ahead_is_refused(wrong):
    with pytest.raises(InputError, match="1 or more"):
        make_settings(**wrong)


# --- panel ---------------------------------------------------------------------------------------


def test_the_panel_is_a_matrix_with_nan_before_the_first_sale():
    panel = make_panel({"b": [1, 2, 3, 4], "a": [8, 9]}, stockouts={("b", 1), ("a", 1)})
    assert panel.series["series_id"].tolist() == ["a", "b"]
    assert panel.series["sku"].tolist() == ["SKU-a", "SKU-b"]
    np.testing.assert_array_equal(panel.units, [[np.nan, np.nan, 8, 9], [1, 2, 3, 4]])
    np.testing.assert_array_equal(np.argwhere(panel.is_stockout), [[0, 3], [1, 1]])
    assert panel.periods.tolist() == [pd.Timestamp(f"2026-06-{day:02d}") for day in (8, 15, 22, 29)]


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_any_order_of_rows_gives_the_same_panel(period):
    frame = make_frame(as_series(np.arange(60).reshape(4, 15)), period, {("s02", 3)})
    panel = build_panel(frame, make_settings(period))
    again = build_panel(frame.sample(frac=1, random_state=3), make_settings(period))
    np.testing.assert_array_equal(again.units, panel.units)
    np.testing.assert_array_equal(again.is_stockout, panel.is_stockout)
    assert_frame_equal(again.series, panel.series)


@pytest.mark.parametrize("lost", [4, 9], ids=["in the middle", "at the end"])
def test_a_gap_is_refused_by_the_name_of_the_series(lost):
    frame = make_frame(as_series(np.ones((3, 10))))
    gap = (frame["series_id"] == "s01") & (frame.groupby("series_id").cumcount() == lost)
    with pytest.raises(InputError, match="gap in series 's01'"):
        build_panel(frame[~gap], make_settings())


def test_units_that_are_null_are_a_gap():
    with pytest.raises(InputError, match="gap in series 's01'"):
        make_panel({"s00": [1, 2, 3], "s01": [1, np.nan, 3]})


def test_dates_off_the_grid_are_refused_by_the_name_of_their_series():
    frame = make_frame(as_series(np.ones((3, 10))))
    is_moved = (frame["series_id"] == "s01") & (frame["period_start"] < LAST["week"])
    frame.loc[is_moved, "period_start"] += pd.Timedelta(days=1)
    with pytest.raises(InputError, match="gap in series 's01'"):
        build_panel(frame, make_settings())


def test_no_rows_give_an_empty_panel():
    panel = build_panel(make_frame({"a": [1.0]}).iloc[:0], make_settings())
    assert panel.units.shape == (0, 0)
    assert len(panel.series) == len(panel.periods) == 0


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="int_demand__forecast_input lacks column is_stockout"):
        build_panel(make_frame({"a": [1.0]}).drop(columns="is_stockout"), make_settings())


def test_the_panel_until_a_cutoff_leaves_out_what_had_not_begun():
    panel = make_panel({"a": [1, 2, 3, 4], "b": [5, 6]}).until(2)
    assert panel.series["series_id"].tolist() == ["a"]
    np.testing.assert_array_equal(panel.units, [[1, 2]])
    assert len(panel.periods) == 2


def test_stock_outs_are_filled_by_the_mean_of_the_eight_periods_before():
    units = [100, 2, 4, 6, 8, 2, 4, 6, 8, 0, 5]
    panel = make_panel({"a": units}, stockouts={("a", 9)})
    expected = [*units[:9], 5, 5]  # the 100 is nine periods back
    np.testing.assert_array_equal(panel.demand(), [expected])
    assert panel.units[0, 9] == 0


def test_a_stock_out_keeps_what_sold_beyond_the_mean_and_a_longer_one_builds_on_its_filling():
    panel = make_panel({"a": [2, 4, 9, 0, 0]}, stockouts={("a", 2), ("a", 3), ("a", 4)})
    np.testing.assert_allclose(panel.demand(), [[2, 4, 9, 5, 5]])


def test_a_stock_out_in_the_first_period_stays():
    panel = make_panel({"a": [3, 4], "b": [1, 1, 1]}, stockouts={("a", 0)})
    np.testing.assert_array_equal(panel.demand()[0], [np.nan, 3, 4])


@pytest.mark.parametrize(
    ("units", "demand_class"),
    [
        ([10, 11, 9, 10], "smooth"),
        ([1, 1, 1, 10], "erratic"),
        ([5, 0, 5, 0], "intermittent"),
        ([1, 0, 10, 0], "lumpy"),
        ([5] * 100 + [0] * 32, "smooth"),  # a gap of 1.32
        ([5] * 100 + [0] * 33, "intermittent"),
        ([3, 17], "smooth"),  # a squared variation of 0.49
        ([3, 17.1], "erratic"),
        ([3, 17, 0], "intermittent"),
        ([3, 17.1, 0], "lumpy"),
        ([0, 0, 0], "intermittent"),
        ([np.nan, np.nan, np.nan, 10, 10], "smooth"),  # what is before the first sale doesn't count
    ],
)
def test_demand_is_classified_by_the_limits_of_syntetos_and_boylan(units, demand_class):
    assert classify_demand(np.array([units], dtype="float64")).tolist() == [demand_class]


def test_the_scale_is_the_mean_absolute_deviation_of_the_last_season():
    units = np.array([[900.0, 0, 10, 20, 30], [np.nan, 16, 16, 16, 16], [0, 0, 0, 0, 0]])
    scale = measure_scale(units, season_length=4)
    # By hand: mean 15, deviations 15, 5, 5, 15; half of the root of 16; half of the root of 0.05.
    assert scale == pytest.approx([10, 2, 0.5 * 0.05**0.5])


# --- models --------------------------------------------------------------------------------------


def test_seasonal_naive_repeats_the_last_season_beyond_one_season():
    panel = make_panel({"a": range(1, 16)}, "month")
    found = forecast_seasonal_naive(panel, make_settings("month", ahead=26))
    season = list(range(4, 16))
    assert found[0].tolist() == [*season, *season, 4, 5]


def test_seasonal_naive_of_a_short_history_is_the_mean_of_the_last_eight():
    panel = make_panel({"a": [99, 99, 1, 2, 3, 4, 5, 6, 7, 8], "b": [2, 4]}, "month")
    found = forecast_seasonal_naive(panel, make_settings("month", ahead=4))
    # A year before the third and fourth month ahead the first series has its first two values.
    assert found.tolist() == [[4.5, 4.5, 99, 99], [3, 3, 3, 3]]


def test_theta_equals_statsforecast_where_the_season_is_known():
    _, units = make_seasonal(series=3, periods=40, season=12, noise=0.1)
    panel = make_panel(as_series(units), "month")
    frame = make_frame(as_series(units), "month")
    reference = StatsForecast(models=[Theta(season_length=12)], freq="MS").forecast(
        df=frame.rename(columns={"series_id": "unique_id", "period_start": "ds", "units": "y"})[
            ["unique_id", "ds", "y"]
        ],
        h=6,
    )
    found = forecast_theta(panel, make_settings("month", ahead=6))
    np.testing.assert_allclose(found.ravel(), reference["Theta"], rtol=1e-9)


def test_theta_uses_no_season_before_two_are_known():
    rng = np.random.default_rng(4)
    units = rng.uniform(5, 15, 23)
    panel = make_panel({"long": np.ones(30), "short": units}, "month")
    reference = Theta(season_length=1).forecast(y=units, h=3)["mean"]
    found = forecast_theta(panel, make_settings("month", ahead=3))
    np.testing.assert_allclose(found[1], reference, rtol=1e-9)


def test_theta_of_a_short_or_constant_series_is_its_mean():
    panel = make_panel({"constant": [7] * 12, "short": [1, 2, 3, 4, 5, 6, 14]})
    found = forecast_theta(panel, make_settings(ahead=2))
    assert found.tolist() == [[7, 7], [5, 5]]


def test_theta_sees_demand_where_sales_were_cut_short():
    rng = np.random.default_rng(5)
    units = rng.uniform(90, 110, 40)
    cut = units.copy()
    cut[-3:] = 0
    stockouts = {("a", number) for number in (37, 38, 39)}
    seen = forecast_theta(make_panel({"a": cut}, stockouts=stockouts), make_settings())
    blind = forecast_theta(make_panel({"a": cut}), make_settings())
    assert seen.min() > 85
    assert blind.max() < 85


@pytest.fixture(scope="module")
def yearly():
    """Three years of weeks with a planted yearly season, and the quarter after them."""
    truth, units = make_seasonal(series=10, periods=169, season=52, noise=0.15)
    return units[:, :156], truth[:, 156:]


@pytest.fixture(scope="module")
def forest(yearly):
    return forecast_random_forest(make_panel(as_series(yearly[0])), make_settings(ahead=13))


def test_the_random_forest_learns_a_planted_yearly_season(yearly, forest):
    past, truth = yearly
    mean = past[:, -52:].mean(axis=1, keepdims=True)
    assert np.abs(forest - truth).sum() < 0.4 * np.abs(mean - truth).sum()


def test_the_random_forest_is_deterministic_and_seeded(yearly, forest):
    panel = make_panel(as_series(yearly[0]))
    again = forecast_random_forest(panel, make_settings(ahead=13))
    np.testing.assert_array_equal(again, forest)
    other = forecast_random_forest(panel, make_settings(ahead=13, seed=2))
    assert (other != forest).any()
    np.testing.assert_allclose(other, forest, rtol=0.25)


def test_the_random_forest_forecasts_the_level_when_there_is_too_little_to_learn_from():
    panel = make_panel({"a": [4, 6, 5], "b": [10, 30]})
    found = forecast_random_forest(panel, make_settings(ahead=2))
    np.testing.assert_allclose(found, [[5, 5], [20, 20]], atol=0.1)


@pytest.mark.parametrize("period", ["day", "month"])
def test_the_random_forest_looks_more_than_one_season_ahead(period):
    season = {"day": 7, "month": 12}[period]
    truth, units = make_seasonal(series=8, periods=11 * season, season=season, noise=0.05)
    past, future = units[:, : 8 * season], truth[:, 8 * season : 10 * season + 2]
    panel = make_panel(as_series(past), period)
    found = forecast_random_forest(panel, make_settings(period, ahead=2 * season + 2))
    mean = past.mean(axis=1, keepdims=True)
    assert np.abs(found - future).sum() < 0.4 * np.abs(mean - future).sum()


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_features_at_an_origin_read_nothing_that_comes_after_it(period):
    settings = make_settings(period, ahead=20)
    season = settings.season_length
    rng = np.random.default_rng(6)
    demand = rng.uniform(1, 9, (3, 3 * season + 40))
    end = 2 * season + 10
    changed = demand.copy()
    changed[:, end:] = 1e3
    for step in (*range(20), season - 1, season, 2 * season - 1):
        np.testing.assert_array_equal(
            random_forest._features(demand, end, step, settings),
            random_forest._features(changed, end, step, settings),
        )


@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_training_and_forecasting_measure_the_same_features(period):
    """The features of an origin are the same whether it is the last one or a past one."""
    settings = make_settings(period, ahead=20)
    rng = np.random.default_rng(7)
    demand = rng.uniform(1, 9, (3, 3 * settings.season_length))
    end = 2 * settings.season_length + 3
    for step in range(20):
        np.testing.assert_array_equal(
            random_forest._features(demand, end, step, settings),
            random_forest._features(demand[:, :end], end, step, settings),
        )


def test_no_forecast_is_below_zero():
    falling = np.linspace(100, 1, 30)
    panel = make_panel({"falling": falling, "zero": np.zeros(30)})
    assert Theta(season_length=1).forecast(y=falling, h=40)["mean"].min() < 0
    found = forecast_all(panel, make_settings(ahead=40))
    assert set(found) == {"seasonal_naive", "theta", "random_forest", "ensemble"}
    assert min(means.min() for means in found.values()) == 0
    assert all((means[1] == 0).all() for means in found.values())


def test_no_forecast_is_above_three_times_the_most_ever_sold(monkeypatch):
    monkeypatch.setitem(MODELS, "theta", constant_model(1e9))
    found = forecast_all(make_panel({"a": [1, 7, 2], "b": [10, 4]}), make_settings())
    assert found["theta"].tolist() == [[21] * 4, [30] * 4]


def test_the_ensemble_is_the_mean_of_theta_and_the_random_forest(monkeypatch):
    monkeypatch.setitem(MODELS, "theta", constant_model(2))
    monkeypatch.setitem(MODELS, "random_forest", constant_model(5))
    found = forecast_all(make_panel({"a": [9, 9, 9]}), make_settings())
    assert found["ensemble"].tolist() == [[3.5] * 4]


# --- backtest ------------------------------------------------------------------------------------

BACKTEST_SETTINGS = make_settings("month", ahead=4, cutoffs=3, step=4)


def make_monthly():
    _, units = make_seasonal(series=6, periods=44, season=12, noise=0.3)
    series = as_series(np.round(units))
    series["s05"] = series["s05"][-14:]  # begins late
    return make_frame(series, "month", {("s00", 42), ("s01", 20)})


@pytest.fixture(scope="module")
def monthly():
    return make_monthly()


@pytest.fixture(scope="module")
def backtests(monthly):
    return backtest_panel(monthly, BACKTEST_SETTINGS)


def test_origins_step_back_from_the_newest_that_leaves_the_horizon():
    settings = make_settings(ahead=6, cutoffs=4, step=5)
    assert cutoff_lengths(50, settings) == [29, 34, 39, 44]
    assert cutoff_lengths(20, settings) == [9, 14]
    assert cutoff_lengths(14, settings) == [8]
    assert cutoff_lengths(13, settings) == []


def test_the_backtest_has_a_row_for_each_cutoff_model_series_and_period(backtests):
    cutoffs = [pd.Timestamp("2025-06-01"), pd.Timestamp("2025-10-01"), pd.Timestamp("2026-02-01")]
    key = ["cutoff", "model", "series_id", "period_start"]
    assert not backtests.duplicated(key).any()
    assert_frame_equal(backtests, backtests.sort_values(key, ignore_index=True))
    assert sorted(backtests["cutoff"].unique()) == cutoffs
    # Six series, four models, four steps; the late one has begun at each cutoff.
    assert backtests.groupby("cutoff").size().tolist() == [96, 96, 96]
    months = backtests["period_start"].dt.to_period("M").astype("int64")
    origin = backtests["cutoff"].dt.to_period("M").astype("int64")
    assert (months - origin == backtests["horizon"]).all()
    assert set(backtests["horizon"]) == {1, 2, 3, 4}


def test_the_backtest_has_the_promised_columns_and_types(backtests):
    assert backtests.dtypes.astype(str).to_dict() == {
        "cutoff": "datetime64[us]",
        "model": "string",
        "series_id": "string",
        "model_level": "string",
        "sku": "string",
        "demand_class": "string",
        "period_start": "datetime64[us]",
        "horizon": "int64",
        "forecast": "float64",
        "q0_025": "float64",
        "q0_5": "float64",
        "q0_975": "float64",
        "actual": "float64",
        "is_stockout": "bool",
        "is_selected": "bool",
        "scale": "float64",
        "naive_error": "float64",
        "naive_squared_error": "float64",
        "training_units": "float64",
        "noise_floor": "float64",
    }
    assert not backtests.isna().any().any()


def test_actuals_and_stock_outs_of_the_backtest_are_those_of_the_panel(monthly, backtests):
    joined = backtests.merge(monthly, on=["series_id", "period_start"], suffixes=("", "_panel"))
    assert len(joined) == len(backtests)
    assert (joined["actual"] == joined["units"]).all()
    assert (joined["is_stockout"] == joined["is_stockout_panel"]).all()
    assert (joined["sku"] == joined["sku_panel"]).all()


def test_training_units_are_those_sold_up_to_the_cutoff(monthly, backtests):
    for (cutoff, series), group in backtests.groupby(["cutoff", "series_id"]):
        known = monthly[(monthly["series_id"] == series) & (monthly["period_start"] <= cutoff)]
        assert (group["training_units"] == known["units"].sum()).all()


def test_a_series_that_begins_after_a_cutoff_is_not_forecast_from_it():
    frame = make_frame({"old": np.arange(30) % 5 + 3.0, "young": np.arange(7.0) + 1})
    backtests = backtest_panel(frame, make_settings(ahead=4, cutoffs=2, step=4))
    by_cutoff = backtests.groupby("cutoff")["series_id"].unique().map(sorted).tolist()
    assert by_cutoff == [["old"], ["old", "young"]]


def test_what_comes_after_a_cutoff_does_not_change_a_forecast_made_at_it(monthly, backtests):
    cutoff = pd.Timestamp("2025-10-01")
    later = monthly.copy()
    is_after = later["period_start"] > cutoff
    rng = np.random.default_rng(8)
    later.loc[is_after, "units"] = rng.integers(0, 2000, is_after.sum())
    later.loc[is_after, "is_stockout"] = rng.random(is_after.sum()) < 0.5
    changed = backtest_panel(later, BACKTEST_SETTINGS)
    own = ["model", "series_id", "horizon", "forecast", "demand_class", "scale", "naive_error"]
    own += ["naive_squared_error", "training_units"]
    for known in sorted(set(backtests["cutoff"])):
        before = backtests.loc[backtests["cutoff"] == known, own].reset_index(drop=True)
        after = changed.loc[changed["cutoff"] == known, own].reset_index(drop=True)
        if known <= cutoff:
            assert_frame_equal(after, before, check_exact=True)
        else:
            assert (after["forecast"] != before["forecast"]).any()


def test_interval_and_choice_at_a_cutoff_do_not_use_what_came_true_there(monthly, backtests):
    last = backtests["cutoff"].max()
    later = monthly.copy()
    later.loc[later["period_start"] > last, "units"] *= 40
    changed = backtest_panel(later, BACKTEST_SETTINGS)
    own = ["q0_025", "q0_5", "q0_975", "is_selected"]
    is_last = backtests["cutoff"] == last
    assert_frame_equal(changed.loc[is_last, own], backtests.loc[is_last, own], check_exact=True)
    assert (changed.loc[~is_last, "q0_975"] > backtests.loc[~is_last, "q0_975"]).any()


def test_any_order_of_rows_gives_the_same_backtest_and_forecast(monthly, backtests):
    shuffled = monthly.sample(frac=1, random_state=9)
    again = backtest_panel(shuffled, BACKTEST_SETTINGS)
    assert_frame_equal(again, backtests, check_exact=True)
    forecasts = forecast_panel(monthly, backtests, BACKTEST_SETTINGS)
    shuffled_backtests = backtests.sample(frac=1, random_state=10)
    assert_frame_equal(forecast_panel(shuffled, shuffled_backtests, BACKTEST_SETTINGS), forecasts)


@pytest.mark.parametrize(("periods", "lag"), [(44, 12), (19, 1)])
def test_the_naive_error_is_the_scale_of_mase(periods, lag):
    rng = np.random.default_rng(11)
    frame = make_frame(as_series(rng.poisson(20, (2, periods)).astype(float)), "month")
    backtests = backtest_panel(frame, make_settings("month", ahead=3, cutoffs=2, step=3))
    found = backtests[backtests["model"] == "theta"].rename(
        columns={"series_id": "unique_id", "period_start": "ds", "actual": "y", "forecast": "theta"}
    )
    known = frame.rename(columns={"series_id": "unique_id", "period_start": "ds", "units": "y"})
    for cutoff, part in found.groupby("cutoff"):
        part = part[["unique_id", "ds", "y", "theta", "naive_error"]]
        training = known.loc[known["ds"] <= cutoff, ["unique_id", "ds", "y"]]
        scaled = mase(part, ["theta"], seasonality=lag, train_df=training)
        scale = mae(part, ["theta"])["theta"] / scaled["theta"]
        assert part.groupby("unique_id")["naive_error"].first().to_numpy() == pytest.approx(
            scale.to_numpy()
        )


def test_a_series_that_has_not_known_a_season_is_scaled_by_the_naive_error():
    frame = make_frame({"old": np.arange(40) % 7, "young": [5, 9, 2, 0, 8, 8]}, "month")
    backtests = backtest_panel(frame, make_settings("month", ahead=2, cutoffs=2, step=3))
    young = backtests[backtests["series_id"] == "young"].groupby("cutoff")
    # After 5, 9, 2, 0 the changes are 4, -7, -2; after the first alone there is only the 5.
    assert young["naive_error"].first().tolist() == pytest.approx([5, 13 / 3])
    assert young["naive_squared_error"].first().tolist() == pytest.approx([25, 69 / 3])


def test_naive_errors_by_hand():
    units = [1, 4, 2, 2, 5, 3, 3, 6, 9, 9, 9]
    backtests = backtest_panel(make_frame({"a": units}), make_settings(ahead=3, cutoffs=1))
    # Changes before the cutoff: 3, -2, 0, 3, -2, 0, 3.
    assert backtests["naive_error"].unique() == pytest.approx([13 / 7])
    assert backtests["naive_squared_error"].unique() == pytest.approx([35 / 7])


@pytest.mark.parametrize("rows", [0, 11])
def test_too_short_a_history_gives_an_empty_backtest_with_the_same_types(backtests, rows):
    frame = make_frame({"a": np.arange(11.0)}).iloc[:rows]
    empty = backtest_panel(frame, make_settings(ahead=4))
    assert empty.empty
    assert empty.dtypes.to_dict() == backtests.dtypes.to_dict()


def test_no_cutoffs_give_an_empty_backtest(monthly):
    assert backtest_panel(monthly, make_settings("month", cutoffs=0)).empty


# --- choice of a model ---------------------------------------------------------------------------


def score_rows(demand_class, model, forecasts, actuals, stockouts=None):
    return pd.DataFrame(
        {
            "demand_class": demand_class,
            "model": model,
            "forecast": np.array(forecasts, dtype="float64"),
            "actual": np.array(actuals, dtype="float64"),
            "is_stockout": stockouts or [False] * len(actuals),
        }
    )


def test_the_model_with_the_least_error_plus_bias_wins_its_class():
    backtests = pd.concat(
        [
            # Root mean squared error 1.41 and bias 1: 2.41, against 2 and 0.
            score_rows("smooth", "a", [10, 12], [10, 10]),
            score_rows("smooth", "b", [8, 12], [10, 10]),
            # Bias -1 counts like bias 1.
            score_rows("lumpy", "a", [8, 10], [10, 10]),
            score_rows("lumpy", "b", [8, 12], [10, 10]),
            # Without bias the smaller squared error wins.
            score_rows("erratic", "a", [9, 11], [10, 10]),
            score_rows("erratic", "b", [8, 12], [10, 10]),
        ]
    )
    assert select_models(backtests) == {"smooth": "b", "lumpy": "b", "erratic": "a"}


def test_stock_outs_do_not_count_and_ties_go_to_the_first_name():
    backtests = pd.concat(
        [
            score_rows("smooth", "b", [10, 500], [10, 10], [False, True]),
            score_rows("smooth", "a", [11, 10], [10, 10], [False, True]),
            score_rows("lumpy", "d", [1, 3], [2, 2]),
            score_rows("lumpy", "c", [3, 1], [2, 2]),
        ]
    )
    assert select_models(backtests) == {"smooth": "b", "lumpy": "c"}


def test_a_class_that_never_sold_still_gets_a_model():
    backtests = pd.concat(
        [
            score_rows("intermittent", "a", [1, 1], [0, 0]),
            score_rows("intermittent", "b", [0, 0], [0, 0]),
        ]
    )
    assert select_models(backtests) == {"intermittent": "b"}


def test_a_class_without_a_winner_gets_the_ensemble():
    chosen = selected_model({"smooth": "theta"}, pd.Series(["lumpy", "smooth"]))
    assert chosen.tolist() == ["ensemble", "theta"]


def test_the_selected_rows_of_a_cutoff_are_the_winner_of_the_other_cutoffs(backtests):
    for cutoff, part in backtests.groupby("cutoff"):
        winners = select_models(backtests[backtests["cutoff"] != cutoff])
        expected = part["demand_class"].map(winners).fillna("ensemble")
        assert (part["is_selected"] == (part["model"] == expected)).all()


# --- forecast ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "future"),
    [
        ("day", ["2026-07-01", "2026-07-02", "2026-07-03"]),
        ("week", ["2026-07-06", "2026-07-13", "2026-07-20"]),
        ("month", ["2026-07-01", "2026-08-01", "2026-09-01"]),
    ],
)
def test_the_future_begins_with_the_period_after_the_last(period, future):
    settings = make_settings(period, ahead=3)
    frame = make_frame({"b": [4, 5, 6], "a": [1, 2, 3]}, period)
    forecasts = forecast_panel(frame, backtest_panel(frame, settings), settings)
    assert forecasts["series_id"].tolist() == ["a"] * 3 + ["b"] * 3
    assert forecasts["horizon"].tolist() == [1, 2, 3] * 2
    assert forecasts["period_start"].tolist() == [pd.Timestamp(date) for date in future] * 2
    assert set(forecasts["model"]) == {"ensemble"}


@pytest.mark.parametrize(("period", "ahead"), [("day", 10), ("month", 15)])
def test_a_horizon_beyond_one_season_is_backtested_and_forecast(period, ahead):
    rng = np.random.default_rng(12)
    frame = make_frame(as_series(rng.poisson(9, (2, 50))), period)
    settings = make_settings(period, ahead=ahead, cutoffs=1)
    backtests = backtest_panel(frame, settings)
    forecasts = forecast_panel(frame, backtests, settings)
    assert backtests["horizon"].max() == ahead
    assert len(forecasts) == 2 * ahead
    assert np.isfinite(forecasts[["mean", *QUANTILE_NAMES]]).all(axis=None)


def test_each_class_is_forecast_by_the_model_that_won_it(monkeypatch):
    for number, name in enumerate(("seasonal_naive", "theta", "random_forest"), start=1):
        monkeypatch.setitem(MODELS, name, constant_model(number))
    frame = make_frame({"even": [10] * 20, "gaps": [10, 0] * 10})
    won = [
        score_rows("smooth", "seasonal_naive", [1, 1], [1, 1]),
        score_rows("smooth", "theta", [2, 2], [1, 1]),
        score_rows("intermittent", "seasonal_naive", [2, 2], [1, 1]),
        score_rows("intermittent", "theta", [1, 1], [1, 1]),
    ]
    backtests = pd.concat(won).assign(horizon=1, scale=1.0)
    forecasts = forecast_panel(frame, backtests, make_settings(ahead=1))
    assert forecasts[["series_id", "model", "mean"]].to_numpy().tolist() == [
        ["even", "seasonal_naive", 1.0],
        ["gaps", "theta", 2.0],
    ]


def test_an_empty_panel_gives_empty_forecasts_with_the_same_types(monthly, backtests):
    settings = BACKTEST_SETTINGS
    full = forecast_panel(monthly, backtests, settings)
    empty = forecast_panel(monthly.iloc[:0], backtests.iloc[:0], settings)
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


# --- noise floor ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "floor"), [(3, 0.566), (10, 0.309), (20, 0.195), (35, 0.141), (100, 0.081)]
)
def test_the_noise_floor_is_that_of_a_poisson_count(mean, floor):
    assert poisson_mape_floor(np.array([mean]))[0] == pytest.approx(floor, abs=0.003)


def test_the_noise_floor_equals_a_simulation():
    rng = np.random.default_rng(13)
    means = np.array([0.5, 1.7, 6.3, 48.0, 900.0])
    simulated = []
    for mean in means:
        counts = rng.poisson(mean, 400_000)
        counts = counts[counts > 0]
        simulated.append(np.mean(np.abs(counts - mean) / counts))
    np.testing.assert_allclose(poisson_mape_floor(means), simulated, rtol=0.01)


# --- sharing out ---------------------------------------------------------------------------------


def make_forecasts(mean, quantiles, series="pool"):
    row = {"series_id": series, "model": "theta", "horizon": 1, "mean": mean}
    row |= {"period_start": pd.Timestamp("2026-07-06")}
    return pd.DataFrame([row | dict(zip(QUANTILE_NAMES, quantiles, strict=True))])


def make_members(shares, series="pool"):
    return pd.DataFrame(
        {
            "segment": [f"segment {number}" for number in range(len(shares))],
            "sku": "A",
            "region_id": "north",
            "series_id": series,
            "share": shares,
        }
    )


def normal_quantiles(mean, deviation):
    return mean + deviation * np.array([-1.96, -1.6449, -0.6745, 0, 0.6745, 1.6449, 1.96])


def test_the_shares_of_a_pool_add_up_to_it():
    forecasts = make_forecasts(40.0, normal_quantiles(40, 12))
    shared = share_out(forecasts, make_members([0.5, 0.3, 0.15, 0.05]))
    assert shared["mean"].tolist() == pytest.approx([20, 12, 6, 2])
    assert shared["mean"].sum() == pytest.approx(40)


def test_a_member_that_is_its_whole_pool_keeps_mean_and_quantiles():
    quantiles = [0.5, 1.5, 3.25, 7.75, 9.0, 20.1, 33.3]
    shared = share_out(make_forecasts(8.0, quantiles), make_members([1.0]))
    assert shared[["mean", *QUANTILE_NAMES]].to_numpy().tolist() == [[8.0, *quantiles]]
    assert shared["model"].tolist() == ["theta"]


@pytest.mark.parametrize(
    ("mean", "deviation", "share"),
    [(40, 12, 0.3), (40, 12, 0.02), (400, 90, 0.5), (6, 4, 0.4), (30, 30**0.5, 0.25)],
)
def test_thinned_quantiles_equal_a_simulation(mean, deviation, share):
    rng = np.random.default_rng(14)
    draws = 400_000
    variance = deviation**2
    if variance > mean * 1.01:
        size = mean**2 / (variance - mean)
        pool = rng.poisson(rng.gamma(size, mean / size, draws))
    else:
        pool = rng.poisson(mean, draws)
    member = rng.binomial(pool, share)
    forecasts = make_forecasts(float(mean), normal_quantiles(mean, deviation))
    shared = share_out(forecasts, make_members([share, 1 - share]))
    simulated = np.quantile(member, QUANTILES, method="inverted_cdf")
    assert shared["mean"].iloc[0] == pytest.approx(member.mean(), rel=0.01)
    found = shared[QUANTILE_NAMES].iloc[0].to_numpy(dtype="float64")
    assert np.abs(found - simulated).max() <= max(1, 0.01 * mean * share)
    assert (found == simulated).sum() >= 5


def test_quantiles_of_members_never_cross_and_are_counts():
    rng = np.random.default_rng(15)
    forecasts = pd.concat(
        [
            make_forecasts(mean, np.sort(np.maximum(normal_quantiles(mean, wide), 0)), f"p{row}")
            for row, (mean, wide) in enumerate(
                zip(rng.gamma(0.5, 40, 60), rng.gamma(1, 20, 60), strict=True)
            )
        ]
    )
    members = pd.concat([make_members([0.7, 0.29, 0.01], name) for name in forecasts["series_id"]])
    shared = share_out(forecasts, members)
    quantiles = shared[QUANTILE_NAMES].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (quantiles >= 0).all()
    assert (quantiles == np.round(quantiles)).all()


def test_a_pool_that_sells_nothing_and_a_member_without_a_share_get_zeros():
    nothing = make_forecasts(0.0, [0, 0, 0, 0, 0, 0.2, 0.3])
    some = make_forecasts(50.0, normal_quantiles(50, 10))
    for shared in (
        share_out(nothing, make_members([0.5, 0.5])),
        share_out(some, make_members([0.0, 1.0])).head(1),
    ):
        assert (shared[["mean", *QUANTILE_NAMES]] == 0).all(axis=None)


def test_shared_forecasts_are_sorted_by_their_key_and_carry_nothing_else():
    forecasts = pd.concat(
        [make_forecasts(10.0, normal_quantiles(10, 4), name) for name in ("x", "y")]
    )
    members = pd.concat([make_members([0.4, 0.6], "x"), make_members([1.0], "y").assign(sku="B")])
    shared = share_out(forecasts, members.sample(frac=1, random_state=1))
    assert shared[["segment", "sku"]].to_numpy().tolist() == [
        ["segment 0", "A"],
        ["segment 0", "B"],
        ["segment 1", "A"],
    ]
    key = ["segment", "sku", "region_id", "period_start"]
    assert shared.columns.tolist() == [*key, "mean", *QUANTILE_NAMES, "model"]


def test_nothing_to_share_gives_an_empty_frame_with_the_same_types(monthly, backtests):
    members = make_members([1.0], "s00")
    full = share_out(forecast_panel(monthly, backtests, BACKTEST_SETTINGS), members)
    nothing = forecast_panel(monthly.iloc[:0], backtests.iloc[:0], BACKTEST_SETTINGS)
    empty = share_out(nothing, members.iloc[:0])
    assert len(full) == 4
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_a_missing_column_of_the_members_is_named():
    members = make_members([1.0]).drop(columns="share")
    with pytest.raises(InputError, match="int_demand__assign_model_series lacks column share"):
        share_out(make_forecasts(1.0, np.ones(7)), members)
