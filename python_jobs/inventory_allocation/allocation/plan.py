"""From the values of the columns to the tables of a plan."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Block, Floats, Program

__all__ = ["Flows", "place_shipments", "read_flows"]

# Less than this many units is the solver's tolerance, not a decision.
TINY = 1e-6


@dataclass(frozen=True)
class Flows:
    """A plan in positions, before names are put to it.

    Attributes:
        ship: demand_row, fc, units (above 0), column.
        transfer: lane, from_fc, to_fc, sku, period, lead_periods, packs, units.
        truck: lane, from_fc, to_fc, period, trucks.
        order: offer, fc, sku, period, lead_periods, multiples, units.
        stock: fc, sku, period, opening, inbound, ordered, transfers_in, transfers_out, shipped,
            expired, closing.
    """

    ship: pd.DataFrame
    transfer: pd.DataFrame
    truck: pd.DataFrame
    order: pd.DataFrame
    stock: pd.DataFrame


def _used(block: Block, values: Floats) -> pd.DataFrame:
    units = values[block.positions]
    return block.keys.assign(value=units, column=block.positions)[units > TINY]


def follow_stock(
    network: Network,
    ship: pd.DataFrame,
    transfer: pd.DataFrame,
    order: pd.DataFrame,
    expired: pd.DataFrame,
) -> pd.DataFrame:
    """Follow the stock of each centre and SKU through the periods.

    Args:
        network: The network.
        ship: Columns fc, sku, period, units.
        transfer: Columns from_fc, to_fc, sku, period, lead_periods, units.
        order: Columns fc, sku, period, lead_periods, units.
        expired: Columns fc, sku, period, units.

    Returns:
        One row per pair of centre and SKU and period, sorted by them: opening, inbound, ordered,
        transfers_in, transfers_out, shipped, expired and closing, in units.
    """
    shape = (len(network.fcs), len(network.skus), len(network.period_starts))
    sent, received, shipped, inbound, ordered, lost = (np.zeros(shape) for _ in range(6))
    due = order.assign(arrival=order["period"] + order["lead_periods"])
    due = due[due["arrival"] < shape[2]]
    np.add.at(ordered, (due["fc"], due["sku"], due["arrival"]), due["units"])
    np.add.at(lost, (expired["fc"], expired["sku"], expired["period"]), expired["units"])
    np.add.at(shipped, (ship["fc"], ship["sku"], ship["period"]), ship["units"])
    np.add.at(sent, (transfer["from_fc"], transfer["sku"], transfer["period"]), transfer["units"])
    arrival = transfer["period"] + transfer["lead_periods"]
    np.add.at(received, (transfer["to_fc"], transfer["sku"], arrival), transfer["units"])
    known = network.inbound
    np.add.at(inbound, (known["fc"], known["sku"], known["period"]), known["units"])
    start = np.zeros(shape[:2])
    np.add.at(start, (network.stock["fc"], network.stock["sku"]), network.stock["units"])
    change = inbound + ordered + received - sent - shipped - lost
    closing = start[:, :, None] + np.cumsum(change, axis=2)
    opening = np.concatenate([start[:, :, None], closing[:, :, :-1]], axis=2)
    fc, sku = network.pairs["fc"].to_numpy(), network.pairs["sku"].to_numpy()
    periods = shape[2]
    return pd.DataFrame(
        {
            "fc": np.repeat(fc, periods),
            "sku": np.repeat(sku, periods),
            "period": np.tile(np.arange(periods), len(fc)),
            "opening": opening[fc, sku].ravel(),
            "inbound": inbound[fc, sku].ravel(),
            "ordered": ordered[fc, sku].ravel(),
            "transfers_in": received[fc, sku].ravel(),
            "transfers_out": sent[fc, sku].ravel(),
            "shipped": shipped[fc, sku].ravel(),
            "expired": lost[fc, sku].ravel(),
            "closing": closing[fc, sku].ravel(),
        }
    )


def read_flows(program: Program, network: Network, values: Floats) -> Flows:
    """Read the decisions from the values of the columns."""
    ship = _used(program.columns["ship"], values).rename(columns={"value": "units"})
    transfer = _used(program.columns["transfer"], values).rename(columns={"value": "packs"})
    transfer["packs"] = transfer["packs"].round()
    pack = network.products["pack_size"].to_numpy()[transfer["sku"]]
    transfer = transfer.assign(units=transfer["packs"] * pack)
    truck = _used(program.columns["truck"], values).rename(columns={"value": "trucks"})
    truck["trucks"] = truck["trucks"].round()
    order = _used(program.columns["order"], values).rename(columns={"value": "multiples"})
    order["multiples"] = order["multiples"].round()
    multiple = network.suppliers["multiple"].to_numpy()[order["offer"]]
    order = order.assign(units=order["multiples"] * multiple)
    expired = _used(program.columns["expired"], values).rename(columns={"value": "units"})
    stock = follow_stock(network, ship, transfer, order, expired)
    return Flows(ship, transfer, truck, order, stock)


def place_shipments(program: Program, network: Network, flows: Flows) -> Floats:
    """Values of the columns for a plan that only ships: the inverse of `read_flows`.

    Shortfalls and the like are left at 0, to be settled.
    """
    values = np.zeros(len(program.cost))
    ship, stock = program.columns["ship"], program.columns["stock"]
    fcs = len(network.fcs)
    # Sorted, as the columns are.
    known = ship.keys["demand_row"].to_numpy(dtype=np.int64) * fcs + ship.keys["fc"].to_numpy()
    shipped = flows.ship["demand_row"].to_numpy(dtype=np.int64) * fcs + flows.ship["fc"].to_numpy()
    units = flows.ship["units"].to_numpy()
    np.add.at(values, ship.start + np.searchsorted(known, shipped), units)
    unmet = network.demand["units"].to_numpy(copy=True)
    np.subtract.at(unmet, flows.ship["demand_row"].to_numpy(dtype=np.int64), units)
    values[program.columns["unmet"].positions] = np.maximum(unmet, 0.0)
    values[stock.positions] = np.maximum(flows.stock["closing"].to_numpy(), 0.0)
    expired = program.columns["expired"]
    key = ["fc", "sku", "period"]
    gone = expired.keys[key].merge(flows.stock[[*key, "expired"]], on=key, how="left")
    values[expired.positions] = gone["expired"].to_numpy()
    if "center_open" in program.columns:
        opened = program.columns["center_open"]
        values[opened.positions[opened.keys["fc"].isin(flows.ship["fc"])]] = 1.0
    return values
