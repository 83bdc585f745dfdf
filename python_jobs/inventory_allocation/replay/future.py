"""What comes, and no policy knows: orders of customers, and how late suppliers are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.errors import InputError
from inventory_allocation.replay.company import Company, Floats, Integers

__all__ = ["RETURN_PERIODS", "Future", "build_future", "count_units", "locate"]

LATE_SHARE = 0.1
"""Share of suppliers' deliveries that come a period late."""
RETURN_PERIODS = 2
"""After how many periods what is returned is in stock again, at the centre that shipped it."""


@dataclass(frozen=True)
class Future:
    """The same for every policy: common random numbers.

    Attributes:
        period_starts: First days of the periods.
        end: The day after the last period.
        bounds: Position of each period's first line, and the number of lines at the end; shape
            (periods + 1,).
        order: Number of each line's order; lines are in their order of arrival; shape (lines,).
        region: Position of the region of each line.
        sku: Position of the SKU of each line.
        units: Units wanted by each line.
        delay: Periods that an order of each offer takes longer; shape (periods, offers).
        stock: Units on hand at the start; shape (fcs, skus).
        arriving: Units ordered before the start, by period of arrival; shape (periods, fcs, skus).
        is_closed: Centres that ship nothing in a period; shape (periods, fcs).
        is_returned: Lines that customers send back, as far as they were shipped; shape (lines,).
    """

    period_starts: list[pd.Timestamp]
    end: pd.Timestamp
    bounds: Integers
    order: Integers
    region: Integers
    sku: Integers
    units: Integers
    delay: Integers
    stock: Floats
    arriving: Floats
    is_closed: npt.NDArray[np.bool_]
    is_returned: npt.NDArray[np.bool_]


def _positions(values: "pd.Series[str]", names: list[str]) -> npt.NDArray[np.int64]:
    return pd.Index(names).get_indexer(pd.Index(values.astype(str))).astype("int64")


def locate(company: Company, rows: pd.DataFrame, edges: pd.DatetimeIndex) -> pd.DataFrame:
    """Put centres, SKUs, regions (where there are) and times into numbers.

    Args:
        company: Places and goods.
        rows: fc_id, sku, at, and what is to be kept; rows of other places and times are left out.
        edges: First days of periods, and the day after the last one.

    Returns:
        The rows, with period, fc, sku and region as positions, -1 for a region that isn't known.
    """
    found = rows.assign(
        period=edges.searchsorted(pd.DatetimeIndex(rows["at"]), side="right") - 1,
        fc=_positions(rows["fc_id"], company.fcs),
        sku=_positions(rows["sku"], company.skus),
    )
    if "region_id" in rows:
        found["region"] = _positions(rows["region_id"], company.regions)
    is_in = found["period"].between(0, len(edges) - 2)
    return found[is_in & (found["fc"] >= 0) & (found["sku"] >= 0)].reset_index(drop=True)


def count_units(table: Floats, rows: pd.DataFrame) -> None:
    """Add units to a table of shape (periods, fcs, skus)."""
    at = tuple(rows[name].to_numpy() for name in ("period", "fc", "sku"))
    np.add.at(table, at, rows["units"].to_numpy(dtype="float64"))


def build_future(
    company: Company,
    period_starts: list[pd.Timestamp],
    lines: pd.DataFrame,
    stock: pd.DataFrame,
    arriving: pd.DataFrame,
    seed: int,
    return_share: float = 0.0,
) -> Future:
    """Put what comes into numbers.

    Args:
        company: Places and goods.
        period_starts: First days of the periods to replay, and the day after the last one.
        lines: order_id, ordered_at, region_id, sku, units, in any order. Lines of other SKUs,
            regions and times are left out.
        stock: fc_id, sku, units on hand on the first morning, before anything arrives.
        arriving: fc_id, sku, arrives_on, units: ordered before the start.
        seed: Seed of what chance decides.
        return_share: Share of lines that are sent back.

    Raises:
        InputError: No line is in these periods.
    """
    edges = pd.DatetimeIndex(period_starts)
    rows = lines.assign(
        period=edges.searchsorted(pd.DatetimeIndex(lines["ordered_at"]), side="right") - 1,
        region=_positions(lines["region_id"], company.regions),
        position=_positions(lines["sku"], company.skus),
    )
    is_in = rows["period"].between(0, len(edges) - 2)
    rows = rows[is_in & (rows["region"] >= 0) & (rows["position"] >= 0) & (rows["units"] > 0)]
    if rows.empty:
        raise InputError(
            f"no order line lies between {edges[0]:%Y-%m-%d} and {edges[-1]:%Y-%m-%d}: "
            "replay fewer periods, or others"
        )
    rows = rows.sort_values(["ordered_at", "order_id", "sku"], kind="stable", ignore_index=True)
    periods = len(edges) - 1
    shape = (len(company.fcs), len(company.skus))
    held = locate(company, stock.assign(at=edges[0]), edges)
    on_hand = np.zeros((1, *shape))
    count_units(on_hand, held)
    on_the_way = np.zeros((periods, *shape))
    count_units(on_the_way, locate(company, arriving.rename(columns={"arrives_on": "at"}), edges))
    rng = np.random.default_rng(seed)
    delay = (rng.random((periods, len(company.offers))) < LATE_SHARE).astype("int64")
    return Future(
        period_starts=list(edges[:-1]),
        end=edges[-1],
        bounds=np.searchsorted(rows["period"].to_numpy(), np.arange(periods + 1)),
        order=pd.factorize(rows["order_id"])[0].astype("int64"),
        region=rows["region"].to_numpy(),
        sku=rows["position"].to_numpy(),
        units=rows["units"].to_numpy(dtype="int64"),
        delay=delay,
        stock=on_hand[0],
        arriving=on_the_way,
        is_closed=np.zeros((periods, len(company.fcs)), dtype=bool),
        is_returned=rng.random(len(rows)) < return_share,
    )
