"""Prophet for sums of series: a planted trend change, holidays, and what it is not asked for."""

import sys

import numpy as np
import pandas as pd
import pytest

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import ForecastSettings, forecast
from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.models import prophet as model
from inventory_allocation.forecasting.models.exponential_smoothing import forecast_smoothing_season
from inventory_allocation.forecasting.registry import AGGREGATE

DATES = pd.date_range("2023-01-02", periods=143, freq="W-MON")
HISTORY_LENGTH = 130


@pytest.fixture
def history():
    """Larger sums have a wave of their own, and more in the week of Christmas."""
    weeks = np.arange(HISTORY_LENGTH)
    wave = 1 + 0.4 * np.sin(2 * np.pi * (weeks + np.array([0, 13, 26])[:, None]) / 52.18)
    christmas = pd.DatetimeIndex(["2023-12-25", "2024-12-23"])
    wave[:, DATES[:HISTORY_LENGTH].isin(christmas)] *= 2
    units = np.array([50, 500, 5000])[:, None] * wave
    return History(np.random.default_rng(1).poisson(units).astype("float64"), 52, 13)


def truth():
    weeks = np.arange(HISTORY_LENGTH, 143)
    return 1 + 0.4 * np.sin(2 * np.pi * (weeks + np.array([0, 13, 26])[:, None]) / 52.18)


def test_the_largest_are_forecast_near_the_truth_and_the_others_as_before(history, monkeypatch):
    monkeypatch.setattr(model, "LARGEST", 2)
    found = model.forecast_prophet(history, DATES, "GB")
    expected = truth() * np.array([50, 500, 5000])[:, None]
    assert (np.abs(found - expected)[1:].mean(axis=1) < 0.08 * expected[1:].mean(axis=1)).all()
    np.testing.assert_array_equal(found[0], forecast_smoothing_season(history)[0])


def test_holidays_are_at_the_start_of_their_week():
    table = model._list_holidays(DATES, "GB").set_index("holiday")["ds"]
    assert pd.Timestamp("2024-12-23") in table.loc["Christmas Day"].tolist()
    assert set(table).issubset(DATES)
    assert model._list_holidays(DATES, None) is None
    with pytest.raises(InputError, match="'ZZ' are not known"):
        model._list_holidays(DATES, "ZZ")


def test_only_sums_have_it_and_only_who_asks(monkeypatch):
    asked = []

    def double(history, dates, country):
        asked.append((dates[history.length], country))
        return np.repeat(2 * history.mean[:, None], history.steps, axis=1)

    monkeypatch.setitem(AGGREGATE, "prophet", double)
    months = pd.date_range("2022-01-01", periods=40, freq="MS")
    panel = pd.DataFrame(
        {
            "series_id": np.repeat(["a", "b", "c"], 40),
            "sku": np.repeat(["x", "x", "y"], 40),
            "period_start": np.tile(months, 3),
            "units": np.repeat([10.0, 20.0, 40.0], 40),
        }
    )
    few = {"hierarchy": ("sku",), "global_models": (), "country": "GB"}
    settings = ForecastSettings("month", 2, 1, aggregate_models=("prophet",), **few)
    rows = forecast(panel, settings).forecasts.set_index("level")["prophet"]
    assert rows["series"].isna().all()
    assert rows["sku"].tolist() == [60, 60, 80, 80]
    assert rows["total"].tolist() == [140, 140]
    assert (pd.Timestamp("2025-05-01"), "GB") in asked
    rows = forecast(panel, ForecastSettings("month", 2, 1, **few)).forecasts
    assert rows["prophet"].isna().all()
    with pytest.raises(InputError, match="no aggregate model 'profit'; there are prophet"):
        ForecastSettings("month", 2, aggregate_models=("profit",))


def test_without_prophet_it_is_said_what_to_install(history, monkeypatch):
    monkeypatch.setitem(sys.modules, "prophet", None)
    with pytest.raises(InputError, match=r"pip install 'inventory-allocation\[prophet\]'"):
        model.forecast_prophet(history, DATES, None)
