"""What the errors of the backtest say, against statsmodels and planted faults."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import shapiro
from statsmodels.stats.diagnostic import acorr_ljungbox, het_breuschpagan
from statsmodels.stats.stattools import durbin_watson

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import diagnose, diagnostics

PERIODS, SERIES, STEP = 48, 60, 4


def make_periods(error, mean=None, level="sku"):
    """Forecasts of eight steps from twelve cutoffs, four apart: what came is mean plus error."""
    mean = np.full(error.shape, 100.0) if mean is None else mean
    dates = pd.date_range("2024-01-01", periods=PERIODS + 1, freq="MS")
    rows = [
        {
            "cutoff": dates[start],
            "level": level,
            "demand_class": "all",
            "series_id": f"s{number:03d}",
            "period_start": dates[start + 1 + step],
            "mean": mean[number, start + step],
            "actual": mean[number, start + step] + error[number, start + step],
            "q0_025": 100 - 1.96,
            "q0_975": 100 + 1.96,
        }
        for number in range(len(error))
        for start in range(0, PERIODS, STEP)
        for step in range(min(2 * STEP, PERIODS - start))
    ]
    return pd.DataFrame(rows)


def look_up(table):
    return table.set_index("test")


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(2).normal(size=(SERIES, PERIODS))


def test_errors_are_those_from_the_newest_cutoff_and_statistics_those_of_statsmodels(noise):
    mean = np.random.default_rng(2).uniform(50, 150, noise.shape)
    rows = make_periods(noise, mean)
    # What an older cutoff said of the same period doesn't count.
    newest = rows.groupby(["series_id", "period_start"])["cutoff"].transform("max")
    rows.loc[rows["cutoff"] < newest, "mean"] += 1e6
    found = look_up(diagnose(rows, "month"))
    lags = 12
    expected = {
        "shapiro_wilk": [shapiro(e) for e in noise],
        "breusch_pagan": [
            het_breuschpagan(e, np.column_stack([np.ones(PERIODS), m]))[:2]
            for e, m in zip(noise, mean, strict=True)
        ],
        "ljung_box": [acorr_ljungbox(e, [lags]).to_numpy()[0] for e in noise],
    }
    for name, results in expected.items():
        statistic, p_value = np.median(np.array(results), axis=0)
        assert found.at[name, "statistic"] == pytest.approx(statistic)
        assert found.at[name, "p_value"] == pytest.approx(p_value)
        assert found.at[name, "series"] == SERIES
    assert found.at["durbin_watson", "statistic"] == pytest.approx(
        np.median(durbin_watson(noise, axis=1))
    )


def test_noise_raises_no_alarm(noise):
    found = look_up(diagnose(make_periods(noise), "month"))
    assert (found["found_in"] == 0).all()
    assert (found["corrected_p_value"] > 0.05).drop("interval_coverage").all()
    assert found.at["durbin_watson", "verdict"] == "an error says nothing of the next"
    assert "they can be relied on" in found.at["interval_coverage", "verdict"]


def test_p_values_of_durbin_watson_are_even_without_a_fault():
    errors = diagnostics._Errors(np.random.default_rng(3).normal(size=(4000, PERIODS)), None)
    _, p_values = diagnostics.durbin_watson(errors, 1)
    assert 0.03 < (p_values < 0.05).mean() < 0.07


@pytest.mark.parametrize(
    ("plant", "test", "words"),
    [
        (lambda e: np.exp(1.5 * e), "shapiro_wilk", "not normal in 6. of 60"),
        (lambda e: e + 2 * np.roll(e, 1, axis=1), "durbin_watson", "carries over"),
        (lambda e: e + 1.5 * np.sin(np.arange(PERIODS) * np.pi / 6), "ljung_box", "errors repeat"),
        (lambda e: 2 * e, "interval_coverage", "hold only"),
        (lambda e: 0.3 * e, "interval_coverage", "less than they say would do"),
    ],
)
def test_a_planted_fault_is_found_and_said(noise, plant, test, words):
    found = look_up(diagnose(make_periods(plant(noise)), "month"))
    assert pd.Series([found.at[test, "verdict"]]).str.contains(words).all()
    if test != "interval_coverage":
        assert found.at[test, "found_in"] > 0.5 * SERIES


def test_errors_that_grow_with_the_forecast_are_found(noise):
    mean = np.tile(np.geomspace(1, 100, PERIODS), (SERIES, 1))
    found = look_up(diagnose(make_periods(noise * mean, mean), "month"))
    assert found.at["breusch_pagan", "found_in"] > 0.5 * SERIES


def test_one_series_in_sixty_is_found_and_called_one(noise):
    error = noise.copy()
    error[7] = np.repeat([3.0, -3.0, 3.0, -3.0], PERIODS // 4)
    found = look_up(diagnose(make_periods(error), "month"))
    assert found.at["durbin_watson", "found_in"] == 1
    assert "in only 1 of 60 series" in found.at["durbin_watson", "verdict"]


def test_rows_in_any_order_give_the_same_table_and_too_few_errors_none(noise):
    rows = make_periods(noise)
    table = diagnose(rows, "month")
    assert_frame_equal(diagnose(rows.sample(frac=1, random_state=1), "month"), table)
    short = rows[rows["period_start"] < "2025-01-01"]
    assert set(diagnose(short, "month")["test"]) == {"interval_coverage"}
    nothing = diagnose(rows.iloc[:0], "month")
    assert nothing.empty
    assert nothing.dtypes.to_dict() == table.dtypes.to_dict()
    # Before anything came there is nothing to say.
    assert diagnose(rows.assign(actual=np.nan), "month").empty


def test_constant_errors_are_left_out():
    error = np.vstack([np.zeros((3, PERIODS)), np.random.default_rng(4).normal(size=(5, PERIODS))])
    assert look_up(diagnose(make_periods(error), "month")).at["ljung_box", "series"] == 5


def test_a_missing_column_is_named(noise):
    with pytest.raises(InputError, match="lacks column actual"):
        diagnose(make_periods(noise).drop(columns="actual"), "month")
