"""One program of many: decisions that are made beforehand are shared, the rest is by scenario."""

import numpy as np
import pandas as pd

from inventory_allocation.allocation.program import Block, Floats, Ints, Program

__all__ = ["DECIDED_FIRST", "combine_programs"]

# What is decided before demand is known. Shipments follow it.
DECIDED_FIRST = ("transfer", "truck", "order", "order_placed", "center_open")


def _join_keys(blocks: list[Block], offsets: list[int]) -> pd.DataFrame:
    """Keys of all scenarios, with their number; rows of demand are numbered through."""
    parts = []
    for scenario, (block, offset) in enumerate(zip(blocks, offsets, strict=True)):
        keys = block.keys.assign(scenario=scenario)
        if "demand_row" in keys:
            keys["demand_row"] = keys["demand_row"] + offset
        parts.append(keys)
    return pd.concat(parts, ignore_index=True)


def combine_programs(programs: list[Program]) -> tuple[Program, list[Ints]]:
    """Combine the programs of equally likely scenarios of one network.

    The cost is the expected one. Blocks keep their names; those that aren't DECIDED_FIRST, and
    rows with any of their columns, are there once a scenario, with key `scenario`.

    Args:
        programs: Of the same network with other demand.

    Returns:
        The program, and by scenario the position in it of each of its columns.
    """
    first, count = programs[0], len(programs)
    combined = Program()
    columns = [np.empty(len(program.cost), dtype=np.int64) for program in programs]
    demand_rows = [len(program.columns["unmet"].keys) for program in programs]
    offsets = [sum(demand_rows[:scenario]) for scenario in range(count)]
    costs, uppers = [p.cost for p in programs], [p.upper for p in programs]

    def of_block(values: list[Floats], blocks: list[Block]) -> list[Floats]:
        return [one[block.positions] for one, block in zip(values, blocks, strict=True)]

    is_recourse = np.ones(len(first.cost), dtype=bool)
    for name, block in first.columns.items():
        blocks = [program.columns[name] for program in programs]
        is_integer = bool(len(block.keys)) and bool(first.is_integer[block.start])
        if name in DECIDED_FIRST:
            cost = np.mean(of_block(costs, blocks), axis=0)
            upper = np.max(of_block(uppers, blocks), axis=0)
            shared = combined.add_columns(name, block.keys.assign(scenario=0), cost, upper, True)
            is_recourse[block.positions] = False
            for mapped, own in zip(columns, blocks, strict=True):
                mapped[own.positions] = shared.positions
            continue
        every = combined.add_columns(
            name,
            _join_keys(blocks, offsets),
            np.concatenate(of_block(costs, blocks)) / count,
            np.concatenate(of_block(uppers, blocks)),
            is_integer,
        )
        start = every.start
        for mapped, own in zip(columns, blocks, strict=True):
            mapped[own.positions] = start + np.arange(len(own.keys))
            start += len(own.keys)

    matrices = [program.matrix().tocoo() for program in programs]
    rows = [np.full(len(program.row_bounds[0]), -1, dtype=np.int64) for program in programs]
    has_recourse = abs(first.matrix()) @ is_recourse > 0
    for name, block in first.rows.items():
        blocks = [program.rows[name] for program in programs]
        # What only holds decisions made beforehand is the same in every scenario.
        repeated = bool(has_recourse[block.positions].any())
        kept = blocks if repeated else blocks[:1]
        lower, upper = (
            np.concatenate(
                [p.row_bounds[side][b.positions] for p, b in zip(programs, kept, strict=False)]
            )
            for side in (0, 1)
        )
        keys = _join_keys(kept, offsets[: len(kept)])
        every = combined.add_rows(name, keys, lower, upper, is_cut=block.is_cut)
        start = every.start
        for mapped, own in zip(rows, kept, strict=False):
            mapped[own.positions] = start + np.arange(len(own.keys))
            start += len(own.keys)
    for matrix, to_row, to_column in zip(matrices, rows, columns, strict=True):
        row = to_row[matrix.row]
        inside = row >= 0
        combined.add_entries(row[inside], to_column[matrix.col[inside]], matrix.data[inside])
    return combined, columns
