"""Where `forecast` runs: here, in processes, or on Spark. Each gives the same bytes.

The panel is cut into buckets by a hash of the series' names; a bucket is forecast on its own, so
cost and memory grow with its size, not the panel's. A few thousand series in a bucket are enough
to learn from.
"""

import os
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.forecasting.forecast import KEY, Forecasts, forecast
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.forecasting.tables import type_of_columns

__all__ = [
    "Progress",
    "bucket_of",
    "run_in_processes",
    "run_on_spark",
    "run_serially",
    "say_nothing",
]

Progress = Callable[[int, int], None]
# Libraries read these when they are loaded: a process of the pool has one thread.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def say_nothing(done: int, of: int) -> None:
    """Report no progress."""


def bucket_of(series: "pd.Series[Any]", buckets: int) -> "pd.Series[int]":
    """Bucket of each series, 0 to buckets - 1, by CRC-32 of its name in UTF-8."""
    names = series.astype("string").fillna("")
    codes = {name: zlib.crc32(str(name).encode()) % buckets for name in names.unique()}
    return names.map(codes).astype("int64")


def _check_buckets(settings: ForecastSettings, buckets: int) -> None:
    if buckets > 1 and settings.hierarchy:
        raise InputError("what series add up to needs all of them: use one bucket, or no hierarchy")


def _cut(frame: pd.DataFrame, settings: ForecastSettings, buckets: int) -> list[pd.DataFrame]:
    _check_buckets(settings, buckets)
    if buckets == 1 or frame.empty:
        return [frame]
    return [part for _, part in frame.groupby(bucket_of(frame["series_id"], buckets))]


def _join(parts: Sequence[Forecasts]) -> Forecasts:
    """Put buckets together, sorted by key."""
    periods = pd.concat([part.periods for part in parts], ignore_index=True)
    repairs = pd.concat([part.repairs for part in parts], ignore_index=True)
    signals = pd.concat([part.signals for part in parts], ignore_index=True)
    return Forecasts(
        periods.sort_values(KEY, ignore_index=True),
        repairs.sort_values(["series_id", "reason"], ignore_index=True),
        # A bucket may have its own reasons not to use a signal.
        signals.drop_duplicates().sort_values(["signal", "is_used", "series"], ignore_index=True),
    )


def run_serially(
    frame: pd.DataFrame,
    settings: ForecastSettings,
    buckets: int = 1,
    progress: Progress = say_nothing,
    signals: pd.DataFrame | None = None,
) -> Forecasts:
    """Forecast bucket after bucket.

    Args:
        frame: The long panel; see `forecast`.
        settings: Settings.
        buckets: Buckets to cut the panel into.
        progress: Called with how many are done, of how many.
        signals: Regressors; see `forecast`.
    """
    parts = []
    cut = _cut(frame, settings, buckets)
    for part in cut:
        parts.append(forecast(part, settings, signals))
        progress(len(parts), len(cut))
    return _join(parts)


def run_in_processes(
    frame: pd.DataFrame,
    settings: ForecastSettings,
    buckets: int,
    workers: int,
    progress: Progress = say_nothing,
    signals: pd.DataFrame | None = None,
) -> Forecasts:
    """Forecast buckets in a pool of processes, each of one thread."""
    cut = _cut(frame, settings, buckets)
    parts = []
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for part in pool.map(partial(forecast, settings=settings, signals=signals), cut):
                parts.append(part)
                progress(len(parts), len(cut))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
    return _join(parts)


def run_on_spark(
    frame: Any, settings: ForecastSettings, buckets: int, signals: pd.DataFrame | None = None
) -> Any:
    """Forecast buckets on Spark.

    Args:
        frame: A Spark frame with series_id, period_start and units, and optionally is_stockout.
        settings: Settings.
        buckets: Buckets to cut the panel into.
        signals: Regressors, a pandas frame; see `forecast`.

    Returns:
        A Spark frame of `Forecasts.periods`, in no order.

    Raises:
        InputError: There is a hierarchy, and more than one bucket.
    """
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    _check_buckets(settings, buckets)
    kinds = {
        "string": t.StringType(),
        "datetime64[us]": t.TimestampNTZType(),
        "bool": t.BooleanType(),
        "int64": t.LongType(),
        "float64": t.DoubleType(),
    }
    columns = type_of_columns(settings)
    schema = t.StructType([t.StructField(name, kinds[kind]) for name, kind in columns.items()])

    def compute(part: pd.DataFrame) -> pd.DataFrame:
        return forecast(part, settings, signals).periods

    # Spark's crc32 is zlib's.
    bucket = f.crc32(f.col("series_id").cast("string")) % buckets
    return frame.groupBy(bucket).applyInPandas(compute, schema)
