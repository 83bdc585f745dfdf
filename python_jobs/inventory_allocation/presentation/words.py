"""What codes in the tables mean, in words for people."""

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["BINDING_REASONS", "REASONS", "explain_line", "format_value", "is_share", "label"]

REASONS = {
    "cheapest": "no other centre is cheaper",
    "only_lane": "no other centre has a lane to the region",
    "override": "a planner asked for it",
    "within_sla": "the cheaper centre would be late",
    "protects_stock_target": "the cheaper centre keeps its safety stock",
    "cheaper_centre_closed": "the cheaper centre is closed",
    "cheaper_centre_short_of_stock": "the cheaper centre's stock is worth more elsewhere",
    "cheaper_centre_at_capacity": "the cheaper centre ships all it can",
    "cheaper_lane_at_capacity": "the cheaper lane carries all it can",
    "cheaper_centre_overridden": "a planner's override keeps the cheaper centre from it",
    "cheaper_centre_emits_more": "the cheaper centre emits more carbon than the cap leaves",
    "as_in_plan_in_force": "as in the plan before; a change has its price",
    "keeps_orders_whole": "what is bought with it comes from the same centre",
}
BINDING_REASONS = {
    "no_lane": "no centre has a lane to the region",
    "no_stock": "no centre has stock or an open order within reach",
    "stock": "stock runs out",
    "outbound_capacity": "centres ship all they can",
    "lane_capacity": "lanes carry all they can",
    "override": "a planner's override",
    "carbon_cap": "the carbon cap",
    "centre_closed": "the centre with stock is closed",
    "cost": "serving costs more than not serving",
}
LABELS = {
    "shipping_cost_per_unit": "Shipping and handling per unit",
    "from_name": "From",
    "skus": "SKUs",
    "to_name": "To",
}
SHARES = ("share", "rate", "gap", "probability", "wape", "bias", "coverage", "trust", "weight")
WHOLE = ("trucks", "packs", "skus", "customers")
SPELLINGS = {"fc": "centre", "sla": "SLA", "sku": "SKU", "wape": "WAPE", "mase": "MASE", "km": "km"}


def label(name: str) -> str:
    """A column or code as a heading.

    >>> label("share_within_sla"), label("from_fc_id")
    ('Share within SLA', 'From centre')
    """
    if name in LABELS:
        return LABELS[name]
    words = [SPELLINGS.get(word, word) for word in name.removesuffix("_id").split("_")]
    return words[0][:1].upper() + " ".join(words)[1:]


def explain_line(reason_code: str, runner_up: str | None, regret: float | None) -> str:
    """Why a line of the plan is there, and what the next best centre would cost more."""
    text = REASONS.get(reason_code, reason_code)
    if runner_up is None or pd.isna(runner_up) or regret is None or pd.isna(regret):
        return text
    return f"{text}; {runner_up} would cost {regret:,.2f} more a unit"


def is_share(name: str) -> bool:
    """Whether a column or figure is a share of something, which people read in percent."""
    return any(part in name.split("_") for part in SHARES) or name == "fill_within_sla"


def format_value(name: str, value: Any) -> str:
    """A value as people read it, by the name of its column or figure; nothing where missing.

    >>> format_value("fill_rate", 0.9168), format_value("cost", 22629.65), format_value("cost", 4.7)
    ('91.7%', '22,630', '4.70')
    """
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool | str):
        return str(value)
    if is_share(name):
        return f"{value:.1%}"
    is_whole = isinstance(value, int | np.integer) or name in WHOLE or abs(value) >= 100
    return f"{value:,.0f}" if is_whole else f"{value:,.2f}"
