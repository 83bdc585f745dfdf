"""What the company did as a walk, and the conditions a replay is put under."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from allocation_cases import hold, lane, make_inputs, product, want
from replay_cases import make_company, make_future, make_outlooks

from inventory_allocation.replay import Decision, Outlook, View, measure_walk, simulate
from inventory_allocation.replay.company import Company
from inventory_allocation.replay.conditions import CONDITIONS, World, scale_errors
from inventory_allocation.replay.future import Future
from inventory_allocation.replay.policies import BaseStock
from inventory_allocation.replay.recorded import recall_walk

SHOCKS = ("demand_shock", "lead_times_double", "center_closed")


def make_world(seed: int) -> World:
    company = make_company(seed)
    future = make_future(company, seed)
    return World(company, future, make_outlooks(company, future), 3)


def record(company: Company, future: Future, walk) -> tuple[pd.DataFrame, ...]:
    """What a company that did this would have in its tables."""
    start = future.period_starts[0]

    def name(frame: pd.DataFrame) -> pd.DataFrame:
        named = {
            column: np.array(names, dtype=object)[frame[key].to_numpy(dtype=int)]
            for key, column, names in (
                ("fc", "fc_id", company.fcs),
                ("sku", "sku", company.skus),
                ("region", "region_id", company.regions),
            )
            if key in frame
        }
        return frame.drop(columns=["fc", "sku", "region"], errors="ignore").assign(**named)

    def days(period: "pd.Series[int]", day: int) -> "pd.Series[pd.Timestamp]":
        return start + pd.to_timedelta(7 * period + day, unit="D")

    ship = walk.shipments
    sold = name(ship.assign(order_id=ship["order"], ordered_at=days(ship["period"], 2)))
    period, fc, sku = np.indices(walk.stock.shape).reshape(3, -1)
    counts = pd.DataFrame({"period": period, "fc": fc, "sku": sku, "units": walk.stock.ravel()})
    # A count in the middle of the week is not that of its end.
    middle = counts.assign(snapshot_date=days(counts["period"], 3), units=99.0)
    counts = pd.concat([middle, counts.assign(snapshot_date=days(counts["period"], 6))])
    offers = company.offers.iloc[walk.orders["offer"].to_numpy(dtype=int)].reset_index(drop=True)
    receipts = offers[["fc", "sku"]].assign(
        units=walk.orders["units"],
        arrives_on=days(walk.orders["period"] + offers["lead_periods"], 1),
    )
    return sold, name(counts), name(receipts)


@pytest.mark.parametrize("seed", range(4))
def test_what_was_recorded_measures_like_what_was_done(seed: int) -> None:
    world = make_world(seed)
    company = replace(world.company, transfer_lanes=world.company.transfer_lanes.iloc[:0])
    future = replace(world.future, delay=0 * world.future.delay)
    walk = simulate(company, future, world.outlooks, BaseStock(0.0))
    recalled = recall_walk(company, future, *record(company, future, walk))
    done, said = (
        measure_walk(company, future, part).groupby("measure")["value"].sum()
        for part in (walk, recalled)
    )
    same = ["demand_units", "shipped_units", "lost_units", "shipping_cost", "handling_cost"]
    same += ["late_cost", "unmet_cost", "holding_cost", "stockout_cells", "storage_overflow_cost"]
    assert said[same].to_dict() == pytest.approx(done[same].to_dict())
    # Deliveries after the end, and what was on its way at the start, are not in the records.
    assert said["order_cost"] <= done["order_cost"]
    assert said["stock_units"] <= done["stock_units"]


@pytest.mark.parametrize("name", SHOCKS)
def test_nothing_happens_before_a_shock_and_something_after(name: str) -> None:
    world = make_world(1)
    other = CONDITIONS[name](world)
    walks = [
        simulate(part.company, part.future, part.outlooks, BaseStock(1.0))
        for part in (world, other)
    ]
    ships = [walk.shipments for walk in walks]
    before = [ship[ship["period"] < world.first] for ship in ships]
    pd.testing.assert_frame_equal(*before)
    assert not ships[0].equals(ships[1])


def test_a_closed_centre_ships_nothing_and_a_shock_is_half_as_much_again() -> None:
    world = make_world(1)
    closed = CONDITIONS["center_closed"](world)
    largest = int(np.argmax(world.company.outbound))
    assert closed.future.is_closed[:, largest].sum() == 4
    walk = simulate(closed.company, closed.future, closed.outlooks, BaseStock(1.0))
    during = walk.shipments["period"].between(world.first, world.first + 3)
    assert during.any()
    assert (walk.shipments.loc[during, "fc"] != largest).all()
    shocked = CONDITIONS["demand_shock"](world).future
    lines = slice(world.future.bounds[3], world.future.bounds[7])
    more = shocked.units.sum() - world.future.units.sum()
    assert more == world.future.units[lines][::2].sum()


def test_late_suppliers_are_late_by_their_lead_time() -> None:
    world = make_world(1)

    class Once:
        """Orders ten units of the first offer in the first late period."""

        def decide(self, view: View) -> Decision:
            units = [10.0] if view.period == world.first else []
            orders = pd.DataFrame({"offer": [0] * len(units), "units": units})
            return Decision(view.company.shipping, orders.astype({"offer": int, "units": float}))

    lead = int(world.company.offers["lead_periods"].iloc[0])
    delay = int(world.future.delay[world.first, 0])
    late = CONDITIONS["lead_times_double"](world)
    waits = []
    for part in (world, late):
        walk = simulate(part.company, part.future, part.outlooks, Once())
        fc, sku = (int(part.company.offers[name].iloc[0]) for name in ("fc", "sku"))
        is_waiting = walk.on_the_way[world.first :, fc, sku] >= 10.0
        waits.append(int(is_waiting.sum()))
    assert waits[1] - waits[0] == min(
        lead, len(world.future.period_starts) - world.first - waits[0]
    )
    assert waits[0] == lead + delay


def ask_for_ten(world: World, region: str, sku: str) -> list[Outlook]:
    """The outlooks, with frames of a plan in which a region wants ten units of a SKU."""
    inputs = make_inputs(
        demand=[want(region, 10, sku=sku, deviation=4)],
        lanes=[lane("A", region, 1)],
        products=[product(sku)],
        stock=[hold("A", 1, sku=sku)],
    )
    return [replace(outlook, inputs=inputs) for outlook in world.outlooks]


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.2])
def test_forecast_errors_are_scaled_and_so_are_the_frames_of_the_plan(factor: float) -> None:
    world = make_world(2)
    company, mean = world.company, world.outlooks[0].mean
    region, sku = np.argwhere(mean[0] > 0)[0]
    known = ask_for_ten(world, company.regions[region], company.skus[sku])
    scaled = scale_errors(replace(world, outlooks=known), factor).outlooks
    wanted = np.zeros_like(mean)
    lines = slice(*world.future.bounds[[2, 3]])
    at = (0, world.future.region[lines], world.future.sku[lines])
    np.add.at(wanted, at, world.future.units[lines])
    assert scaled[2].mean[0] == pytest.approx(wanted[0] + factor * (mean[0] - wanted[0]))
    assert scaled[2].deviation == pytest.approx(factor * world.outlooks[2].deviation)
    row = scaled[2].inputs.demand.iloc[0]
    share = scaled[2].mean[0, region, sku] / mean[0, region, sku]
    assert row["demand_units"] == pytest.approx(10 * share)
    assert row["demand_deviation"] == pytest.approx(4 * factor)


def test_without_coherence_the_plan_sees_what_series_said_themselves() -> None:
    world = make_world(2)
    company, mean = world.company, world.outlooks[0].mean
    region, sku = np.argwhere(mean[0] > 0)[0]
    known = ask_for_ten(world, company.regions[region], company.skus[sku])
    other = CONDITIONS["without_coherence"](replace(world, outlooks=known)).outlooks[0]
    assert (other.mean == world.outlooks[0].own_mean).all()
    assert (other.mean != mean).any()
    assert (other.deviation == world.outlooks[0].deviation).all()
    row = other.inputs.demand.iloc[0]
    assert row["demand_units"] == pytest.approx(
        10 * other.mean[0, region, sku] / mean[0, region, sku]
    )
    assert row["demand_deviation"] == 4


def test_capacity_is_scaled_for_the_plan_and_for_what_happens() -> None:
    world = make_world(2)
    inputs = make_inputs(
        demand=[want("r", 10)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 1)],
        limits={"A": {"outbound_capacity_units": 50}},
    )
    known = [replace(outlook, inputs=inputs) for outlook in world.outlooks]
    less = CONDITIONS["capacity_fifth_less"](replace(world, outlooks=known))
    assert less.company.outbound.tolist() == np.floor(0.8 * world.company.outbound).tolist()
    assert less.outlooks[0].inputs.centers["outbound_capacity_units"].to_list() == [40]
