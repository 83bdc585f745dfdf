"""What-if: the inputs of a plan with some numbers changed."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from inventory_allocation.allocation.inputs import AllocationInputs
from inventory_allocation.errors import InputError

__all__ = ["Change", "apply_changes", "parse_change"]

# By the name of the input table: the frame, and what names a row of it.
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "fulfillment_centers": ("centers", ("fc_id",)),
    "lanes": ("lanes", ("fc_id", "region_id")),
    "transfer_lanes": ("transfer_lanes", ("from_fc_id", "to_fc_id")),
    "products": ("products", ("sku",)),
    "demand": ("demand", ("region_id", "segment", "sku")),
    "stock": ("stock", ("fc_id", "sku")),
    "inbound_shipments": ("inbound", ("fc_id", "sku")),
    "suppliers": ("suppliers", ("supplier_id", "fc_id", "sku")),
    "vars": ("parameters", ()),
}
# The calendar is not a scenario: its rows are those of the forecast.
CALENDAR = ("as_of", "horizon_start", "period", "period_days", "plan_periods", "period_index")
WHOLE = ("lead_periods", "pack_size", "order_multiple", "frozen_periods", "demand_scenarios")
PATTERN = re.compile(
    r"(?P<table>\w+)\.(?:(?P<key>.+)\.)?(?P<column>\w+)\s*(?P<operator>[*+=-])\s*(?P<value>\S+)"
)
SYNTAX = (
    "write TABLE.KEY.COLUMN and *, +, - or = a number, such as "
    "fulfillment_centers.leeds.outbound_capacity_units*1.2, lanes.leeds>R01.cost_per_unit+0.5, "
    "demand.*.demand_units*1.1 or vars.late_cost_per_unit=2"
)


@dataclass(frozen=True)
class Change:
    """A change of the inputs.

    Attributes:
        table: A key of TABLES.
        key: What names the rows, a part for each key column; ``*`` for any.
        column: The column.
        operator: ``*``, ``+``, ``-`` or ``=``.
        value: The number.
        text: The change as it was written.
    """

    table: str
    key: tuple[str, ...]
    column: str
    operator: str
    value: float
    text: str


def parse_change(text: str) -> Change:
    """Read a change such as `fulfillment_centers.leeds.outbound_capacity_units*1.2`.

    >>> change = parse_change("lanes.leeds>R01.cost_per_unit + 0.5")
    >>> change.table, change.key, change.column, change.operator, change.value
    ('lanes', ('leeds', 'R01'), 'cost_per_unit', '+', 0.5)

    Raises:
        InputError: It can't be read, or there is no such table.
    """
    found = PATTERN.fullmatch(text.strip())
    if not found:
        raise InputError(f"{text!r} is no change of the inputs: {SYNTAX}")
    table = found["table"]
    if table not in TABLES:
        raise InputError(f"{text!r}: there is no table {table}, but {', '.join(TABLES)}")
    parts = len(TABLES[table][1])
    key = tuple((found["key"] or "*").split(">")) if parts else ()
    if key == ("*",):
        key = ("*",) * parts
    if len(key) != parts:
        raise InputError(
            f"{text!r}: a row of {table} is named by {' > '.join(TABLES[table][1])}, or by *"
        )
    try:
        value = float(found["value"])
    except ValueError:
        raise InputError(f"{text!r}: {found['value']} is no number. {SYNTAX}") from None
    if not np.isfinite(value):
        raise InputError(f"{text!r}: the number must be finite")
    return Change(table, key, found["column"], found["operator"], value, text.strip())


def _apply_one(inputs: AllocationInputs, change: Change) -> AllocationInputs:
    name, keys = TABLES[change.table]
    frame: pd.DataFrame = getattr(inputs, name)
    known = [column for column in frame.columns if column not in (*keys, *CALENDAR)]
    if change.column not in known:
        raise InputError(
            f"{change.text!r}: {change.table} has no such column, but {', '.join(known)}"
        )
    chosen = pd.Series(True, index=frame.index)
    for column, wanted in zip(keys, change.key, strict=True):
        if wanted != "*":
            chosen &= frame[column].astype(str).eq(wanted)
    if not chosen.any():
        raise InputError(
            f"{change.text!r}: no row of {change.table} is named {' > '.join(change.key)}"
        )
    if pd.api.types.is_bool_dtype(frame[change.column].dtype):
        values = frame[change.column].where(~chosen, bool(change.value))
        return replace(inputs, **{name: frame.assign(**{change.column: values})})
    try:
        before = frame[change.column].astype("float64")
    except (TypeError, ValueError):
        raise InputError(f"{change.text!r}: {change.column} is no number") from None
    after = {
        "*": before * change.value,
        "+": before + change.value,
        "-": before - change.value,
        "=": pd.Series(change.value, index=frame.index),
    }[change.operator]
    values = before.where(~chosen, after.clip(lower=0.0))
    if change.column in WHOLE:
        values = values.round().astype("int64")
    return replace(inputs, **{name: frame.assign(**{change.column: values})})


def apply_changes(inputs: AllocationInputs, changes: list[Change]) -> AllocationInputs:
    """Inputs with the changes made, one after the other; what falls below 0 is 0.

    An unlimited capacity stays unlimited unless it is set with =.

    Raises:
        InputError: A change names a column or a row that isn't there.
    """
    for change in changes:
        inputs = _apply_one(inputs, change)
    return inputs
