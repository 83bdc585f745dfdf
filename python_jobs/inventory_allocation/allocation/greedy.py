"""The nearest-centre greedy plan: what a spreadsheet does."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.plan import Flows, follow_stock

__all__ = ["plan_greedily"]


def plan_greedily(network: Network) -> Flows:
    """Serve each demand from the nearest centre that has stock and capacity left.

    Periods in order; within one, the demands whose not being served costs most come first. No
    transfers, no orders. The nearest lane is the shortest, or where distance is unknown the one
    with the fewest transit days, then the cheapest.
    """
    lanes = network.lanes.sort_values(["region", "distance", "transit_days", "cost_per_unit", "fc"])
    near = {
        region: list(zip(part["fc"], part["carbon"], strict=True))
        for region, part in lanes.groupby("region")
    }
    carbon_left = float(np.nan_to_num(network.parameters["carbon_cap_kg"], nan=np.inf))
    lane_left = {
        (fc, region, period): capacity
        for fc, region, capacity in zip(
            lanes["fc"], lanes["region"], lanes["capacity"], strict=True
        )
        for period in range(len(network.period_starts))
        if np.isfinite(capacity)
    }
    stock = np.zeros((len(network.fcs), len(network.skus)))
    np.add.at(stock, (network.stock["fc"], network.stock["sku"]), network.stock["units"])
    demand = network.demand.rename_axis("demand_row").reset_index()
    demand = demand.sort_values(
        ["period", "unmet_cost", "demand_row"], ascending=[True, False, True]
    )
    shipped: list[tuple[int, int, int, int, float]] = []
    expired = []
    life = network.products["shelf_life"].to_numpy()
    for period in range(len(network.period_starts)):
        part = demand[demand["period"] == period]
        arriving = network.inbound[network.inbound["period"] == period]
        np.add.at(stock, (arriving["fc"], arriving["sku"]), arriving["units"])
        outbound = network.centers["outbound"].to_numpy(copy=True)
        for row, region, sku, units in zip(
            part["demand_row"], part["region"], part["sku"], part["units"], strict=True
        ):
            left = units
            for fc, carbon in near.get(region, []):
                lane = (fc, region, period)
                sent = min(left, stock[fc, sku], outbound[fc], lane_left.get(lane, np.inf))
                if carbon > 0:
                    sent = min(sent, carbon_left / carbon)
                if sent > 1e-9:
                    carbon_left -= sent * carbon
                    stock[fc, sku] -= sent
                    outbound[fc] -= sent
                    if lane in lane_left:
                        lane_left[lane] -= sent
                    left -= sent
                    shipped.append((row, fc, sku, period, sent))
                if left <= 1e-9:
                    break
        expired.append(_write_off(network, stock, life, period))
    ship = pd.DataFrame(shipped, columns=["demand_row", "fc", "sku", "period", "units"])
    ship = ship.astype({"demand_row": int, "fc": int, "sku": int, "period": int, "units": float})
    nothing = pd.DataFrame(
        {
            name: pd.Series(dtype="int64")
            for name in ("lane", "from_fc", "to_fc", "sku", "period", "lead_periods")
        }
    )
    transfer = nothing.assign(packs=0.0, units=0.0)
    truck = nothing[["lane", "from_fc", "to_fc", "period"]].assign(trucks=0.0)
    order = pd.DataFrame(
        {
            name: pd.Series(dtype="int64")
            for name in ("offer", "fc", "sku", "period", "lead_periods")
        }
    ).assign(multiples=0.0, units=0.0)
    lost = pd.concat(expired, ignore_index=True)
    return Flows(ship, transfer, truck, order, follow_stock(network, ship, transfer, order, lost))


def _write_off(
    network: Network, stock: npt.NDArray[np.float64], life: npt.NDArray[np.float64], period: int
) -> pd.DataFrame:
    """Take away, and list, the stock that no later period can use: the oldest is used first."""
    fresh = np.full(stock.shape, np.inf)
    fresh[:, life <= period + 1] = 0.0
    known = network.inbound
    keeps = known["period"] + life[known["sku"]] - 1 > period
    known = known[keeps & (known["period"] <= period)]
    np.add.at(fresh, (known["fc"], known["sku"]), known["units"])
    lost = np.maximum(stock - fresh, 0.0)
    stock -= lost
    fc, sku = np.nonzero(lost)
    return pd.DataFrame({"fc": fc, "sku": sku, "period": period, "units": lost[fc, sku]})
