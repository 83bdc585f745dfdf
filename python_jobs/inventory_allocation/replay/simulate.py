"""Walking through the periods: a policy decides, then the true orders come, line by line."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.replay.company import Company, Floats
from inventory_allocation.replay.future import RETURN_PERIODS, Future
from inventory_allocation.replay.policy import Decision, Outlook, Policy, View

__all__ = ["REPLANNED", "Walk", "simulate"]

SMALLEST = 1e-6
REPLANNED = ["period", "sku", "changed_units", "either_units"]


@dataclass(frozen=True)
class Walk:
    """What happened under a policy.

    Attributes:
        shipments: period, order, region, sku, fc, units: in order of arrival.
        lost: period, order, region, sku, units: what nobody could ship.
        stock: Units on hand at the end of each period; shape (periods, fcs, skus).
        on_the_way: Units on their way at the end of each period; shape (periods, fcs, skus).
        orders: period, offer, units.
        transfers: period, lane, sku, units.
        replanned: period, sku, changed_units (by which orders and transfers differ from what the
            plan of the period before had for this one), either_units (of both added up).
    """

    shipments: pd.DataFrame
    lost: pd.DataFrame
    stock: Floats
    on_the_way: Floats
    orders: pd.DataFrame
    transfers: pd.DataFrame
    replanned: pd.DataFrame


def simulate(company: Company, future: Future, outlooks: list[Outlook], policy: Policy) -> Walk:
    """Replay a policy.

    Deliveries, and what customers sent back, arrive in the morning; then the policy decides;
    transfers leave; customers order, and each line is served from stock at once or lost. A line
    goes to the centre of the lowest score, and from one that cannot ship all of it to the next.

    Args:
        company: Places, lanes, goods and suppliers.
        future: What comes.
        outlooks: What was known at the start of each period.
        policy: Who decides.

    Raises:
        InventoryAllocationError: The policy moved or ordered what cannot be.
    """
    periods = len(future.period_starts)
    leads = company.offers["lead_periods"].to_numpy(dtype="int64")
    latest = int((leads + future.delay).max(initial=1))
    longest = max([latest, *company.transfer_lanes["lead_periods"]])
    shape = (periods + longest + 1, len(company.fcs), len(company.skus))
    arriving, promised = np.zeros(shape), np.zeros(shape)
    arriving[:periods] += future.arriving
    promised[:periods] += future.arriving
    # Nobody knows beforehand what customers send back.
    returned = np.zeros((periods + RETURN_PERIODS, *shape[1:]))
    on_hand = future.stock.copy()
    shipments: list[tuple[int, int, int, int, int, float]] = []
    lost: list[tuple[int, int, int, int, float]] = []
    stock, on_the_way = np.zeros((2, periods, *shape[1:]))
    orders, transfers, replanned = [], [], []
    before: Decision | None = None
    for period in range(periods):
        on_hand += arriving[period] + returned[period]
        # What is late is expected next.
        late = promised[: period + 1].sum(axis=0) - arriving[: period + 1].sum(axis=0)
        promised[period + 1] += late
        promised[: period + 1] = arriving[: period + 1]
        view = View(
            company,
            period,
            on_hand.copy(),
            promised[period + 1 : period + 1 + longest].copy(),
            outlooks[period],
        )
        decision = policy.decide(view)
        _check(company, on_hand, decision)
        for lane, sku, units in decision.transfers.itertuples(index=False):
            way = company.transfer_lanes.iloc[int(lane)]
            on_hand[int(way["from_fc"]), int(sku)] -= units
            there = period + int(way["lead_periods"])
            if there == period:
                on_hand[int(way["to_fc"]), int(sku)] += units
            else:
                arriving[there, int(way["to_fc"]), int(sku)] += units
                promised[there, int(way["to_fc"]), int(sku)] += units
        for number, units in decision.orders.itertuples(index=False):
            offer = company.offers.iloc[int(number)]
            due = period + int(offer["lead_periods"])
            comes = due + int(future.delay[period, int(number)])
            promised[due, int(offer["fc"]), int(offer["sku"])] += units
            arriving[comes, int(offer["fc"]), int(offer["sku"])] += units
        if before is not None and before.next_orders is not None:
            replanned.append(_compare_plans(company, before, decision).assign(period=period))
        before = decision
        orders.append(decision.orders.assign(period=period))
        transfers.append(decision.transfers.assign(period=period))
        _serve(company, future, period, decision.scores, on_hand, returned, shipments, lost)
        stock[period] = on_hand
        on_the_way[period] = arriving[period + 1 :].sum(axis=0)
    keys = ["period", "order", "region", "sku"]
    return Walk(
        _type(pd.DataFrame(shipments, columns=[*keys, "fc", "units"])),
        _type(pd.DataFrame(lost, columns=[*keys, "units"])),
        stock,
        on_the_way,
        _type(pd.concat(orders, ignore_index=True)),
        _type(pd.concat(transfers, ignore_index=True)),
        _type(pd.concat(replanned or [pd.DataFrame(columns=REPLANNED)], ignore_index=True)),
    )


def _compare_plans(company: Company, before: Decision, now: Decision) -> pd.DataFrame:
    """What is done now beside what the last plan had for now, by SKU."""

    def by_flow(orders: pd.DataFrame | None, transfers: pd.DataFrame | None) -> "pd.Series[float]":
        flows = []
        if orders is not None:
            sku = company.offers["sku"].to_numpy()[orders["offer"].to_numpy(dtype="int64")]
            flows.append(orders.assign(kind="order", way=orders["offer"], sku=sku))
        if transfers is not None:
            flows.append(transfers.assign(kind="transfer", way=transfers["lane"]))
        return pd.concat(flows).groupby(["sku", "kind", "way"])["units"].sum()

    planned = by_flow(before.next_orders, before.next_transfers)
    placed = by_flow(now.orders, now.transfers)
    changed = placed.sub(planned, fill_value=0.0).abs().groupby("sku").sum()
    either = placed.add(planned, fill_value=0.0).groupby("sku").sum()
    both = pd.DataFrame({"changed_units": changed, "either_units": either})
    return both.reset_index()


def _type(frame: pd.DataFrame) -> pd.DataFrame:
    """Units as floats, positions as integers, also where there is no row."""
    return frame.astype(
        {name: "float64" if "units" in str(name) else "int64" for name in frame.columns}
    )


def _serve(
    company: Company,
    future: Future,
    period: int,
    scores: Floats,
    on_hand: Floats,
    returned: Floats,
    shipments: list[tuple[int, int, int, int, int, float]],
    lost: list[tuple[int, int, int, int, float]],
) -> None:
    """Serve the lines of a period one after the other, taking from `on_hand`.

    What will be sent back is added to `returned`, by period.
    """
    outbound = np.where(future.is_closed[period], 0.0, company.outbound)
    lanes = company.lane_capacity.copy()
    usable = np.isfinite(company.shipping) & np.isfinite(scores)
    ranks: dict[tuple[int, int], list[int]] = {}
    for line in range(future.bounds[period], future.bounds[period + 1]):
        region, sku = int(future.region[line]), int(future.sku[line])
        if (region, sku) not in ranks:
            ranked = np.argsort(scores[:, region, sku], kind="stable")
            ranks[region, sku] = [int(fc) for fc in ranked if usable[fc, region, sku]]
        left = float(future.units[line])
        for fc in ranks[region, sku]:
            sent = np.floor(min(left, on_hand[fc, sku], outbound[fc], lanes[fc, region]))
            if sent <= 0:
                continue
            on_hand[fc, sku] -= sent
            if future.is_returned[line]:
                returned[period + RETURN_PERIODS, fc, sku] += sent
            outbound[fc] -= sent
            lanes[fc, region] -= sent
            left -= sent
            shipments.append((period, int(future.order[line]), region, sku, fc, float(sent)))
            if left <= 0:
                break
        if left > 0:
            lost.append((period, int(future.order[line]), region, sku, left))


def _check(company: Company, on_hand: Floats, decision: Decision) -> None:
    """Refuse what cannot be: more moved than there is, less ordered than a supplier accepts."""
    moved = decision.transfers
    if len(moved):
        source = company.transfer_lanes["from_fc"].to_numpy()[moved["lane"]]
        taken = np.zeros(on_hand.shape)
        np.add.at(taken, (source, moved["sku"].to_numpy()), moved["units"].to_numpy())
        if (taken > on_hand + SMALLEST).any() or (moved["units"] < 0).any():
            raise InventoryAllocationError("a policy moves stock that isn't there")
    ordered = decision.orders
    offers = company.offers.iloc[ordered["offer"]].reset_index(drop=True)
    units = ordered["units"].reset_index(drop=True)
    rest = (units / offers["multiple"]).round() * offers["multiple"] - units
    is_wrong = (units < offers["minimum"] - SMALLEST) | (units > offers["capacity"] + SMALLEST)
    if (is_wrong | (rest.abs() > SMALLEST)).any():
        raise InventoryAllocationError("a policy orders what its supplier doesn't sell")
