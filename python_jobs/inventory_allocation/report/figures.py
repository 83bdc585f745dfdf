"""Figures of the report, as SVG: the same bytes for the same rows."""

import io
from typing import TYPE_CHECKING

import pandas as pd

from inventory_allocation.presentation.words import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_costs", "draw_periods"]

PLAN, OTHER = "#0072B2", "#E69F00"


def _write(figure: "Figure") -> str:
    import matplotlib as mpl

    output = io.StringIO()
    # Its ids are random numbers otherwise, and the date is in it.
    with mpl.rc_context({"svg.hashsalt": "inventory-allocation"}):
        figure.savefig(output, format="svg", metadata={"Date": None})
    text = output.getvalue()
    return text[text.index("<svg") :]


def _plain(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.legend(frameon=False, fontsize=8)


def draw_costs(parts: pd.DataFrame) -> str:
    """Bars of each part of the cost, of the plan and of the greedy plan; dearest first.

    Args:
        parts: metric (``cost_...``), plan, greedy.
    """
    from matplotlib.figure import Figure

    shown = parts[(parts["plan"] > 0) | (parts["greedy"] > 0)].sort_values(["plan", "metric"])
    figure = Figure(figsize=(6.8, 0.36 * len(shown) + 0.8), layout="constrained")
    axes = figure.subplots()
    names = [label(name.removeprefix("cost_")) for name in shown["metric"]]
    rows = range(len(shown))
    axes.barh([row + 0.2 for row in rows], shown["plan"], 0.38, color=PLAN, label="plan")
    axes.barh(
        [row - 0.2 for row in rows],
        shown["greedy"],
        0.38,
        color=OTHER,
        hatch="//",
        edgecolor="white",
        linewidth=0,
        label="greedy plan",
    )
    axes.set_yticks(list(rows), names)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    _plain(axes)
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return _write(figure)


def draw_periods(periods: pd.DataFrame) -> str:
    """Units wanted and served by period.

    Args:
        periods: period_start, demand, served.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.8, 2.4), layout="constrained")
    axes = figure.subplots()
    days = [f"{day:%Y-%m-%d}" for day in periods["period_start"]]
    places = range(len(days))
    axes.bar(
        [place - 0.2 for place in places], periods["demand"], 0.38, color=OTHER, label="demand"
    )
    axes.bar([place + 0.2 for place in places], periods["served"], 0.38, color=PLAN, label="served")
    step = -(-len(days) // 9)
    axes.set_xticks(list(places)[::step], days[::step])
    axes.set_ylabel("units", fontsize=8)
    _plain(axes)
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return _write(figure)
