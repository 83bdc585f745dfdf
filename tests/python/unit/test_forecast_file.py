"""Forecasting a file, as a user types it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from inventory_allocation.cli import main
from inventory_allocation.jobs.forecast_file import summarize_accuracy


def make_panel(series: int = 6, periods: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"s{number}" for number in range(series)], periods),
            "ds": np.tile(pd.date_range("2024-01-01", periods=periods, freq="MS"), series),
            "y": rng.poisson(20, series * periods),
        }
    )


def run(*arguments: object):
    return CliRunner().invoke(main, ["forecast", *map(str, arguments)])


NAMES = ("--series-column", "unique_id", "--period-column", "ds", "--units-column", "y")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_is_forecast(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"panel.{suffix}"
    panel = make_panel()
    panel.loc[3, "y"] = -4
    panel.to_csv(path, index=False) if suffix == "csv" else panel.to_parquet(path)
    result = run(path, *NAMES, "--period", "month", "--forecast-periods", 3, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    forecasts = pd.read_parquet(tmp_path / "forecasts.parquet")
    assert len(forecasts) == 6 * 3
    assert forecasts["period_start"].min() == pd.Timestamp("2026-07-01")
    assert "negative_units" in result.output
    assert "ensemble" in result.output
    repairs = pd.read_parquet(tmp_path / "repairs.parquet")
    assert repairs[["series_id", "reason", "rows"]].to_numpy().tolist() == [
        ["s0", "negative_units", 1]
    ]


def test_a_panel_too_short_for_a_backtest_says_so(tmp_path: Path) -> None:
    make_panel(periods=6).to_csv(tmp_path / "panel.csv", index=False)
    result = run(tmp_path / "panel.csv", *NAMES, "--period", "month", "--output", tmp_path)
    assert result.exit_code == 0, result.output
    assert "no backtest: too little history" in result.output
    assert len(pd.read_parquet(tmp_path / "forecasts.parquet")) == 6 * 13


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    make_panel().to_csv(tmp_path / "panel.csv", index=False)
    result = run(tmp_path / "panel.csv", "--output", tmp_path)
    assert result.exit_code == 2
    assert "lacks column series_id, period_start, units; it has unique_id, ds, y" in result.output


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "panel.parquet").write_text("not parquet")
    result = run(tmp_path / "panel.parquet")
    assert result.exit_code == 2
    assert "panel.parquet cannot be read" in result.output


def test_the_summary_is_error_and_bias_over_all_rows() -> None:
    rows = pd.DataFrame(
        {
            "level": "series",
            "mean": [4.0, 9.0, 99.0],
            "theta": [0.0, 7.0, 99.0],
            "croston": [np.nan, np.nan, np.nan],
            "actual": [5.0, 5.0, np.nan],
            "q0_025": [3.0, 6.0, 0.0],
            "q0_975": [6.0, 9.0, 0.0],
        }
    )
    found = summarize_accuracy(rows).set_index("model")
    assert found.loc["ensemble"].tolist() == pytest.approx([0.5, 0.3, 0.5])
    assert found.loc["theta", ["wape", "bias"]].tolist() == pytest.approx([0.7, -0.3])
    assert set(found.index) == {"ensemble", "theta"}


def test_sums_are_forecast_too_in_one_bucket(tmp_path: Path) -> None:
    panel = make_panel()
    panel.assign(brand=panel["unique_id"].str[1] > "2").to_csv(tmp_path / "p.csv", index=False)
    options = [*NAMES, "--period", "month", "--forecast-periods", 3, "--adds-up-to", "brand"]
    result = run(tmp_path / "p.csv", *options, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    levels = pd.read_parquet(tmp_path / "forecasts.parquet")["level"].value_counts()
    assert levels.to_dict() == {"series": 18, "brand": 6, "total": 3}
    refused = run(tmp_path / "p.csv", *options, "--buckets", 2, "--output", tmp_path)
    assert refused.exit_code == 2
    assert "use one bucket" in refused.output
