"""The long panel as a matrix, whatever is wrong with it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.forecasting.history import SHORT_HISTORY
from inventory_allocation.forecasting.settings import ForecastSettings
from inventory_allocation.forecasting.tree import Tree, build_tree
from inventory_allocation.frames import require_columns

__all__ = ["REPAIRS", "Panel", "read_panel"]

# What can be wrong with rows, and what is done about it.
REPAIRS = {
    "duplicate_period": "rows of the same series and period were added up",
    "negative_units": "units below 0 were taken as 0",
    "not_a_number": "units that are null, NaN or infinite were taken as unknown",
    "missing_period": "periods without a row were taken as unknown: the panel has rows with 0",
    "no_sale_period": "periods without a row were taken as 0: the panel has no row with 0",
    "future_date": "rows after the as-of day were left out",
    "no_date": "rows without a date, or without a series, were left out",
    "several_labels": "the series adds up to more than one: the first by name counts",
    "no_history": "nothing is known of the series: its forecast is that of its siblings, or 0",
    "short_history": "fewer than eight periods are known: the forecast leans on its siblings",
}


@dataclass(frozen=True)
class Panel:
    """Series aligned to the same last period.

    Attributes:
        series: Names of the series, sorted.
        periods: The first date of each period, without a gap.
        units: Shape (series, periods); NaN where unknown: before the first row, missing, or out of
            stock.
        tree: What they add up to.
        attributes: By attribute the number of its value of each series.
        is_held_out: Series that nothing is learnt from.
        repairs: Columns series_id, reason (a key of REPAIRS), rows: what was done about bad rows.
    """

    series: tuple[str, ...]
    periods: pd.DatetimeIndex
    units: npt.NDArray[np.float64]
    tree: Tree
    attributes: tuple[npt.NDArray[np.int64], ...]
    is_held_out: npt.NDArray[np.bool_]
    repairs: pd.DataFrame


def _align(
    dates: "pd.Series[pd.Timestamp]", settings: ForecastSettings
) -> "pd.Series[pd.Timestamp]":
    """The first date of the period of each date."""
    days = dates.dt.normalize()
    if settings.period == "month":
        return days - pd.to_timedelta(days.dt.day - 1, unit="D")
    if settings.period == "week":
        # Weeks begin on the weekday that most rows have.
        first = int(days.dt.dayofweek.mode().iloc[0])
        return days - pd.to_timedelta((days.dt.dayofweek - first) % 7, unit="D")
    return pd.Series(days, index=dates.index)


def _list_labels(
    frame: pd.DataFrame, names: "pd.Index[str]", settings: ForecastSettings
) -> tuple[pd.DataFrame, list[tuple[str, str, int]]]:
    """What each series belongs to, one row per series, and repairs of those that say it twice."""
    columns = [*settings.hierarchy, *settings.attributes]
    labels = frame[columns].astype("string").fillna("")
    by_series = labels.groupby(frame["series_id"].astype("string"))
    most = by_series.nunique().reindex(names).max(axis=1)
    torn = [(str(name), "several_labels", int(count)) for name, count in most.items() if count > 1]
    return by_series.min().reindex(names), torn


def _add_up(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of the same series and period added up, smallest first; unknown if all are.

    So their sum is the same to the bit whatever order they came in.
    """
    ordered = cells.sort_values(["row", "column", "units"], kind="stable")
    by_period = ordered.groupby(["row", "column"])
    summed = by_period["units"].sum(min_count=1).reset_index()
    return summed.assign(is_stockout=by_period["is_stockout"].max().to_numpy(dtype=bool))


def read_panel(frame: pd.DataFrame, settings: ForecastSettings) -> Panel:
    """Turn a long panel into a matrix. What is wrong with it is mended, and said.

    Args:
        frame: Columns series_id, period_start, units, those of the hierarchy and the attributes,
            and optionally is_stockout and is_held_out (the series is forecast, but nothing is
            learnt from it), in any order of rows. Dates within a period count for it.
        settings: Settings; the period gives the grid.

    Raises:
        InputError: A column is missing, or the hierarchy isn't one.
    """
    labelled = [*settings.hierarchy, *settings.attributes]
    require_columns(frame, ["series_id", "period_start", "units", *labelled], "panel")
    rows = pd.DataFrame(
        {
            "series_id": frame["series_id"].astype("string"),
            "period_start": pd.to_datetime(frame["period_start"], errors="coerce"),
            "units": pd.to_numeric(frame["units"], errors="coerce").astype("float64"),
            # Neither null nor text is out of stock.
            "is_stockout": frame.get("is_stockout", pd.Series(False, index=frame.index)).eq(True),
        }
    )
    repairs: list[tuple[str, str, int]] = []

    def note(reason: str, series: "pd.Series[str]") -> None:
        counts = series.fillna("").value_counts().sort_index()
        repairs.extend((str(name), reason, int(count)) for name, count in counts.items())

    is_lost = rows["series_id"].isna() | rows["period_start"].isna()
    note("no_date", rows.loc[is_lost, "series_id"])
    rows = rows[~is_lost]
    if settings.as_of is not None:
        is_ahead = rows["period_start"] >= pd.Timestamp(settings.as_of) + pd.Timedelta(days=1)
        note("future_date", rows.loc[is_ahead, "series_id"])
        rows = rows[~is_ahead]
    if rows.empty:
        return _empty(repairs)
    units = rows["units"].where(np.isfinite(rows["units"]))
    note("not_a_number", rows.loc[units.isna(), "series_id"])
    note("negative_units", rows.loc[units < 0, "series_id"])
    starts = _align(rows["period_start"], settings)
    periods = pd.date_range(starts.min(), starts.max(), freq=settings.frequency)
    codes, names = pd.factorize(rows["series_id"], sort=True)
    cells = pd.DataFrame(
        {
            "row": codes,
            "column": periods.get_indexer(pd.Index(starts)),
            "units": units.clip(lower=0).to_numpy(),
            "is_stockout": rows["is_stockout"].to_numpy(),
        }
    )
    has_zeros = bool((cells["units"] == 0).any())
    is_twice = cells.duplicated(["row", "column"]).to_numpy()
    if is_twice.any():
        note("duplicate_period", rows.loc[is_twice, "series_id"])
        cells = _add_up(cells)

    place = cells["row"].to_numpy(), cells["column"].to_numpy()
    matrix = np.full((len(names), len(periods)), np.nan)
    is_given = np.zeros(matrix.shape, dtype=bool)
    matrix[place] = cells["units"]
    is_given[place] = True
    begun = np.logical_or.accumulate(is_given, axis=1)
    absent = begun & ~is_given
    reason = "missing_period" if has_zeros else "no_sale_period"
    if not has_zeros:
        matrix[absent] = 0.0
    counts = absent.sum(axis=1)
    repairs.extend(
        (str(name), reason, int(count)) for name, count in zip(names, counts, strict=True) if count
    )
    is_out = np.zeros(matrix.shape, dtype=bool)
    is_out[place] = cells["is_stockout"]
    matrix[is_out] = np.nan
    known = (~np.isnan(matrix)).sum(axis=1)
    # It is still forecast, so that no series is lost.
    matrix[known == 0, -1] = 0.0
    for name, count in zip(names, known, strict=True):
        if count == 0:
            repairs.append((str(name), "no_history", 0))
        elif count < SHORT_HISTORY:
            repairs.append((str(name), "short_history", int(count)))
    labels, torn = _list_labels(frame, names, settings)
    repairs.extend(torn)
    is_held_out = frame.get("is_held_out", pd.Series(False, index=frame.index)).eq(True)
    held_out = is_held_out.groupby(frame["series_id"].astype("string")).any().reindex(names)
    return Panel(
        tuple(str(name) for name in names),
        periods,
        matrix,
        build_tree(labels, settings.hierarchy),
        tuple(pd.factorize(labels[name], sort=True)[0] for name in settings.attributes),
        held_out.to_numpy(dtype=bool),
        _as_frame(repairs),
    )


def _as_frame(repairs: list[tuple[str, str, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(sorted(repairs), columns=["series_id", "reason", "rows"])
    frame["remedy"] = frame["reason"].map(REPAIRS)
    return frame.astype({"series_id": "string", "reason": "string", "remedy": "string"})


def _empty(repairs: list[tuple[str, str, int]]) -> Panel:
    tree = build_tree(pd.DataFrame(), ())
    none = np.zeros(0, dtype=bool)
    return Panel((), pd.DatetimeIndex([]), np.zeros((0, 0)), tree, (), none, _as_frame(repairs))
