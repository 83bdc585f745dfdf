"""What forecasts depend on: planted effects of shocks and of parts left out."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from inventory_allocation.cli import main
from inventory_allocation.errors import InputError
from inventory_allocation.forecasting import ForecastSettings, forecast, measure_sensitivity
from inventory_allocation.forecasting.features import FEATURE_GROUPS
from inventory_allocation.forecasting.registry import GLOBAL, STATISTICAL

SETTINGS = ForecastSettings(
    "month", 4, backtest_cutoffs=2, hierarchy=("sku",), global_models=("autoregression",), seed=3
)


def make_panel(periods=52):
    """Eight series of four SKUs with a season, large enough to be forecast well."""
    rng = np.random.default_rng(6)
    wave = 1 + 0.6 * np.sin(2 * np.pi * np.arange(periods) / 12)
    units = rng.poisson(rng.uniform(80, 300, 8)[:, None] * wave)
    return pd.DataFrame(
        {
            "series_id": np.repeat([f"s{number}" for number in range(8)], periods),
            "sku": np.repeat([f"sku {number % 4}" for number in range(8)], periods),
            "period_start": np.tile(pd.date_range("2022-01-01", periods=periods, freq="MS"), 8),
            "units": units.ravel().astype("float64"),
        }
    )


@pytest.fixture(scope="module")
def steps():
    return []


@pytest.fixture(scope="module")
def table(steps):
    found = measure_sensitivity(make_panel(), SETTINGS, lambda *step: steps.append(step))
    return found.set_index("scenario")


def test_every_part_is_left_out_once(table, steps):
    assert table.index.is_unique
    parts = {"statistical", "autoregression", *STATISTICAL}
    parts |= {f"features {name}" for name in FEATURE_GROUPS}
    assert {f"without {name}" for name in parts} <= set(table.index)
    assert {"no global model", "only the total has a say", "another seed"} <= set(table.index)
    assert steps[-1] == (len(table), len(table))


def test_the_base_is_the_forecast_of_the_periods_held_back(table):
    panel = make_panel()
    held = panel["period_start"] >= "2026-01-01"
    rows = forecast(panel[~held], SETTINGS).forecasts.query("level == 'series'")
    both = rows.merge(panel, on=["series_id", "period_start"])
    wape = (both["mean"] - both["units"]).abs().sum() / both["units"].sum()
    assert table.at["as it is", "wape"] == pytest.approx(wape)
    assert table["wape"].iloc[0] < 0.12
    assert (table.filter(like="_change").iloc[0] == 0).all()


def test_shocks_do_what_they_must(table):
    base = table.loc["as it is"]
    doubled = table.loc["demand x 2 from the first period ahead"]
    halved = table.loc["demand x 0.5 from the first period ahead"]
    assert doubled["bias"] == pytest.approx((base["bias"] - 1) / 2)
    assert halved["bias"] == pytest.approx(2 * base["bias"] + 1)
    assert doubled["coverage"] < 0.5
    assert max(doubled["coverage"], halved["coverage"]) < 0.9 < base["coverage"]
    assert table.loc["a fifth of the series sold x 3 in the last period", "bias_change"] > 0
    missing = table.loc["a promotion expected for the last period did not happen"]
    assert missing["bias_change"] < 0
    assert (table.loc["the four periods before the last are lost"] != base).any()


def test_what_is_left_out_is_left_out():
    left = ("autoregression", "theta", "size")
    settings = ForecastSettings("month", 4, 2, global_models=tuple(GLOBAL), left_out=left)
    rows = forecast(make_panel(), settings).forecasts
    assert rows[["theta", "autoregression"]].isna().all(axis=None)
    assert rows["tsb"].notna().all()


@pytest.mark.parametrize(
    ("left_out", "error"), [(("nonsense",), "nothing is called"), (tuple(STATISTICAL), "be left")]
)
def test_what_cannot_be_left_out_is_refused(left_out, error):
    with pytest.raises(InputError, match=error):
        ForecastSettings("month", 4, left_out=left_out)


def test_a_panel_too_short_to_hold_anything_back_is_refused():
    with pytest.raises(InputError, match="holding back 4 leaves none"):
        measure_sensitivity(make_panel(4), SETTINGS)


def test_bad_rows_are_mended_before_anything_is_held_back(table, monkeypatch):
    from inventory_allocation.forecasting import sensitivity

    few = list(sensitivity.list_scenarios(SETTINGS))[:1]
    monkeypatch.setattr(sensitivity, "list_scenarios", lambda *_: iter(few))
    panel = make_panel()
    odd = panel.iloc[[3, 3, 3]].assign(
        period_start=["2099-01-01", "no date", "2022-04-01"], units=[7, 7, "many"]
    )
    bad = pd.concat([panel.astype({"period_start": str}), odd])
    settings = replace(SETTINGS, as_of=date(2026, 12, 31))
    found = measure_sensitivity(bad, settings).iloc[0]
    assert found["wape"] == pytest.approx(table["wape"].iloc[0])


def test_series_held_out_are_forecast_by_what_others_taught(table, monkeypatch):
    from inventory_allocation.forecasting import sensitivity

    panel = make_panel().assign(center=lambda rows: rows["series_id"].isin(["s0", "s1", "s2"]))
    held = list(sensitivity.list_scenarios(SETTINGS, "center"))
    assert held[-1].kind == "holdout"
    monkeypatch.setattr(sensitivity, "list_scenarios", lambda *_: iter([held[0], held[-1]]))
    asked = []

    def spy(frame, settings, signals):
        asked.append(frame.groupby("series_id")["is_held_out"].all() if "is_held_out" in frame
                     else None)  # fmt: skip
        return forecast(frame, settings, signals)

    monkeypatch.setattr(sensitivity, "forecast", spy)
    found = measure_sensitivity(panel, SETTINGS, held_out_by="center")
    assert found["wape"].iloc[0] == pytest.approx(table["wape"].iloc[0])
    assert found["wape"].iloc[1] < 0.15
    assert asked[0] is None
    assert [part[part].index.tolist() for part in asked[1:]] == [
        ["s3", "s4", "s5", "s6", "s7"], ["s0", "s1", "s2"]
    ]  # fmt: skip
    with pytest.raises(InputError, match="warehouse_id"):
        measure_sensitivity(make_panel(), SETTINGS, held_out_by="warehouse_id")


def test_the_command_writes_and_prints_the_table(tmp_path: Path, monkeypatch) -> None:
    from inventory_allocation.forecasting import sensitivity

    few = list(sensitivity.list_scenarios(SETTINGS))[:2]
    monkeypatch.setattr(sensitivity, "list_scenarios", lambda *_: iter(few))
    make_panel().to_csv(tmp_path / "panel.csv", index=False)
    result = CliRunner().invoke(
        main,
        [
            *("forecast-sensitivity", str(tmp_path / "panel.csv"), "--period", "month"),
            *("--forecast-periods", "4", "--adds-up-to", "sku"),
            *("--output", str(tmp_path / "out.parquet")),
        ],
    )
    assert result.exit_code == 0, result.output
    assert "as it is" in result.output
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 2
