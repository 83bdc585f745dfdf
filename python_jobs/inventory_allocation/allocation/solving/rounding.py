"""Whole packs, orders and trucks from those in parts: possible, quick, and not the best."""

import numpy as np
import numpy.typing as npt

from inventory_allocation.allocation.program import Floats, Program

__all__ = ["list_fixed_charges", "round_down"]

FIXED_CHARGES = ("truck", "center_open", "order_placed")


def list_fixed_charges(program: Program) -> npt.NDArray[np.int32]:
    """The few integers that cost by themselves: trucks, open centres."""
    blocks = [program.columns[name] for name in FIXED_CHARGES if name in program.columns]
    return np.concatenate([block.positions for block in blocks]).astype(np.int32)


def _stop_unfilled(program: Program, values: Floats) -> None:
    """Send nothing from where packs rounded down no longer bring what was to be sent on."""
    transfer, balance = program.columns["transfer"], program.rows["stock_balance"]
    matrix, order = program.matrix().tocsr()[balance.positions], program.columns["order"]
    rows = matrix[:, transfer.positions]
    ordered = matrix[:, order.positions] @ values[order.positions]
    supply = program.row_bounds[0][balance.positions] - ordered
    senders = transfer.keys.set_index(["from_fc", "sku"]).index
    while True:
        left = balance.keys.assign(left=supply - rows @ values[transfer.positions])
        is_short = left.groupby(["fc", "sku"])["left"].cumsum() < -1e-6
        if not is_short.any():
            return
        short = left[is_short].set_index(["fc", "sku"]).index
        values[transfer.positions[senders.isin(short)]] = 0.0


def _round_orders(program: Program, values: Floats) -> None:
    """Whole multiples, rounded down; none where that is below the minimum."""
    order, placed = program.columns["order"], program.columns["order_placed"]
    values[order.positions] = np.floor(values[order.positions] + 1e-6)
    least = program.rows["order_minimum"].positions
    short = (program.matrix().tocsr()[least] @ values < -1e-9) | (
        values[order.start + placed.keys["order"].to_numpy(dtype=np.int64)] < 0.5
    )
    values[order.start + placed.keys["order"].to_numpy(dtype=np.int64)[short]] = 0.0
    values[placed.positions[short]] = 0.0


def round_down(program: Program, relaxed: Floats) -> Floats:
    """Whole packs, rounded down, and the trucks and centres they need: possible, and quick."""
    values = relaxed.copy()
    charged = list_fixed_charges(program)
    values[charged] = np.ceil(relaxed[charged] - 1e-9)
    _round_orders(program, values)
    transfer, truck = program.columns["transfer"], program.columns["truck"]
    values[transfer.positions] = np.floor(relaxed[transfer.positions] + 1e-6)
    _stop_unfilled(program, values)
    values[truck.positions] = 0.0
    rows = program.matrix().tocsr()[program.rows["truck_volume"].positions]
    volume = rows @ values
    room = -np.asarray(rows[:, truck.positions].sum(axis=1)).ravel()
    # What takes no room needs a truck as well.
    moves = transfer.keys[values[transfer.positions] > 0.5].set_index(["lane", "period"]).index
    is_used = truck.keys.set_index(["lane", "period"]).index.isin(moves)
    values[truck.positions] = np.maximum(np.ceil(volume / room - 1e-9), is_used)
    return values
