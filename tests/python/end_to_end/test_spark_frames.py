"""The Python models give the same rows from Spark frames, on a local cluster with two workers."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from inventory_allocation.forecasting import ForecastSettings, run_on_spark, run_serially
from inventory_allocation.frames import to_pandas

pytestmark = pytest.mark.xdist_group("sample_company")
ROOT = Path(__file__).parents[3]
MODELS = [
    "int_customers__segment_centers_fitted",
    "int_customers__segment_fitted",
    "int_customers__segment_sweep_fitted",
    "int_customers__segment_validation_fitted",
    "int_customers__value_fitted",
    "int_customers__value_parameters_fitted",
    "int_demand__diagnostics_fitted",
    "int_demand__forecast_fitted",
    "int_demand__share_fitted",
    "int_experiments__balance_fitted",
    "int_experiments__results_fitted",
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none")
    from pyspark.sql import SparkSession

    # Spark's workers are other processes: this Python, not the system's.
    os.environ["PYSPARK_PYTHON"] = sys.executable

    # Two workers of one core and 1 GB: what they compute is sent to them and back.
    builder = SparkSession.builder.master("local-cluster[2,1,1024]")
    builder = builder.config("spark.ui.enabled", "false")
    session = (
        builder.config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .getOrCreate()
    )
    yield session
    session.stop()


class SparkDbt:
    """What a model asks of dbt, with Spark frames as refs."""

    is_incremental = False

    def __init__(self, spark: Any, chain: Any, meta: dict[str, Any]) -> None:
        """Take where the rows are and the model's meta."""
        self._spark = spark
        self._chain = chain
        self.config = Config(meta)

    def ref(self, name: str) -> Any:
        relation = self._chain.project.model_relation(name)
        frame = self._chain.query(f"select * from {relation}")
        if frame.empty:
            # Spark infers types from rows, and there are none.
            fields = ", ".join(f"{column} {_spark_type(frame[column])}" for column in frame)
            return self._spark.createDataFrame([], fields)
        return self._spark.createDataFrame(frame.sample(frac=1, random_state=3))


def _spark_type(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "timestamp_ntz"
    return "double" if pd.api.types.is_numeric_dtype(column) else "string"


class Config:
    """dbt.config."""

    def __init__(self, meta: dict[str, Any]) -> None:
        """Take the model's meta."""
        self.meta_get = meta.get

    def __call__(self, **_: Any) -> None:
        """Take no notice."""


@pytest.mark.parametrize("name", MODELS)
def test_the_rows_are_those_of_duckdb(name: str, built: Any, spark: Any) -> None:
    node = next(n for n in built.project.manifest.nodes.values() if n.name == name)
    spec = importlib.util.spec_from_file_location(name, ROOT / node.original_file_path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.model(SparkDbt(spark, built, node.config.meta), spark)
    expected = built.query(f"select * from {node.relation_name}")
    # A hash of what was fitted is each warehouse's own.
    columns = [column for column in expected.columns if column != "data_hash"]
    found, expected = (
        frame[columns].sort_values(columns, ignore_index=True) for frame in (found, expected)
    )
    # A decimal becomes a double in another place there: the last digit may differ.
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_the_engine_gives_the_bytes_of_a_serial_run(spark: Any) -> None:
    rng = np.random.default_rng(1)
    dates = pd.date_range("2021-01-01", periods=40, freq="MS")
    frame = pd.DataFrame(
        {
            "series_id": np.repeat([f"s{number:02d}" for number in range(12)], 40),
            "period_start": np.tile(dates, 12),
            "units": rng.poisson(20, 480).astype("float64"),
        }
    )
    settings = ForecastSettings("month", 3, backtest_cutoffs=3)
    serial = run_serially(frame, settings, 2).periods
    shuffled = spark.createDataFrame(frame.sample(frac=1, random_state=2))
    found = to_pandas(run_on_spark(shuffled, settings, 2))
    found = found.sort_values(["cutoff", "series_id", "period_start"], ignore_index=True)
    pd.testing.assert_frame_equal(found, serial, check_dtype=False, check_exact=True)
    # The driver is one of them.
    assert spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() == 3
