"""Whole packs, orders and trucks from those in parts: possible, quick, and not the best."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from inventory_allocation.allocation.program import Floats, Ints, Program

__all__ = ["drop_unused", "fit_rounded", "list_fixed_charges", "round_down"]

FIXED_CHARGES = ("truck", "center_open", "order_placed")


def list_fixed_charges(program: Program) -> npt.NDArray[np.int32]:
    """The few integers that cost by themselves: trucks, open centres."""
    blocks = [program.columns[name] for name in FIXED_CHARGES if name in program.columns]
    return np.concatenate([block.positions for block in blocks]).astype(np.int32)


def _rows_of_first(program: Program, name: str) -> tuple[pd.DataFrame, Ints]:
    """Keys and positions of rows, of the first scenario where there are several.

    Whole decisions are the same in all of them, and so is what they need.
    """
    block = program.rows[name]
    if "scenario" not in block.keys:
        return block.keys, block.positions
    is_first = (block.keys["scenario"] == 0).to_numpy()
    return block.keys[is_first].reset_index(drop=True), block.positions[is_first]


def _stop_unfilled(program: Program, values: Floats) -> None:
    """Send nothing from where packs rounded down no longer bring what was to be sent on."""
    transfer, order = program.columns["transfer"], program.columns["order"]
    keys, balance = _rows_of_first(program, "stock_balance")
    matrix = program.matrix().tocsr()[balance]
    rows = matrix[:, transfer.positions]
    ordered = matrix[:, order.positions] @ values[order.positions]
    supply = program.row_bounds[0][balance] - ordered
    senders = transfer.keys.set_index(["from_fc", "sku"]).index
    while True:
        left = keys.assign(left=supply - rows @ values[transfer.positions])
        is_short = left.groupby(["fc", "sku"])["left"].cumsum() < -1e-6
        if not is_short.any():
            return
        short = left[is_short].set_index(["fc", "sku"]).index
        values[transfer.positions[senders.isin(short)]] = 0.0


def _stop_too_old(program: Program, values: Floats) -> None:
    """Move nothing of a SKU whose goods would be too old for it once orders are rounded down."""
    transfer, order = program.columns["transfer"], program.columns["order"]
    stock, _ = _rows_of_first(program, "stock_balance")
    pairs = len(stock.drop_duplicates(["fc", "sku"]))
    matrix = program.matrix().tocsr()
    _, upper = program.row_bounds
    moving = np.concatenate([transfer.positions, order.positions])

    def split(name: str) -> tuple[Floats, Floats]:
        """What moves takes from rows, and what they give to them beside their bound."""
        _, rows = _rows_of_first(program, name)
        part = matrix[rows][:, moving]
        taken: Floats = part.maximum(0) @ values[moving]
        given: Floats = upper[rows] - part.minimum(0) @ values[moving]
        return taken, given

    out, come = split("stock_balance")
    _, fresh = split("shelf_life")
    most = pd.Series(np.inf, index=pd.MultiIndex.from_frame(stock[["fc", "sku", "period"]]))
    aged, _ = _rows_of_first(program, "shelf_life")
    most[pd.MultiIndex.from_frame(aged[["fc", "sku", "period"]])] = fresh
    limit = most.to_numpy().reshape(pairs, -1)
    change = (come - out).reshape(pairs, -1)
    held, is_short = np.zeros(pairs), np.zeros(pairs, dtype=bool)
    for period in range(change.shape[1]):
        held = held + change[:, period]
        is_short |= held < -1e-6
        held = np.minimum(held, limit[:, period])
    on_way, outside = split("shelf_life_pooled")
    skus = stock["sku"].to_numpy().reshape(pairs, -1)[is_short, 0]
    pooled, _ = _rows_of_first(program, "shelf_life_pooled")
    late = pooled["sku"].to_numpy()[on_way > outside + 1e-6]
    too_old = transfer.keys["sku"].isin([*skus, *late]).to_numpy()
    values[transfer.positions[too_old]] = 0.0


def _round_orders(program: Program, values: Floats, relaxed: Floats) -> None:
    """Whole multiples, rounded down; none where that is below the minimum."""
    order, placed = program.columns["order"], program.columns["order_placed"]
    values[order.positions] = np.floor(values[order.positions] + 1e-6)
    charged = order.start + placed.keys["order"].to_numpy(dtype=np.int64)
    values[placed.positions] = np.where(values[charged] > 0.5, 1.0, 0.0)
    least = program.rows["order_minimum"].positions
    short = program.matrix().tocsr()[least] @ values < -1e-9
    values[charged[short]] = 0.0
    values[placed.positions[short]] = 0.0
    for budget in program.rows["order_budget"].positions:
        _keep_to_budget(program, values, relaxed, int(budget))


def _keep_to_budget(program: Program, values: Floats, relaxed: Floats, budget: int) -> None:
    """Place no more orders than the budget allows, the ones asked for most first."""
    order, placed = program.columns["order"], program.columns["order_placed"]
    row = program.matrix().tocsr()[budget].toarray().ravel()
    of_order = placed.keys["order"].to_numpy(dtype=np.int64)
    cost = row[order.positions] * values[order.positions]
    np.add.at(cost, of_order, row[placed.positions] * values[placed.positions])
    share = relaxed[order.positions] / np.maximum(values[order.positions], 1.0)
    share[of_order] = relaxed[placed.positions]
    first = np.lexsort((np.arange(len(cost)), -share))
    dropped = first[np.cumsum(cost[first]) > program.row_bounds[1][budget] + 1e-9]
    values[order.positions[dropped]] = 0.0
    values[placed.positions[np.isin(of_order, dropped)]] = 0.0


def round_down(program: Program, relaxed: Floats) -> Floats:
    """Whole packs, rounded down, and the trucks and centres they need: possible, and quick."""
    values = relaxed.copy()
    charged = list_fixed_charges(program)
    values[charged] = np.ceil(relaxed[charged] - 1e-9)
    _round_orders(program, values, relaxed)
    transfer = program.columns["transfer"]
    values[transfer.positions] = np.floor(relaxed[transfer.positions] + 1e-6)
    _stop_unfilled(program, values)
    if len(program.rows["shelf_life"].keys):
        _stop_too_old(program, values)
    _send_trucks(program, values)
    return values


def _send_trucks(program: Program, values: Floats) -> None:
    """As many trucks as what is moved needs."""
    transfer, truck = program.columns["transfer"], program.columns["truck"]
    values[truck.positions] = 0.0
    rows = program.matrix().tocsr()[program.rows["truck_volume"].positions]
    volume = rows @ values
    room = -np.asarray(rows[:, truck.positions].sum(axis=1)).ravel()
    # What takes no room needs a truck as well.
    moves = transfer.keys[values[transfer.positions] > 0.5].set_index(["lane", "period"]).index
    is_used = truck.keys.set_index(["lane", "period"]).index.isin(moves)
    values[truck.positions] = np.maximum(np.ceil(volume / room - 1e-9), is_used)


def drop_unused(program: Program, values: Floats) -> Floats:
    """Pay for no order, truck or centre that nothing uses."""
    dropped = values.copy()
    matrix = program.matrix().tocsc()
    charged = list_fixed_charges(program)
    charged = charged[dropped[charged] > 0.5]
    by_row = matrix.tocsr()
    for column in charged:
        entries = slice(matrix.indptr[column], matrix.indptr[column + 1])
        users = by_row[matrix.indices[entries][matrix.data[entries] < 0]]
        if not (dropped[users.indices[users.indices != column]] > 1e-9).any():
            dropped[column] = 0.0
    return dropped


def _leave_out(
    values: Floats, relaxed: Floats, columns: Ints, size: Floats, most: float, first_order: int
) -> None:
    """Leave packs and orders out until a row allows the rest: first what was rounded up.

    Args:
        values: Of all columns; changed in place.
        relaxed: The same with packs in parts.
        columns: Positions of transfers and orders in the row.
        size: What one of each takes of it.
        most: What it allows.
        first_order: Position of the first order; an order is left out whole.
    """
    over = float(size @ values[columns]) - most
    for is_up in (values[columns] > relaxed[columns] + 1e-6, np.zeros(len(columns), dtype=bool)):
        up = is_up & (columns < first_order)
        share = np.where(is_up, relaxed[columns] % 1.0, 1.0 + size * values[columns])
        for at in np.argsort(share, kind="stable"):
            if over <= 1e-6:
                return
            taken = values[columns[at]]
            if up[at]:
                # No more than there was rounded up, and than has to go.
                added = np.ceil(taken - relaxed[columns[at]] - 1e-6)
                taken = min(added, np.ceil(over / size[at] - 1e-6))
            values[columns[at]] -= taken
            over -= size[at] * taken


def fit_rounded(program: Program, rounded: Floats, relaxed: Floats) -> Floats:
    """Make whole packs and orders, rounded by SKU, keep to what SKUs share.

    Where transfers and orders alone are more than a row allows, packs that were rounded up are
    left out one after the other, those that were least of a pack first; then whole transfers and
    orders, the smallest first.

    Args:
        program: The program.
        rounded: Values whose packs and orders are whole.
        relaxed: Values with packs in parts that keep to every row.
    """
    values = rounded.copy()
    charged = np.setdiff1d(list_fixed_charges(program), program.columns["order_placed"].positions)
    values[charged] = np.ceil(relaxed[charged] - 1e-9)
    transfer, order = program.columns["transfer"], program.columns["order"]
    moving = np.concatenate([transfer.positions, order.positions])
    matrix = program.matrix().tocsr()
    _, upper = program.row_bounds
    for name in ("outbound_capacity", "inbound_capacity", "transfer_capacity"):
        _, rows = _rows_of_first(program, name)
        part = matrix[rows][:, moving]
        for number in np.flatnonzero(part @ values[moving] > upper[rows] + 1e-6):
            inside = slice(part.indptr[number], part.indptr[number + 1])
            columns, size = moving[part.indices[inside]], part.data[inside]
            _leave_out(values, relaxed, columns, size, upper[rows[number]], order.start)
    values[transfer.positions] = np.maximum(values[transfer.positions], 0.0)
    _round_orders(program, values, relaxed)
    _stop_unfilled(program, values)
    if len(program.rows["shelf_life"].keys):
        _stop_too_old(program, values)
    _send_trucks(program, values)
    return values
