"""What rows of input files have to be: in a warehouse the models see to it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.allocation.stock_targets import STOCK_TARGET_MODES
from inventory_allocation.errors import InputError
from inventory_allocation.jobs.allocate import MODELS

__all__ = ["check_rows"]

# Past this a program of 64-bit numbers no longer tells a unit from none.
MOST = 1e9


@dataclass(frozen=True)
class _Rule:
    words: str
    holds: Callable[[pd.Series], pd.Series]
    is_number: bool = False


def _number(column: pd.Series) -> "pd.Series[float]":
    if column.dtype == object:
        # True is 1 to pandas, and no number to a person.
        column = column.where(~column.map(lambda value: isinstance(value, bool)))
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _between(least: float, most: float) -> Callable[[pd.Series], pd.Series]:
    return lambda column: _number(column).between(least, most)


def _whole(least: int, most: float) -> Callable[[pd.Series], pd.Series]:
    return lambda column: _between(least, most)(column) & (_number(column) % 1 == 0)


def _or_nothing(holds: Callable[[pd.Series], pd.Series]) -> Callable[[pd.Series], pd.Series]:
    return lambda column: column.isna() | holds(column)


def _one_of(*values: object) -> Callable[[pd.Series], pd.Series]:
    return lambda column: column.isin(values)


def _is_date(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, errors="coerce").notna()


NUMBER = _Rule("a number from 0 to a billion", _between(0, MOST), True)
MAYBE = _Rule("a number from 0 to a billion, or nothing", _or_nothing(_between(0, MOST)), True)
POSITIVE = _Rule("a number above 0, up to a billion", _between(1e-6, MOST), True)
SHARE = _Rule("a share from 0 to 1", _between(0, 1), True)
INDEX = _Rule("a whole number from 0", _whole(0, 10_000), True)
COUNT = _Rule("a whole number from 1", _whole(1, 10_000), True)
TEXT = _Rule("there", lambda column: column.notna() & (column.astype(str) != ""))
ANY = _Rule("anything", lambda column: pd.Series(True, index=column.index))
FLAG = _Rule("true or false", _one_of(True, False))
DATE = _Rule("a date", _is_date)

RULES: dict[str, dict[str, _Rule]] = {
    "parameters": {
        "as_of": DATE,
        "horizon_start": DATE,
        "period": _Rule("day, week or month", _one_of("day", "week", "month")),
        "period_days": POSITIVE,
        "plan_periods": COUNT,
        "late_cost_per_unit": NUMBER,
        "service_shortfall_cost_per_unit": NUMBER,
        "stock_target_cost_per_unit": NUMBER,
        "storage_overflow_cost_per_m3": NUMBER,
        "close_centers": FLAG,
        "override_cost_per_unit": NUMBER,
        "cover_shortfall_share": SHARE,
        "carbon_price_per_kg": NUMBER,
        "carbon_cap_kg": MAYBE,
        "order_budget": MAYBE,
        "change_cost_per_unit": NUMBER,
        "transfer_hurdle": _Rule("a number from 1 to 100", _between(1, 100), True),
        "frozen_periods": INDEX,
        "stock_target_mode": _Rule(
            "service_level, newsvendor, expected_loss or none", _one_of(*STOCK_TARGET_MODES)
        ),
        "demand_scenarios": _Rule("a whole number from 0 to 1,000", _whole(0, 1000), True),
        "scenario_correlation": SHARE,
        "split_order_cost": NUMBER,
    },
    "periods": {"period_index": INDEX, "period_start": DATE},
    "centers": {
        "fc_id": TEXT,
        "outbound_capacity_units": MAYBE,
        "inbound_capacity_units": MAYBE,
        "storage_capacity_m3": MAYBE,
        "fixed_cost_per_period": MAYBE,
    },
    "lanes": {
        "fc_id": TEXT,
        "region_id": TEXT,
        "cost_per_unit": NUMBER,
        "cost_per_kg": NUMBER,
        "handling_cost_per_unit": NUMBER,
        "transit_days": NUMBER,
        "capacity_units": MAYBE,
        "distance_km": MAYBE,
        "carbon_kg_per_unit": MAYBE,
        "is_within_sla": FLAG,
    },
    "transfer_lanes": {
        "from_fc_id": TEXT,
        "to_fc_id": TEXT,
        "cost_per_unit": NUMBER,
        "fixed_cost": NUMBER,
        "truck_capacity_m3": MAYBE,
        "capacity_units": MAYBE,
        "lead_periods": COUNT,
    },
    "products": {
        "sku": TEXT,
        "pack_size": POSITIVE,
        "unit_volume_m3": NUMBER,
        "unit_weight_kg": NUMBER,
        "holding_cost_per_period": NUMBER,
        "shelf_life_periods": _Rule(
            "a whole number from 1, or nothing", _or_nothing(_whole(1, 1e6)), True
        ),
        "expiry_cost_per_unit": NUMBER,
    },
    "demand": {
        "region_id": TEXT,
        "segment": TEXT,
        "sku": TEXT,
        "period_index": INDEX,
        "demand_units": NUMBER,
        "demand_deviation": NUMBER,
        "home_fc_id": ANY,
        "target_service_level": SHARE,
        "unmet_cost_per_unit": NUMBER,
    },
    "stock": {"fc_id": TEXT, "sku": TEXT, "available_units": NUMBER},
    "inbound": {"fc_id": TEXT, "sku": TEXT, "period_index": INDEX, "units": NUMBER},
    "suppliers": {
        "supplier_id": TEXT,
        "fc_id": TEXT,
        "sku": TEXT,
        "cost_per_unit": NUMBER,
        "extra_cost_per_unit": NUMBER,
        "lead_periods": INDEX,
        "min_order_units": NUMBER,
        "order_multiple": POSITIVE,
        "fixed_cost_per_order": NUMBER,
        "capacity_units": MAYBE,
    },
    "cover": {
        "fc_id": TEXT,
        "sku": TEXT,
        "cover_units": NUMBER,
        "cover_deviation": NUMBER,
        "later_inbound_units": NUMBER,
    },
    "overrides": {
        "override_id": TEXT,
        "kind": _Rule(
            "fix, minimum, maximum or forbid", _one_of("fix", "minimum", "maximum", "forbid")
        ),
        "fc_id": ANY,
        "to_fc_id": ANY,
        "region_id": ANY,
        "sku": TEXT,
        "period_start": DATE,
        "units": MAYBE,
        "created_at": DATE,
    },
    "plan_in_force": {
        "kind": _Rule("shipment, transfer or order", _one_of("shipment", "transfer", "order")),
        "fc_id": TEXT,
        "to_fc_id": ANY,
        "region_id": ANY,
        "supplier_id": ANY,
        "sku": TEXT,
        "period_index": INDEX,
        "units": NUMBER,
    },
    "sku_pairs": {
        "sku": TEXT,
        "partner_sku": TEXT,
        "order_share": SHARE,
        "partner_order_share": SHARE,
    },
}
KEYS = {
    "periods": ["period_index"],
    "centers": ["fc_id"],
    "lanes": ["fc_id", "region_id"],
    "transfer_lanes": ["from_fc_id", "to_fc_id"],
    "products": ["sku"],
    "demand": ["region_id", "segment", "sku", "period_index"],
    "suppliers": ["supplier_id", "fc_id", "sku"],
    "cover": ["fc_id", "sku"],
    "overrides": ["override_id"],
    "sku_pairs": ["sku", "partner_sku"],
}
REFERENCES = {
    "lanes": {"fc_id": "centers"},
    "transfer_lanes": {"from_fc_id": "centers", "to_fc_id": "centers"},
    "demand": {"sku": "products", "period_index": "periods"},
    "stock": {"fc_id": "centers"},
    "inbound": {"fc_id": "centers", "period_index": "periods"},
    "suppliers": {"fc_id": "centers"},
    "cover": {"fc_id": "centers"},
    "plan_in_force": {"period_index": "periods"},
}


def _refuse(
    is_wrong: pd.Series, frame: pd.DataFrame, name: str, columns: list[str], wanted: str
) -> None:
    if is_wrong.any():
        row = int(np.flatnonzero(is_wrong)[0])
        found = ", ".join(str(frame[column].iloc[row]) for column in columns)
        raise InputError(
            f"{MODELS[name]}.parquet, column {', '.join(columns)}, row {row + 1}: {found} is not "
            f"{wanted}; {int(is_wrong.sum())} rows are like this. Correct or remove them"
        )


def _check_table(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    for column, rule in RULES[name].items():
        _refuse(~rule.holds(frame[column]).astype(bool), frame, name, [column], rule.words)
        values = frame[column]
        if rule.is_number and not pd.api.types.is_numeric_dtype(values):
            frame = frame.assign(**{column: _number(values)})
        if rule in (TEXT, ANY) and not pd.api.types.is_string_dtype(values):
            frame = frame.assign(**{column: values.map(str, na_action="ignore")})
    if name in KEYS:
        keys = KEYS[name]
        _refuse(frame.duplicated(keys), frame, name, keys, "there only once")
    return frame


def _check_horizon(frames: dict[str, pd.DataFrame]) -> None:
    rows = len(frames["parameters"])
    if rows != 1:
        raise InputError(f"{MODELS['parameters']}.parquet has {rows} rows, and should have one")
    periods = frames["periods"].sort_values("period_index")
    starts = pd.to_datetime(periods["period_start"])
    wanted = list(range(int(frames["parameters"]["plan_periods"].iloc[0])))
    if list(periods["period_index"]) != wanted or not starts.is_monotonic_increasing:
        raise InputError(
            f"{MODELS['periods']}.parquet, column period_index: the periods are not 0 to "
            f"{wanted[-1]}, as plan_periods of {MODELS['parameters']}.parquet says, in order of "
            "period_start. Correct either"
        )


def check_rows(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Refuse rows that a warehouse would have refused, by file, column and row.

    Args:
        frames: By name of the input, with the columns of `COLUMNS`.

    Returns:
        The frames, numbers as numbers and names as text.

    Raises:
        InputError: A value isn't what its column holds, a key is there twice, a row names what
            isn't there, or the periods aren't those of the horizon.
    """
    frames = {name: _check_table(frame, name) for name, frame in frames.items()}
    _check_horizon(frames)
    for name, references in REFERENCES.items():
        for column, target in references.items():
            key = KEYS[target][0]
            known = set(frames[target][key].astype(str))
            words = f"in column {key} of {MODELS[target]}.parquet"
            unknown = ~frames[name][column].astype(str).isin(known)
            _refuse(unknown, frames[name], name, [column], words)
    return frames
