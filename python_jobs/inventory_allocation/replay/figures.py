"""Figures of a replay: what service costs with each policy, and what its cost is made of."""

from typing import TYPE_CHECKING

import pandas as pd

from inventory_allocation.replay.claims import ENGINE
from inventory_allocation.replay.measures import COST_PARTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_cost_parts", "draw_frontiers"]

GREYS = ["#8a97a1", "#b0793f", "#6b8e5a", "#9a6fa0", "#c0a34a", "#5f9ea0"]
OURS = "#2f6690"
PARTS = ["#2f6690", "#81a4c2", "#c9d6e0", "#b5493c", "#d9a441", "#6b8e5a", "#9a6fa0", "#7b6d5d"]
PARTS += ["#3d3d3d"]


def draw_frontiers(table: pd.DataFrame) -> "Figure":
    """Cost against fill rate, and fill rate against stock, a line per policy through its settings.

    Args:
        table: From `table_policies`.

    Returns:
        A figure of two panels; the setting chosen in training is a filled dot.

    Raises:
        ImportError: matplotlib isn't installed: `pip install 'inventory-allocation[figures]'`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    panels = figure.subplots(1, 2)
    axes_of = [
        ("fill_rate", "cost_per_demand_unit", "share of units served", "cost per unit wanted"),
        ("stock_per_demand_unit", "fill_rate", "stock value per unit wanted", "units served"),
    ]
    others = iter(GREYS * 2)
    for name, part in table.groupby("policy", sort=True):
        color = OURS if name == ENGINE else next(others)
        for axes, (x, y, x_label, y_label) in zip(panels, axes_of, strict=True):
            path = part.sort_values("setting")
            axes.plot(path[x], path[y], color=color, linewidth=2 if name == ENGINE else 1)
            axes.plot(path[x], path[y], "o", color=color, markersize=3)
            own = part[part["is_chosen"]]
            axes.plot(own[x], own[y], "o", color=color, markersize=8, label=name)
            axes.set_xlabel(x_label)
            axes.set_ylabel(y_label)
    panels[1].legend(frameon=False, fontsize=8)
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    return figure


def draw_cost_parts(parts: pd.DataFrame) -> "Figure":
    """What the cost of each policy is made of, dearest policy last.

    Args:
        parts: policy and a column per cost part, each per unit wanted.

    Returns:
        A figure of stacked bars.

    Raises:
        ImportError: matplotlib isn't installed.
    """
    from matplotlib.figure import Figure

    ordered = parts.assign(total=parts[COST_PARTS].sum(axis=1)).sort_values("total")
    figure = Figure(figsize=(9.6, 0.5 * len(ordered) + 1.4), layout="constrained")
    axes = figure.subplots()
    left = pd.Series(0.0, index=ordered.index)
    for color, part in zip(PARTS, COST_PARTS, strict=True):
        label = part.removesuffix("_cost").replace("_", " ")
        axes.barh(ordered["policy"], ordered[part], left=left, color=color, label=label)
        left = left + ordered[part]
    axes.invert_yaxis()
    axes.set_xlabel("cost per unit wanted")
    axes.legend(frameon=False, fontsize=8, ncols=5, loc="lower center", bbox_to_anchor=(0.45, 1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure
