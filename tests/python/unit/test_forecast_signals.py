"""Regressors and what series have in common: planted effects, no leak, inflation of statsmodels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal
from statsmodels.stats.outliers_influence import variance_inflation_factor

from inventory_allocation.cli import main
from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import (
    ForecastSettings,
    check_signals,
    forecast,
    run_in_processes,
    run_serially,
)
from inventory_allocation.forecasting.features import measure_relatives
from inventory_allocation.forecasting.history import History
from inventory_allocation.forecasting.panel import read_panel
from inventory_allocation.forecasting.signals import read_signals
from inventory_allocation.forecasting.tree import build_tree

MODELS = ("gradient_boosting", "autoregression")
SETTINGS = ForecastSettings("month", 4, 8, global_models=MODELS, seed=3)
SERIES, PERIODS, KNOWN = 30, 64, 60
DATES = pd.date_range("2021-01-01", periods=PERIODS, freq="MS")
NAMES = [f"s{number:02d}" for number in range(SERIES)]


@pytest.fixture(scope="module")
def promoted():
    """A fifth of all months of each series, at random."""
    return np.random.default_rng(1).random((SERIES, PERIODS)) < 0.2


@pytest.fixture(scope="module")
def units(promoted):
    """Demand doubles in a promotion."""
    size = np.geomspace(20, 300, SERIES)[:, None]
    return np.random.default_rng(2).poisson(size * np.where(promoted, 2, 1)).astype("float64")


def as_panel(units):
    return pd.DataFrame(
        {
            "series_id": np.repeat(NAMES[: len(units)], units.shape[1]),
            "period_start": np.tile(DATES[: units.shape[1]], len(units)),
            "units": units.ravel(),
        }
    )


def as_signals(values, name="promotion", is_known_ahead=True):
    """One row per series and period with a value above 0; a full month has 30 days."""
    row, column = np.nonzero(values)
    rows = pd.DataFrame(
        {
            "signal_name": name,
            "series_id": np.array(NAMES)[row],
            "period_start": DATES[column],
            "value": values[row, column].astype("float64"),
            "is_known_ahead": is_known_ahead,
        }
    )
    return rows


def miss(found, units):
    # Sorted by series and period.
    ahead = found.forecasts["mean"].to_numpy().reshape(SERIES, -1)
    return float(np.abs(ahead - units[:, KNOWN:]).sum())


@pytest.fixture(scope="module")
def found(units, promoted):
    return forecast(as_panel(units[:, :KNOWN]), SETTINGS, as_signals(promoted))


def test_a_promotion_known_ahead_is_forecast_and_one_not_known_is_not(found, units, promoted):
    panel = as_panel(units[:, :KNOWN])
    surprise = forecast(panel, SETTINGS, as_signals(promoted, is_known_ahead=False))
    ignorant = forecast(panel, SETTINGS)
    truth = np.geomspace(20, 300, SERIES)[:, None] * np.where(promoted, 2, 1)[:, KNOWN:]
    floor = float(np.abs(truth - units[:, KNOWN:]).sum())
    assert miss(found, units) < 0.6 * miss(ignorant, units)
    assert miss(found, units) < 2.5 * floor
    assert miss(surprise, units) > 0.9 * miss(ignorant, units)
    assert found.signals[["signal", "is_used"]].to_numpy().tolist() == [["promotion", True]]
    assert ignorant.signals.empty


def test_only_what_was_known_counts(units, promoted):
    """The newest cutoff of the backtest knows all but four periods."""
    panel, cutoff = as_panel(units[:, :KNOWN]), KNOWN - 4
    other = promoted.copy()
    other[:, cutoff:] = ~other[:, cutoff:]
    settings = ForecastSettings("month", 4, 3, global_models=("autoregression",))

    def tell(values, is_known_ahead):
        told = forecast(panel, settings, as_signals(values, is_known_ahead=is_known_ahead))
        return told.backtests

    assert_frame_equal(tell(promoted, False), tell(other, False), check_exact=True)
    # The same change is seen where the future counts as known.
    assert (tell(promoted, True)["mean"] != tell(other, True)["mean"]).any()


def test_inflation_is_that_of_statsmodels_and_the_worst_signal_is_left_out(units):
    rng = np.random.default_rng(4)
    one, two = rng.normal(50, 5, (2, KNOWN))
    three = one + two + rng.normal(0, 1, KNOWN)
    values = {"one": one, "two": two, "three": three, "four": rng.normal(50, 5, KNOWN)}
    signals = pd.concat(
        [
            pd.DataFrame({"signal_name": name, "period_start": DATES[:KNOWN], "value": column})
            for name, column in values.items()
        ]
        + [pd.DataFrame({"signal_name": "five", "period_start": DATES[:KNOWN], "value": 7.0})]
    ).assign(is_known_ahead=False)
    table = check_signals(as_panel(units[:, :KNOWN]), signals, SETTINGS).set_index("signal")
    columns = np.column_stack(list(values.values()))
    columns = columns - columns.mean(axis=0)
    reference = [variance_inflation_factor(columns, number) for number in range(4)]
    assert table.at["three", "statistic"] == pytest.approx(reference[2], rel=1e-6)
    without = columns[:, [0, 1, 3]]
    reference = [variance_inflation_factor(without, number) for number in range(3)]
    statistics = table.loc[["one", "two", "four"], "statistic"]
    np.testing.assert_allclose(statistics, reference, rtol=1e-6)
    assert table["verdict"].str.startswith("used").to_dict() == {
        "five": False, "four": True, "one": True, "three": False, "two": True
    }  # fmt: skip
    assert "never changed" in table.at["five", "verdict"]
    assert "said by the other signals" in table.at["three", "verdict"]
    assert (table["test"] == "variance_inflation").all()


def lay_out(rows, settings=SETTINGS):
    panel = read_panel(as_panel(np.full((2, 6), 5.0)), settings)
    frame = pd.DataFrame(rows, columns=["signal_name", "series_id", "period_start", "value"])
    signals = read_signals(frame.assign(is_known_ahead=True), panel, settings)
    return signals.values, signals


def test_an_event_is_zero_without_a_row_and_counts_for_its_days():
    days = pd.date_range("2021-03-05", periods=15)
    rows = [("event", "s00", day, 0.4) for day in days] + [("event", "s01", "2021-01-01", 0.4)]
    (values,), _ = lay_out(rows)
    expected = np.zeros((2, 10))
    expected[0, 2], expected[1, 0] = 0.4 * 15 / 30, 0.4 / 30
    np.testing.assert_allclose(values, expected)


def test_a_measurement_goes_on_as_it_was_and_counts_beside_its_mean():
    rows = [("price", None, "2021-01-09", 10.0), ("price", None, "2021-02-09", 20.0)]
    rows += [("price", None, "2021-04-01", 30.0), ("price", None, "2021-04-21", 60.0)]
    (values,), signals = lay_out(rows)
    np.testing.assert_array_equal(values[0, :6], [10, 20, 20, 45, 45, 45])
    assert np.isnan(values[0, 6:]).all()
    ahead, recent = signals.ahead(6, 2, np.array([0, 1]))
    mean = np.mean([10, 20, 20, 45, 45, 45])
    np.testing.assert_allclose(ahead, 0)
    np.testing.assert_allclose(recent, np.mean([20, 45, 45, 45]) / mean - 1)
    tree = build_tree(pd.DataFrame(index=range(2)), ())
    np.testing.assert_array_equal(signals.of_nodes(tree).values[0], values)


def test_what_series_add_up_to_has_the_mean_of_its_members():
    rows = [("event", "s00", "2021-01-01", 6.0), ("event", "s01", "2021-02-01", 3.0)]
    _, signals = lay_out(rows, ForecastSettings("day", 4))
    panel = read_panel(as_panel(np.full((2, 6), 5.0)), SETTINGS)
    ahead = signals.of_nodes(panel.tree).values[0]
    np.testing.assert_allclose(ahead[0, [0, 31]], [3.0, 1.5])


def test_rows_that_say_nothing_do_not_count():
    good = [("event", "s00", "2021-02-01", 1.0)]
    bad = [
        ("event", "unknown", "2021-02-01", 9.0),
        ("event", "s00", "no date", 9.0),
        ("event", "s00", "2021-02-01", np.nan),
        ("event", "s00", "2031-02-01", 9.0),
        ("event", "s00", "2011-02-01", 9.0),
        (None, "s00", "2021-02-01", 9.0),
    ]
    np.testing.assert_array_equal(lay_out(good + bad)[0][0], lay_out(good)[0][0])
    assert lay_out([])[0] == ()
    # A signal that they were all of is said to be lost.
    values, signals = lay_out(bad)
    assert values == ()
    assert signals.table["signal"].tolist() == ["event"]
    assert signals.table["verdict"].iloc[0].startswith("left out: none of its rows")


def test_what_is_wrong_with_signals_is_said(units):
    panel = as_panel(units[:, :KNOWN])
    signals = as_signals(units[:, :KNOWN])
    with pytest.raises(InputError, match="signals: 'promotion' is known ahead in some rows"):
        forecast(panel, SETTINGS, signals.assign(is_known_ahead=signals.index > 3))
    with pytest.raises(InputError, match=r"signals .*value"):
        forecast(panel, SETTINGS, signals.drop(columns="value"))


def test_rows_in_any_order_and_processes_give_the_same_bytes(units, promoted):
    settings = ForecastSettings("month", 3, 2, global_models=("autoregression",))
    panel, signals = as_panel(units[:, :KNOWN]), as_signals(promoted)
    serial = run_serially(panel, settings, 2, signals=signals)
    shuffled = signals.sample(frac=1, random_state=1)
    parallel = run_in_processes(panel, settings, 2, 2, signals=shuffled)
    for name in ("periods", "signals"):
        assert_frame_equal(getattr(parallel, name), getattr(serial, name), check_exact=True)


def test_relatives_are_how_a_family_does_beside_all():
    units = np.tile([10.0] * 22 + [10.0] * 4, (4, 1))
    units[:2, 22:] = 20.0
    history = History(units, 52, 4)
    growth = measure_relatives(history, [np.array([0, 0, 1, 1])])[0]
    before = [(10 * 22 + 20 * 4) / 26, 10.0]
    expected = np.log(np.array([20, 10]) / before) - np.log(30 / sum(before))
    # A hundredth of the series' size is added above and below.
    np.testing.assert_allclose(growth, np.repeat(expected, 2), rtol=0.05)


def test_attributes_are_read_and_change_the_forecast(units):
    panel = as_panel(units[:, :KNOWN])
    panel["region"] = panel["series_id"].str[-1]
    settings = ForecastSettings("month", 3, 2, global_models=("autoregression",))
    one = forecast(panel, ForecastSettings(**(vars(settings) | {"attributes": ("region",)})))
    assert (one.forecasts["mean"] != forecast(panel, settings).forecasts["mean"]).any()
    with pytest.raises(InputError, match="segment"):
        forecast(panel, ForecastSettings(**(vars(settings) | {"attributes": ("segment",)})))


def test_nothing_is_learnt_from_series_held_out(units):
    """With less than a season known nothing is pooled but what is learnt."""
    settings = ForecastSettings(
        "month", 2, 2, global_models=("autoregression",), left_out=("relatives",)
    )
    rng = np.random.default_rng(7)
    few = rng.poisson(40, (SERIES, 11)).astype("float64")
    others = few.copy()
    others[20:, 3:] = rng.poisson(400, others[20:, 3:].shape)

    def tell(units, is_held_out):
        panel = as_panel(units)
        held = panel["series_id"].isin(NAMES[20:]) & is_held_out
        rows = forecast(panel.assign(is_held_out=held), settings).periods
        rows = rows[~rows["series_id"].isin(NAMES[20:])].reset_index(drop=True)
        # Their sum has a say in the mean.
        return rows[["unreconciled", *(name for name in rows if name.startswith("weight_"))]]

    assert_frame_equal(tell(few, True), tell(others, True), check_exact=True)
    assert (tell(few, False)["unreconciled"] != tell(others, False)["unreconciled"]).any()


def test_the_command_reads_signals_of_a_file(units, promoted, tmp_path: Path):
    as_panel(units[:, :KNOWN]).to_parquet(tmp_path / "panel.parquet")
    as_signals(promoted).to_csv(tmp_path / "signals.csv", index=False)
    given = [
        *("forecast", str(tmp_path / "panel.parquet"), "--period", "month"),
        *("--forecast-periods", "3", "--backtest-cutoffs", "1", "--output", str(tmp_path)),
        *("--signals", str(tmp_path / "signals.csv")),
    ]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 0, result.output
    assert pd.read_parquet(tmp_path / "signals.parquet")["is_known_ahead"].tolist() == [True]
    (tmp_path / "signals.csv").write_text("signal_name,value\n")
    result = CliRunner().invoke(main, given)
    assert result.exit_code != 0
    assert "signals.csv" in result.output
