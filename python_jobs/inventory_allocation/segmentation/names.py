"""Names a person understands, by rule, from the centre of a segment."""

import pandas as pd

from inventory_allocation.segmentation.features import QUARTER_SHARES

__all__ = ["UNASSIGNED", "name_segments"]

UNASSIGNED = "unassigned"
SEASONAL_SHARE = 0.6


def _name_centre(centre: pd.Series, overall: pd.Series) -> str:
    """Name one centre against the median customer.

    The first rule that holds: a quarter with 60 % of the units makes a seasonal segment; then
    recent or not, often or not, spending much or not.
    """
    peak = centre[QUARTER_SHARES].astype("float64").idxmax()
    if centre[peak] >= SEASONAL_SHARE:
        return f"seasonal {str(peak)[:2].upper()}"
    is_recent = centre["recency_days"] <= overall["recency_days"]
    is_frequent = centre["frequency"] > overall["frequency"]
    spends_much = centre["monetary"] > overall["monetary"]
    if is_recent and is_frequent and spends_much:
        return "champions"
    if is_recent and is_frequent:
        return "regulars"
    if is_recent and spends_much:
        return "big spenders"
    if is_recent:
        return "occasional"
    if is_frequent or spends_much:
        return "at risk"
    return "lapsed"


def name_segments(customers: pd.DataFrame) -> dict[int, str]:
    """Name the segments of customers, the names unique and ordered by spending.

    Args:
        customers: One row per customer with `segment_id` and the unscaled features; ids are
            ordered by falling mean spending.

    Returns:
        Name by segment id. A second segment under the same rule is numbered: `lapsed 2`.
    """
    overall = customers[["recency_days", "frequency", "monetary"]].astype("float64").median()
    centres = customers.drop(columns="customer_id").groupby("segment_id").mean()
    names: dict[int, str] = {}
    for segment_id, centre in centres.iterrows():
        base = _name_centre(centre, overall)
        repeats = sum(name == base or name.startswith(f"{base} ") for name in names.values())
        names[int(str(segment_id))] = base if repeats == 0 else f"{base} {repeats + 1}"
    return names
