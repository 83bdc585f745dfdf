"""A few dirty rows in the tables other than transactions."""

import pandas as pd

from inventory_allocation.sample_company.contract import RAW_COLUMNS, conform
from inventory_allocation.sample_company.dirt import Dirt

GHOST_FC, GHOST_REGION, GHOST_SKU = "FC-GHOST", "R-GHOST", "SKU-GHOST"
DUPLICATES = {
    "customers": 3,
    "products": 1,
    "regions": 1,
    "lanes": 1,
    "transfer_lanes": 1,
    "inventory_snapshots": 4,
    "external_signals": 3,
}
NEGATIVE_LANES = 2


def drop_dearest_lanes(lanes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lanes without the dearest ones, and those: a broken row needs a key of its own."""
    dearest = lanes["cost_per_unit"].nlargest(NEGATIVE_LANES, keep="first").index
    return lanes.drop(dearest).reset_index(drop=True), lanes.loc[dearest]


def dirty_elsewhere(clean: dict[str, pd.DataFrame], dearest_lanes: pd.DataFrame) -> list[Dirt]:
    """Dirty rows of every table but transactions."""
    fc, region = clean["fulfillment_centers"]["fc_id"][0], clean["regions"]["region_id"][0]
    sku = clean["products"]["sku"][0]
    dirt = [
        Dirt(table, clean[table].iloc[5 : 5 + count].reset_index(drop=True), ["duplicate"] * count)
        for table, count in DUPLICATES.items()
    ]
    return [
        *dirt,
        *_dirty_master_data(region),
        *_dirty_lanes(fc, region, dearest_lanes),
        *_dirty_stock(fc, sku),
        *_dirty_suppliers(fc, sku),
        *_dirty_decisions(fc, region, sku),
    ]


def _rows(table: str, reason: str, rows: list[dict[str, object]]) -> Dirt:
    frame = conform(pd.DataFrame(rows), RAW_COLUMNS[table])
    return Dirt(table, frame, [reason] * len(rows))


def _dirty_master_data(region: str) -> list[Dirt]:
    def customer(customer_id: str | None, channel: str) -> dict[str, object]:
        return {
            "customer_id": customer_id,
            "region_id": region,
            "signed_up_at": pd.Timestamp("2025-03-01 09:30:00"),
            "acquisition_channel": channel,
        }

    conflicts = [
        customer(name, channel) for name in ("CX1", "CX2") for channel in ("email", "social")
    ]
    return [
        _rows("customers", "conflicting_duplicate", conflicts),
        _rows("customers", "null_key", [customer(None, "search"), customer(None, "email")]),
        _rows("products", "null_key", [{"product_name": "Lost Label", "unit_cost": 4.2}]),
    ]


def _dirty_lanes(fc: str, region: str, dearest: pd.DataFrame) -> list[Dirt]:
    negative = dearest.assign(cost_per_unit=-dearest["cost_per_unit"]).reset_index(drop=True)
    lane: dict[str, object] = {"cost_per_unit": 3.1, "transit_days": 2}
    ghosts = [
        {"fc_id": GHOST_FC, "region_id": region} | lane,
        {"fc_id": fc, "region_id": GHOST_REGION} | lane,
    ]
    return [
        Dirt("lanes", negative, ["out_of_range"] * len(negative)),
        _rows("lanes", "unknown_reference", ghosts),
    ]


def _dirty_stock(fc: str, sku: str) -> list[Dirt]:
    sunday, wednesday = pd.Timestamp("2026-06-28"), pd.Timestamp("2026-06-24")
    monday = pd.Timestamp("2026-07-06")

    def stock(
        day: pd.Timestamp, centre: str | None, item: str | None, units: int
    ) -> dict[str, object]:
        return {
            "snapshot_date": day,
            "fc_id": centre,
            "sku": item,
            "on_hand_units": units,
            "reserved_units": 0,
        }

    def inbound(centre: str, item: str, units: int | None) -> dict[str, object]:
        return {"fc_id": centre, "sku": item, "expected_date": monday, "quantity": units}

    table = "inventory_snapshots"
    return [
        _rows(
            table,
            "unknown_reference",
            [
                stock(sunday, GHOST_FC, sku, 12),
                stock(sunday, fc, GHOST_SKU, 7),
                stock(wednesday, GHOST_FC, GHOST_SKU, 3),
            ],
        ),
        _rows(
            table,
            "out_of_range",
            [stock(wednesday - pd.Timedelta(days=day), fc, sku, -5 - day) for day in range(3)],
        ),
        _rows(table, "null_key", [stock(sunday, None, sku, 4), stock(sunday, fc, None, 4)]),
        _rows(
            "inbound_shipments",
            "unknown_reference",
            [inbound(GHOST_FC, sku, 24), inbound(fc, GHOST_SKU, 24)],
        ),
        _rows(
            "inbound_shipments",
            "null_key",
            [inbound(fc, sku, None) | {"expected_date": pd.Timestamp("2026-07-08")}],
        ),
    ]


def _dirty_suppliers(fc: str, sku: str) -> list[Dirt]:
    def offer(centre: str, item: str, cost: float) -> dict[str, object]:
        return {
            "supplier_id": "S99",
            "fc_id": centre,
            "sku": item,
            "cost_per_unit": cost,
            "lead_time_days": 10,
            "min_order_units": 12,
            "order_multiple": 12,
        }

    ghosts = [offer(GHOST_FC, sku, 5.0), offer(fc, GHOST_SKU, 5.0), offer(GHOST_FC, GHOST_SKU, 5.0)]
    return [
        _rows("suppliers", "unknown_reference", ghosts),
        _rows("suppliers", "out_of_range", [offer(fc, sku, -5.0)]),
    ]


def _dirty_decisions(fc: str, region: str, sku: str) -> list[Dirt]:
    override: dict[str, object] = {
        "fc_id": fc,
        "region_id": region,
        "sku": sku,
        "period_start": pd.Timestamp("2026-06-29"),
        "units": 10,
        "kind": "minimum",
        "reason": "keep the shelf full",
        "created_by": "planner",
        "created_at": pd.Timestamp("2026-06-26 10:00:00"),
    }
    ghosts = [
        override | {"override_id": "OV-1", "fc_id": GHOST_FC},
        override | {"override_id": "OV-2", "region_id": GHOST_REGION},
        override | {"override_id": "OV-3", "sku": GHOST_SKU},
    ]
    targets: list[dict[str, object]] = [
        {"segment": f"Example {name}", "target_service_level": level, "unmet_cost_per_unit": 5}
        for name, level in (("A", 1.7), ("B", -0.2), ("C", 1.01))
    ]
    signal = {
        "signal_date": pd.Timestamp("2026-07-10"),
        "signal_name": "promotion",
        "is_known_ahead": True,
    }
    unit = {
        "experiment_id": "loyalty-letter",
        "unit_type": "customer",
        "unit_id": "CX3",
        "started_on": pd.Timestamp("2025-12-29"),
        "assignment": "randomised",
    }
    return [
        _rows("plan_overrides", "unknown_reference", ghosts),
        _rows("service_targets", "out_of_range", targets),
        _rows("external_signals", "null_key", [signal]),
        _rows("experiments", "null_key", [unit]),
    ]
