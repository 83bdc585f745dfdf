"""What is transferred fits into the trucks that are paid for."""

import numpy as np

from inventory_allocation.allocation.inputs import Network
from inventory_allocation.allocation.program import Program
from inventory_allocation.allocation.variables import most_packs

__all__ = ["add_truck_volume"]

MAX_USE_ROWS = 20_000


def add_truck_volume(program: Program, network: Network) -> None:
    """Trucks hold what they carry, and there is one where anything is carried.

    sum_s volume[s] * pack[s] * transfer[s,l,t] <= truck_capacity[l] * truck[l,t], in m3
    transfer[s,l,t] <= most_packs[s] * truck[l,t], in packs
    """
    truck, transfer = program.columns["truck"], program.columns["transfer"]
    periods = len(network.period_starts)
    row_of = np.full((len(network.transfer_lanes), periods), -1)
    row_of[truck.keys["lane"], truck.keys["period"]] = np.arange(len(truck.keys))
    rows = program.add_rows("truck_volume", truck.keys, -np.inf, 0.0)
    capacity = network.transfer_lanes["truck_capacity_m3"].to_numpy()
    program.add_entries(rows.positions, truck.positions, -capacity[truck.keys["lane"]])
    row = row_of[transfer.keys["lane"], transfer.keys["period"]]
    inside = row >= 0
    products = network.products.iloc[transfer.keys["sku"]]
    volume = (products["pack_size"] * products["volume"]).to_numpy()
    program.add_entries(rows.start + row[inside], transfer.positions[inside], volume[inside])

    # Redundant for whole trucks and what takes room, and what makes the relaxation pay for most
    # of a truck. A large relaxation takes too long with them.
    moves = transfer.keys[inside].reset_index(drop=True)
    if len(moves) > MAX_USE_ROWS:
        # What takes no room needs a truck all the same: one row for each lane and period.
        free = inside & (volume == 0)
        links = program.add_rows("truck_use", truck.keys, -np.inf, 0.0)
        program.add_entries(links.start + row[free], transfer.positions[free], 1.0)
        most = most_packs(network, transfer.keys[free])
        total = np.zeros(len(truck.keys))
        np.add.at(total, row[free], most)
        program.add_entries(links.positions, truck.positions, -total)
        return
    links = program.add_rows("truck_use", moves, -np.inf, 0.0)
    program.add_entries(links.positions, transfer.positions[inside], 1.0)
    most = most_packs(network, moves)
    program.add_entries(links.positions, truck.start + row[inside], -most)
