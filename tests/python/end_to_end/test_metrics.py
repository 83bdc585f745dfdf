"""Metrics of the semantic layer, asked of MetricFlow, are the figures of the marts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from chain import Chain, release
from inventory_allocation.jobs.run import Report

pytestmark = pytest.mark.xdist_group("sample_company")
ROOT = Path(__file__).parents[3]
METRICS = yaml.safe_load((ROOT / "models" / "marts" / "metrics" / "_metrics.yml").read_text())


QUERIES = {
    "total": ["--metrics", "fill_rate,stockout_rate,delivery_cost_per_unit,share_within_sla"],
    "segments": ["--metrics", "fill_rate", "--group-by", "planned_demand__segment"],
    "turnover": ["--metrics", "stock_turnover", "--group-by", "planned_stock__fc_id"],
    "accuracy": ["--metrics", "forecast_wape,forecast_bias", "--group-by", "metric_time"],
    **{query["name"]: ["--saved-query", query["name"]] for query in METRICS["saved_queries"]},
}
# One process for all queries: loading MetricFlow takes longer than they do.
ASK = """
import json, sys
from dbt_metricflow.cli.main import cli
for name, query in json.loads(sys.argv[1]).items():
    try:
        cli(["query", *query, "--csv", f"{name}.csv"])
    except SystemExit as end:
        if end.code:
            raise
"""


@pytest.fixture(scope="module")
def found(
    built: Chain, planned: Report, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    """What MetricFlow answers, in a directory where it finds the project and its target/."""
    assert planned.published is not None
    release(built)
    directory = tmp_path_factory.mktemp("layer")
    for name in ("dbt_project.yml", "models", "macros", "seeds", "snapshots", "tests"):
        (directory / name).symlink_to(ROOT / name)
    environment = os.environ | {
        "INVENTORY_ALLOCATION_DUCKDB": str(built.database),
        "DBT_PROFILES_DIR": str(ROOT / "tests" / "profiles"),
        "DBT_TARGET_PATH": str(directory / "target"),
        "DBT_WRITE_JSON": "true",
    }
    for command in (["-m", "dbt.cli.main", "parse", "--quiet"], ["-c", ASK, json.dumps(QUERIES)]):
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return {name: pd.read_csv(directory / f"{name}.csv") for name in QUERIES}


def test_figures_of_the_plan_are_those_that_the_job_reported(
    built: Chain, found: dict[str, pd.DataFrame]
) -> None:
    total = found["total"].iloc[0]
    kpis = built.query("select * from main.rpt_plan_summary")
    demand = built.query("select * from main.fct_planned_demand where demand_units > 0")
    lines = built.query("select * from main.fct_allocation_plan")
    figures = kpis.set_index(["metric", "level", "key"])["value"]
    assert total["fill_rate"] == pytest.approx(figures["fill_rate", "total", "total"], abs=1e-6)
    assert total["stockout_rate"] == pytest.approx((demand["unmet_units"] > 1e-6).mean())
    cost = (lines["shipping_cost"] + lines["handling_cost"]).sum() / lines["units"].sum()
    assert total["delivery_cost_per_unit"] == pytest.approx(cost)
    within = lines.loc[lines["is_within_sla"], "units"].sum() / lines["units"].sum()
    assert total["share_within_sla"] == pytest.approx(within)
    segments = found["segments"].set_index("planned_demand__segment")["fill_rate"]
    expected = figures["fill_rate"]["segment"].loc[segments.index]
    np.testing.assert_allclose(segments, expected, atol=1e-6)


def test_stock_turns_as_often_as_it_is_issued(built: Chain, found: dict[str, pd.DataFrame]) -> None:
    stock = built.query("select * from main.rpt_stockout_risk")
    by_center = stock.groupby("fc_id")[["shipped", "opening", "closing"]].sum()
    expected = by_center["shipped"] / (by_center["opening"] + by_center["closing"]) * 2
    turnover = found["turnover"].set_index("planned_stock__fc_id")["stock_turnover"]
    np.testing.assert_allclose(turnover, expected.loc[turnover.index])


def test_accuracy_is_that_of_the_backtest(built: Chain, found: dict[str, pd.DataFrame]) -> None:
    accuracy = built.query(
        "select cutoff, wape, bias from main.fct_forecast_accuracy where model = 'ensemble' "
        "and level = 'model_series' and demand_class = 'all' order by cutoff"
    )
    asked = found["accuracy"].sort_values("metric_time__day", ignore_index=True)
    assert len(asked) == len(accuracy) > 0
    np.testing.assert_allclose(asked["forecast_wape"], accuracy["wape"], rtol=1e-6)
    np.testing.assert_allclose(asked["forecast_bias"], accuracy["bias"], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", [query["name"] for query in METRICS["saved_queries"]])
def test_saved_queries_have_rows(found: dict[str, pd.DataFrame], name: str) -> None:
    rows = found[name]
    assert len(rows) > 0
    assert not rows.isna().all().any()
