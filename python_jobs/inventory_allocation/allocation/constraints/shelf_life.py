"""Goods are used up before they expire, the oldest first, or written off."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program

__all__ = ["add_shelf_life"]


def add_shelf_life(program: Program, network: Network) -> None:
    """Use each unit within its shelf life L (periods, that of its arrival the first), in units.

    stock[s,f,t] <= what reached f in the periods t-L+2 .. t
    sum_f stock[s,f,t] + on the way at t <= what reached any centre from outside in t-L+2 .. t

    The oldest are used first. The second equation keeps a transfer from making goods young again.
    Stock at the start counts as reached in the first period. What can no longer be used leaves the
    stock as expired[s,f,t], at its cost.
    """
    stock, balance = program.columns["stock"], program.rows["stock_balance"]
    periods = len(network.period_starts)
    life = network.products["shelf_life"].to_numpy()
    # Within the horizon nothing expires that keeps for longer.
    short = np.flatnonzero(life[stock.keys["sku"]] <= periods)
    keys = stock.keys.iloc[short]
    cost = network.products["expiry_cost"].to_numpy()[keys["sku"]]
    expired = program.add_columns("expired", keys, cost)
    program.add_entries(balance.start + short, expired.positions, 1.0)

    # In earlier periods stock at the start can still be used.
    is_old = (keys["period"] >= life[keys["sku"]] - 1).to_numpy()
    old = keys[is_old]
    pooled = old[["sku", "period"]].drop_duplicates().sort_values(["sku", "period"])
    place = np.full((len(network.fcs), len(network.skus), periods), -1)
    place[old["fc"], old["sku"], old["period"]] = np.arange(len(old))
    pool = np.full((len(network.skus), periods), -1)
    pool[pooled["sku"], pooled["period"]] = np.arange(len(pooled))

    def list_fresh(moves: pd.DataFrame) -> pd.DataFrame:
        """Each arrival (fc, sku, arrival) with the periods t at whose end it can still be used."""
        moves = moves[life[moves["sku"]] <= periods]
        ends = moves.merge(pd.DataFrame({"t": np.arange(periods)}), how="cross")
        fresh = (ends["arrival"] <= ends["t"]) & (
            ends["t"] < ends["arrival"] + life[ends["sku"]] - 1
        )
        ends = ends[fresh & (pool[ends["sku"], ends["t"]] >= 0)]
        found: pd.DataFrame = ends.assign(
            own=place[ends["fc"], ends["sku"], ends["t"]], every=pool[ends["sku"], ends["t"]]
        )
        return found

    known = list_fresh(network.inbound.rename(columns={"period": "arrival"}))
    own_supply, every_supply = np.zeros(len(old)), np.zeros(len(pooled))
    np.add.at(own_supply, known["own"], known["units"])
    np.add.at(every_supply, known["every"], known["units"])
    own = program.add_rows("shelf_life", old, -np.inf, own_supply)
    every = program.add_rows("shelf_life_pooled", pooled, -np.inf, every_supply)
    program.add_entries(own.positions, stock.start + short[is_old], 1.0)
    program.add_entries(
        every.start + pool[old["sku"], old["period"]], stock.start + short[is_old], 1.0
    )

    pack = network.products["pack_size"].to_numpy()
    multiple = network.suppliers["multiple"].to_numpy()
    transfer, order = program.columns["transfer"], program.columns["order"]
    moved = transfer.keys.assign(
        fc=transfer.keys["to_fc"],
        arrival=transfer.keys["period"] + transfer.keys["lead_periods"],
        column=transfer.positions,
        size=pack[transfer.keys["sku"]],
    )
    bought = order.keys.assign(
        arrival=order.keys["period"] + order.keys["lead_periods"],
        column=order.positions,
        size=multiple[order.keys["offer"]],
    )
    for moves in (moved, bought):
        fresh = list_fresh(moves)
        program.add_entries(
            own.start + fresh["own"].to_numpy(),
            fresh["column"].to_numpy(),
            -fresh["size"].to_numpy(),
        )
    fresh = list_fresh(bought)
    program.add_entries(
        every.start + fresh["every"].to_numpy(),
        fresh["column"].to_numpy(),
        -fresh["size"].to_numpy(),
    )
    for t in range(periods):
        row = pool[moved["sku"], t]
        on_way = moved[(row >= 0) & (moved["period"] <= t) & (moved["arrival"] > t)]
        program.add_entries(
            every.start + pool[on_way["sku"], t],
            on_way["column"].to_numpy(),
            on_way["size"].to_numpy(),
        )
