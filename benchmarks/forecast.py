"""Forecast the last periods of a panel that were held back, beside the libraries planners use.

Run it with `make bench-forecast`: Online Retail II by SKU and country and by SKU, weekly, 13 weeks
ahead, and the generated company by SKU and by SKU and region, with the promotions it knows ahead
(which LightGBM gets too; the other peers can't use them). Sums are scored too: series moved towards
what SKUs, centres, categories and the total say, beside bottom-up; and MAPE of the SKUs that make
80 % of the volume, beside the error of a perfect forecast of counts. "Nothing but chance" is the
forecast of who knows everything of the generated company but its random numbers. Any other panel:
`--panel FILE --period month --forecast-periods 12` (columns series_id, period_start, units). Slow
peers forecast a sample of the series; then everybody is scored on the sample too, in a row of their
own.
"""

import argparse
import os
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from inventory_allocation.forecasting import ForecastSettings, run_serially
from inventory_allocation.forecasting.noise_floor import poisson_mape_floor
from inventory_allocation.forecasting.settings import FREQUENCIES, SEASON_LENGTHS
from inventory_allocation.jobs.generate import write_company
from inventory_allocation.sample_company import expect_demand, generate_company

KEYS = ["unique_id", "ds"]
RETAIL = Path("../shared/data/online-retail-ii/online_retail_ii.parquet")
CHANCE = "nothing but chance"
SLOW = ("AutoETS", "AutoCES", "AutoARIMA", "Prophet")


# --- panels --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """A long panel: unique_id, ds, y, and the columns that say what a series adds up to.

    Signals have columns sku, day and value; chance has unique_id, ds and mean: the forecast of who
    knows everything but chance.
    """

    frame: pd.DataFrame
    hierarchy: tuple[str, ...] = ()
    signals: pd.DataFrame | None = None
    chance: pd.DataFrame | None = None


def make_weekly(
    rows: pd.DataFrame,
    keys: list[str],
    last: pd.Timestamp,
    hierarchy: tuple[str, ...] = (),
    signals: pd.DataFrame | None = None,
    expected: pd.DataFrame | None = None,
) -> Panel:
    """Units by week, dense from the first sale on, of series with eight weeks of sales."""
    days = rows["day"]
    rows = rows.assign(ds=days - pd.to_timedelta(days.dt.dayofweek, unit="D"))
    rows = rows[rows["ds"] <= last].assign(unique_id=rows[keys].agg("|".join, axis=1))
    units = rows.pivot_table(index="unique_id", columns="ds", values="units", aggfunc="sum")
    weeks = pd.date_range(units.columns.min(), last, freq="7D")
    units = units.reindex(columns=weeks)
    units = units[units.notna().sum(axis=1) >= 8]
    dense = units.fillna(0.0).where(units.notna().cumsum(axis=1) > 0)
    long = dense.reset_index().melt("unique_id", var_name="ds", value_name="y").dropna()
    long["ds"] = pd.to_datetime(long["ds"])
    labels = rows.drop_duplicates("unique_id")
    long = long.merge(labels[list(dict.fromkeys(["unique_id", "sku", *hierarchy]))], on="unique_id")
    chance = None
    if expected is not None:
        expected = expected.assign(unique_id=expected[keys].agg("|".join, axis=1))
        chance = expected.groupby(KEYS, as_index=False)["mean"].sum()
    return Panel(long.sort_values(KEYS, ignore_index=True), hierarchy, signals, chance)


def read_retail() -> pd.DataFrame:
    """Sales of Online Retail II: products only, no cancellations."""
    rows = pd.read_parquet(RETAIL)
    kept = (rows["Quantity"] > 0) & (rows["Price"] > 0) & rows["StockCode"].str.match(r"^\d{5}")
    rows = rows[kept & ~rows["Invoice"].str.startswith("C")]
    return pd.DataFrame(
        {
            "day": pd.to_datetime(rows["InvoiceDate"]).dt.normalize(),
            "sku": rows["StockCode"].astype(str),
            "country": rows["Country"].astype(str),
            "units": rows["Quantity"].astype("float64"),
        }
    )


def read_labels(path: Path, key: str, label: str) -> pd.DataFrame:
    """What each SKU or region belongs to."""
    rows = pd.read_parquet(path, columns=[key, label])
    rows = rows.assign(**{key: rows[key].str.strip(), label: rows[label].fillna("none")})
    names = {"sku": "sku", "region_id": "region", "category": "category", "home_fc_id": "center"}
    return rows.dropna().drop_duplicates(key).rename(columns=names)


def read_generated() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sales, promotions, expected sales of the generated company of medium size, without dirt."""
    with tempfile.TemporaryDirectory() as directory:
        write_company(generate_company("medium", 7), Path(directory), "parquet")
        rows = pd.read_parquet(Path(directory) / "transactions.parquet")
        categories = read_labels(Path(directory) / "products.parquet", "sku", "category")
        signals = pd.read_parquet(Path(directory) / "external_signals.parquet")
        centers = read_labels(Path(directory) / "regions.parquet", "region_id", "home_fc_id")
    rows = rows.drop_duplicates(["order_id", "order_line"])
    units = pd.to_numeric(rows["quantity"], errors="coerce")
    days = pd.to_datetime(rows["ordered_at"], errors="coerce").dt.normalize()
    kept = units.between(1, 1_000) & days.between("2023-07-03", "2026-06-28")
    rows = rows[kept & rows["sku"].notna() & rows["region_id"].notna()]
    promotions = pd.DataFrame(
        {
            "sku": signals["sku"].str.strip(),
            "day": pd.to_datetime(signals["signal_date"], errors="coerce"),
            "value": pd.to_numeric(signals["value"], errors="coerce"),
        }
    )
    sales = pd.DataFrame(
        {
            "day": days[rows.index],
            "sku": rows["sku"].str.strip(),
            "region": rows["region_id"].str.strip(),
            "units": units[rows.index].astype("float64"),
        }
    )
    sales = sales.merge(categories, how="left", on="sku").merge(centers, how="left", on="region")
    expected = expect_demand("medium", 7)[lambda frame: frame["week_start"] >= "2026-01-01"]
    expected = expected.set_axis(["ds", "sku", "region", "mean"], axis=1)
    return sales, promotions.dropna().drop_duplicates(["sku", "day"]), expected


def default_panels() -> dict[str, Panel]:
    """Name and panel of each benchmark."""
    panels = {}
    if RETAIL.exists():
        retail, last = read_retail(), pd.Timestamp("2011-11-28")
        panels["Online Retail II, SKU x country"] = make_weekly(
            retail, ["sku", "country"], last, ("sku",)
        )
        panels["Online Retail II, SKU"] = make_weekly(retail, ["sku"], last)
    else:
        print(f"{RETAIL} isn't there: Online Retail II is left out")
    (generated, promotions, expected), last = read_generated(), pd.Timestamp("2026-06-22")
    panels["generated company, SKU"] = make_weekly(
        generated, ["sku"], last, ("category",), promotions, expected
    )
    generated = generated.assign(sku_center=generated["sku"] + "|" + generated["center"])
    panels["generated company, SKU x region"] = make_weekly(
        generated,
        ["sku", "region"],
        last,
        ("sku_center", "sku", "category"),
        promotions,
        expected,
    )
    return panels


# --- forecasters ---------------------------------------------------------------------------------


def forecast_ours(past: pd.DataFrame, period: str, steps: int, panel: Panel) -> pd.DataFrame:
    """The engine, untuned."""
    signals, hierarchy = None, panel.hierarchy
    if panel.signals is not None:
        labels = past[["unique_id", "sku"]].drop_duplicates()
        signals = panel.signals.merge(labels, on="sku").assign(
            signal_name="promotion", is_known_ahead=True
        )
        signals = signals.rename(columns={"unique_id": "series_id", "day": "period_start"})
    frame = past.rename(columns={"unique_id": "series_id", "ds": "period_start", "y": "units"})
    settings = ForecastSettings(period, steps, hierarchy=hierarchy, report_members=False)
    found = run_serially(frame, settings, signals=signals).forecasts
    names = {"series_id": "unique_id", "period_start": "ds", "q0_025": "low", "q0_975": "high"}
    found = found[found["level"] == "series"].rename(columns=names)
    return found[[*KEYS, "mean", "unreconciled", "low", "high", "demand_class", "band"]]


def forecast_statsforecast(past: pd.DataFrame, period: str, steps: int, name: str) -> pd.DataFrame:
    """A model of statsforecast, with its own interval."""
    from statsforecast import StatsForecast, models

    model = getattr(models, name)(season_length=SEASON_LENGTHS[period])
    fallback = models.SeasonalNaive(season_length=1)
    engine = StatsForecast([model], FREQUENCIES[period], n_jobs=1, fallback_model=fallback)
    found = engine.forecast(df=past, h=steps, level=[95])
    return found.set_axis([*KEYS, "mean", "low", "high"], axis=1)


def add_promotions(rows: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Add the promotion of each week, as a regressor."""
    if panel.signals is None:
        return rows
    days = panel.signals["day"]
    weekly = panel.signals.assign(ds=days - pd.to_timedelta(days.dt.dayofweek, unit="D"))
    weekly = weekly.groupby(["sku", "ds"], as_index=False)["value"].sum()
    labels = panel.frame[["unique_id", "sku"]].drop_duplicates()
    weekly = weekly.merge(labels, on="sku").rename(columns={"value": "promotion"})
    joined = rows.merge(weekly[[*KEYS, "promotion"]], how="left", on=KEYS)
    return joined.fillna({"promotion": 0.0})


def forecast_lightgbm(past: pd.DataFrame, period: str, steps: int, panel: Panel) -> pd.DataFrame:
    """A global LightGBM by mlforecast, with conformal intervals from four windows."""
    import lightgbm
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean
    from mlforecast.utils import PredictionIntervals

    season = SEASON_LENGTHS[period]
    longest = past.groupby("unique_id").size().max()
    lags = [lag for lag in sorted({1, 2, 3, 4, 8, season}) if lag < 0.6 * longest]
    model = lightgbm.LGBMRegressor(
        n_estimators=300, learning_rate=0.05, objective="tweedie", n_jobs=1, verbosity=-1
    )
    forecaster = MLForecast(
        {"lightgbm": model},
        freq=FREQUENCIES[period],
        lags=lags,
        lag_transforms={1: [RollingMean(4), RollingMean(13)]},
        date_features=["month", "dayofweek"] if period == "day" else ["month"],
    )
    shortest = past.groupby("unique_id").size().min()
    windows = PredictionIntervals(n_windows=4, h=steps) if shortest > 5 * steps + 2 else None
    forecaster.fit(add_promotions(past, panel), prediction_intervals=windows, static_features=[])
    ahead = None
    if panel.signals is not None:
        ahead = add_promotions(forecaster.make_future_dataframe(steps), panel)
    found = forecaster.predict(steps, level=[95] if windows else None, X_df=ahead)
    names = {"lightgbm": "mean", "lightgbm-lo-95": "low", "lightgbm-hi-95": "high"}
    return found.rename(columns=names)


def forecast_prophet(past: pd.DataFrame, period: str, steps: int) -> pd.DataFrame:
    """Prophet, one series after another."""
    import logging

    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True
    parts = []
    for name, rows in past.groupby("unique_id"):
        if len(rows) < 2:
            # It refuses a single row, which is then forecast as what it says.
            dates = pd.date_range(rows["ds"].iloc[0], periods=steps + 1, freq=FREQUENCIES[period])
            flat = dict.fromkeys(["mean", "low", "high"], float(rows["y"].iloc[0]))
            parts.append(pd.DataFrame({"unique_id": name, "ds": dates[1:], **flat}))
            continue
        model = Prophet(interval_width=0.95, uncertainty_samples=300).fit(rows[["ds", "y"]])
        ahead = model.make_future_dataframe(steps, freq=FREQUENCIES[period], include_history=False)
        found = model.predict(ahead)[["ds", "yhat", "yhat_lower", "yhat_upper"]]
        parts.append(found.set_axis(["ds", "mean", "low", "high"], axis=1).assign(unique_id=name))
    return pd.concat(parts)


def forecast_peer(
    past: pd.DataFrame, period: str, steps: int, name: str, panel: Panel
) -> pd.DataFrame:
    """The peer of that name."""
    if name == "LightGBM":
        return forecast_lightgbm(past, period, steps, panel)
    if name == "Prophet":
        return forecast_prophet(past, period, steps)
    return forecast_statsforecast(past, period, steps, name)


# --- scores --------------------------------------------------------------------------------------


def score(found: pd.DataFrame, actual: pd.DataFrame, scale: pd.Series) -> dict[str, float]:
    """Errors over all series and steps; RMSSE is the mean over series with a change in the past."""
    rows = actual.merge(found, on=KEYS, how="left")
    rows["error"] = rows["mean"].fillna(0) - rows["y"]
    by_series = (rows["error"] ** 2).groupby(rows["unique_id"]).mean()
    squares = by_series / scale.reindex(by_series.index).where(lambda value: value > 0)
    result = {
        "wape": rows["error"].abs().sum() / rows["y"].sum(),
        "bias": rows["error"].sum() / rows["y"].sum(),
        "rmsse": float(np.sqrt(squares).mean()),
    }
    if "low" in rows:
        below, above = rows["low"] - rows["y"], rows["y"] - rows["high"]
        width = rows["high"] - rows["low"] + 40 * (below.clip(lower=0) + above.clip(lower=0))
        result["coverage"] = float(((below <= 0) & (above <= 0)).mean())
        result["winkler"] = float(width.mean() / rows["y"].mean())
    return result


def score_classes(
    results: dict[str, pd.DataFrame], actual: pd.DataFrame, scale: pd.Series
) -> pd.DataFrame:
    """WAPE and RMSSE of every forecaster by class of demand, and our coverage by third ahead."""
    ours = results["this engine"]
    classes = ours.drop_duplicates("unique_id").set_index("unique_id")["demand_class"]
    rows = {}
    for name in sorted(classes.unique()):
        members = classes.index[classes == name]
        part = actual[actual["unique_id"].isin(members)]
        row: dict[str, float] = {"series": len(members), "units": part["y"].sum()}
        for forecaster, found in results.items():
            scores = score(found[[*KEYS, "mean"]], part, scale)
            row |= {f"{measure} {forecaster}": scores[measure] for measure in ("wape", "rmsse")}
        row["bias"] = score(ours, part, scale)["bias"]
        for band, found in ours.groupby("band"):
            known = part.merge(found, on=KEYS)
            row[f"coverage {band}"] = known["y"].between(known["low"], known["high"]).mean()
        rows[name] = row
    return pd.DataFrame(rows)


def score_levels(
    found: pd.DataFrame,
    actual: pd.DataFrame,
    past: pd.DataFrame,
    hierarchy: tuple[str, ...],
    chance: pd.DataFrame | None,
) -> pd.DataFrame:
    """Weighted RMSSE by level, sums with and without a say.

    As in the M5 competition, but weighed by the units of the last four weeks, not by revenue.
    """
    forecasters = ["mean", "unreconciled"]
    together = actual.merge(found, on=KEYS, how="left")
    if chance is not None:
        together = together.merge(chance.rename(columns={"mean": "chance"}), how="left", on=KEYS)
        forecasters.append("chance")
    together = together.fillna(dict.fromkeys(forecasters, 0))
    rows = {}
    for level in ("unique_id", *hierarchy, "total"):
        keys = ["ds"] if level == "total" else [level, "ds"]
        ahead = together.groupby(keys)[["y", *forecasters]].sum().reset_index()
        known = past.groupby(keys)["y"].sum().reset_index()
        if level == "total":
            ahead, known = ahead.assign(total="total"), known.assign(total="total")
        changes = known.groupby(level)["y"].diff() ** 2
        scale = changes.groupby(known[level]).mean()
        recent = known[known["ds"] > known["ds"].max() - pd.Timedelta(weeks=4)]
        weight = recent.groupby(level)["y"].sum().where(scale > 0)
        row = {"nodes": float(len(scale))}
        for name in forecasters:
            squares = ((ahead[name] - ahead["y"]) ** 2).groupby(ahead[level]).mean()
            errors = np.sqrt(squares / scale.where(scale > 0))
            row[name] = float((errors * weight).sum() / weight.sum())
        rows["series" if level == "unique_id" else level] = row
    table = pd.DataFrame(rows).T.rename(columns={"mean": "wrmsse", "unreconciled": "bottom_up"})
    table.loc["mean of levels"] = table.mean()
    return table.assign(ratio=table["wrmsse"] / table["bottom_up"])


def score_mape(
    found: pd.DataFrame, actual: pd.DataFrame, past: pd.DataFrame, chance: pd.DataFrame | None
) -> pd.DataFrame:
    """MAPE of what makes 80 % of the volume, beside that of a perfect forecast.

    Over periods with demand; a month is four weeks. "poisson" is the error of a perfect forecast of
    Poisson counts; "chance" that of who knows everything but chance, where that is known.
    """
    rows = actual.merge(found[[*KEYS, "mean"]], on=KEYS)
    if chance is not None:
        rows = rows.merge(chance.rename(columns={"mean": "chance"}), how="left", on=KEYS)
        rows = rows.fillna({"chance": 0.0})
    number = rows["ds"].rank(method="dense").astype(int) - 1
    month = (number // 4).where(number < 4 * ((number.max() + 1) // 4))
    rows = rows.assign(week=rows["ds"], month=month)
    finest = "sku_center" if "sku_center" in rows else "unique_id"
    forecasters = [name for name in ("mean", "chance") if name in rows]
    scores = {}
    for level, period in ((finest, "month"), ("sku", "week"), ("sku", "month")):
        volume = past.groupby(level)["y"].sum().sort_values(ascending=False, kind="stable")
        top = volume.index[volume.cumsum() - volume < 0.8 * volume.sum()]
        cells = rows[rows[level].isin(top)].groupby([level, period])[["y", *forecasters]].sum()
        cells = cells[cells["y"] > 0]
        errors = cells[forecasters].sub(cells["y"], axis=0).abs().div(cells["y"], axis=0).mean()
        poisson = poisson_mape_floor(np.maximum(cells["mean"].to_numpy(), 0.05)).mean()
        name = {"unique_id": "series", "sku_center": "SKU x centre", "sku": "SKU"}[level]
        scores[f"{name} x {period}"] = {
            "nodes": len(top),
            **errors.rename({"mean": "mape"}),
            "poisson": poisson,
        }
    return pd.DataFrame(scores).T


def compare(panel: Panel, period: str, steps: int, peers: list[str], sample: int) -> None:
    """Print one row per forecaster."""
    frame = panel.frame
    held = np.sort(frame["ds"].unique())[-steps:]
    labelled, actual = frame[~frame["ds"].isin(held)], frame[frame["ds"].isin(held)]
    past = labelled[[*KEYS, "y"]]
    names = np.sort(past["unique_id"].unique())
    actual = actual[actual["unique_id"].isin(names)]
    changes = past.groupby("unique_id")["y"].diff() ** 2
    scale = changes.groupby(past["unique_id"]).mean()
    rng = np.random.default_rng(1)
    few = np.sort(rng.permutation(names)[:sample])
    rows: dict[str, dict[str, float]] = {}
    results: dict[str, pd.DataFrame] = {}
    forecasters = ["this engine", *peers, *([CHANCE] if panel.chance is not None else [])]
    for name in forecasters:
        chosen = past[past["unique_id"].isin(few)] if name in SLOW else past
        began = time.process_time()
        try:
            if name == "this engine":
                found = forecast_ours(labelled, period, steps, panel)
                if period == "week" and "sku" in labelled:
                    table = score_mape(found, actual, labelled, panel.chance)
                    print(f"\nMAPE of the top 80 % beside the floor\n{table.round(3).to_string()}")
                if panel.hierarchy:
                    levels = score_levels(found, actual, labelled, panel.hierarchy, panel.chance)
                    print(f"\nsums agreed on beside bottom-up\n{levels.round(4).to_string()}")
            elif name == CHANCE:
                found = panel.chance
            else:
                found = forecast_peer(chosen, period, steps, name, panel)
        except Exception as error:
            print(f"{name} failed: {type(error).__name__}: {str(error)[:120]}")
            continue
        seconds = time.process_time() - began
        results[name] = found
        count = chosen["unique_id"].nunique()
        if name not in SLOW or len(few) == len(names):
            rows[name] = {"series": count, **score(found, actual, scale), "seconds": seconds}
        part = actual[actual["unique_id"].isin(few)]
        label = f"{name}, sample"
        rows[label] = {"series": len(few), **score(found, part, scale)}
        rows[label]["seconds"] = seconds * len(few) / count
    trio = [results[name][[*KEYS, "mean"]] for name in ("AutoETS", "AutoTheta", "AutoCES")
            if name in results]  # fmt: skip
    if len(trio) == 3:
        middle = pd.concat(trio).groupby(KEYS)["mean"].median().reset_index()
        part = actual[actual["unique_id"].isin(few)]
        rows["median of ETS, Theta, CES, sample"] = {
            "series": len(few),
            **score(middle, part, scale),
        }
    table = pd.DataFrame(rows).T
    everywhere = {name: found for name, found in results.items() if name not in SLOW}
    by_class = score_classes(everywhere, actual, scale)
    print(f"\nby class of demand\n{by_class.round(3).to_string()}")
    is_sample = table.index.str.endswith(", sample")
    for title, part in (("all series", table[~is_sample]), ("sample", table[is_sample])):
        print(f"\n{title}\n{part.round(4).to_string()}")
        ours, others = part.iloc[0], part.iloc[1:]
        others = others[~others.index.str.startswith(CHANCE)]
        for measure in ("wape", "rmsse", "winkler"):
            best = others[measure].min()
            print(f"{measure}: {ours[measure] / best:.3f} of the best peer's "
                  f"({others[measure].idxmin()})")  # fmt: skip


def main() -> None:
    """Compare on the default panels or the given one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panel", type=Path, help="Parquet: series_id, period_start, units")
    parser.add_argument("--period", choices=list(SEASON_LENGTHS), default="week")
    parser.add_argument("--forecast-periods", type=int, default=13)
    parser.add_argument("--sample", type=int, default=150, help="series for the slow peers")
    parser.add_argument(
        "--peers",
        default="SeasonalNaive,AutoTheta,MSTL,LightGBM,AutoETS,AutoCES,AutoARIMA,Prophet",
    )
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    if given.panel:
        frame = pd.read_parquet(given.panel)[["series_id", "period_start", "units"]]
        panels = {given.panel.name: Panel(frame.set_axis([*KEYS, "y"], axis=1))}
    else:
        panels = default_panels()
    for name, panel in panels.items():
        print(f"\n=== {name}: {panel.frame['unique_id'].nunique():,} series, "
              f"{panel.frame['ds'].nunique()} periods, {given.forecast_periods} ahead")  # fmt: skip
        compare(panel, given.period, given.forecast_periods, given.peers.split(","), given.sample)


if __name__ == "__main__":
    main()
