"""The replay of a generated company, through the command line, stopped and gone on with."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from inventory_allocation.cli import main
from inventory_allocation.jobs.replay_outlooks import cut_rows
from inventory_allocation.replay.measures import BOUND, COST_PARTS
from inventory_allocation.sample_company import generate_company, wanted_lines
from tiny_company import make_tiny_company, write_company

ROOT = Path(__file__).parents[3]


def replay(directory: Path, *more: str) -> str:
    where = ["--project-dir", str(ROOT), "--directory", str(directory)]
    size = ["--periods", "1", "--training-periods", "1"]
    result = CliRunner().invoke(main, ["replay", *where, *size, *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_replay_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    names = ["nearest_greedy", "base_stock", "point_forecast"]
    policies = [part for name in names for part in ("--policy", name)]
    arguments = ["--scale", "tiny", *policies]
    output = replay(tmp_path, *arguments)
    assert "base_stock" in output
    own = tmp_path / "tiny-7"
    rows = pd.read_parquet(own / "policy_replay.parquet")
    assert rows["period_start"].nunique() == 2
    # Each policy meets all that customers wanted in these weeks, of SKUs and regions it knows.
    demand = rows[rows["measure"] == "demand_units"]
    demand = demand.groupby(["policy", "setting"])["value"].sum()
    lines = wanted_lines("tiny", 7)
    start = rows["period_start"].min()
    assert (demand == lines.loc[lines["ordered_at"] >= start, "units"].sum()).all()
    # Nobody pays less than who knew all orders beforehand.
    costs = rows[rows["measure"].isin(COST_PARTS)].groupby(["policy", "setting"])["value"].sum()
    bound = rows.loc[rows["measure"] == BOUND, "value"]
    assert len(bound) == 1
    assert 0 < bound.iloc[0] <= costs.min()
    outlooks = sorted((own / "outlooks").glob("2*"))
    assert len(outlooks) == 2
    made = [path.stat().st_mtime_ns for path in outlooks]
    walk = next(own.glob("*/walks/base_stock-2.parquet"))
    walk.unlink()
    assert replay(tmp_path, *arguments)
    assert [path.stat().st_mtime_ns for path in outlooks] == made
    again = pd.read_parquet(own / "policy_replay.parquet")
    pd.testing.assert_frame_equal(again, rows)
    kept = outlooks[0] / "fct_demand_forecasts.parquet"
    forecasts = pd.read_parquet(kept)
    has_own = forecasts["own_mean"].notna()
    assert has_own.mean() > 0.9
    assert forecasts.loc[has_own, "own_mean"].sum() == pytest.approx(
        forecasts.loc[has_own, "mean"].sum(), rel=0.5
    )
    assert (forecasts["own_mean"] != forecasts["mean"])[has_own].any()
    # What an older version kept.
    forecasts.drop(columns="own_mean").to_parquet(kept, index=False)
    where = ["--project-dir", str(ROOT), "--directory", str(tmp_path)]
    size = ["--periods", "1", "--training-periods", "1"]
    refused = CliRunner().invoke(main, ["replay", *where, *size, *arguments])
    assert refused.exit_code == 2
    assert "older version" in refused.output


def test_a_company_of_ones_own_that_sells_nothing_on_sundays(tmp_path: Path) -> None:
    raw = make_tiny_company()
    sales = raw["transactions"]
    sales = raw["transactions"] = sales[sales["ordered_at"].dt.dayofweek < 6]
    offers = [(fc, sku) for fc in ("F1", "F2") for sku in ("A", "B")]
    raw["suppliers"] = pd.DataFrame(offers, columns=["fc_id", "sku"]).assign(
        supplier_id="S", cost_per_unit=5.0, lead_time_days=7.0, fixed_cost_per_order=10.0
    )
    files = write_company(raw, tmp_path / "shop")
    output = replay(tmp_path, "--raw", str(files), "--policy", "base_stock")
    assert "starts with 4 weeks of the forecast" in output
    rows = pd.read_parquet(next(tmp_path.glob("shop-*/policy_replay.parquet")))
    starts = sorted(rows["period_start"].unique())
    # The last sale is on a Saturday: its week isn't over for the company.
    assert starts == [pd.Timestamp(day) for day in ("2026-06-08", "2026-06-15")]
    days = sales["ordered_at"]
    bought = sales.loc[(days >= starts[0]) & (days < pd.Timestamp("2026-06-22")), "quantity"].sum()
    wanted = rows[rows["measure"] == "demand_units"].groupby(["policy", "setting"])["value"].sum()
    assert (wanted == bought).all()
    # Nobody counted: without stock, what the company did would look cheap.
    assert "recorded" not in set(rows["policy"])


def test_nothing_of_a_day_or_after_is_known_on_its_morning() -> None:
    raw = generate_company("small", 7).raw
    day = pd.Timestamp("2026-05-04")
    cut = cut_rows(raw, day)
    for name, column in {
        "transactions": "ordered_at",
        "inventory_snapshots": "snapshot_date",
    }.items():
        times = pd.to_datetime(cut[name][column], errors="coerce")
        assert times.max() < day
        assert len(cut[name]) > 1000
    assert (pd.to_datetime(cut["transactions"]["delivered_at"]).dropna() < day).all()
    signals = cut["external_signals"]
    ahead = signals[pd.to_datetime(signals["signal_date"], errors="coerce") >= day]
    assert ahead["is_known_ahead"].all()
    assert "inbound_shipments" not in cut


def test_a_policy_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["replay", "--policy", "guess", "--directory", str(tmp_path)])
    assert result.exit_code == 2
    assert "no policy is named guess" in result.output


@pytest.mark.parametrize("column", ["ordered_at", "sku", "region_id", "units", "order_id"])
def test_wanted_lines_are_whole(column: str) -> None:
    assert wanted_lines("small", 7)[column].notna().all()
