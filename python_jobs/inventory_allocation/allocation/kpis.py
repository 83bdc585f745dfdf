"""plan_kpis: the figures of a plan beside those of the greedy plan."""

import pandas as pd

from inventory_allocation.allocation.cost import (
    centers_in_use,
    cost_parts,
    count_split_orders,
    price_shipments,
)
from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.plan import Flows

__all__ = ["table_kpis"]


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def _figures(network: Network, flows: Flows) -> dict[tuple[str, str, str], float]:
    parts = cost_parts(network, flows)
    figures = {("cost_" + name, "total", "total"): value for name, value in parts.items()}
    figures[("cost", "total", "total")] = sum(parts.values())
    priced = price_shipments(network, flows.ship)
    demand, units = float(network.demand["units"].sum()), float(priced["units"].sum())
    within = float(priced.loc[priced["is_within_sla"].astype(bool), "units"].sum())
    moving = parts["shipping"] + parts["handling"]
    figures |= {
        ("demand_units", "total", "total"): demand,
        ("shipped_units", "total", "total"): units,
        ("fill_rate", "total", "total"): _share(units, demand),
        ("share_within_sla", "total", "total"): _share(within, demand),
        ("shipping_cost_per_unit", "total", "total"): _share(moving, units),
        ("transferred_units", "total", "total"): float(flows.transfer["units"].sum()),
        ("ordered_units", "total", "total"): float(flows.order["units"].sum()),
        ("trucks", "total", "total"): float(flows.truck["trucks"].sum()),
        ("carbon_kg", "total", "total"): float(priced["carbon_kg"].sum()),
        ("expired_units", "total", "total"): float(flows.stock["expired"].sum()),
        ("split_orders", "total", "total"): count_split_orders(network, priced),
    }
    wanted = network.demand.groupby("region")["units"].sum()
    served = priced.groupby("region")["units"].sum().reindex(wanted.index, fill_value=0.0)
    for region, total in wanted.items():
        name = network.regions[int(str(region))]
        figures[("fill_rate", "region", name)] = _share(
            float(served.loc[int(str(region))]), float(total)
        )
    by_fc = priced.groupby("fc")["units"].sum()
    in_use = centers_in_use(network, flows)
    for fc, name in enumerate(network.fcs):
        figures[("shipped_units", "fc", name)] = float(by_fc.get(fc, 0.0))
        figures[("is_in_use", "fc", name)] = float(in_use[fc])
    got = (
        (flows.ship.groupby("demand_row")["units"].sum() / network.demand["units"])
        .reindex(range(len(network.demand)))
        .fillna(0.0)
    )
    segments = network.segments.assign(
        served=network.segments["units"] * got.to_numpy()[network.segments["row"]]
    )
    for segment, row in segments.groupby("segment")[["units", "served"]].sum().iterrows():
        figures[("fill_rate", "segment", str(segment))] = _share(row["served"], row["units"])
    return figures


def table_kpis(network: Network, flows: Flows, greedy: Flows) -> pd.DataFrame:
    """Figures of the plan with those of the greedy plan as the baseline.

    Costs add up to `cost`. fill_rate is shipped over demand, share_within_sla is shipped on
    lanes within the SLA over demand, shipping_cost_per_unit is shipping and handling over
    shipped units: read it with the fill rate, for a plan that serves less ships cheaper.
    """
    ours, theirs = _figures(network, flows), _figures(network.without_decisions(), greedy)
    rows = [(*key, value, theirs.get(key)) for key, value in sorted(ours.items())]
    return pd.DataFrame(rows, columns=["metric", "level", "key", "value", "baseline_value"])
