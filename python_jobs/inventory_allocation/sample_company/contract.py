"""Columns, keys and types of the tables that the generator fills."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionDtype

Kind = Literal["text", "integer", "numeric", "timestamp", "date", "boolean"]

RAW_COLUMNS: dict[str, dict[str, Kind]] = {
    "transactions": {
        "order_id": "text",
        "order_line": "integer",
        "ordered_at": "timestamp",
        "customer_id": "text",
        "sku": "text",
        "quantity": "integer",
        "unit_price": "numeric",
        "region_id": "text",
        "fc_id": "text",
        "shipping_cost": "numeric",
        "promised_at": "timestamp",
        "delivered_at": "timestamp",
    },
    "customers": {
        "customer_id": "text",
        "region_id": "text",
        "signed_up_at": "timestamp",
        "acquisition_channel": "text",
    },
    "products": {
        "sku": "text",
        "product_name": "text",
        "category": "text",
        "unit_cost": "numeric",
        "unit_volume_m3": "numeric",
        "unit_weight_kg": "numeric",
        "pack_size": "integer",
        "shelf_life_days": "integer",
    },
    "fulfillment_centers": {
        "fc_id": "text",
        "fc_name": "text",
        "latitude": "numeric",
        "longitude": "numeric",
        "storage_capacity_m3": "numeric",
        "outbound_capacity_units": "numeric",
        "inbound_capacity_units": "numeric",
        "handling_cost_per_unit": "numeric",
        "fixed_cost_per_period": "numeric",
    },
    "regions": {
        "region_id": "text",
        "region_name": "text",
        "latitude": "numeric",
        "longitude": "numeric",
        "home_fc_id": "text",
        "sla_days": "integer",
    },
    "lanes": {
        "fc_id": "text",
        "region_id": "text",
        "cost_per_unit": "numeric",
        "cost_per_kg": "numeric",
        "transit_days": "numeric",
        "capacity_units": "numeric",
        "carbon_kg_per_unit": "numeric",
    },
    "transfer_lanes": {
        "from_fc_id": "text",
        "to_fc_id": "text",
        "cost_per_unit": "numeric",
        "fixed_cost": "numeric",
        "truck_capacity_m3": "numeric",
        "transit_days": "numeric",
        "capacity_units": "numeric",
    },
    "suppliers": {
        "supplier_id": "text",
        "fc_id": "text",
        "sku": "text",
        "cost_per_unit": "numeric",
        "lead_time_days": "numeric",
        "min_order_units": "integer",
        "order_multiple": "integer",
        "fixed_cost_per_order": "numeric",
        "capacity_units": "numeric",
    },
    "inventory_snapshots": {
        "snapshot_date": "date",
        "fc_id": "text",
        "sku": "text",
        "on_hand_units": "numeric",
        "reserved_units": "numeric",
    },
    "inbound_shipments": {
        "fc_id": "text",
        "sku": "text",
        "expected_date": "date",
        "quantity": "numeric",
    },
    "service_targets": {
        "segment": "text",
        "category": "text",
        "target_service_level": "numeric",
        "unmet_cost_per_unit": "numeric",
    },
    "external_signals": {
        "signal_date": "date",
        "signal_name": "text",
        "region_id": "text",
        "sku": "text",
        "value": "numeric",
        "is_known_ahead": "boolean",
    },
    "experiments": {
        "experiment_id": "text",
        "unit_type": "text",
        "unit_id": "text",
        "variant": "text",
        "started_on": "date",
        "ended_on": "date",
        "assignment": "text",
    },
    "plan_overrides": {
        "override_id": "text",
        "fc_id": "text",
        "to_fc_id": "text",
        "region_id": "text",
        "sku": "text",
        "period_start": "date",
        "units": "numeric",
        "kind": "text",
        "reason": "text",
        "created_by": "text",
        "created_at": "timestamp",
    },
}

RAW_KEYS: dict[str, tuple[str, ...]] = {
    "transactions": ("order_id", "order_line"),
    "customers": ("customer_id",),
    "products": ("sku",),
    "fulfillment_centers": ("fc_id",),
    "regions": ("region_id",),
    "lanes": ("fc_id", "region_id"),
    "transfer_lanes": ("from_fc_id", "to_fc_id"),
    "suppliers": ("supplier_id", "fc_id", "sku"),
    "inventory_snapshots": ("snapshot_date", "fc_id", "sku"),
    "inbound_shipments": ("fc_id", "sku", "expected_date"),
    "service_targets": ("segment", "category"),
    "external_signals": ("signal_date", "signal_name", "region_id", "sku"),
    "experiments": ("experiment_id", "unit_id"),
    "plan_overrides": ("override_id",),
}

TRUTH_COLUMNS: dict[str, dict[str, Kind]] = {
    "true_demand": {
        "week_start": "date",
        "sku": "text",
        "region_id": "text",
        "customer_type": "text",
        "demanded_units": "integer",
        "lost_units": "integer",
    },
    "customer_types": {"customer_id": "text", "customer_type": "text"},
    "dirty_rows": {
        "source_table": "text",
        "row_key": "text",
        "reason": "text",
        "count": "integer",
    },
    "receipts": {
        "week_start": "date",
        "fc_id": "text",
        "sku": "text",
        "received_units": "integer",
    },
    "planted": {"fact": "text", "entity": "text", "week_start": "date", "value": "numeric"},
}

DTYPES: dict[Kind, ExtensionDtype | np.dtype[Any]] = {
    "text": np.dtype("object"),
    "integer": pd.Int64Dtype(),
    "numeric": pd.Float64Dtype(),
    "timestamp": np.dtype("datetime64[ns]"),
    "date": np.dtype("datetime64[ns]"),
    "boolean": pd.BooleanDtype(),
}


def conform(frame: pd.DataFrame, columns: dict[str, Kind]) -> pd.DataFrame:
    """Frame with exactly these columns, in this order, in nullable types.

    Missing columns become null. A NaN of a float column becomes null; a NaN inside a `Float64`
    column stays a number, so null and NaN remain apart.
    """
    result = {}
    for name, kind in columns.items():
        values = frame[name] if name in frame else pd.Series(None, frame.index, dtype="object")
        values = values.astype(DTYPES[kind])
        result[name] = _without_nan(values) if kind == "text" else values
    return pd.DataFrame(result, index=frame.index)


def _without_nan(values: pd.Series) -> pd.Series:
    """Text with None for every kind of null."""
    text = values.to_numpy(dtype=object, copy=True)
    text[values.isna().to_numpy()] = None
    return pd.Series(text, index=values.index, dtype="object")
