"""The replay: walks by hand, a bound nobody beats, cheats caught, effects found."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from replay_cases import START, make_company, make_future, make_outlooks

from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.replay import Decision, Future, View, measure_walk, simulate
from inventory_allocation.replay.clairvoyant import bound_cost, bound_shipping
from inventory_allocation.replay.company import Company
from inventory_allocation.replay.compare import (
    choose_settings,
    compare,
    compare_at_equal,
    table_ratios,
)
from inventory_allocation.replay.future import RETURN_PERIODS
from inventory_allocation.replay.measures import COST_PARTS
from inventory_allocation.replay.policies import BaseStock, MinMax, WeeksOfCover

POLICIES = [
    WeeksOfCover(3, "nearest"),
    WeeksOfCover(3, "cheapest"),
    WeeksOfCover(3, "proportional"),
    BaseStock(1.0),
    MinMax(1.0),
    MinMax(1.0, room_share=0.5),
]


def total_cost(company: Company, future: Future, walk) -> float:
    rows = measure_walk(company, future, walk)
    return float(rows.loc[rows["measure"].isin(COST_PARTS), "value"].sum())


@dataclass(frozen=True)
class Fixed:
    """Decides what it is told to, period by period."""

    scores: np.ndarray
    orders: dict[int, list[tuple[int, float]]]
    transfers: dict[int, list[tuple[int, int, float]]]

    def decide(self, view: View) -> Decision:
        """Look the decision up."""
        return Decision(
            self.scores,
            pd.DataFrame(self.orders.get(view.period, []), columns=["offer", "units"]).astype(
                {"offer": int, "units": float}
            ),
            pd.DataFrame(
                self.transfers.get(view.period, []), columns=["lane", "sku", "units"]
            ).astype({"lane": int, "sku": int, "units": float}),
        )


@pytest.fixture
def by_hand() -> tuple[Company, Future]:
    """One SKU, two centres, one region, three periods of two lines."""
    company = replace(
        make_company(0, 2, 1, 1),
        shipping=np.array([[[2.0]], [[5.0]]]),
        is_within_sla=np.array([[True], [False]]),
        outbound=np.array([6.0, np.inf]),
    )
    company.offers["lead_periods"] = 1
    future = Future(
        period_starts=[START + pd.Timedelta(weeks=week) for week in range(3)],
        end=START + pd.Timedelta(weeks=3),
        bounds=np.array([0, 2, 4, 6]),
        order=np.array([0, 0, 1, 2, 3, 4]),
        region=np.zeros(6, dtype=int),
        sku=np.zeros(6, dtype=int),
        units=np.array([4, 3, 2, 2, 9, 1]),
        delay=np.array([[0, 0], [1, 0], [0, 0]]),
        stock=np.array([[5.0], [3.0]]),
        arriving=np.zeros((3, 2, 1)),
        is_closed=np.zeros((3, 2), dtype=bool),
        is_returned=np.zeros(6, dtype=bool),
    )
    return company, future


def test_a_walk_by_hand(by_hand: tuple[Company, Future]) -> None:
    company, future = by_hand
    # Offer 0 brings to centre 0, offer 1 to centre 1. Lane 1 goes from centre 1 to 0.
    policy = Fixed(company.shipping, {0: [(0, 4.0)], 1: [(0, 2.0)]}, {0: [(1, 0, 1.0)]})
    walk = simulate(company, future, make_outlooks(company, future), policy)
    # Period 0: stock 5 and 3; one unit leaves centre 1. 4 from centre 0; then 1 from centre 0 and
    # 2 from centre 1. Period 1: 4 ordered and 1 moved arrive: 5; 2 and 2 from centre 0. Period 2:
    # the order of period 1 is late: 1 from centre 0, 8 lost; 1 lost.
    assert walk.shipments[["period", "order", "fc", "units"]].to_numpy().tolist() == [
        [0, 0, 0, 4],
        [0, 0, 0, 1],
        [0, 0, 1, 2],
        [1, 1, 0, 2],
        [1, 2, 0, 2],
        [2, 3, 0, 1],
    ]
    assert walk.lost[["order", "units"]].to_numpy().tolist() == [[3, 8.0], [4, 1.0]]
    assert walk.stock[:, :, 0].tolist() == [[0, 0], [1, 0], [0, 0]]
    assert walk.on_the_way[:, :, 0].tolist() == [[5, 0], [2, 0], [2, 0]]
    rows = measure_walk(company, future, walk)
    sums = rows.groupby("measure")["value"].sum()
    assert sums["shipping_cost"] == 10 * 2 + 2 * 5
    assert sums["late_cost"] == 2 * 1
    assert sums["handling_cost"] == 12 * 0.5
    assert sums["unmet_cost"] == 9 * 30
    assert sums["order_cost"] == 2 * 8
    assert sums["transfer_cost"] == pytest.approx(0.3)
    assert sums["truck_cost"] == 20
    assert sums["holding_cost"] == pytest.approx(0.1)
    assert (sums["stockout_cells"], sums["demand_cells"]) == (1, 3)
    assert (sums["orders"], sums["split_orders"], sums["short_orders"]) == (5, 1, 2)
    assert sums["stock_units"] == 5 + 3 + 2


def test_without_suppliers_stock_is_all_there_is(by_hand: tuple[Company, Future]) -> None:
    company, future = by_hand
    company = replace(company, offers=company.offers.iloc[:0])
    future = replace(future, delay=future.delay[:, :0])
    walk = simulate(company, future, make_outlooks(company, future), BaseStock(1.0))
    assert walk.orders.empty
    assert walk.shipments["units"].sum() == 8
    assert bound_cost(company, future) <= total_cost(company, future, walk)


def test_capacity_of_a_centre_and_of_a_lane_hold(by_hand: tuple[Company, Future]) -> None:
    company, future = by_hand
    future = replace(future, stock=np.array([[90.0], [90.0]]))
    policy = Fixed(company.shipping, {}, {})
    walk = simulate(company, future, make_outlooks(company, future), policy)
    sent = walk.shipments.groupby(["period", "fc"])["units"].sum()
    assert sent.to_dict() == {(0, 0): 6, (0, 1): 1, (1, 0): 4, (2, 0): 6, (2, 1): 4}
    company = replace(company, lane_capacity=np.array([[5.0], [1.0]]))
    walk = simulate(company, future, make_outlooks(company, future), policy)
    sent = walk.shipments.groupby(["period", "fc"])["units"].sum()
    assert sent.to_dict() == {(0, 0): 5, (0, 1): 1, (1, 0): 4, (2, 0): 5, (2, 1): 1}
    assert walk.lost["units"].tolist() == [1, 3, 1]


@pytest.mark.parametrize("returned", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_no_unit_is_lost_or_made(seed: int, policy, returned: float) -> None:
    company = make_company(seed)
    future = make_future(company, seed, returned=returned)
    future = replace(future, order=np.arange(len(future.units)))
    walk = simulate(company, future, make_outlooks(company, future), policy)
    ordered = walk.orders["units"].sum()
    came = future.stock.sum() + future.arriving.sum() + ordered
    gone = walk.shipments["units"].sum()
    sent = walk.shipments[walk.shipments["period"] < len(future.period_starts) - RETURN_PERIODS]
    back = sent["units"].to_numpy() @ future.is_returned[sent["order"]]
    assert (back > 0) == (returned > 0)
    came += back
    assert came - gone == pytest.approx(walk.stock[-1].sum() + walk.on_the_way[-1].sum())
    assert gone + walk.lost["units"].sum() == future.units.sum()
    assert ordered > 0


@pytest.mark.parametrize("returned", [0.0, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_the_clairvoyant_bound_is_never_beaten(seed: int, returned: float) -> None:
    company = make_company(seed)
    future = make_future(company, seed, returned=returned)
    bound = bound_cost(company, future)
    for policy in POLICIES:
        walk = simulate(company, future, make_outlooks(company, future), policy)
        assert bound <= total_cost(company, future, walk) + 1e-6


def test_the_clairvoyant_bound_by_hand(by_hand: tuple[Company, Future]) -> None:
    company, future = by_hand
    # Without a fixed cost all is served. Period 0: 6 from centre 0 can't be, 5 are there.
    company = replace(company, offers=company.offers.assign(fixed_cost=0.0))
    # 5 from centre 0 and 2 from centre 1; 4 from centre 0; 6 from centre 0 and 4 from centre 1,
    # where a unit was kept for two periods. An order of period 1 would reach centre 0 too late, so
    # the 6 were there a period before.
    shipping = 15 * 2.5 + 6 * (5 + 0.5 + 1.0)
    assert bound_cost(company, future) == pytest.approx(shipping + 8 * 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_nobody_ships_for_less_than_the_cheapest_lanes_cost(seed: int) -> None:
    company = make_company(seed)
    # To one region no lane leads.
    company = replace(company, shipping=company.shipping.copy())
    company.shipping[:, 0] = np.inf
    future = make_future(company, seed)
    # By hand: line by line.
    least, wanted = 0.0, 0.0
    for region, sku, units in zip(future.region, future.sku, future.units, strict=True):
        if region > 0:
            least += units * min(company.shipping[fc, region, sku] for fc in range(2))
            wanted += units
    found = bound_shipping(company, future).groupby("measure")["value"].sum()
    assert found.to_dict() == pytest.approx({"least_shipping_cost": least, "demand_units": wanted})
    # With stock enough everywhere, the nearest centre of all ships for just that.
    full = replace(future, stock=np.full(future.stock.shape, 1e6))
    walk = simulate(company, full, make_outlooks(company, full), WeeksOfCover(4, "cheapest"))
    paid = measure_walk(company, full, walk).groupby("measure")["value"].sum()
    assert paid["shipping_cost"] == pytest.approx(least)


def test_orders_are_as_large_as_there_is_room_for() -> None:
    company = make_company(0)
    # One unit at a time, at a fixed cost that asks for many.
    offers = company.offers.assign(minimum=1.0, multiple=1.0, fixed_cost=80.0)
    company = replace(company, offers=offers, pack=np.ones(4))
    outlook = make_outlooks(company, make_future(company, 0))[0]
    # A forecast for ever, so that it doesn't end an order.
    outlook = replace(
        outlook,
        mean=np.tile(outlook.mean, (40, 1, 1)),
        deviation=0 * np.tile(outlook.mean, (40, 1, 1)),
    )

    def order(storage: float) -> "pd.Series[float]":
        limited = replace(company, storage=np.full(2, storage))
        empty = np.zeros((2, 4))
        view = View(limited, 0, empty, empty[None], outlook)
        orders = MinMax(0.0, room_share=0.5).decide(view).orders
        return orders.set_index("offer")["units"]

    free = (
        MinMax(0.0)
        .decide(View(company, 0, np.zeros((2, 4)), np.zeros((1, 2, 4)), outlook))
        .orders.set_index("offer")["units"]
    )
    assert order(np.inf).equals(free)
    needed = order(0.0)
    # Half of the storage holds half of what is ordered above what is needed until the next order.
    storage = 1.5
    extra = order(storage) - needed
    volume = extra.groupby(company.offers["fc"].loc[extra.index]).sum() * 0.01
    assert (free > order(storage)).all()
    # Whole units: up to one more of each of four SKUs.
    assert (volume / 2 <= 0.5 * storage + 4 * 0.01 / 2).all()
    assert (volume / 2 >= 0.5 * storage - 4 * 0.01).all()


def changes_before(company: Company, future: Future, make, period: int) -> bool:
    """Whether other demand from a period on changes what is decided up to it."""
    other = replace(
        future,
        units=np.where(np.arange(len(future.units)) < future.bounds[period], future.units, 9),
    )
    outlooks = make_outlooks(company, future)
    one, two = (simulate(company, part, outlooks, make(part)) for part in (future, other))
    kept = [
        [frame[frame["period"] <= period] for frame in (walk.orders, walk.transfers)]
        for walk in (one, two)
    ]
    return any(not a.equals(b) for a, b in zip(*kept, strict=True))


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_no_policy_knows_what_comes(policy) -> None:
    company = make_company(3)
    assert not changes_before(company, make_future(company, 3), lambda _: policy, 4)


def test_a_policy_that_peeks_is_caught() -> None:
    company = make_company(3)
    future = make_future(company, 3)

    @dataclass
    class Cheat:
        """Orders what customers will want."""

        future: Future

        def decide(self, view: View) -> Decision:
            wanted = self.future.units[self.future.bounds[view.period] :].sum()
            order = pd.DataFrame({"offer": [0], "units": [wanted // 2 * 2.0]})
            return Decision(company.shipping, order)

    assert changes_before(company, future, Cheat, 4)


def test_what_cannot_be_is_refused(by_hand: tuple[Company, Future]) -> None:
    company, future = by_hand
    for policy, says in (
        (Fixed(company.shipping, {}, {0: [(1, 0, 4.0)]}), "isn't there"),
        (Fixed(company.shipping, {0: [(0, 1.0)]}, {}), "doesn't sell"),
        (Fixed(company.shipping, {0: [(0, 3.0)]}, {}), "doesn't sell"),
    ):
        with pytest.raises(InventoryAllocationError, match=says):
            simulate(company, future, make_outlooks(company, future), policy)


def make_rows(rng: np.random.Generator, effect: float, companies: int = 2) -> pd.DataFrame:
    """Costs by period that go up and down together, and a share of an effect."""
    parts = []
    for company in range(companies):
        demand = rng.integers(80, 120, 26)
        cost = demand * (3 + 0.3 * rng.standard_normal(26)) * (1 + effect)
        for name, values in (("demand_units", demand), ("shipping_cost", cost)):
            parts.append(
                pd.DataFrame(
                    {
                        "company": company,
                        "period_start": pd.date_range(START, periods=26, freq="7D"),
                        "measure": name,
                        "value": values,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def test_equal_policies_do_not_differ() -> None:
    rows = make_rows(np.random.default_rng(1), 0.0)
    effect = compare(rows, rows, "cost_per_demand_unit")
    assert (effect.effect, effect.low, effect.high, effect.p_value) == (0, 0, 0, 1)


def test_a_planted_effect_of_five_percent_is_found_and_none_is_made_up() -> None:
    """On the same demand, with noise of 4 % a period of each policy's own: power above 80 %."""
    found = []
    for effect in (0.05, 0.0):
        hits = 0
        for seed in range(60):
            rng = np.random.default_rng([seed, 5])
            base = make_rows(rng, 0.0)
            noise = 1 + 0.04 * rng.standard_normal(len(base))
            is_cost = base["measure"] == "shipping_cost"
            changed = (base["value"] * noise * (1 - effect)).where(is_cost, base["value"])
            seen = compare(base.assign(value=changed), base, "cost_per_demand_unit", seed)
            assert seen.low <= seen.effect <= seen.high
            hits += seen.high < 0 or seen.low > 0
        found.append(hits / 60)
    assert found[0] > 0.8
    assert found[1] < 0.2


def test_settings_are_chosen_by_cost() -> None:
    rows = pd.DataFrame(
        [("a", 1.0, 50), ("a", 2.0, 40), ("b", 3.0, 60), ("b", 4.0, 70)],
        columns=["policy", "setting", "value"],
    ).assign(measure="shipping_cost")
    units = rows.assign(measure="demand_units", value=10)
    both = pd.concat([rows, units])
    assert choose_settings(both) == {"a": 2.0, "b": 3.0}
    table = table_ratios(both, ["policy", "setting"])
    assert table["cost_per_demand_unit"].tolist() == [5, 4, 6, 7]


def test_at_equal_stock_the_baseline_is_read_between_its_settings() -> None:
    def rows(stock: float, lost: float, setting: float = 1.0) -> pd.DataFrame:
        values = {"stock_value": stock, "lost_units": lost, "demand_units": 100.0}
        weeks = pd.date_range(START, periods=8, freq="7D")
        return pd.DataFrame(
            [("c", week, setting, name, value) for week in weeks for name, value in values.items()],
            columns=["company", "period_start", "setting", "measure", "value"],
        )

    baseline = pd.concat([rows(100, 20, 1), rows(300, 10, 2), rows(500, 8, 3)])
    # Half way from 100 to 300 the baseline loses 15.
    effect = compare_at_equal(rows(200, 6), baseline, "lost_share", "stock_per_demand_unit")
    assert effect.baseline == pytest.approx(0.15)
    assert effect.effect == pytest.approx(6 / 15 - 1)
    beyond = compare_at_equal(rows(600, 6), baseline, "lost_share", "stock_per_demand_unit")
    assert np.isnan(beyond.effect)
