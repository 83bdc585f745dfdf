"""Small inputs for the tests of the allocation: tiny ones by hand and random ones by seed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from inventory_allocation.allocation import (
    AllocationInputs,
    Plan,
    SolveSettings,
    allocate,
    build_program,
    index_inputs,
    solve_program,
)

HORIZON_START = pd.Timestamp("2026-06-29")
PERIOD_DAYS = 7
EXACT = SolveSettings(gap=0.0, time_limit=60.0)
# Holds two that once went wrong: 9 (a start priced too low), 26 (a SKU without volume).
SEEDS = range(8, 28)
SERVICE_LEVELS = {"gold": 0.98, "silver": 0.9}

Row = dict[str, Any]
TEXT, NUMBER, WHOLE, FLAG = "object", "float64", "int64", "bool"
TYPES: dict[str, dict[str, str]] = {
    "centers": {
        "fc_id": TEXT,
        "outbound_capacity_units": NUMBER,
        "inbound_capacity_units": NUMBER,
        "storage_capacity_m3": NUMBER,
        "fixed_cost_per_period": NUMBER,
    },
    "lanes": {
        "fc_id": TEXT,
        "region_id": TEXT,
        "cost_per_unit": NUMBER,
        "cost_per_kg": NUMBER,
        "handling_cost_per_unit": NUMBER,
        "transit_days": NUMBER,
        "capacity_units": NUMBER,
        "distance_km": NUMBER,
        "carbon_kg_per_unit": NUMBER,
        "is_within_sla": FLAG,
    },
    "transfer_lanes": {
        "from_fc_id": TEXT,
        "to_fc_id": TEXT,
        "cost_per_unit": NUMBER,
        "fixed_cost": NUMBER,
        "truck_capacity_m3": NUMBER,
        "capacity_units": NUMBER,
        "lead_periods": WHOLE,
    },
    "products": {
        "sku": TEXT,
        "pack_size": NUMBER,
        "unit_volume_m3": NUMBER,
        "unit_weight_kg": NUMBER,
        "holding_cost_per_period": NUMBER,
        "shelf_life_periods": NUMBER,
        "expiry_cost_per_unit": NUMBER,
    },
    "demand": {
        "region_id": TEXT,
        "segment": TEXT,
        "sku": TEXT,
        "period_index": WHOLE,
        "demand_units": NUMBER,
        "demand_deviation": NUMBER,
        "home_fc_id": TEXT,
        "target_service_level": NUMBER,
        "unmet_cost_per_unit": NUMBER,
    },
    "stock": {"fc_id": TEXT, "sku": TEXT, "available_units": NUMBER},
    "inbound": {"fc_id": TEXT, "sku": TEXT, "period_index": WHOLE, "units": NUMBER},
    "suppliers": {
        "supplier_id": TEXT,
        "fc_id": TEXT,
        "sku": TEXT,
        "cost_per_unit": NUMBER,
        "extra_cost_per_unit": NUMBER,
        "lead_periods": WHOLE,
        "min_order_units": NUMBER,
        "order_multiple": NUMBER,
        "fixed_cost_per_order": NUMBER,
        "capacity_units": NUMBER,
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
        "kind": TEXT,
        "fc_id": TEXT,
        "to_fc_id": TEXT,
        "region_id": TEXT,
        "sku": TEXT,
        "period_start": "datetime64[us]",
        "units": NUMBER,
        "created_at": "datetime64[us]",
    },
    "plan_in_force": {
        "kind": TEXT,
        "fc_id": TEXT,
        "to_fc_id": TEXT,
        "region_id": TEXT,
        "supplier_id": TEXT,
        "sku": TEXT,
        "period_index": WHOLE,
        "units": NUMBER,
    },
    "sku_pairs": {
        "sku": TEXT,
        "partner_sku": TEXT,
        "order_share": NUMBER,
        "partner_order_share": NUMBER,
    },
}


def lane(
    fc: str,
    region: str,
    cost: float,
    *,
    capacity: float | None = None,
    handling: float = 0.0,
    per_kg: float = 0.0,
    days: float = 2.0,
    distance: float = 100.0,
    carbon: float | None = None,
    in_time: bool = True,
) -> Row:
    """A lane from a centre to a region."""
    return {
        "fc_id": fc,
        "region_id": region,
        "cost_per_unit": cost,
        "cost_per_kg": per_kg,
        "handling_cost_per_unit": handling,
        "transit_days": days,
        "capacity_units": np.nan if capacity is None else capacity,
        "distance_km": distance,
        "carbon_kg_per_unit": np.nan if carbon is None else carbon,
        "is_within_sla": in_time,
    }


def move(
    source: str,
    target: str,
    cost: float,
    *,
    truck_cost: float = 0.0,
    truck_m3: float | None = None,
    capacity: float | None = None,
    lead: int = 1,
) -> Row:
    """A transfer lane between two centres."""
    return {
        "from_fc_id": source,
        "to_fc_id": target,
        "cost_per_unit": cost,
        "fixed_cost": truck_cost,
        "truck_capacity_m3": np.nan if truck_m3 is None else truck_m3,
        "capacity_units": np.nan if capacity is None else capacity,
        "lead_periods": lead,
    }


def product(
    sku: str,
    *,
    pack: float = 1,
    volume: float = 0.1,
    weight: float = 1.0,
    holding: float = 0.0,
    life: int | None = None,
    expiry: float = 0.0,
) -> Row:
    """A stock keeping unit."""
    return {
        "sku": sku,
        "pack_size": pack,
        "unit_volume_m3": volume,
        "unit_weight_kg": weight,
        "holding_cost_per_period": holding,
        "shelf_life_periods": np.nan if life is None else life,
        "expiry_cost_per_unit": expiry,
    }


def want(
    region: str,
    units: float,
    *,
    sku: str = "s1",
    period: int = 0,
    segment: str = "gold",
    unmet: float = 100.0,
    level: float = 0.9,
    deviation: float = 0.0,
    home: str | None = None,
) -> Row:
    """Demand of a region and segment for a SKU in a period."""
    return {
        "region_id": region,
        "segment": segment,
        "sku": sku,
        "period_index": period,
        "demand_units": units,
        "demand_deviation": deviation,
        "home_fc_id": home,
        "target_service_level": level,
        "unmet_cost_per_unit": unmet,
    }


def hold(fc: str, units: float, *, sku: str = "s1") -> Row:
    """Stock at a centre."""
    return {"fc_id": fc, "sku": sku, "available_units": units}


def due(fc: str, units: float, *, sku: str = "s1", period: int = 0) -> Row:
    """An open order that arrives at a centre."""
    return {"fc_id": fc, "sku": sku, "period_index": period, "units": units}


def offer(
    supplier: str,
    fc: str,
    *,
    sku: str = "s1",
    cost: float = 5.0,
    extra: float = 0.0,
    lead: int = 1,
    minimum: float = 0.0,
    multiple: float = 1.0,
    fixed: float = 0.0,
    capacity: float | None = None,
) -> Row:
    """What a supplier offers to a centre."""
    return {
        "supplier_id": supplier,
        "fc_id": fc,
        "sku": sku,
        "cost_per_unit": cost + extra,
        "extra_cost_per_unit": extra,
        "lead_periods": lead,
        "min_order_units": minimum,
        "order_multiple": multiple,
        "fixed_cost_per_order": fixed,
        "capacity_units": np.nan if capacity is None else capacity,
    }


def keep(
    fc: str, units: float, *, sku: str = "s1", deviation: float = 0.0, later: float = 0.0
) -> Row:
    """Demand after the horizon that orders have to cover."""
    return {
        "fc_id": fc,
        "sku": sku,
        "cover_units": units,
        "cover_deviation": deviation,
        "later_inbound_units": later,
    }


def decide(
    name: str,
    kind: str,
    units: float = 0.0,
    *,
    fc: str | None = None,
    to_fc: str | None = None,
    region: str | None = None,
    sku: str = "s1",
    period: int = 0,
    made: int = 0,
) -> Row:
    """A planner's override, made so many days after the first."""
    return {
        "override_id": name,
        "kind": kind,
        "fc_id": fc,
        "to_fc_id": to_fc,
        "region_id": region,
        "sku": sku,
        "period_start": start_of(period),
        "units": units,
        "created_at": HORIZON_START + pd.Timedelta(days=made),
    }


def in_force(
    kind: str,
    fc: str,
    units: float,
    *,
    sku: str = "s1",
    region: str | None = None,
    to_fc: str | None = None,
    supplier: str | None = None,
    period: int = 0,
) -> Row:
    """What the plan in force moves."""
    return {
        "kind": kind,
        "fc_id": fc,
        "to_fc_id": to_fc,
        "region_id": region,
        "supplier_id": supplier,
        "sku": sku,
        "period_index": period,
        "units": units,
    }


def pair(sku: str, partner: str, share: float, partner_share: float | None = None) -> Row:
    """Two SKUs that are bought together: orders with both, per unit of either."""
    return {
        "sku": sku,
        "partner_sku": partner,
        "order_share": share,
        "partner_order_share": share if partner_share is None else partner_share,
    }


def make_frame(name: str, rows: Iterable[Row]) -> pd.DataFrame:
    """Make the frame of a table from rows, with the types a warehouse gives it."""
    return pd.DataFrame(list(rows), columns=list(TYPES[name])).astype(TYPES[name])


def make_inputs(
    *,
    demand: Iterable[Row],
    lanes: Iterable[Row],
    stock: Iterable[Row] = (),
    centers: Mapping[str, float | None] | None = None,
    products: Iterable[Row] | None = None,
    transfer_lanes: Iterable[Row] = (),
    inbound: Iterable[Row] = (),
    overrides: Iterable[Row] = (),
    suppliers: Iterable[Row] = (),
    cover: Iterable[Row] = (),
    plan_in_force: Iterable[Row] = (),
    sku_pairs: Iterable[Row] = (),
    periods: int = 1,
    late: float = 0.0,
    service: float = 0.0,
    stock_target: float = 0.0,
    storage_overflow: float = 0.0,
    limits: Mapping[str, Row] | None = None,
    close_centers: bool = False,
    **more: float,
) -> AllocationInputs:
    """Make inputs by hand: all prices of targets are 0 unless they are given.

    Args:
        demand: Rows of `want`.
        lanes: Rows of `lane`.
        stock: Rows of `hold`.
        centers: Outbound capacity by centre; those of lanes, stock and transfer lanes, without a
            limit, when None.
        products: Rows of `product`; one of pack 1 for each SKU when None.
        transfer_lanes: Rows of `move`.
        inbound: Rows of `due`.
        overrides: Rows of `decide`.
        suppliers: Rows of `offer`.
        cover: Rows of `keep`.
        plan_in_force: Rows of `in_force`.
        sku_pairs: Rows of `pair`.
        periods: Number of periods.
        late: Price of a unit short of the SLA target.
        service: Price of a unit short of the service target.
        stock_target: Price of a unit short of a stock target.
        storage_overflow: Price of a m3 above the storage capacity.
        limits: Further columns of table centers, by centre.
        close_centers: Whether centres may be closed.
        more: Other parameters: carbon_cap_kg and so on.
    """
    demand, lanes, stock = list(demand), list(lanes), list(stock)
    transfer_lanes, inbound = list(transfer_lanes), list(inbound)
    if centers is None:
        named = {row["fc_id"] for row in [*lanes, *stock, *inbound]}
        named |= {row[end] for row in transfer_lanes for end in ("from_fc_id", "to_fc_id")}
        centers = dict.fromkeys(sorted(named))
    if products is None:
        products = [product(sku) for sku in sorted({row["sku"] for row in [*demand, *stock]})]
    starts = HORIZON_START + pd.to_timedelta(np.arange(periods) * PERIOD_DAYS, unit="D")
    parameters = {
        "as_of": HORIZON_START,
        "horizon_start": HORIZON_START,
        "period": "week",
        "period_days": PERIOD_DAYS,
        "plan_periods": periods,
        "late_cost_per_unit": late,
        "service_shortfall_cost_per_unit": service,
        "stock_target_cost_per_unit": stock_target,
        "storage_overflow_cost_per_m3": storage_overflow,
        "close_centers": close_centers,
        "override_cost_per_unit": 1000.0,
        "cover_shortfall_share": 0.5,
        "carbon_price_per_kg": 0.0,
        "carbon_cap_kg": np.nan,
        "order_budget": np.nan,
        "change_cost_per_unit": 0.0,
        "transfer_hurdle": 1.0,
        "frozen_periods": 0,
        "stock_target_mode": "service_level",
        "demand_scenarios": 0,
        "scenario_correlation": 0.5,
        "split_order_cost": 0.0,
        **more,
    }
    capacity_rows = [
        {
            "fc_id": fc,
            "outbound_capacity_units": np.nan if units is None else units,
            **(limits or {}).get(fc, {}),
        }
        for fc, units in centers.items()
    ]
    return AllocationInputs(
        parameters=pd.DataFrame([parameters]),
        periods=pd.DataFrame({"period_index": np.arange(periods), "period_start": starts}),
        centers=make_frame("centers", capacity_rows),
        lanes=make_frame("lanes", lanes),
        transfer_lanes=make_frame("transfer_lanes", transfer_lanes),
        products=make_frame("products", products),
        demand=make_frame("demand", demand),
        stock=make_frame("stock", stock),
        inbound=make_frame("inbound", inbound),
        suppliers=make_frame("suppliers", suppliers),
        cover=make_frame("cover", cover),
        overrides=make_frame("overrides", overrides),
        plan_in_force=make_frame("plan_in_force", plan_in_force),
        sku_pairs=make_frame("sku_pairs", sku_pairs),
    )


def with_values(inputs: AllocationInputs, table: str, **columns: Any) -> AllocationInputs:
    """The inputs with whole columns of one table set to other values."""
    return replace(inputs, **{table: getattr(inputs, table).assign(**columns)})


def solve_cost(inputs: AllocationInputs) -> float:
    """Optimal cost, by the program that is under test."""
    return solve_program(build_program(index_inputs(inputs)), EXACT).objective


def lines_of(plan: Plan, table: str, **where: Any) -> pd.DataFrame:
    """Rows of a plan's table in which the columns have these values."""
    frame = plan.tables[table]
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def start_of(period: int) -> pd.Timestamp:
    """First date of a period."""
    return HORIZON_START + pd.Timedelta(days=PERIOD_DAYS * period)


def random_inputs(seed: int, *, transfers: bool = True) -> AllocationInputs:
    """Make random inputs: 2-4 centres and regions, 2-6 SKUs, 1-2 segments, 2-4 periods.

    Each kind of limit (outbound, lane and transfer capacity, trucks, packs) is there or not by
    chance, and stock is short of demand about as often as not.
    """
    rng = np.random.default_rng(seed)
    fcs = [f"fc{i}" for i in range(rng.integers(2, 5))]
    regions = [f"r{i}" for i in range(rng.integers(2, 5))]
    skus = [f"s{i}" for i in range(rng.integers(2, 7))]
    segments = list(SERVICE_LEVELS)[: rng.integers(1, 3)]
    periods = int(rng.integers(2, 5))

    def chance(share: float) -> bool:
        return bool(rng.random() < share)

    def number(low: float, high: float) -> float:
        return float(np.round(rng.uniform(low, high), 2))

    has_outbound, has_lane_limits, has_trucks = chance(0.5), chance(0.5), chance(0.6)
    has_packs = chance(0.7)
    lanes = [
        lane(
            fc,
            region,
            number(1, 9),
            per_kg=number(0, 1),
            handling=number(0, 1),
            days=float(days := rng.integers(1, 6)),
            distance=number(10, 900),
            capacity=float(rng.integers(5, 40)) if has_lane_limits and chance(0.6) else None,
            in_time=bool(days <= 3),
        )
        for fc in fcs
        for region in regions
        if chance(0.8) or (fc, region) == (fcs[0], regions[0])
    ]
    transfer_lanes = [
        move(
            source,
            target,
            number(0.1, 1.5),
            truck_cost=number(4, 20) if has_trucks and chance(0.7) else 0.0,
            truck_m3=number(0.4, 2) if has_trucks else None,
            capacity=float(rng.integers(8, 40)) if chance(0.3) else None,
            lead=int(rng.integers(1, 3)),
        )
        for source in fcs
        for target in fcs
        if source != target and transfers and chance(0.6)
    ]
    products = [
        product(
            sku,
            pack=float(rng.integers(2, 13)) if has_packs else 1.0,
            volume=0.0 if chance(0.1) else number(0.01, 0.1),
            weight=number(0.1, 3),
            holding=number(0.1, 1),
        )
        for sku in skus
    ]
    demand = [
        want(
            region,
            float(np.round(rng.gamma(2, 6), 1)),
            sku=sku,
            period=period,
            segment=segment,
            unmet=number(8, 40),
            level=SERVICE_LEVELS[segment],
            deviation=number(0.5, 5),
            home=str(rng.choice(fcs)) if chance(0.8) else None,
        )
        for region in regions
        for segment in segments
        for sku in skus
        for period in range(periods)
        if chance(0.8)
    ]
    stock = [
        hold(fc, float(rng.integers(0, 90)), sku=sku) for fc in fcs for sku in skus if chance(0.5)
    ]
    inbound = [
        due(fc, float(rng.integers(5, 40)), sku=sku, period=int(rng.integers(periods)))
        for fc in fcs
        for sku in skus
        if chance(0.3)
    ]
    # Drawn apart, so that the cases stay what they were.
    rng = np.random.default_rng([seed, 1])
    has_inbound, has_storage = chance(0.4), chance(0.5)
    limits = {
        fc: {
            "inbound_capacity_units": float(rng.integers(5, 60)) if has_inbound else None,
            "storage_capacity_m3": number(1, 8) if has_storage else None,
            "fixed_cost_per_period": number(5, 60),
        }
        for fc in fcs
    }
    overrides = [
        decide(
            f"o{number}",
            str(rng.choice(["fix", "minimum", "maximum", "forbid"])),
            float(rng.integers(0, 25)),
            fc=str(rng.choice(fcs)) if chance(0.7) else None,
            to_fc=str(rng.choice(fcs)) if (moves := transfers and chance(0.4)) else None,
            region=str(rng.choice(regions)) if not moves and chance(0.7) else None,
            sku=str(rng.choice(skus)),
            period=int(rng.integers(periods)),
            made=int(rng.integers(3)),
        )
        for number in range(int(rng.integers(0, 4)) if transfers else 0)
    ]
    suppliers = [
        offer(
            supplier,
            fc,
            sku=sku,
            cost=number(3, 9),
            extra=number(0, 2) if supplier == "quick" else 0.0,
            lead=1 if supplier == "quick" else int(rng.integers(2, 5)),
            multiple=float(rng.integers(1, 7)),
            minimum=float(rng.integers(0, 15)),
            fixed=number(2, 25) if chance(0.7) else 0.0,
            capacity=float(rng.integers(15, 40)) if chance(0.3) else None,
        )
        for fc in fcs
        for sku in skus
        for supplier in ("quick", "slow")
        if transfers and chance(0.15)
    ]
    cover = [
        keep(
            fc,
            number(2, 20),
            sku=sku,
            deviation=number(0, 4),
            later=float(rng.integers(0, 9)) if chance(0.3) else 0.0,
        )
        for fc, sku in sorted({(row["fc_id"], row["sku"]) for row in suppliers})
    ]
    # And what came later, apart again.
    rng = np.random.default_rng([seed, 2])
    for line in lanes:
        line["carbon_kg_per_unit"] = number(0, 2) if chance(0.8) else np.nan
    for goods in products:
        if chance(0.3):
            goods["shelf_life_periods"] = float(rng.integers(1, periods + 2))
            goods["expiry_cost_per_unit"] = number(1, 9)
    wanted = sum(row["demand_units"] for row in demand)
    more: dict[str, float] = {}
    if chance(0.4):
        more["carbon_price_per_kg"] = number(0.1, 1)
    if chance(0.4):
        more["carbon_cap_kg"] = number(0.2, 0.7) * wanted
    if chance(0.5):
        more["order_budget"] = number(20, 200)
    flows = []
    if chance(0.6):
        more["change_cost_per_unit"] = number(0.2, 3) if chance(0.7) else 0.0
        more["frozen_periods"] = int(rng.integers(0, 3))
        more["transfer_hurdle"] = 1.0 + seed % 3 / 2
        flows = [
            in_force(
                "shipment",
                line["fc_id"],
                number(1, 15),
                sku=str(rng.choice(skus)),
                region=line["region_id"],
                period=int(rng.integers(periods)),
            )
            for line in lanes
            if chance(0.7)
        ]
        flows += [
            in_force(
                "transfer",
                road["from_fc_id"],
                float(rng.integers(1, 30)),
                sku=str(rng.choice(skus)),
                to_fc=road["to_fc_id"],
                period=int(rng.integers(2)),
            )
            for road in transfer_lanes
            if chance(0.4)
        ]
        flows += [
            in_force(
                "order",
                row["fc_id"],
                row["order_multiple"] * float(rng.integers(1, 6)),
                sku=row["sku"],
                supplier=row["supplier_id"],
                period=int(rng.integers(2)),
            )
            for row in suppliers
            if chance(0.5)
        ]
    # And again.
    rng = np.random.default_rng([seed, 5])
    together = []
    if chance(0.6):
        more["split_order_cost"] = number(1, 6)
        together = [
            pair(sku, partner, number(0, 0.9), number(0, 0.9))
            for first, sku in enumerate(skus)
            for partner in skus[first + 1 :]
            if chance(0.4)
        ]
    return make_inputs(
        **more,
        sku_pairs=together,
        plan_in_force=flows,
        suppliers=suppliers,
        cover=cover,
        overrides=overrides,
        limits=limits,
        close_centers=transfers and chance(0.4),
        storage_overflow=number(2, 20),
        demand=demand,
        lanes=lanes,
        stock=stock or [hold(fcs[0], 20.0, sku=skus[0])],
        centers={fc: float(rng.integers(20, 80)) if has_outbound else None for fc in fcs},
        products=products,
        transfer_lanes=transfer_lanes,
        inbound=inbound,
        periods=periods,
        late=number(0.5, 2),
        service=number(2, 5),
        stock_target=number(0.5, 3),
    )


@cache
def random_plan(seed: int) -> Plan:
    """The optimal plan of `random_inputs(seed)`; read it, don't write to it."""
    return allocate(random_inputs(seed), EXACT)


def busy_inputs() -> AllocationInputs:
    """Make inputs in which every kind of line and limit occurs.

    A holds the stock. B serves r2 for less, so packs of 4 go there by truck, two to a truck. A's
    outbound capacity, its lane to r1 and the transfer lane are limited.
    """
    return make_inputs(
        demand=[
            *(want("r1", 6, period=t, deviation=1, home="A") for t in range(3)),
            *(want("r1", 2, period=t, segment="silver", unmet=50, level=0.8) for t in range(3)),
            *(want("r2", 5, period=t, home="B") for t in range(3)),
        ],
        lanes=[
            lane("A", "r1", 1, capacity=8, handling=0.25),
            lane("A", "r2", 9, per_kg=0.5, in_time=False),
            lane("B", "r2", 1, handling=0.5),
        ],
        stock=[hold("A", 40), hold("B", 2)],
        inbound=[due("A", 3, period=1)],
        centers={"A": 16, "B": None},
        products=[product("s1", pack=4, volume=0.1, weight=2, holding=0.05)],
        transfer_lanes=[move("A", "B", 0.2, truck_cost=6, truck_m3=1, capacity=12)],
        periods=3,
        late=1,
        service=3,
        stock_target=2,
    )
