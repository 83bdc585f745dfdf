"""Planners' decisions: which of them the plan keeps to, and how far."""

import numpy as np
import pandas as pd

__all__ = ["VERDICTS", "index_overrides", "match_flows", "overridden_units"]

SCOPE = ["fc_id", "to_fc_id", "region_id", "sku", "period"]
VERDICTS = {
    "planned": "the plan keeps to it, at var override_cost_per_unit for each unit it can't",
    "contradicted": "a later override of the same flow says otherwise: that one counts",
    "outside_horizon": "its period isn't in the plan's horizon",
    "unknown_sku": "the SKU has no demand in the plan",
    "no_such_flow": "a transfer has no region: give to_fc_id or region_id, not both",
}


def _bounds(overrides: pd.DataFrame) -> tuple["pd.Series[float]", "pd.Series[float]"]:
    kind, units = overrides["kind"], overrides["units"].astype("float64")
    units = units.where(kind != "forbid", 0.0)
    return units.where(kind != "maximum", 0.0), units.where(kind != "minimum", np.inf)


def index_overrides(
    overrides: pd.DataFrame,
    fcs: list[str],
    regions: list[str],
    skus: list[str],
    period_starts: list[pd.Timestamp],
) -> pd.DataFrame:
    """Turn planners' decisions into bounds on flows, sorted by id.

    One that names to_fc_id is about transfers, any other about shipments; a centre or region that
    it doesn't name may be any. Of those about the same flow the latest count, as far as they leave
    something possible.

    Args:
        overrides: Columns override_id, kind (fix, minimum, maximum, forbid), fc_id, to_fc_id,
            region_id (null for any), sku, period_start (any day of the period), units, created_at.
        fcs: Ids of centres.
        regions: Ids of regions with demand.
        skus: SKUs with demand.
        period_starts: First dates of the periods, and of the one after them.

    Returns:
        override_id, is_transfer, fc, to_fc, region (positions, -1 for any), sku, period, lower,
        upper (units), verdict (a key of VERDICTS).
    """
    rows = overrides.assign(
        created_at=pd.to_datetime(overrides["created_at"]),
        day=pd.to_datetime(overrides["period_start"]),
        **{name: overrides[name].astype("string") for name in ("fc_id", "to_fc_id", "region_id")},
    )
    rows = rows.sort_values(["created_at", "override_id"], ascending=False, ignore_index=True)
    starts = pd.DatetimeIndex(period_starts)
    period = starts.searchsorted(pd.DatetimeIndex(rows["day"]), side="right") - 1
    period = np.where(period < len(starts) - 1, period, -1)
    lower, upper = _bounds(rows)
    sku = pd.Index(skus).get_indexer(pd.Index(rows["sku"].astype(str)))
    is_transfer = rows["to_fc_id"].notna()
    verdict = np.select(
        [period < 0, sku < 0, is_transfer & rows["region_id"].notna()],
        ["outside_horizon", "unknown_sku", "no_such_flow"],
        "planned",
    ).astype(object)

    def position(
        names: list[str], column: str, otherwise: int
    ) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        found = pd.Index(names).get_indexer(pd.Index(rows[column].fillna("").astype(str)))
        # A region without demand has no flow: not any.
        return np.where(rows[column].isna(), -1, np.where(found < 0, otherwise, found))

    kept: dict[tuple[object, ...], tuple[float, float]] = {}
    scopes = rows.assign(period=period)[SCOPE].fillna("").itertuples(index=False, name=None)
    for number, scope in enumerate(scopes):
        if verdict[number] != "planned":
            continue
        low, high = kept.get(scope, (0.0, np.inf))
        if max(low, lower[number]) > min(high, upper[number]):
            verdict[number] = "contradicted"
        else:
            kept[scope] = max(low, lower[number]), min(high, upper[number])
    indexed = pd.DataFrame(
        {
            "override_id": rows["override_id"].astype(str),
            "is_transfer": is_transfer.to_numpy(dtype=bool),
            "fc": position(fcs, "fc_id", len(fcs)),
            "to_fc": position(fcs, "to_fc_id", len(fcs)),
            "region": position(regions, "region_id", len(regions)),
            "sku": sku,
            "period": period,
            "lower": lower,
            "upper": upper,
            "verdict": verdict,
        }
    )
    return indexed.sort_values("override_id", ignore_index=True)


def _is_of(flows: pd.DataFrame, column: str, wanted: int) -> "pd.Series[bool]":
    return flows[column].eq(wanted) if wanted >= 0 else pd.Series(True, index=flows.index)


def match_flows(override: "pd.Series[float]", flows: pd.DataFrame) -> "pd.Series[bool]":
    """Which flows an override is about.

    Args:
        override: A row of `index_overrides`.
        flows: Shipments (fc, region, sku, period) or transfers (from_fc, to_fc, sku, period).
    """
    sender = "from_fc" if override["is_transfer"] else "fc"
    receiver = "to_fc" if override["is_transfer"] else "region"
    return (
        flows["sku"].eq(override["sku"])
        & flows["period"].eq(override["period"])
        & _is_of(flows, sender, int(override["fc"]))
        & _is_of(flows, receiver, int(override[receiver]))
    )


def overridden_units(
    overrides: pd.DataFrame, ship: pd.DataFrame, transfer: pd.DataFrame
) -> pd.DataFrame:
    """Units that the plan moves of what each override in force is about, and those it is off by.

    Args:
        overrides: From `index_overrides`.
        ship: Columns fc, region, sku, period, units.
        transfer: Columns from_fc, to_fc, sku, period, units.

    Returns:
        The overrides in force with units and missed_units.
    """
    planned = overrides[overrides["verdict"] == "planned"].reset_index(drop=True)
    moved = np.zeros(len(planned))
    for number, override in planned.iterrows():
        flows = transfer if override["is_transfer"] else ship
        moved[int(str(number))] = flows.loc[match_flows(override, flows), "units"].sum()
    missed = np.maximum(planned["lower"] - moved, 0) + np.maximum(moved - planned["upper"], 0)
    return planned.assign(units=moved, missed_units=missed)
