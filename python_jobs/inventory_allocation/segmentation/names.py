"""Names a person understands, by rule, from the centre of a segment."""

from collections.abc import Mapping

import pandas as pd

from inventory_allocation.segmentation.features import QUARTER_SHARES

__all__ = ["THIN_HISTORY", "UNASSIGNED", "name_segments"]

UNASSIGNED = "unassigned"
THIN_HISTORY = "thin history"
SEASONAL_SHARE = 0.6
RFM = ["recency_days", "frequency", "monetary"]

# What tells segments of one name apart: a measure, the word for more and the word for less of it.
TRAITS = {
    "monetary": ("high value", "low value"),
    "frequency": ("frequent", "infrequent"),
    "recency_days": ("quiet", "recent"),
    "tenure_days": ("long-standing", "newer"),
    "category_count": ("broad range", "narrow range"),
    "return_rate": ("many returns", "few returns"),
    "interpurchase_variation": ("irregular", "regular"),
}


def _name_center(center: pd.Series, overall: pd.Series) -> str:
    """Name one centre against the median customer.

    The first rule that holds: a quarter with 60 % of the units makes a seasonal segment; then
    recent or not, often or not, spending much or not.
    """
    peak = center[list(QUARTER_SHARES)].astype("float64").idxmax()
    if center[peak] >= SEASONAL_SHARE:
        return f"seasonal {str(peak)[:2].upper()}"
    is_recent = center["recency_days"] <= overall["recency_days"]
    is_frequent = center["frequency"] > overall["frequency"]
    spends_much = center["monetary"] > overall["monetary"]
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


def _find_trait(center: pd.Series, peers: pd.DataFrame, deviation: pd.Series) -> str:
    """The word for the measure in which a centre differs most from the others of its name."""
    difference = (center[list(TRAITS)] - peers[list(TRAITS)].mean()) / deviation
    trait = str(difference.abs().idxmax())
    return TRAITS[trait][0 if difference[trait] > 0 else 1]


def name_segments(customers: pd.DataFrame, kept: Mapping[int, str] | None = None) -> dict[int, str]:
    """Name the segments of customers.

    Args:
        customers: One row per customer with `segment_id` and the unscaled features.
        kept: Names by id of segments that have one already; they keep it.

    Returns:
        Name by segment id, each unique. Where a rule names several segments alike, a word for what
        tells them apart follows (`lapsed, high value`), and at last a number.
    """
    kept = kept or {}
    measures = customers[[*QUARTER_SHARES, *TRAITS]].astype("float64")
    overall = measures[RFM].median()
    deviation = measures[list(TRAITS)].std().fillna(0.0).clip(lower=1e-9)
    centers = measures.groupby(customers["segment_id"].to_numpy()).mean().fillna(0.0)
    bases = {int(str(i)): _name_center(center, overall) for i, center in centers.iterrows()}
    names: dict[int, str] = {i: name for i, name in kept.items() if i in bases}
    for segment_id, base in bases.items():
        if segment_id in names:
            continue
        name = base
        peers = [i for i, other in bases.items() if other == base and i != segment_id]
        if peers or name in names.values():
            rest = peers or [i for i in bases if i != segment_id]
            own = pd.Series(centers.loc[segment_id])
            trait = _find_trait(own, centers.loc[rest], deviation)
            name = f"{base}, {trait}"
        number = 2
        unnumbered = name
        while name in names.values():
            name = f"{unnumbered} {number}"
            number += 1
        names[segment_id] = name
    return names
