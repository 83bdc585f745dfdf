"""The same program in PuLP, as readable equations: the reference, and the way to other solvers.

It is built from the input frames alone, one equation of docs/model.md after the other, and shares
no code with the sparse program. Slow on purpose: use it for small inputs.
"""

from collections import defaultdict
from typing import Any

import pandas as pd
import pulp

from inventory_allocation.allocation.inputs import AllocationInputs, index_inputs
from inventory_allocation.allocation.stock_targets import shortfall_steps
from inventory_allocation.errors import InventoryAllocationError

__all__ = ["build_reference", "solve_reference"]


def _frame_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(column) for column in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False)]


def _limit(value: float | None) -> float | None:
    return None if pd.isna(value) else float(str(value))


def build_reference(inputs: AllocationInputs) -> pulp.LpProblem:
    """Build the program of the inputs, one equation of docs/model.md after the other."""
    prices = inputs.parameters.iloc[0]
    periods = range(int(prices["plan_periods"]))
    products = {row["sku"]: row for row in _frame_rows(inputs.products)}
    lanes = _frame_rows(inputs.lanes)
    lanes_to = defaultdict(list)
    for lane in lanes:
        lanes_to[lane["region_id"]].append(lane)
    moves = _frame_rows(inputs.transfer_lanes)
    demand = [row for row in _frame_rows(inputs.demand) if row["demand_units"] > 0]
    skus = sorted({row["sku"] for row in demand})
    fcs = sorted(inputs.centers["fc_id"])
    held: dict[tuple[str, str], float] = defaultdict(float)
    for row in _frame_rows(inputs.stock):
        held[row["fc_id"], row["sku"]] += row["available_units"]
    due: dict[tuple[str, str, int], float] = defaultdict(float)
    for row in _frame_rows(inputs.inbound):
        due[row["fc_id"], row["sku"], int(row["period_index"])] += row["units"]
    # Pairs that hold stock or can receive it; elsewhere there is nothing to decide.
    holders = {(f, s) for (f, s), units in held.items() if units > 0}
    holders |= {(f, s) for (f, s, _), units in due.items() if units > 0}
    holders = {(f, s) for f, s in holders if s in skus}
    offers = [row for row in _frame_rows(inputs.suppliers) if row["sku"] in skus]
    holders |= {(row["fc_id"], row["sku"]) for row in offers}
    pairs = set(holders)
    pairs |= {(m["to_fc_id"], s) for m in moves for f, s in holders if f == m["from_fc_id"]}

    program = pulp.LpProblem("allocation", pulp.LpMinimize)
    cost: list[Any] = []
    out: dict[Any, list[Any]] = defaultdict(list)
    leaving: dict[Any, list[Any]] = defaultdict(list)
    on_lane: dict[Any, list[Any]] = defaultdict(list)
    served: dict[Any, list[Any]] = defaultdict(list)
    in_time: dict[Any, list[Any]] = defaultdict(list)
    asked: dict[Any, float] = defaultdict(float)
    shipments: list[tuple[str, Any, float]] = []
    moves_made: list[tuple[bool, str, str, str, int, Any]] = []
    emitted: list[Any] = []
    spent: list[Any] = []
    # Flows by what they are, for the plan in force.
    flows_by: dict[Any, list[Any]] = defaultdict(list)
    wanted_by: dict[Any, float] = defaultdict(float)
    outside: dict[Any, list[Any]] = defaultdict(list)
    on_way: dict[Any, list[Any]] = defaultdict(list)

    for number, row in enumerate(demand):
        region, sku, t = row["region_id"], row["sku"], int(row["period_index"])
        group = (region, row["target_service_level"], t)
        asked[group] += row["demand_units"]
        wanted_by[sku, region, t] += row["demand_units"]
        unmet = pulp.LpVariable(f"unmet_{number}", 0)
        cost.append(row["unmet_cost_per_unit"] * unmet)
        flows = []
        for lane in lanes_to[region]:
            fc = lane["fc_id"]
            if (fc, sku) not in pairs:
                continue
            ship = pulp.LpVariable(f"ship_{number}_{fcs.index(fc)}", 0)
            weight = products[sku]["unit_weight_kg"]
            kg = _limit(lane["carbon_kg_per_unit"]) or 0.0
            unit = lane["cost_per_unit"] + lane["cost_per_kg"] * weight
            unit += prices["carbon_price_per_kg"] * kg
            emitted.append(kg * ship)
            cost.append((unit + lane["handling_cost_per_unit"]) * ship)
            flows.append(ship)
            shipments.append((fc, ship, row["demand_units"]))
            moves_made.append((False, fc, region, sku, t, ship))
            out[fc, sku, t].append(ship)
            flows_by["shipment", fc, region, sku, t].append(ship)
            leaving[fc, t].append(ship)
            on_lane[fc, region, t].append(ship)
            served[group].append(ship)
            if lane["is_within_sla"]:
                in_time[group].append(ship)
        program += pulp.lpSum(flows) + unmet == row["demand_units"]

    is_open: dict[str, Any] = dict.fromkeys(fcs, 1)
    if prices["close_centers"]:
        for center in _frame_rows(inputs.centers):
            fc = center["fc_id"]
            is_open[fc] = pulp.LpVariable(f"open_{fcs.index(fc)}", cat=pulp.LpBinary)
            fixed = _limit(center["fixed_cost_per_period"]) or 0.0
            cost.append(fixed * len(periods) * is_open[fc])
        for fc, ship, units in shipments:
            program += ship <= units * is_open[fc]

    into: dict[Any, list[Any]] = defaultdict(list)
    arriving: dict[Any, list[Any]] = defaultdict(list)
    for number, move in enumerate(moves):
        lead = int(move["lead_periods"])
        for t in periods:
            if t + lead >= len(periods):
                continue
            packs, moved = {}, {}
            for sku in skus:
                if not {(move["from_fc_id"], sku), (move["to_fc_id"], sku)} <= pairs:
                    continue
                pack = float(products[sku]["pack_size"])
                sent = pulp.LpVariable(
                    f"packs_{number}_{skus.index(sku)}_{t}", 0, cat=pulp.LpInteger
                )
                packs[sku], moved[sku] = pack * sent, sent
                cost.append(prices["transfer_hurdle"] * move["cost_per_unit"] * pack * sent)
                out[move["from_fc_id"], sku, t].append(pack * sent)
                leaving[move["from_fc_id"], t].append(pack * sent)
                into[move["to_fc_id"], sku, t + lead].append(pack * sent)
                arriving[move["to_fc_id"], t + lead].append(pack * sent)
                ends = move["from_fc_id"], move["to_fc_id"]
                moves_made.append((True, *ends, sku, t, pack * sent))
                flows_by["transfer", *ends, sku, t].append(pack * sent)
                for between in range(t, t + lead):
                    on_way[sku, between].append(pack * sent)
                supply = sum(units for (_, s), units in held.items() if s == sku)
                supply += sum(units for (_, s, _), units in due.items() if s == sku)
                for fc in (move["from_fc_id"], move["to_fc_id"]):
                    if prices["close_centers"]:
                        program += sent <= supply / pack * is_open[fc]
            capacity = _limit(move["capacity_units"])
            if capacity is not None:
                program += pulp.lpSum(packs.values()) <= capacity
            room = _limit(move["truck_capacity_m3"])
            if move["fixed_cost"] > 0 and room:
                trucks = pulp.LpVariable(f"trucks_{number}_{t}", 0, cat=pulp.LpInteger)
                cost.append(prices["transfer_hurdle"] * move["fixed_cost"] * trucks)
                volume = [products[sku]["unit_volume_m3"] * sent for sku, sent in packs.items()]
                program += pulp.lpSum(volume) <= room * trucks
                for sku, sent in moved.items():
                    # What takes no room needs a truck as well.
                    supply = sum(units for (_, s), units in held.items() if s == sku)
                    supply += sum(units for (_, s, _), units in due.items() if s == sku)
                    program += sent <= supply / products[sku]["pack_size"] * trucks

    network = index_inputs(inputs)
    ordered: dict[Any, list[Any]] = defaultdict(list)
    later: dict[Any, list[Any]] = defaultdict(list)
    for number, offer in enumerate(offers):
        fc, sku, lead = offer["fc_id"], offer["sku"], int(offer["lead_periods"])
        largest = _limit(offer["capacity_units"])
        for t in periods:
            count = pulp.LpVariable(f"order_{number}_{t}", 0, cat=pulp.LpInteger)
            placed = pulp.LpVariable(f"placed_{number}_{t}", cat=pulp.LpBinary)
            units = offer["order_multiple"] * count
            unit = offer["extra_cost_per_unit"] + products[sku]["holding_cost_per_period"]
            cost.append(unit * units)
            cost.append(offer["fixed_cost_per_order"] * placed)
            spent.append(offer["cost_per_unit"] * units + offer["fixed_cost_per_order"] * placed)
            flows_by["order", offer["supplier_id"], fc, sku, t].append(units)
            program += units >= offer["min_order_units"] * placed
            program += units <= (10_000 if largest is None else largest) * placed
            if t + lead < len(periods):
                ordered[fc, sku, t + lead].append(units)
                outside[sku, t + lead].append(units)
                arriving[fc, t + lead].append(units)
            else:
                later[fc, sku].append(units)

    # The targets are data; computing them is not what this reference checks.
    targets = {
        (network.fcs[int(row["fc"])], network.skus[int(row["sku"])], int(row["period"])): row
        for row in _frame_rows(network.stock_targets)
    }
    steps = shortfall_steps(str(prices["stock_target_mode"]))

    def miss(name: str, target: float, price: float) -> Any:
        """Units missing to a target, step by step, each with its price."""
        missing = [
            pulp.LpVariable(f"{name}_{number}", 0, width * target)
            for number, (width, _) in enumerate(steps)
        ]
        cost.extend(price * share * units for units, (_, share) in zip(missing, steps, strict=True))
        return pulp.lpSum(missing)

    kept: dict[Any, list[Any]] = defaultdict(list)
    closing: dict[Any, Any] = {}
    aged: dict[Any, list[Any]] = defaultdict(list)
    for fc, sku in sorted(pairs):
        before: Any = held[fc, sku]
        for t in periods:
            after = pulp.LpVariable(f"stock_{fcs.index(fc)}_{skus.index(sku)}_{t}", 0)
            incoming = due[fc, sku, t] + pulp.lpSum(into[fc, sku, t] + ordered[fc, sku, t])
            expired: Any = 0
            life = _limit(products[sku]["shelf_life_periods"])
            if life is not None and life <= len(periods):
                expired = pulp.LpVariable(f"expired_{fcs.index(fc)}_{skus.index(sku)}_{t}", 0)
                cost.append(products[sku]["expiry_cost_per_unit"] * expired)
                if t >= life - 1:
                    fresh = [a for a in range(1, t + 1) if a > t - life + 1]
                    program += after <= pulp.lpSum(
                        due[fc, sku, a] + pulp.lpSum(into[fc, sku, a] + ordered[fc, sku, a])
                        for a in fresh
                    )
                    aged[sku, t].append(after)
            program += after == before + incoming - pulp.lpSum(out[fc, sku, t]) - expired
            cost.append(products[sku]["holding_cost_per_period"] * after)
            kept[fc, t].append(products[sku]["unit_volume_m3"] * after)
            if (fc, sku, t) in targets:
                row = targets[fc, sku, t]
                short = miss(
                    f"short_{fcs.index(fc)}_{skus.index(sku)}_{t}", row["target"], row["price"]
                )
                program += after + short >= row["target"]
            before = after
        closing[fc, sku] = before
    for (sku, t), held_then in aged.items():
        life = products[sku]["shelf_life_periods"]
        fresh = [a for a in range(1, t + 1) if a > t - life + 1]
        known = sum(units for (_, s, a), units in due.items() if s == sku and a in fresh)
        program += pulp.lpSum(held_then + on_way[sku, t]) <= known + pulp.lpSum(
            units for a in fresh for units in outside[sku, a]
        )
    for limit, used in ((prices["carbon_cap_kg"], emitted), (prices["order_budget"], spent)):
        if _limit(limit) is not None:
            program += pulp.lpSum(used) <= limit
    for center in _frame_rows(inputs.centers):
        capacity = _limit(center["outbound_capacity_units"])
        for t in periods:
            if capacity is not None:
                program += pulp.lpSum(leaving[center["fc_id"], t]) <= capacity
        fc, inbound = center["fc_id"], _limit(center["inbound_capacity_units"])
        storage = _limit(center["storage_capacity_m3"])
        idle = sum(
            units * products[sku]["unit_volume_m3"]
            for (f, sku), units in held.items()
            if f == fc and sku not in skus and sku in products
        )
        for t in periods:
            if inbound is not None:
                coming = sum(units for (f, _, p), units in due.items() if (f, p) == (fc, t))
                program += pulp.lpSum(arriving[fc, t]) <= max(inbound - coming, 0)
            if storage is not None:
                overflow = pulp.LpVariable(f"overflow_{fcs.index(fc)}_{t}", 0)
                cost.append(prices["storage_overflow_cost_per_m3"] * overflow)
                program += pulp.lpSum(kept[fc, t]) - overflow <= max(storage - idle, 0)
    for lane in lanes:
        capacity = _limit(lane["capacity_units"])
        for t in periods:
            if capacity is not None:
                program += pulp.lpSum(on_lane[lane["fc_id"], lane["region_id"], t]) <= capacity
    for number, (group, total) in enumerate(sorted(asked.items())):
        for name, flows_of, price in (
            ("service", served, prices["service_shortfall_cost_per_unit"]),
            ("sla", in_time, prices["late_cost_per_unit"]),
        ):
            shortfall = pulp.LpVariable(f"{name}_shortfall_{number}", 0)
            cost.append(price * shortfall)
            program += pulp.lpSum(flows_of[group]) + shortfall >= group[1] * total

    for number, row in enumerate(_frame_rows(network.cover)):
        fc, sku = network.fcs[int(row["fc"])], network.skus[int(row["sku"])]
        short = pulp.LpVariable(f"cover_short_{number}", 0, row["mean"])
        thin = miss(f"cover_thin_{number}", row["safety"], row["safety_price"])
        cost.append(row["price"] * short)
        there = closing[fc, sku] + row["later"] + pulp.lpSum(later[fc, sku])
        # The price of a unit of the cycle rises with what is missing, in four steps.
        quarters = [
            pulp.LpVariable(f"cover_cycle_{number}_{k}", 0, row["cycle"] / 4) for k in range(4)
        ]
        cost.extend(row["cycle_price"] * (2 * k + 1) / 8 * quarters[k] for k in range(4))
        wanted = row["mean"] + row["safety"] + row["cycle"]
        program += there + short + thin + pulp.lpSum(quarters) >= wanted
    # Which overrides count is data, too.
    planned = network.overrides[network.overrides["verdict"] == "planned"]
    for number, row in enumerate(_frame_rows(planned)):
        sku, t = network.skus[int(row["sku"])], int(row["period"])
        flows = [
            flow
            for is_transfer, source, target, s, period, flow in moves_made
            if (is_transfer, s, period) == (row["is_transfer"], sku, t)
            and row["fc"] in (-1, network.fcs.index(source))
            and row["to_fc" if is_transfer else "region"]
            in (-1, (network.fcs if is_transfer else network.regions).index(target))
        ]
        missing, excess = (pulp.LpVariable(f"{name}_{number}", 0) for name in ("missing", "excess"))
        cost.append(prices["override_cost_per_unit"] * (missing + excess))
        flow = pulp.lpSum(flows) + missing - excess
        program += flow >= row["lower"]
        if row["upper"] < float("inf"):
            program += flow <= row["upper"]

    before_by: dict[Any, float] = defaultdict(float)
    covered = set()
    for row in _frame_rows(inputs.plan_in_force):
        ends = {
            "shipment": (row["fc_id"], row["region_id"]),
            "transfer": (row["fc_id"], row["to_fc_id"]),
            "order": (row["supplier_id"], row["fc_id"]),
        }[row["kind"]]
        before_by[row["kind"], *ends, row["sku"], int(row["period_index"])] += row["units"]
        covered.add(int(row["period_index"]))
    for number, flow_key in enumerate(sorted({*before_by, *flows_by})):
        planned_before, flows = before_by[flow_key], flows_by[flow_key]
        t = flow_key[-1]
        if planned_before > 0 and prices["change_cost_per_unit"] > 0:
            less = pulp.LpVariable(f"less_{number}", 0)
            cost.append(prices["change_cost_per_unit"] * less)
            program += pulp.lpSum(flows) + less >= planned_before
        if flow_key[0] != "shipment" and t < prices["frozen_periods"] and t in covered:
            short, over = (pulp.LpVariable(f"frozen_{way}_{number}", 0) for way in "ab")
            cost.append(prices["override_cost_per_unit"] / 2 * (short + over))
            program += pulp.lpSum(flows) + short - over == planned_before

    if prices["split_order_cost"] > 0:
        for pair in _frame_rows(inputs.sku_pairs):
            first, second = pair["sku"], pair["partner_sku"]
            for region, t in sorted({(r, t) for s, r, t in wanted_by if s == first}):
                one, other = wanted_by[first, region, t], wanted_by[second, region, t]
                if first == second or not one or not other:
                    continue
                joint = min(pair["order_share"] * one, pair["partner_order_share"] * other)
                name = f"{skus.index(first)}_{skus.index(second)}_{region}_{t}"
                split = pulp.LpVariable(f"split_{name}", 0)
                cost.append(prices["split_order_cost"] * split)
                whole = []
                for fc in fcs:
                    together = pulp.LpVariable(f"together_{name}_{fcs.index(fc)}", 0)
                    for s, units in ((first, one), (second, other)):
                        flow = pulp.lpSum(flows_by["shipment", fc, region, s, t])
                        program += together <= joint / units * flow
                    whole.append(together)
                program += pulp.lpSum(whole) + split >= joint

    program.setObjective(pulp.lpSum(cost))
    return program


def solve_reference(inputs: AllocationInputs, solver: pulp.LpSolver | None = None) -> float:
    """Solve the program of the inputs and give its optimal cost.

    Args:
        inputs: The frames of the `int_allocation__*` models.
        solver: Any PuLP solver; CBC, to a relative gap of 1e-9, when None.

    Raises:
        InventoryAllocationError: The solver proved no optimum.
    """
    program = build_reference(inputs)
    program.solve(solver or pulp.PULP_CBC_CMD(msg=False, gapRel=1e-9))
    if pulp.LpStatus[program.status] != "Optimal":
        raise InventoryAllocationError(f"the reference says {pulp.LpStatus[program.status]}")
    return float(pulp.value(program.objective))
