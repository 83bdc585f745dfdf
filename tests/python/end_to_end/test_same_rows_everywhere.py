"""DuckDB and Postgres hold the same rows in every output table, plans included."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pandas as pd
import pytest

from inventory_allocation.jobs.run import Report
from same_rows import find_differences, primary_keys, read_outputs

ROOT = Path(__file__).parents[3]
ONLINE_RETAIL = ROOT.parent / "shared" / "data" / "online-retail-ii" / "online_retail_ii.parquet"
# One backtest and a short horizon, a tenth of the products: two minutes.
ONLINE_RETAIL_VARIABLES = {
    "sample_company": False,
    "backtest_cutoffs": 1,
    "forecast_global_models": ["autoregression"],
    "forecast_periods": 4,
    "plan_periods": 1,
}


def differences(one, other) -> list[str]:
    one.use()
    left = read_outputs(one.project)
    other.use()
    right = read_outputs(other.project)
    assert sum(map(len, left.values())) > 0
    return find_differences(left, right, primary_keys(one.project))


@pytest.mark.xdist_group("sample_company")
def test_the_sample_company(built, planned: Report, built_on_postgres) -> None:
    runs = built_on_postgres.table("rpt_plan_runs")["run_id"]
    assert runs.tolist() == [planned.published.run_id]
    assert differences(built, built_on_postgres) == []


@pytest.mark.skipif(not ONLINE_RETAIL.exists(), reason="shared/data is not beside the project")
def test_online_retail(new_chain: Callable, new_postgres_chain: Callable, tmp_path: Path) -> None:
    files = tmp_path / "files"
    source = tmp_path / "online_retail_ii.parquet"
    rows = pd.read_parquet(ONLINE_RETAIL)
    rows[rows["StockCode"].map(lambda code: crc32(str(code).encode()) % 10 == 0)].to_parquet(source)
    prepare = ROOT / "examples" / "online_retail_ii" / "prepare.py"
    command = [sys.executable, prepare, "--source", source, "--output", files]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    chains = [make(**ONLINE_RETAIL_VARIABLES) for make in (new_chain, new_postgres_chain)]
    runs = []
    for chain in chains:
        where = [
            *("--project-dir", ROOT, "--profiles-dir", ROOT / "tests" / "profiles"),
            *("--target", chain.target, "--vars", str(ONLINE_RETAIL_VARIABLES)),
        ]
        cli = f"{sys.executable} -m inventory_allocation.cli"
        options = " ".join(f"'{part}'" if "{" in str(part) else str(part) for part in where)
        script = f"{cli} load-raw {files} {options} && {cli} run --no-sample-company {options}"
        chain.use()
        with (chain.directory / "run.log").open("w") as log:
            command = ["/bin/sh", "-c", script]
            runs.append(subprocess.Popen(command, env=dict(os.environ), stdout=log, stderr=log))
    codes = [run.wait() for run in runs]
    logs = [(chain.directory / "run.log").read_text()[-2000:] for chain in chains]
    assert codes == [0, 0], logs
    assert differences(*chains) == []
