"""How fast panels are forecast, beside statsforecast in the same run.

Part of `make bench-forecast`. Weekly series of 130 periods, 13 ahead, 12 past origins and now. A
window is a series at one of these 13; the models forecast from 28 (weights are learnt from up to
24 before each), of which those that know less than two years aren't reported. "Batched" are the
models that cost least, weighed by class of demand, with intervals; "statistical" are all of these;
"ensemble" has the global models, too. 13 more weeks are held back for the coverage of intervals.
Tables are built and dropped but for their scores: those of 100,000 series would not fit into memory
at once.
"""

import argparse
import resource
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from inventory_allocation.forecasting import ForecastSettings, forecast

PERIODS, STEPS, CUTOFFS, BUCKET = 130, 13, 12, 5_000
DEAR = ("arima", "theta", "smoothing_own_season", "croston", "holt_winters",
        "holt_winters_additive")  # fmt: skip
KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "batched": {"global_models": (), "left_out": DEAR},
    "statistical": {"global_models": ()},
    "ensemble": {},
}


def make_panel(bucket: int, series: int) -> pd.DataFrame:
    """Counts with a season of their own, a third of the series intermittent."""
    rng = np.random.default_rng(bucket)
    weeks = np.arange(PERIODS + STEPS)
    phase, swing = rng.integers(0, 52, (series, 1)), rng.uniform(0, 0.6, (series, 1))
    mean = np.exp(rng.normal(1.0, 1.3, (series, 1)))
    mean = mean * (1 + swing * np.sin(2 * np.pi * (weeks + phase) / 52))
    dates = pd.date_range("2024-01-01", periods=len(weeks), freq="W-MON")
    names = [f"{bucket:03d}-{row:05d}" for row in range(series)]
    return pd.DataFrame(
        {
            "series_id": np.repeat(names, len(weeks)),
            "period_start": np.tile(dates, series),
            "units": rng.poisson(mean).astype("float64").ravel(),
        }
    )


def forecast_bucket(task: tuple[int, int], kind: str) -> tuple[float, float]:
    """Forecast a bucket; returns the coverage of 95 % intervals and the peak of memory in MB."""
    settings = ForecastSettings("week", STEPS, CUTOFFS, report_members=False, **KINDS[kind])
    panel = make_panel(*task)
    now = panel["period_start"].drop_duplicates().sort_values().iloc[PERIODS]
    is_ahead = panel["period_start"] >= now
    with threadpool_limits(1):
        found = forecast(panel[~is_ahead], settings).forecasts
    found = found[found["level"] == "series"].merge(panel[is_ahead])
    inside = found["units"].between(found["q0_025"], found["q0_975"]).mean()
    return float(inside), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def time_engine(kind: str, series: int, workers: int) -> dict[str, object]:
    """Forecast so many series in buckets."""
    tasks = [
        (number, min(BUCKET, series - number * BUCKET)) for number in range(-(-series // BUCKET))
    ]
    began = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(partial(forecast_bucket, kind=kind), tasks))
    seconds = time.perf_counter() - began
    windows = series * (CUTOFFS + 1)
    used = min(workers, len(tasks))
    return {
        "forecaster": kind,
        "series": series,
        "processes": used,
        "seconds": seconds,
        "windows per second and core": windows / seconds / used,
        "seconds per 1,000 series": 1000 * seconds * used / series,
        "coverage": float(np.mean([found[0] for found in done])),
        "peak MB per process": max(found[1] for found in done),
    }


def time_statsforecast(name: str, series: int) -> dict[str, object]:
    """Cross-validation of a model of statsforecast over the same origins, in one process."""
    from statsforecast import StatsForecast, models

    frame = make_panel(0, series).set_axis(["unique_id", "ds", "y"], axis=1)
    frame = frame.groupby("unique_id").head(PERIODS)
    engine = StatsForecast([getattr(models, name)(season_length=52)], "W-MON", n_jobs=1)
    engine.forecast(df=frame[frame["unique_id"] < "000-00003"], h=1)
    began = time.perf_counter()
    engine.cross_validation(h=STEPS, df=frame, n_windows=CUTOFFS, step_size=4, level=[95])
    seconds = time.perf_counter() - began
    return {
        "forecaster": f"statsforecast {name}",
        "series": series,
        "processes": 1,
        "seconds": seconds,
        "windows per second and core": series * CUTOFFS / seconds,
        "seconds per 1,000 series": 1000 * seconds / series,
    }


def main() -> None:
    """Print one row per forecaster and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100_000, help="in the largest panel")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    runs = [
        *(("batched", given.series // part, given.workers) for part in (100, 10, 1)),
        ("statistical", given.series // 10, given.workers),
        ("ensemble", given.series // 10, given.workers),
    ]
    rows = []
    for run in runs:
        rows.append(time_engine(*run))
        print(rows[-1], flush=True)
    rows += [time_statsforecast(*peer) for peer in (("AutoETS", 50), ("AutoTheta", 50))]
    print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
