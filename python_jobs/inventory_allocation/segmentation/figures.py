"""A figure per segment: how it differs from all customers, and when it buys."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from inventory_allocation.frames import require_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_segment"]

# Column of dim_segments, how it is called, and how its value is written.
MEASURES = {
    "mean_recency_days": ("days since last purchase", "{:,.0f}"),
    "mean_frequency": ("orders", "{:,.1f}"),
    "mean_monetary": ("revenue", "{:,.0f}"),
    "mean_order_value": ("sales of an order", "{:,.0f}"),
    "mean_interpurchase_days": ("days between purchases", "{:,.0f}"),
    "mean_category_count": ("categories bought", "{:,.1f}"),
    "mean_return_rate": ("return rate", "{:.1%}"),
}
QUARTERS = [f"mean_q{number}_share" for number in (1, 2, 3, 4)]
COLOR, GREY = "#2f6690", "#b9c4cc"
MAX_RATIO = 8.0


def _mean_of_all(segments: pd.DataFrame, column: str) -> float:
    known = segments[segments[column].notna()]
    return float(np.average(known[column], weights=known["customers"])) if len(known) else np.nan


def _draw_measures(axes: "Axes", segment: "pd.Series[float]", overall: dict[str, float]) -> None:
    ratios = [
        np.clip(segment[name] / overall[name], 1 / MAX_RATIO, MAX_RATIO)
        if segment[name] > 0 and overall[name] > 0
        else np.nan
        for name in MEASURES
    ]
    heights = np.nan_to_num(np.log2(ratios))
    axes.barh(range(len(MEASURES)), heights, color=COLOR)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(MEASURES)), [label for label, _ in MEASURES.values()])
    axes.invert_yaxis()
    axes.set_xlim(-np.log2(MAX_RATIO) - 0.9, np.log2(MAX_RATIO) + 0.9)
    axes.set_xticks([-3, -2, -1, 0, 1, 2, 3], ["1/8", "1/4", "1/2", "1", "2", "4", "8"])
    axes.set_xlabel("times the mean of all customers")
    for position, (name, height) in enumerate(zip(MEASURES, heights, strict=True)):
        known = pd.notna(segment[name])
        text = MEASURES[name][1].format(segment[name]) if known else "not known"
        axes.annotate(
            text,
            (height, position),
            xytext=(4 if height >= 0 else -4, 0),
            textcoords="offset points",
            ha="left" if height >= 0 else "right",
            va="center",
            fontsize=8,
        )


def _draw_quarters(axes: "Axes", segment: "pd.Series[float]", overall: dict[str, float]) -> None:
    places = np.arange(4)
    axes.bar(places - 0.2, [segment[name] for name in QUARTERS], 0.4, color=COLOR, label="segment")
    axes.bar(places + 0.2, [overall[name] for name in QUARTERS], 0.4, color=GREY, label="all")
    axes.set_xticks(places, ["Q1", "Q2", "Q3", "Q4"])
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    axes.set_xlabel("share of units bought")
    axes.legend(frameon=False, fontsize=8)


def draw_segment(segments: pd.DataFrame, segment_id: int, currency: str) -> "Figure":
    """Draw the profile of a segment.

    Args:
        segments: All rows of dim_segments.
        segment_id: The one to draw.
        currency: Unit of money, for the title.

    Returns:
        A figure of two panels: each measure as a multiple of the mean of all customers, with its
        value in business units; and the share of units by quarter beside that of all customers.

    Raises:
        InputError: A column is missing.
        ImportError: matplotlib isn't installed: `pip install 'inventory-allocation[figures]'`.
    """
    from matplotlib.figure import Figure

    needed = ["segment_id", "segment", "customers", "customer_share", "revenue_share"]
    require_columns(
        segments, [*needed, "expected_value", "horizon_days", *MEASURES, *QUARTERS], "dim_segments"
    )
    overall = {name: _mean_of_all(segments, name) for name in (*MEASURES, *QUARTERS)}
    segment = segments[segments["segment_id"] == segment_id].iloc[0]
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    measures, quarters = figure.subplots(1, 2, width_ratios=[2.2, 1])
    _draw_measures(measures, segment, overall)
    _draw_quarters(quarters, segment, overall)
    for axes in (measures, quarters):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    value = segment["expected_value"]
    days = segment["horizon_days"]
    expected = f"; {value:,.0f} {currency} expected in {days} days" if pd.notna(value) else ""
    figure.suptitle(
        f"{segment['segment']}: {segment['customers']:,} customers "
        f"({segment['customer_share']:.0%}), {segment['revenue_share']:.0%} of revenue{expected}",
        fontsize=10,
    )
    return figure
