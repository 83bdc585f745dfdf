"""The dashboard for Superset names tables and columns that the marts have."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
SUPERSET = ROOT / "deploy" / "superset"
DATASETS = sorted((SUPERSET / "datasets").rglob("*.yaml"))
CHARTS = sorted((SUPERSET / "charts").glob("*.yaml"))


def read(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", DATASETS, ids=lambda path: path.stem)
def test_a_dataset_is_a_mart(path: Path) -> None:
    (described,) = (ROOT / "models" / "marts").rglob(f"{path.stem}.yml")
    (model,) = read(described)["models"]
    columns = {column["name"] for column in model["columns"]}
    assert {column["column_name"] for column in read(path)["columns"]} <= columns


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.stem)
def test_a_chart_asks_its_dataset_for_what_it_has(path: Path) -> None:
    chart = read(path)
    (dataset,) = (part for part in map(read, DATASETS) if part["uuid"] == chart["dataset_uuid"])
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    asked = chart["params"]
    assert {*asked.get("metrics", []), *[asked[k] for k in ["metric"] if k in asked]} <= metrics
    keys = ("groupby", "groupbyRows", "groupbyColumns", "all_columns")
    assert {name for key in keys for name in asked.get(key, [])} <= columns


def test_the_dashboard_shows_every_chart() -> None:
    (dashboard,) = map(read, (SUPERSET / "dashboards").glob("*.yaml"))
    shown = {
        part["meta"]["uuid"]
        for part in dashboard["position"].values()
        if isinstance(part, dict) and part.get("type") == "CHART"
    }
    assert shown == {read(path)["uuid"] for path in CHARTS}
