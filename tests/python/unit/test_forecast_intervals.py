"""Prediction intervals cover as often as they say, on data that no model has seen."""

import numpy as np
import pandas as pd
import pytest

from inventory_allocation.forecasting import (
    QUANTILES,
    ForecastSettings,
    backtest_panel,
    forecast_panel,
)
from inventory_allocation.forecasting.intervals import add_quantiles, residual_quantiles
from inventory_allocation.forecasting.settings import QUANTILE_COLUMNS

INTERVAL = {"q0_025": 0.025, "q0_5": 0.5, "q0_975": 0.975}
LEVELS = tuple(INTERVAL.values())
ALL_LEVELS = dict(zip(QUANTILE_COLUMNS, QUANTILES, strict=True))


def make_rows(residuals, *, model="theta", demand_class="smooth", horizon=1, scale=1.0, level=100):
    """Backtest rows whose residuals, in units of the scale, are the given ones."""
    residuals = np.asarray(residuals, dtype="float64")
    return pd.DataFrame(
        {
            "model": model,
            "demand_class": demand_class,
            "horizon": horizon,
            "forecast": float(level),
            "actual": level + scale * residuals,
            "scale": scale,
            "is_stockout": False,
        }
    )


def look_up(table, model="theta", demand_class="smooth", band=0):
    row = table.query("model == @model and demand_class == @demand_class and band == @band")
    assert len(row) == 1
    return row[list(LEVELS)].to_numpy()[0].tolist()


# --- coverage ------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["normal", "skewed", "heavy"])
def test_intervals_cover_95_percent_of_fresh_data_whatever_the_noise(noise):
    rng = np.random.default_rng(1)
    draw = {
        "normal": lambda size: rng.normal(0, 1, size),
        "skewed": lambda size: rng.gamma(1.5, 1, size) - 1.5,
        "heavy": lambda size: rng.standard_t(3, size),
    }[noise]
    # A biased forecast: the interval has to move, not only to widen.
    past = pd.concat([make_rows(draw(1_000) + 0.8, scale=s, level=500) for s in (1.0, 9.0)])
    fresh = pd.concat([make_rows(draw(20_000) + 0.8, scale=s, level=500) for s in (1.0, 9.0)])
    found = add_quantiles(fresh, residual_quantiles(past, QUANTILES), ALL_LEVELS)
    inside = found["actual"].between(found["q0_025"], found["q0_975"])
    assert 0.93 < inside.mean() < 0.97
    for scale in (1.0, 9.0):
        assert 0.93 < inside[found["scale"] == scale].mean() < 0.97
    for name, level in ALL_LEVELS.items():
        assert (found["actual"] <= found[name]).mean() == pytest.approx(level, abs=0.025)


def test_intervals_follow_how_much_wider_the_noise_is_further_ahead_and_by_class():
    rng = np.random.default_rng(2)
    width = {("smooth", 1): 1, ("smooth", 6): 2, ("smooth", 12): 4, ("lumpy", 1): 7}
    past, fresh = (
        pd.concat(
            [
                make_rows(
                    rng.normal(0, wide, size), demand_class=name, horizon=ahead, level=1000
                ).assign(wide=wide)
                for (name, ahead), wide in width.items()
            ]
        )
        for size in (800, 8_000)
    )
    found = add_quantiles(fresh, residual_quantiles(past, LEVELS), INTERVAL)
    inside = found["actual"].between(found["q0_025"], found["q0_975"])
    by_cell = inside.groupby(found["wide"]).mean()
    assert by_cell.between(0.92, 0.98).all()
    widths = (found["q0_975"] - found["q0_025"]).groupby(found["wide"]).mean()
    np.testing.assert_allclose(widths, 2 * 1.96 * widths.index, rtol=0.15)


@pytest.fixture(scope="module")
def counts():
    """Weekly counts that vary more than Poisson by a known amount; the last four are fresh."""
    rng = np.random.default_rng(3)
    series, periods, ahead = 40, 44, 4
    mean = np.geomspace(10, 200, series)[:, None]
    units = rng.poisson(mean * rng.gamma(8, 1 / 8, (series, periods)))
    dates = pd.date_range("2026-01-05", periods=periods, freq="W-MON")
    frame = pd.DataFrame(
        {
            "series_id": np.repeat([f"s{row:02d}" for row in range(series)], periods),
            "period_start": np.tile(dates, series),
            "units": units.ravel().astype("float64"),
            "deviation": np.repeat(np.sqrt(mean + mean**2 / 8).ravel(), periods),
        }
    ).assign(model_level="sku", sku="A", is_stockout=False)
    known = frame[frame["period_start"] < dates[-ahead]]
    settings = ForecastSettings("week", ahead, 3, 4, 1)
    backtests = backtest_panel(known, settings)
    forecasts = forecast_panel(known, backtests, settings)
    return backtests, forecasts.merge(frame, on=["series_id", "period_start"])


def test_forecasts_of_counts_cover_fresh_periods_from_end_to_end(counts):
    _, fresh = counts
    assert len(fresh) == 40 * 4
    inside = fresh["units"].between(fresh["q0_025"], fresh["q0_975"])
    assert 0.92 <= inside.mean() <= 0.98
    # Covering by being wide is no feat: 3.92 deviations is what the truth itself would need.
    widths = (fresh["q0_975"] - fresh["q0_025"]).sum() / (3.92 * fresh["deviation"]).sum()
    assert 0.85 < widths < 1.3


def test_the_backtest_covers_at_origins_that_its_intervals_have_not_seen(counts):
    backtests, _ = counts
    inside = backtests["actual"].between(backtests["q0_025"], backtests["q0_975"])
    assert inside.groupby(backtests["model"]).mean().between(0.92, 0.98).all()


# --- the rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "ranks"),
    [
        (39, (1, 20, 39)),  # (39 + 1) * 0.025 = 1 and (39 + 1) * 0.975 = 39
        (79, (2, 40, 78)),
        (99, (2, 50, 98)),  # 2.5 goes down and 97.5 up: away from the middle
        (10, (1, 6, 10)),  # 0.275 and 10.725: nothing beyond the least and the most
        (1, (1, 1, 1)),
    ],
)
def test_quantiles_are_the_residuals_at_rank_n_plus_one(count, ranks):
    residuals = np.random.default_rng(5).permutation(np.arange(1, count + 1))
    table = residual_quantiles(make_rows(residuals, scale=4.0), LEVELS)
    assert look_up(table) == pytest.approx(list(ranks))


def test_small_samples_cover_what_the_rank_rule_promises():
    """With 79 uniform residuals the mean coverage is exactly (78 - 2) / 80."""
    rng = np.random.default_rng(6)
    samples = [make_rows(rng.random(79), model=f"m{number:03d}") for number in range(300)]
    table = residual_quantiles(pd.concat(samples), LEVELS)
    coverage = table[0.975] - table[0.025]
    assert coverage.mean() == pytest.approx(0.95, abs=0.005)


def test_a_small_cell_borrows_from_the_other_classes_of_its_model_and_band():
    rows = [
        make_rows(np.arange(1, 61)),
        make_rows(np.arange(61, 100), demand_class="lumpy"),  # 39: one too few
        make_rows(np.arange(1000, 1040), demand_class="erratic", horizon=5),  # 40: enough
        make_rows(np.full(50, -7.0), horizon=5),
        make_rows(np.full(50, 9.0), model="ensemble"),
    ]
    table = residual_quantiles(pd.concat(rows), LEVELS)
    assert look_up(table, demand_class="lumpy") == [2, 50, 98]  # of 1 to 99
    assert look_up(table) == [1, 31, 60]  # of 1 to 60: its own
    assert look_up(table, demand_class="erratic", band=1) == [1000, 1020, 1039]
    assert look_up(table, band=1) == [-7, -7, -7]
    assert look_up(table, model="ensemble") == [9, 9, 9]


def test_horizons_share_residuals_in_bands_of_1_to_4_then_5_to_8_then_beyond():
    rows = [make_rows(np.full(50, float(ahead)), horizon=ahead) for ahead in range(1, 14)]
    table = residual_quantiles(pd.concat(rows), (0.0001, 0.9999))
    assert table[["band", 0.0001, 0.9999]].to_numpy().tolist() == [
        [0, 1, 4],
        [1, 5, 8],
        [2, 9, 13],
    ]
    flat = pd.concat([make_rows([0.0], horizon=ahead) for ahead in range(1, 14)])
    found = add_quantiles(flat, table, {"low": 0.0001, "high": 0.9999})
    assert found["low"].tolist() == [101] * 4 + [105] * 4 + [109] * 5
    assert found["high"].tolist() == [104] * 4 + [108] * 4 + [113] * 5


def test_residuals_of_stock_outs_do_not_count():
    sound = make_rows(np.arange(50.0))
    cut = make_rows(np.full(30, -90.0)).assign(is_stockout=True)
    with_cut = residual_quantiles(pd.concat([sound, cut]), LEVELS)
    pd.testing.assert_frame_equal(with_cut, residual_quantiles(sound, LEVELS))


def test_quantiles_are_the_forecast_plus_scaled_residuals_row_by_row():
    past = pd.concat([make_rows(np.arange(-20, 21)), make_rows(np.full(41, 3.0), model="other")])
    table = residual_quantiles(past, LEVELS)
    rows = pd.concat(
        [
            make_rows([0.0], level=100, scale=2.0),
            make_rows([0.0], level=10, scale=5.0, model="other"),
            make_rows([0.0], level=30, scale=0.5),
        ]
    )
    found = add_quantiles(rows, table, INTERVAL)
    # Of 41 residuals the first, the middle and the last: -20, 0 and 20.
    assert found[list(INTERVAL)].to_numpy().tolist() == [[60, 100, 140], [25] * 3, [20, 30, 40]]


def test_a_cell_without_residuals_gets_the_mean_of_all_cells():
    past = pd.concat([make_rows(np.full(50, 2.0)), make_rows(np.full(50, 4.0), horizon=5)])
    rows = make_rows([0.0], demand_class="lumpy", scale=10.0)
    found = add_quantiles(rows, residual_quantiles(past, LEVELS), INTERVAL)
    assert found[list(INTERVAL)].to_numpy().tolist() == [[130, 130, 130]]


# --- no backtest ---------------------------------------------------------------------------------


def test_without_a_backtest_the_interval_is_that_of_a_normal_with_this_deviation():
    table = residual_quantiles(make_rows([]), LEVELS)
    found = add_quantiles(make_rows([0.0], level=100, scale=4.0), table, INTERVAL)
    # The deviation of a normal is its mean absolute deviation times the root of half pi.
    deviation = 4.0 * np.sqrt(np.pi / 2)
    expected = [100 - 1.959964 * deviation, 100, 100 + 1.959964 * deviation]
    assert found[list(INTERVAL)].to_numpy()[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("periods", [1, 3, 9])
def test_a_panel_too_short_for_a_backtest_still_gets_intervals(periods):
    dates = pd.date_range("2026-01-05", periods=periods, freq="W-MON")
    frame = pd.DataFrame({"period_start": dates, "units": np.arange(periods) + 50.0}).assign(
        series_id="a", model_level="sku", sku="A", is_stockout=False
    )
    settings = ForecastSettings("week", 5, 4, 4, 1)
    backtests = backtest_panel(frame, settings)
    assert backtests.empty
    forecasts = forecast_panel(frame, backtests, settings)
    quantiles = forecasts[list(QUANTILE_COLUMNS)].to_numpy()
    assert len(forecasts) == 5
    assert (np.diff(quantiles, axis=1) > 0).all()
    assert (
        (forecasts["q0_025"] < forecasts["mean"]) & (forecasts["mean"] < forecasts["q0_975"])
    ).all()


# --- never crossing, never below zero ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_quantiles_never_cross_and_are_never_below_zero(seed):
    rng = np.random.default_rng(seed)
    size = 400
    rows = pd.DataFrame(
        {
            "model": rng.choice(["theta", "random_forest"], size),
            "demand_class": rng.choice(["smooth", "lumpy", "unseen"], size),
            "horizon": rng.integers(1, 14, size),
            "forecast": rng.gamma(0.3, 10, size),
            "scale": rng.gamma(1, 5, size),
        }
    )
    past = rows[rows["demand_class"] != "unseen"].assign(is_stockout=False)
    past = past.assign(actual=rng.gamma(0.3, 10, len(past)))
    for table in (residual_quantiles(past, QUANTILES), residual_quantiles(past.head(0), QUANTILES)):
        found = add_quantiles(rows, table, ALL_LEVELS)[list(QUANTILE_COLUMNS)].to_numpy()
        assert np.isfinite(found).all()
        assert (found >= 0).all()
        assert (np.diff(found, axis=1) >= 0).all()


def test_a_table_that_crosses_does_not_make_quantiles_cross():
    table = pd.DataFrame(
        [("theta", "smooth", 0, 5.0, -5.0, 1.0)], columns=["model", "demand_class", "band", *LEVELS]
    )
    found = add_quantiles(make_rows([0.0], level=10), table, INTERVAL)
    assert found[list(INTERVAL)].to_numpy().tolist() == [[15, 15, 15]]
