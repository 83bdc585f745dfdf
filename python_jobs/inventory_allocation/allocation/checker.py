"""The independent checker: reads a plan's tables and the inputs, and trusts neither.

It shares no code with the program that made the plan. Every row of every table is checked against
the inputs as they came, and the cost is added up again.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from inventory_allocation.allocation.cover_checker import LOSS_STEPS, cover_cost, lost_units
from inventory_allocation.allocation.inputs import COLUMNS, AllocationInputs

__all__ = ["check_plan"]

TOLERANCE = 1e-4


def _report(frame: pd.DataFrame, keys: list[str], what: str) -> list[str]:
    return [
        f"{what}: " + ", ".join(f"{key} {row[key]!s:.60}" for key in keys)
        for _, row in frame.head(5).iterrows()
    ]


def _check_stock(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    stock = tables["plan_inventory"].sort_values(["fc_id", "sku", "period_start"])
    key = ["fc_id", "sku", "period_start"]
    expected = (
        stock["opening"]
        + stock["inbound"]
        + stock["ordered"]
        + stock["transfers_in"]
        - stock["transfers_out"]
        - stock["shipped"]
        - stock["expired"]
    )
    problems = _report(stock[(expected - stock["closing"]).abs() > TOLERANCE], key, "unbalanced")
    problems += _report(stock[stock["closing"] < -TOLERANCE], key, "negative stock")
    before = stock.groupby(["fc_id", "sku"])["closing"].shift()
    held = inputs.stock.groupby(["fc_id", "sku"])["available_units"].sum().rename("held")
    start = stock.merge(held.reset_index(), on=["fc_id", "sku"], how="left")["held"].fillna(0.0)
    opening = before.reset_index(drop=True).fillna(start)
    wrong = (opening - stock["opening"].reset_index(drop=True)).abs() > TOLERANCE
    problems += _report(stock.reset_index(drop=True)[wrong], key, "opening stock is wrong")

    periods = inputs.periods.set_index("period_index")["period_start"]
    arrivals = inputs.inbound.assign(period_start=inputs.inbound["period_index"].map(periods))
    ship, move = tables["plan_shipments"], tables["plan_transfers"]
    orders = tables["plan_orders"]
    horizon = set(pd.to_datetime(periods))
    ordered = orders.drop(columns="period_start").rename(columns={"due_on": "period_start"})
    ordered = ordered[pd.to_datetime(ordered["period_start"]).isin(horizon)]
    for column, moved, side in (
        ("inbound", arrivals, "fc_id"),
        ("ordered", ordered, "fc_id"),
        ("shipped", ship, "fc_id"),
        ("transfers_out", move, "from_fc_id"),
        (
            "transfers_in",
            move.drop(columns="period_start").rename(columns={"arrives_on": "period_start"}),
            "to_fc_id",
        ),
    ):
        dated = moved.assign(period_start=pd.to_datetime(moved["period_start"]))
        total = dated.groupby([side, "sku", "period_start"])["units"].sum()
        total.index.names = key
        stated = stock.assign(period_start=pd.to_datetime(stock["period_start"]))
        stated_units = stated.set_index(key)[column]
        both = pd.concat([total.rename("moved"), stated_units.rename("stated")], axis=1)
        both = both.astype("float64").fillna(0.0)
        # Stock of a SKU without demand is not part of the plan.
        both = both[both.index.get_level_values("sku").isin(set(inputs.demand["sku"]))]
        off = both[(both["moved"] - both["stated"]).abs() > TOLERANCE].reset_index()
        problems += _report(off, key, f"{column} differs from the lines")
    return problems


def _check_demand(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    key = ["region_id", "segment", "sku", "period_start"]
    periods = inputs.periods.set_index("period_index")["period_start"]
    wanted = inputs.demand[inputs.demand["demand_units"] > 0]
    wanted = wanted.assign(period_start=pd.to_datetime(wanted["period_index"].map(periods)))
    stated = tables["plan_demand"]
    stated = stated.assign(period_start=pd.to_datetime(stated["period_start"]))
    both = wanted.set_index(key)[["demand_units"]].join(
        stated.set_index(key), how="outer", rsuffix="_stated"
    )
    both = both.reset_index()
    off = (both["demand_units"].fillna(0) - both["demand_units_stated"].fillna(0)).abs() > TOLERANCE
    problems = _report(both[off], key, "demand differs from the forecast")
    split = (stated["shipped_units"] + stated["unmet_units"] - stated["demand_units"]).abs()
    problems += _report(stated[split > TOLERANCE], key, "shipped and unmet are not the demand")
    ship = tables["plan_shipments"]
    ship = ship.assign(period_start=pd.to_datetime(ship["period_start"]))
    lines = ship.groupby(key)["units"].sum().rename("lines")
    joined = stated.set_index(key)["shipped_units"].to_frame().join(lines, how="outer").fillna(0.0)
    off_lines = joined[(joined["lines"] - joined["shipped_units"]).abs() > TOLERANCE]
    return problems + _report(off_lines.reset_index(), key, "shipped differs from the lines")


def _check_limits(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    ship, move = tables["plan_shipments"], tables["plan_transfers"]
    problems = []
    for name in ("plan_shipments", "plan_transfers", "plan_trucks", "plan_demand"):
        columns = [
            c for c in tables[name].columns if c.endswith("units") or c in ("packs", "trucks")
        ]
        for column in columns:
            bad = tables[name][tables[name][column] < -TOLERANCE]
            problems += _report(bad, [column], f"{name}.{column} is negative")
    lanes = inputs.lanes.set_index(["fc_id", "region_id"])
    used = ship.groupby(["fc_id", "region_id", "period_start"])["units"].sum().reset_index()
    on_lane = used.join(lanes, on=["fc_id", "region_id"])
    problems += _report(
        on_lane[on_lane["cost_per_unit"].isna()], ["fc_id", "region_id"], "there is no lane"
    )
    over = on_lane[on_lane["units"] > on_lane["capacity_units"].astype(float) + TOLERANCE]
    problems += _report(over, ["fc_id", "region_id", "period_start"], "lane over capacity")
    leaving = pd.concat(
        [
            ship[["fc_id", "period_start", "units"]],
            move[["from_fc_id", "period_start", "units"]].rename(columns={"from_fc_id": "fc_id"}),
        ]
    )
    leaving = leaving.groupby(["fc_id", "period_start"])["units"].sum().reset_index()
    limits = inputs.centers.set_index("fc_id")["outbound_capacity_units"].astype(float)
    over = leaving[leaving["units"] > leaving["fc_id"].map(limits) + TOLERANCE]
    problems += _report(over, ["fc_id", "period_start"], "centre over outbound capacity")
    limits = inputs.centers.set_index("fc_id")["inbound_capacity_units"].astype(float)
    starts = inputs.periods.set_index("period_index")["period_start"]
    dated = inputs.inbound.assign(
        arrives_on=pd.to_datetime(inputs.inbound["period_index"].map(starts))
    )
    known = dated.groupby(["fc_id", "arrives_on"])["units"].sum().rename("known")
    orders = tables["plan_orders"].rename(columns={"due_on": "arrives_on"})
    coming = pd.concat([move.assign(fc_id=move["to_fc_id"]), orders])
    coming = coming.assign(arrives_on=pd.to_datetime(coming["arrives_on"]))
    coming = coming[coming["arrives_on"].isin(pd.to_datetime(starts))]
    coming = coming.groupby(["fc_id", "arrives_on"])["units"].sum().reset_index()
    coming = coming.join(known.astype("float64"), on=["fc_id", "arrives_on"])
    coming = coming.fillna({"known": 0.0})
    room = (coming["fc_id"].map(limits) - coming["known"]).clip(lower=0)
    over = coming[coming["units"] > room + TOLERANCE]
    problems += _report(over, ["fc_id", "arrives_on"], "centre over inbound capacity")
    return (
        problems
        + _check_transfers(inputs, tables)
        + _check_orders(inputs, tables)
        + _check_totals(inputs, tables)
        + _check_shelf_life(inputs, tables)
    )


def _carbon_kg(inputs: AllocationInputs, ship: pd.DataFrame) -> float:
    lanes = inputs.lanes.set_index(["fc_id", "region_id"])["carbon_kg_per_unit"].astype(float)
    lines = ship.join(lanes.fillna(0.0), on=["fc_id", "region_id"])
    return float((lines["units"] * lines["carbon_kg_per_unit"]).sum())


def _check_totals(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    """What the whole horizon may emit and what its orders may cost."""
    limits = inputs.parameters.iloc[0]
    problems = []
    for name, used in (
        ("carbon_cap_kg", _carbon_kg(inputs, tables["plan_shipments"])),
        ("order_budget", float(tables["plan_orders"]["cost"].sum())),
    ):
        if pd.notna(limits[name]) and used > float(limits[name]) * (1 + 1e-9) + 1e-3:
            problems.append(f"{name} is {float(limits[name]):,.2f}, and the plan takes {used:,.2f}")
    return problems


def _check_shelf_life(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    """Nothing is kept past its shelf life, at any centre or by going round them."""
    starts = sorted(pd.to_datetime(inputs.periods["period_start"]))
    index = {start: number for number, start in enumerate(starts)}
    life = inputs.products.set_index("sku")["shelf_life_periods"].astype(float).dropna()
    stock = tables["plan_inventory"]
    stock = stock[stock["sku"].isin(life.index)]
    move = tables["plan_transfers"]
    problems: list[str] = []
    for sku, lines in stock.groupby("sku"):
        keeps = int(life[sku])
        moved = move[move["sku"] == sku]
        left = pd.to_datetime(moved["period_start"]).map(index)
        came = pd.to_datetime(moved["arrives_on"]).map(index)
        at = pd.to_datetime(lines["period_start"]).map(index)
        outside = lines["inbound"] + lines["ordered"]
        for t in range(keeps - 1, len(starts)):
            is_fresh = (at <= t) & (at > t - keeps + 1)
            now = lines[at == t].set_index("fc_id")["closing"]
            reached = (outside + lines["transfers_in"])[is_fresh].groupby(lines["fc_id"]).sum()
            over = now - reached.reindex(now.index, fill_value=0.0) > TOLERANCE
            where = pd.DataFrame({"fc_id": now.index[over], "sku": sku, "period": t})
            problems += _report(where, ["fc_id", "sku", "period"], "kept past its shelf life")
            on_way = float(moved.loc[(left <= t) & (came > t), "units"].sum())
            if now.sum() + on_way > float(outside[is_fresh].sum()) + TOLERANCE * (1 + len(now)):
                problems.append(f"{sku!s:.60} is kept past its shelf life by going round centres")
    return problems


def _list_starts(inputs: AllocationInputs, periods: int) -> "pd.DatetimeIndex":
    """First dates of periods, after the horizon by the calendar."""
    frequency = {"day": "D", "week": "7D", "month": "MS"}[inputs.parameters.iloc[0]["period"]]
    first = min(pd.to_datetime(inputs.periods["period_start"]))
    return pd.date_range(first, periods=periods, freq=frequency)


def _check_orders(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    key = ["supplier_id", "fc_id", "sku"]
    offers = inputs.suppliers.set_index(key)
    lines = tables["plan_orders"].join(offers, on=key)
    named = [*key, "period_start"]
    problems = _report(lines[lines["lead_periods"].isna()], named, "there is no such offer")
    units, multiple = lines["units"], lines["order_multiple"].astype(float)
    whole = (units - lines["order_multiples"] * multiple).abs() > TOLERANCE
    problems += _report(lines[whole], named, "not whole multiples")
    low = units < lines["min_order_units"].astype(float) - TOLERANCE
    problems += _report(lines[low], named, "below the supplier's minimum")
    over = units > lines["capacity_units"].astype(float) + TOLERANCE
    problems += _report(lines[over], named, "above the supplier's capacity")
    cost = units * lines["cost_per_unit"].astype(float) + lines["fixed_cost_per_order"].astype(
        float
    )
    problems += _report(
        lines[(cost - lines["cost"]).abs() > TOLERANCE], named, "plan_orders.cost is wrong"
    )
    starts = sorted(pd.to_datetime(inputs.periods["period_start"]))
    at = pd.to_datetime(lines["period_start"]).map({start: i for i, start in enumerate(starts)})
    due = (at + lines["lead_periods"].astype(float)).fillna(0).astype(int)
    expected = _list_starts(inputs, int(due.max()) + 1 if len(due) else 1)[due.to_numpy()]
    late = pd.to_datetime(lines["due_on"]).to_numpy() != expected.to_numpy()
    return problems + _report(lines[late], named, "due at another time than the offer says")


def _stock_target_cost(inputs: AllocationInputs, stock: pd.DataFrame) -> float:
    """What units missing to stock targets cost; the targets are those of the plan."""
    prices = inputs.parameters.iloc[0]
    aimed = stock[stock["target"] > 0]
    if prices["stock_target_mode"] != "expected_loss":
        short = (aimed["target"] - aimed["closing"]).clip(lower=0).sum()
        return float(short * prices["stock_target_cost_per_unit"])
    demand, last = inputs.demand, int(inputs.periods["period_index"].max())
    asked = demand.assign(lost=demand["unmet_cost_per_unit"] * demand["demand_units"])
    sums = asked.groupby(["home_fc_id", "sku", "period_index"])[["lost", "demand_units"]].sum()
    price = (sums["lost"] / sums["demand_units"].clip(lower=1e-9)).to_dict()
    starts = pd.to_datetime(inputs.periods.set_index("period_index")["period_start"])
    ahead = pd.to_datetime(aimed["period_start"]).map(pd.Series(starts.index, index=starts)) + 1
    cells = zip(aimed["fc_id"], aimed["sku"], ahead.clip(upper=last), strict=True)
    lost = lost_units(aimed["closing"], aimed["target"] / LOSS_STEPS[-1])
    return float((lost * [price[cell] for cell in cells]).sum())


def _check_transfers(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    move, trucks = tables["plan_transfers"], tables["plan_trucks"]
    key = ["from_fc_id", "to_fc_id", "period_start"]
    lanes = inputs.transfer_lanes.set_index(["from_fc_id", "to_fc_id"])
    lines = move.join(lanes, on=["from_fc_id", "to_fc_id"], rsuffix="_lane")
    products = inputs.products.set_index("sku")
    lines = lines.join(products, on="sku")
    problems = _report(lines[lines["lead_periods"].isna()], key, "there is no transfer lane")
    whole = (lines["units"] - lines["packs"] * lines["pack_size"]).abs() > TOLERANCE
    problems += _report(lines[whole], [*key, "sku"], "not whole packs")
    problems += _report(
        lines[(lines["packs"] - lines["packs"].round()).abs() > TOLERANCE], key, "broken pack"
    )
    starts = pd.to_datetime(inputs.periods.set_index("period_index")["period_start"])
    left = pd.to_datetime(lines["period_start"]).map(pd.Series(starts.index, index=starts))
    arrival = (left + lines["lead_periods"]).map(starts)
    late = arrival != pd.to_datetime(lines["arrives_on"])
    problems += _report(lines[late], [*key, "sku"], "arrives at another time than the lane takes")
    lines = lines.assign(volume=lines["units"] * lines["unit_volume_m3"])
    totals = lines.groupby(key)[["units", "volume"]].sum().reset_index()
    totals = totals.join(lanes, on=["from_fc_id", "to_fc_id"], rsuffix="_lane")
    over = totals[totals["units"] > totals["capacity_units"].astype(float) + TOLERANCE]
    problems += _report(over, key, "transfer lane over capacity")
    sent = trucks.set_index(key)["trucks"].rename("trucks")
    totals = totals.join(sent, on=key).fillna({"trucks": 0.0})
    needs_truck = (totals["fixed_cost"] > 0) & (totals["truck_capacity_m3"].astype(float) > 0)
    problems += _report(totals[needs_truck & (totals["trucks"] < 1)], key, "moved without a truck")
    room = totals["trucks"] * totals["truck_capacity_m3"].astype(float)
    return problems + _report(
        totals[needs_truck & (totals["volume"] > room + TOLERANCE)],
        key,
        "more than the trucks hold",
    )


def _check_lines(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> list[str]:
    """Check what each line says of its cost and its lane against the inputs."""
    products = inputs.products.set_index("sku")
    lanes = inputs.lanes.set_index(["fc_id", "region_id"])
    moves = inputs.transfer_lanes.set_index(["from_fc_id", "to_fc_id"])
    periods = pd.to_datetime(inputs.periods.set_index("period_index")["period_start"])
    demand_key = ["region_id", "segment", "sku", "period_start"]
    wanted = inputs.demand.assign(period_start=inputs.demand["period_index"].map(periods))
    stated = tables["plan_demand"]
    stated = stated.assign(period_start=pd.to_datetime(stated["period_start"]))
    ends = ["from_fc_id", "to_fc_id"]
    ship = tables["plan_shipments"].join(lanes, on=["fc_id", "region_id"], rsuffix="_lane")
    ship = ship.join(products, on="sku")
    move = tables["plan_transfers"].join(moves, on=ends, rsuffix="_lane")
    truck = tables["plan_trucks"].join(moves, on=ends, rsuffix="_lane")
    demand = stated.join(wanted.set_index(demand_key)["unmet_cost_per_unit"], on=demand_key)
    lane_cost = ship["cost_per_unit"] + ship["cost_per_kg"] * ship["unit_weight_kg"]
    unmet_price = demand["unmet_cost_per_unit"]
    problems = []
    for name, lines, column, expected in (
        ("plan_shipments", ship, "shipping_cost", ship["units"] * lane_cost),
        ("plan_shipments", ship, "handling_cost", ship["units"] * ship["handling_cost_per_unit"]),
        ("plan_shipments", ship, "transit_days", ship["transit_days_lane"]),
        ("plan_shipments", ship, "is_within_sla", ship["is_within_sla_lane"]),
        ("plan_transfers", move, "cost", move["units"] * move["cost_per_unit"]),
        ("plan_trucks", truck, "cost", truck["trucks"] * truck["fixed_cost"]),
        ("plan_demand", demand, "unmet_cost", demand["unmet_units"] * unmet_price),
    ):
        off = ~np.isclose(lines[column].astype(float), expected.astype(float), atol=TOLERANCE)
        key = [c for c in lines.columns[:4] if c != "units"]
        problems += _report(lines[off], key, f"{name}.{column} is wrong")
    return problems


def _storage_cost(inputs: AllocationInputs, stock: pd.DataFrame) -> float:
    """What stock above the storage capacity costs, stock of SKUs without demand included."""
    volume = inputs.products.set_index("sku")["unit_volume_m3"].astype(float)
    wanted = set(inputs.demand.loc[inputs.demand["demand_units"] > 0, "sku"])
    idle = inputs.stock[~inputs.stock["sku"].isin(wanted)]
    idle_m3 = (
        (idle["available_units"] * idle["sku"].map(volume).fillna(0.0)).groupby(idle["fc_id"]).sum()
    )
    held = (
        (stock["closing"] * stock["sku"].map(volume))
        .groupby([stock["fc_id"], stock["period_start"]])
        .sum()
    )
    overflow = 0.0
    for center in inputs.centers.to_dict("records"):
        fc, capacity = center["fc_id"], center["storage_capacity_m3"]
        if pd.notna(capacity) and fc in held.index.get_level_values(0):
            room = max(float(capacity) - float(idle_m3.get(fc, 0.0)), 0.0)
            overflow += float((held[fc] - room).clip(lower=0).sum())
    return overflow * float(inputs.parameters.iloc[0]["storage_overflow_cost_per_m3"])


def _override_cost(inputs: AllocationInputs, ship: pd.DataFrame, move: pd.DataFrame) -> float:
    """What the units cost by which the plan misses planners' overrides, the latest first."""
    wanted = inputs.demand[inputs.demand["demand_units"] > 0]
    every = list(_list_starts(inputs, len(inputs.periods) + 1))
    starts, ends = every[:-1], every[1:]
    missed = 0.0
    ranges: dict[tuple[object, ...], tuple[float, float]] = {}
    made = inputs.overrides.assign(created_at=pd.to_datetime(inputs.overrides["created_at"]))
    for row in made.sort_values(["created_at", "override_id"], ascending=False).to_dict("records"):
        day = pd.Timestamp(row["period_start"])
        inside = [start for start, end in zip(starts, ends, strict=True) if start <= day < end]
        lines, ends_of = (ship, ("fc_id", "region_id"))
        if pd.notna(row["to_fc_id"]):
            lines, ends_of = (move, ("from_fc_id", "to_fc_id"))
        both = pd.notna(row["to_fc_id"]) and pd.notna(row["region_id"])
        if not inside or both or row["sku"] not in set(wanted["sku"]):
            continue
        least = 0.0 if row["kind"] in ("maximum", "forbid") else float(row["units"])
        most = {"minimum": np.inf, "forbid": 0.0}.get(row["kind"], float(row["units"]))
        target = row["to_fc_id"] if pd.notna(row["to_fc_id"]) else row["region_id"]
        scope = tuple(
            None if pd.isna(value) else value
            for value in (row["fc_id"], row["to_fc_id"], row["region_id"], row["sku"], inside[0])
        )
        low, high = ranges.get(scope, (0.0, np.inf))
        if max(low, least) > min(high, most):
            continue
        ranges[scope] = max(low, least), min(high, most)
        flows = lines[
            (lines["sku"] == row["sku"]) & (pd.to_datetime(lines["period_start"]) == inside[0])
        ]
        for column, value in zip(ends_of, (row["fc_id"], target), strict=True):
            flows = flows if pd.isna(value) else flows[flows[column] == value]
        units = float(flows["units"].sum())
        missed += max(least - units, 0.0) + max(units - most, 0.0)
    return missed * float(inputs.parameters.iloc[0]["override_cost_per_unit"])


def _change_cost(inputs: AllocationInputs, tables: dict[str, pd.DataFrame]) -> float:
    """What it costs to go another way than the plan in force, line by line."""
    if inputs.plan_in_force.empty:
        return 0.0
    prices = inputs.parameters.iloc[0]
    starts = pd.to_datetime(inputs.periods.set_index("period_index")["period_start"])
    wanted = inputs.demand[inputs.demand["demand_units"] > 0]
    known = inputs.plan_in_force
    known = known.assign(period_start=known["period_index"].map(starts))
    known = known[known["sku"].isin(set(wanted["sku"])) & (known["units"] > 0)]
    lanes = inputs.transfer_lanes[["from_fc_id", "to_fc_id"]].drop_duplicates()
    there = {
        "shipment": wanted[["region_id"]].drop_duplicates(),
        "transfer": lanes.rename(columns={"from_fc_id": "fc_id"}),
        "order": inputs.suppliers[["supplier_id", "fc_id", "sku"]].drop_duplicates(),
    }
    before = {kind: known[known["kind"] == kind].merge(rows) for kind, rows in there.items()}
    is_center = before["shipment"]["fc_id"].isin(set(inputs.centers["fc_id"]))
    before["shipment"] = before["shipment"][is_center]
    covered = {period for rows in before.values() for period in rows["period_index"]}
    frozen = starts[[i in covered and i < int(prices["frozen_periods"]) for i in starts.index]]
    cost = 0.0
    for kind, table, key in (
        ("shipment", "plan_shipments", ["fc_id", "region_id", "sku", "period_start"]),
        ("transfer", "plan_transfers", ["fc_id", "to_fc_id", "sku", "period_start"]),
        ("order", "plan_orders", ["supplier_id", "fc_id", "sku", "period_start"]),
    ):
        now = tables[table].rename(columns={"from_fc_id": "fc_id"})
        now = now.assign(period_start=pd.to_datetime(now["period_start"]))
        both = pd.concat(
            [
                before[kind].groupby(key)["units"].sum().rename("before"),
                now.groupby(key)["units"].sum().rename("now"),
            ],
            axis=1,
        )
        both = both.astype("float64").fillna(0.0)
        lost = (both["before"] - both["now"]).clip(lower=0).sum()
        cost += float(lost) * float(prices["change_cost_per_unit"])
        if kind != "shipment" and len(frozen):
            held = both[both.index.get_level_values("period_start").isin(frozen)]
            off = (held["before"] - held["now"]).abs().sum()
            cost += float(off) * float(prices["override_cost_per_unit"]) / 2
    return cost


def _split_orders(inputs: AllocationInputs, ship: pd.DataFrame) -> float:
    """Count the orders with both SKUs of a pair that no centre ships whole."""
    periods = inputs.periods.set_index("period_index")["period_start"]
    place = ["region_id", "period_start"]
    start = pd.to_datetime(inputs.demand["period_index"].map(periods))
    wanted = inputs.demand.assign(period_start=start).groupby(["sku", *place])["demand_units"].sum()
    lines = ship.assign(period_start=pd.to_datetime(ship["period_start"]))
    shipped = lines.groupby(["sku", *place, "fc_id"])["units"].sum()
    split = 0.0
    for pair in inputs.sku_pairs.itertuples():
        both = (pair.sku, pair.partner_sku)
        if pair.sku == pair.partner_sku or not all(sku in wanted.index for sku in both):
            continue
        one, other = (wanted.loc[sku] for sku in both)
        orders = pd.concat([pair.order_share * one, pair.partner_order_share * other], axis=1)
        orders = orders.dropna().min(axis=1)
        split += orders.sum()
        if not all(sku in shipped.index for sku in both):
            continue
        shares = [
            shipped.loc[sku] / units[units > 0]
            for sku, units in zip(both, (one, other), strict=True)
        ]
        whole = pd.concat(shares, axis=1).dropna().min(axis=1)
        split -= (whole.groupby(place).sum() * orders).dropna().sum()
    return float(split)


def _recompute_cost(
    inputs: AllocationInputs, forecast: AllocationInputs, tables: dict[str, pd.DataFrame]
) -> float:
    """Add up the objective again from the tables: flows, stock, trucks, what is not served.

    What is planned at all, and what is covered after the horizon, is said by the forecast.
    """
    prices = inputs.parameters.iloc[0]
    ship, move = tables["plan_shipments"], tables["plan_transfers"]
    stock, trucks, demand = (
        tables["plan_inventory"],
        tables["plan_trucks"],
        tables["plan_demand"],
    )
    lanes = inputs.lanes.set_index(["fc_id", "region_id"])
    products = inputs.products.set_index("sku")
    lines = ship.join(lanes, on=["fc_id", "region_id"], rsuffix="_lane").join(products, on="sku")
    cost = (
        lines["units"]
        * (
            lines["cost_per_unit"]
            + lines["cost_per_kg"] * lines["unit_weight_kg"]
            + lines["handling_cost_per_unit"]
        )
    ).sum()
    cost += (stock["closing"] * stock["sku"].map(products["holding_cost_per_period"])).sum()
    moves = inputs.transfer_lanes.set_index(["from_fc_id", "to_fc_id"])
    moved = move.join(moves, on=["from_fc_id", "to_fc_id"], rsuffix="_lane")
    transferred = (moved["units"] * moved["cost_per_unit"]).sum()
    sent = trucks.join(moves, on=["from_fc_id", "to_fc_id"], rsuffix="_lane")
    transferred += (sent["trucks"] * sent["fixed_cost"]).sum()
    cost += transferred * prices["transfer_hurdle"]
    cost += _stock_target_cost(forecast, stock)
    cost += _storage_cost(forecast, stock) + _override_cost(forecast, ship, move)
    cost += cover_cost(forecast, tables) + _change_cost(forecast, tables)
    cost += _carbon_kg(inputs, ship) * prices["carbon_price_per_kg"]
    cost += _split_orders(inputs, ship) * prices["split_order_cost"]
    cost += (stock["expired"] * stock["sku"].map(products["expiry_cost_per_unit"])).sum()
    offers = inputs.suppliers.set_index(["supplier_id", "fc_id", "sku"])
    orders = tables["plan_orders"].join(offers, on=["supplier_id", "fc_id", "sku"])
    held = orders["sku"].map(products["holding_cost_per_period"].astype(float))
    unit = orders["extra_cost_per_unit"].astype(float) + held
    cost += (orders["units"] * unit + orders["fixed_cost_per_order"].astype(float)).sum()
    if prices["close_centers"]:
        used = {*ship["fc_id"], *move["from_fc_id"], *move["to_fc_id"]}
        fixed = inputs.centers.set_index("fc_id")["fixed_cost_per_period"].astype(float)
        cost += fixed[fixed.index.isin(used)].sum() * len(inputs.periods)

    periods = inputs.periods.set_index("period_index")["period_start"]
    key = ["region_id", "segment", "sku", "period_start"]
    wanted = inputs.demand.assign(
        period_start=pd.to_datetime(inputs.demand["period_index"].map(periods))
    ).set_index(key)
    served = demand.assign(period_start=pd.to_datetime(demand["period_start"])).set_index(key)
    served = served.join(wanted[["target_service_level", "unmet_cost_per_unit"]])
    cost += (served["unmet_units"] * served["unmet_cost_per_unit"]).sum()
    in_time = ship[ship["is_within_sla"].astype(bool)]
    in_time = in_time.assign(period_start=pd.to_datetime(in_time["period_start"]))
    served = served.join(in_time.groupby(key)["units"].sum().rename("in_time")).fillna(
        {"in_time": 0.0}
    )
    group = ["region_id", "target_service_level", "period_start"]
    totals = served.reset_index().groupby(group)[["demand_units", "shipped_units", "in_time"]].sum()
    level = totals.index.get_level_values("target_service_level").to_numpy(dtype=float)
    asked = totals["demand_units"] * level
    cost += (asked - totals["shipped_units"]).clip(lower=0).sum() * prices[
        "service_shortfall_cost_per_unit"
    ]
    cost += (asked - totals["in_time"]).clip(lower=0).sum() * prices["late_cost_per_unit"]
    return float(cost)


def check_plan(
    inputs: AllocationInputs,
    tables: dict[str, pd.DataFrame],
    objective: float,
    demand: pd.DataFrame | None = None,
) -> list[str]:
    """Check a plan.

    Args:
        inputs: What the plan was made from.
        tables: The `planning` tables, by name.
        objective: The cost the plan claims.
        demand: What the plan serves, where that isn't the demand of the inputs.

    Returns:
        What is wrong, in words, at most five lines a rule; empty when nothing is.
    """
    # Other columns of the warehouse's tables are not looked at: they could clash in a join.
    inputs = replace(
        inputs, **{name: getattr(inputs, name)[columns] for name, columns in COLUMNS.items()}
    )
    forecast = inputs
    if demand is not None:
        inputs = replace(inputs, demand=demand)
    problems = _check_stock(inputs, tables)
    problems += _check_demand(inputs, tables)
    problems += _check_limits(inputs, tables)
    problems += _check_lines(inputs, tables)
    cost = _recompute_cost(inputs, forecast, tables)
    if not np.isclose(cost, objective, rtol=1e-5, atol=1e-2):
        problems.append(f"the plan costs {cost:,.4f}, not {objective:,.4f} as it claims")
    return problems
