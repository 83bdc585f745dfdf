"""What the engine's models are made of, against reference libraries, formulas and planted truth."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from statsforecast.models import TSB, CrostonClassic, CrostonSBA
from statsmodels.tsa.ar_model import AutoReg
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from inventory_allocation.forecasting import intermittent, smoothing
from inventory_allocation.forecasting.history import CLASSES, History
from inventory_allocation.forecasting.intervals import Outcome, calibrate, sum_ahead
from inventory_allocation.forecasting.models import arima
from inventory_allocation.forecasting.models.seasonal_naive import forecast_seasonal_naive
from inventory_allocation.forecasting.models.theta import forecast_theta
from inventory_allocation.forecasting.seasonality import estimate_seasons
from inventory_allocation.forecasting.stacking import (
    add_records,
    measure_record,
    solve_weights,
)

LEVELS = (0.025, 0.5, 0.975)


def make_series(series=4, periods=60, seed=1):
    rng = np.random.default_rng(seed)
    wave = 1 + 0.4 * np.sin(2 * np.pi * np.arange(periods) / 12)
    return rng.gamma(8, 1, (series, periods)) * wave * np.arange(1, series + 1)[:, None]


# --- smoothing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("parameters", [(0.3, 0.0, 1.0), (0.2, 0.1, 0.95), (0.5, 0.3, 0.9)])
def test_smoothing_is_that_of_statsmodels(parameters):
    alpha, beta, phi = parameters
    units = make_series()
    found = smoothing.smooth(units, 5, grid=(parameters,))
    for row, values in enumerate(units):
        trend = {"trend": "add", "damped_trend": True, "initial_trend": 0.0} if beta else {}
        fixed = {"smoothing_trend": beta, "damping_trend": phi} if beta else {}
        reference = ExponentialSmoothing(
            values, initialization_method="known", initial_level=values[:8].mean(), **trend
        ).fit(smoothing_level=alpha, optimized=False, **fixed)
        np.testing.assert_allclose(found[row], reference.forecast(5), rtol=1e-10)


@pytest.mark.parametrize("additive", [True, False])
def test_holt_winters_is_that_of_statsmodels(additive, monkeypatch):
    monkeypatch.setattr(smoothing, "SEASONAL_GRID", ((0.3, 0.1, 0.95, 0.2),))
    units = make_series()
    indices = 1 + 0.4 * np.sin(2 * np.pi * np.arange(12) / 12)
    found = smoothing.holt_winters(units, 15, np.tile(indices, (4, 1)), additive)
    for row, values in enumerate(units):
        start = (indices - 1) * values.mean() if additive else indices
        reference = ExponentialSmoothing(
            values,
            trend="add",
            damped_trend=True,
            seasonal="add" if additive else "mul",
            seasonal_periods=12,
            initialization_method="known",
            initial_level=values[:12].mean(),
            initial_trend=0.0,
            initial_seasonal=start,
        ).fit(
            smoothing_level=0.3,
            smoothing_trend=0.1,
            damping_trend=0.95,
            smoothing_seasonal=0.2,
            optimized=False,
        )
        # A whole season ahead statsmodels takes the season of a year before the last one it fitted.
        ahead = np.delete(np.arange(15), 11)
        np.testing.assert_allclose(found[row, ahead], reference.forecast(15)[ahead], rtol=1e-9)


def test_a_gap_leaves_the_level_as_it_was():
    units = make_series()
    gap = np.insert(units, 40, np.nan, axis=1)
    found, expected = (
        smoothing.smooth(panel, 3, grid=smoothing.FLAT_GRID) for panel in (gap, units)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_average_over_parameters_leans_to_those_that_fit():
    steps = np.cumsum(np.random.default_rng(2).normal(size=(20, 300)), axis=1) + 100
    noise = 100 + np.random.default_rng(3).normal(size=(20, 300))
    # A random walk is forecast by its last value, noise by its mean.
    np.testing.assert_allclose(smoothing.smooth(steps, 1)[:, 0], steps[:, -1], atol=1.2)
    np.testing.assert_allclose(smoothing.smooth(noise, 1)[:, 0], 100, atol=0.6)


def test_blocks_do_not_change_a_series(monkeypatch):
    units = make_series(series=30)
    whole = smoothing.smooth(units, 4)
    monkeypatch.setattr(smoothing, "BLOCK", 7)
    np.testing.assert_array_equal(smoothing.smooth(units, 4), whole)


# --- intermittent --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "reference"),
    [
        (lambda units: intermittent.croston(units, unbiased=False), CrostonClassic()),
        (lambda units: intermittent.croston(units, unbiased=True), CrostonSBA()),
        (intermittent.teunter_syntetos_babai, TSB(alpha_d=0.1, alpha_p=0.1)),
    ],
    ids=["croston", "sba", "tsb"],
)
def test_intermittent_methods_are_those_of_statsforecast(ours, reference, monkeypatch):
    monkeypatch.setattr(intermittent, "SMOOTHING", (0.1,))
    rng = np.random.default_rng(4)
    units = rng.poisson(3, (6, 50)) * (rng.random((6, 50)) < 0.3) * 1.0
    expected = [reference.forecast(y=values, h=1)["mean"][0] for values in units]
    np.testing.assert_allclose(ours(units), expected, rtol=1e-6)


def test_nothing_sold_is_forecast_as_nothing():
    units = np.zeros((1, 9))
    assert intermittent.croston(units, unbiased=True)[0] == 0
    assert intermittent.teunter_syntetos_babai(units)[0] == 0


# --- seasons -------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [7, 12, 52])
def test_planted_seasons_are_found_whenever_a_series_began(length):
    rng = np.random.default_rng(5)
    season = rng.uniform(0.5, 1.5, length)
    if length == 52:
        season = 1 + 0.5 * np.sin(2 * np.pi * np.arange(52) / 52)
    season /= season.mean()
    units = np.geomspace(1, 900, 40)[:, None] * np.tile(season, 4)[None, :]
    for row in range(0, 40, 3):
        units[row, : row * 2] = np.nan
    found = estimate_seasons(units, length)
    assert found.has_pooled
    assert found.has_own
    np.testing.assert_allclose(found.pooled, season, rtol=0.01)
    np.testing.assert_allclose(found.own, np.tile(season, (40, 1)), rtol=0.02)


def test_growth_is_no_season_with_less_than_two_of_them():
    units = np.tile(1.03 ** np.arange(20), (5, 1))
    found = estimate_seasons(units, 12)
    assert found.has_pooled
    assert not found.has_own
    np.testing.assert_allclose(found.pooled, 1, atol=0.08)


def test_own_seasons_of_noise_shrink_to_the_pooled_one_and_real_ones_stay():
    rng = np.random.default_rng(6)
    noise = rng.gamma(1, 10, (200, 48))
    found = estimate_seasons(noise, 12)
    raw = noise.reshape(200, 4, 12).mean(axis=1) / noise.mean(axis=1, keepdims=True)
    assert found.own.std(axis=1).mean() < 0.5 * raw.std(axis=1).mean()
    real = 100 * (1 + 0.5 * np.sin(2 * np.pi * (np.arange(48) + np.arange(200)[:, None]) / 12))
    found = estimate_seasons(real + rng.normal(0, 5, real.shape), 12)
    expected = real[:, :12] / 100
    assert np.abs(found.own - expected).mean() < 0.03


def test_waves_of_a_year_of_weeks_are_found_in_small_counts_and_not_in_noise():
    """Each series peaks in its own week: neither the pooled season nor two counts a week tell."""
    rng = np.random.default_rng(8)
    weeks, phase = np.arange(140), rng.integers(0, 52, (300, 1))
    truth = 1 + 0.6 * np.sin(2 * np.pi * (weeks + phase) / 52)
    seasons = estimate_seasons(rng.poisson(8 * truth).astype("float64"), 52)
    miss = np.abs(seasons.own - truth[:, :52]).mean()
    assert miss < 0.4 * np.abs(seasons.pooled - truth[:, :52]).mean()
    seasons = estimate_seasons(rng.poisson(8, (300, 140)).astype("float64"), 52)
    assert np.abs(seasons.own - 1).mean() < 0.08


def test_a_season_is_not_known_before_it_is_over():
    found = estimate_seasons(np.ones((3, 11)), 12)
    assert not found.has_pooled
    np.testing.assert_array_equal(found.own, np.ones((3, 12)))


# --- models --------------------------------------------------------------------------------------


def test_seasonal_naive_repeats_the_last_season_beyond_one_season():
    history = History(np.arange(1.0, 16)[None], 12, 26)
    season = list(range(4, 16))
    assert forecast_seasonal_naive(history)[0].tolist() == [*season, *season, 4, 5]


@pytest.mark.parametrize(("lags", "differences"), [(1, 0), (3, 0), (2, 1)])
def test_arima_is_the_autoregression_of_statsmodels(lags, differences, monkeypatch):
    monkeypatch.setattr(arima, "ORDERS", ((lags, differences),))
    monkeypatch.setattr(arima, "RIDGE", 0.0)
    units = make_series()
    # Without a whole season known there is none to take out.
    found = arima.forecast_arima(History(units, 99, 5))
    for row, values in enumerate(units):
        trend = "n" if differences else "c"
        fitted = AutoReg(np.diff(values, n=differences), lags, trend=trend).fit()
        ahead = fitted.forecast(5)
        expected = values[-1] + np.cumsum(ahead) if differences else ahead
        np.testing.assert_allclose(found[row], expected, rtol=1e-7)


def test_arima_takes_the_season_out_and_survives_gaps_and_runaways():
    rng = np.random.default_rng(3)
    wave = 1 + 0.5 * np.sin(2 * np.pi * np.arange(72) / 12)
    units = rng.poisson(50 * wave, (20, 72)).astype("float64")
    found = arima.forecast_arima(History(units[:, :60], 12, 12))
    assert np.abs(found - 50 * wave[60:]).mean() < 5
    units[rng.random(units.shape) < 0.1] = np.nan
    units[0, :60], units[1, :60] = 7.0, 1.1 ** np.arange(60)
    found = arima.forecast_arima(History(units[:, :60], 12, 12))
    assert np.abs(found[2:] - 50 * wave[60:]).mean() < 6
    np.testing.assert_allclose(found[0].mean(), 7.0, rtol=0.2)
    assert np.isfinite(found).all()


def test_theta_is_smoothing_plus_half_the_slope():
    units = make_series(periods=40)
    found = forecast_theta(History(units, 1, 3))
    flat = smoothing.smooth(units, 3, grid=smoothing.FLAT_GRID)
    for row, values in enumerate(units):
        slope = np.polyfit(np.arange(40), values, 1)[0]
        np.testing.assert_allclose(found[row], flat[row] + slope / 2 * np.arange(1, 4), rtol=1e-9)


@pytest.mark.parametrize(
    ("units", "demand_class"),
    [
        ([10, 11, 9, 10] * 2, "smooth"),
        ([1, 1, 1, 10] * 2, "erratic"),
        ([5, 0, 5, 0] * 2, "intermittent"),
        ([1, 0, 10, 0] * 2, "lumpy"),
        ([5] * 100 + [0] * 32, "smooth"),  # a gap of 1.32
        ([5] * 100 + [0] * 33, "intermittent"),
        ([3, 17] * 4, "smooth"),  # a squared variation of 0.49
        ([3, 17.1] * 4, "erratic"),
        ([0] * 8, "intermittent"),
        ([0] * 7, "new"),
        (
            [np.nan, np.nan, np.nan, *[10] * 8],
            "smooth",
        ),  # what is before the first sale doesn't count
    ],
)
def test_demand_is_classified_by_the_limits_of_syntetos_and_boylan(units, demand_class):
    history = History(np.array([units], dtype="float64"), 4, 1)
    assert [CLASSES[number] for number in history.demand_class] == [demand_class]


# --- stacking ------------------------------------------------------------------------------------


def make_record(seed, truth_weights, noise=0.1, series=300):
    rng = np.random.default_rng(seed)
    forecasts = rng.gamma(3, 2, (3, series, 4))
    actual = np.einsum("msh,m->sh", forecasts, truth_weights)
    actual = actual + noise * rng.normal(size=actual.shape)
    cell = np.zeros(actual.shape, dtype=int)
    return forecasts, actual, cell


def test_planted_weights_are_found():
    forecasts, actual, cell = make_record(7, [0.7, 0.0, 0.2])
    record = measure_record(forecasts, actual, np.ones(300), cell, 1)
    np.testing.assert_allclose(solve_weights(record, 1e-9)[0], [0.7, 0, 0.2], atol=0.01)


def test_weights_minimise_what_they_say_they_minimise():
    forecasts, actual, cell = make_record(8, [0.9, -0.4, 0.3], noise=1.0)
    weight = np.random.default_rng(9).uniform(0.2, 5, 300)
    start = np.array([1.0, 2.0, 1.0])
    found = solve_weights(measure_record(forecasts, actual, weight, cell, 1), 0.01, start)[0]
    mean_square = np.einsum("msh,s->m", forecasts**2, weight).mean()

    def loss(weights):
        error = actual - np.einsum("msh,m->sh", forecasts, weights)
        return (error**2 * weight[:, None]).sum() + 0.01 * mean_square * (
            (weights - start / 4) ** 2
        ).sum()

    brute = minimize(loss, np.ones(3) / 3, bounds=[(0, None)] * 3, tol=1e-12)
    np.testing.assert_allclose(found, brute.x, atol=1e-4)
    assert found[1] == 0


def test_unknown_actuals_do_not_count_and_origins_add_up():
    forecasts, actual, cell = make_record(10, [0.5, 0.2, 0.3])
    with_gap = actual.copy()
    with_gap[:50] = np.nan
    found = measure_record(forecasts, with_gap, np.ones(300), cell, 1)
    rest = measure_record(forecasts[:, 50:], actual[50:], np.ones(250), cell[50:], 1)
    np.testing.assert_allclose(found.products, rest.products)
    first = measure_record(forecasts[:, :50], actual[:50], np.ones(50), cell[:50], 1)
    whole = measure_record(forecasts, actual, np.ones(300), cell, 1)
    np.testing.assert_allclose(add_records([rest, first]).matches, whole.matches)


def test_a_cell_without_a_record_gets_the_weights_of_all():
    forecasts, actual, cell = make_record(11, [1.0, 0.0, 0.0])
    found = solve_weights(measure_record(forecasts, actual, np.ones(300), cell, 3), 1e-9)
    np.testing.assert_allclose(found[1], found[0])
    empty = measure_record(forecasts, np.full_like(actual, np.nan), np.ones(300), cell, 2)
    np.testing.assert_allclose(
        solve_weights(empty, 1.0, np.array([3.0, 1.0, 0.0])), [[0.75, 0.25, 0]] * 2
    )


# --- intervals -----------------------------------------------------------------------------------


def make_outcomes(count, seed, series=400, steps=6):
    """Errors wider for larger series and further ahead, skewed, of two classes."""
    rng = np.random.default_rng(seed)
    outcomes = []
    for _ in range(count):
        level = rng.lognormal(3, 1, series)
        demand_class = rng.integers(0, 2, series)
        width = level[:, None] ** 0.7 * np.arange(1, steps + 1) ** 0.4 * (1 + demand_class[:, None])
        mean = level[:, None] * rng.uniform(1, 1.2, (series, steps)) + 50
        actual = mean + width * (rng.gamma(4, 0.5, (series, steps)) - 2)
        outcomes.append(Outcome(mean, actual, demand_class, 4, level**0.7, level))
    return outcomes


def test_intervals_cover_fresh_data_in_every_class_and_at_every_step():
    past, fresh = make_outcomes(12, 13), make_outcomes(30, 14)
    calibration = calibrate(past, LEVELS)
    low, high = [], []
    for outcome in fresh:
        quantiles = calibration.apply(outcome)
        low.append(outcome.actual < quantiles[..., 0])
        high.append(outcome.actual > quantiles[..., 2])
    low, high = np.stack(low), np.stack(high)
    assert low.mean() == pytest.approx(0.025, abs=0.008)
    assert high.mean() == pytest.approx(0.025, abs=0.008)
    inside = ~(low | high)
    classes = np.stack([outcome.group for outcome in fresh])
    for number in (0, 1):
        by_step = inside[classes == number].mean(axis=0)
        assert ((by_step > 0.92) & (by_step < 0.98)).all()


def test_expected_errors_are_the_planted_ones():
    calibration = calibrate(make_outcomes(12, 15), LEVELS)
    outcome = make_outcomes(1, 16)[0]
    width = outcome.level[:, None] ** 0.7 * np.arange(1, 7) ** 0.4
    width = width * (1 + outcome.group[:, None])
    ratio = calibration.expected_error(outcome) / width
    assert ratio.std() / ratio.mean() < 0.1


def test_quantiles_rise_and_never_fall_below_zero():
    outcome = make_outcomes(1, 17)[0]
    near_zero = Outcome(
        outcome.mean - 49.9,
        outcome.actual,
        outcome.group,
        4,
        outcome.naive_error,
        outcome.level,
    )
    quantiles = calibrate(make_outcomes(5, 18), (0.025, 0.05, 0.5, 0.95, 0.975)).apply(near_zero)
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()


def make_lumpy(count, seed, series=400, steps=6):
    """Errors larger than changes for series that are small beside their changes."""
    rng = np.random.default_rng(seed)
    outcomes = []
    for _ in range(count):
        level, lumpiness = rng.lognormal(0, 1, series), rng.uniform(0.3, 2, series)
        change = level * lumpiness
        mean = np.repeat(level[:, None], steps, axis=1)
        width = (change**1.4 * level**-0.4)[:, None]
        actual = mean + width * rng.normal(0, 1, (series, steps))
        outcomes.append(Outcome(mean, actual, np.zeros(series, int), 1, change, level))
    return outcomes


def test_a_series_that_slept_has_an_interval_of_its_own_size():
    awake = make_lumpy(1, 23)[0]
    asleep = replace(awake, level=np.full_like(awake.level, 1e-9))
    highest = calibrate(make_lumpy(8, 22), LEVELS).apply(asleep)[..., 2]
    assert (highest <= awake.mean + 10 * awake.naive_error[:, None]).all()


def make_drifting(count, seed, series=400, steps=8):
    """Errors of a random walk: a step's error is the one before and a little more."""
    rng = np.random.default_rng(seed)
    outcomes = []
    for _ in range(count):
        error = rng.normal(0, 3, (series, steps)).cumsum(axis=1)
        mean = np.full((series, steps), 200.0)
        ones = np.ones(series)
        outcomes.append(Outcome(mean, mean + error, np.zeros(series, int), 4, 3 * ones, 200 * ones))
    return outcomes


def test_demand_over_a_lead_time_is_covered_where_adding_up_steps_is_not():
    past, fresh = make_drifting(10, 20), make_drifting(30, 21)
    by_step = calibrate(past, LEVELS)
    summed = calibrate([sum_ahead(outcome) for outcome in past], LEVELS)
    inside, added, independent = [], [], []
    for outcome in fresh:
        total = sum_ahead(outcome)
        quantiles, steps = summed.apply(total), by_step.apply(outcome)
        inside.append((total.actual >= quantiles[..., 0]) & (total.actual <= quantiles[..., 2]))
        width = np.stack([steps[..., number] - outcome.mean for number in (0, 2)])
        low, high = width.cumsum(axis=-1) + total.mean
        added.append((total.actual >= low) & (total.actual <= high))
        low, high = np.sign(width) * np.sqrt((width**2).cumsum(axis=-1)) + total.mean
        independent.append((total.actual >= low) & (total.actual <= high))
    coverage = np.stack(inside).mean(axis=(0, 1))
    assert ((coverage > 0.93) & (coverage < 0.97)).all()
    # Added up they cover too much, as if independent too little.
    assert np.stack(added)[..., -1].mean() > 0.97
    assert np.stack(independent)[..., -1].mean() < 0.85


def test_too_few_errors_calibrate_nothing():
    assert calibrate(make_outcomes(1, 19, series=30), LEVELS) is None
    assert calibrate([], LEVELS) is None
