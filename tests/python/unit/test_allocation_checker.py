"""The checker passes valid plans and names every kind of fault planted in one."""

from collections.abc import Callable

import pandas as pd
import pytest
from allocation_cases import (
    EXACT,
    SEEDS,
    busy_inputs,
    due,
    random_inputs,
    random_plan,
    start_of,
    with_values,
)

from inventory_allocation.allocation import AllocationInputs, Plan, allocate, check_plan

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def busy() -> Plan:
    return allocate(busy_inputs(), EXACT)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_valid_plan_has_no_fault(seed: int) -> None:
    plan = random_plan(seed)
    assert check_plan(random_inputs(seed), plan.tables, plan.solution.objective) == []


def test_the_busy_plan_has_every_kind_of_line_and_no_fault(busy: Plan) -> None:
    assert busy.problems == []
    for name in ("plan_shipments", "plan_transfers", "plan_trucks", "plan_inventory"):
        assert not busy.tables[name].empty


def find(plan: Plan, tables: Tables) -> list[str]:
    return check_plan(busy_inputs(), tables, plan.solution.objective)


def at(frame: pd.DataFrame, **where: object) -> int:
    """Label of the first row in which the columns have these values."""
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return int(frame.index[0])


def make_stock_negative(tables: Tables) -> None:
    frame = tables["plan_inventory"]
    frame.loc[at(frame, fc_id="B", period_start=start_of(2)), "closing"] = -1.0


def break_the_balance(tables: Tables) -> None:
    tables["plan_inventory"].loc[5, "closing"] += 1


def change_the_opening(tables: Tables) -> None:
    frame = tables["plan_inventory"]
    frame.loc[at(frame, fc_id="A", period_start=start_of(0)), ["opening", "closing"]] += 1


def lose_stock_between_periods(tables: Tables) -> None:
    frame = tables["plan_inventory"]
    frame.loc[at(frame, fc_id="A", period_start=start_of(2)), ["opening", "closing"]] -= 1


def invent_an_open_order(tables: Tables) -> None:
    frame = tables["plan_inventory"]
    frame.loc[at(frame, fc_id="A", period_start=start_of(2)), ["inbound", "closing"]] += 1


def arrive_without_departure(tables: Tables) -> None:
    frame = tables["plan_inventory"]
    frame.loc[at(frame, fc_id="B", period_start=start_of(2)), ["transfers_in", "closing"]] += 4


def drop_a_departure(tables: Tables) -> None:
    tables["plan_transfers"] = tables["plan_transfers"].iloc[1:]


def ship_without_stock_leaving(tables: Tables) -> None:
    frame = tables["plan_inventory"]
    frame.loc[at(frame, fc_id="A", period_start=start_of(2)), "shipped"] -= 1
    frame.loc[at(frame, fc_id="A", period_start=start_of(2)), "closing"] += 1


def arrive_in_the_period_of_departure(tables: Tables) -> None:
    moves = tables["plan_transfers"]
    line = at(moves, period_start=start_of(0))
    moves.loc[line, "arrives_on"] = start_of(0)
    frame, units = tables["plan_inventory"], moves.loc[line, "units"]
    now = at(frame, fc_id="B", period_start=start_of(0))
    then = at(frame, fc_id="B", period_start=start_of(1))
    frame.loc[now, ["transfers_in", "closing"]] += units
    frame.loc[then, "transfers_in"] -= units
    frame.loc[then, "opening"] += units


def say_a_later_arrival(tables: Tables) -> None:
    moves = tables["plan_transfers"]
    moves.loc[at(moves, period_start=start_of(0)), "arrives_on"] = start_of(2)


def ship_on_no_lane(tables: Tables) -> None:
    frame = tables["plan_shipments"]
    frame.loc[at(frame, fc_id="A", region_id="r1"), "fc_id"] = "B"


def serve_a_demand_that_is_not(tables: Tables) -> None:
    frame = tables["plan_shipments"]
    frame.loc[at(frame, region_id="r2"), "segment"] = "bronze"


def want_more(tables: Tables) -> None:
    tables["plan_demand"].loc[0, ["demand_units", "unmet_units"]] += 1


def forget_a_demand(tables: Tables) -> None:
    tables["plan_demand"] = tables["plan_demand"].iloc[1:]


def serve_and_lose_the_same_unit(tables: Tables) -> None:
    tables["plan_demand"].loc[0, "unmet_units"] += 1


def claim_more_served(tables: Tables) -> None:
    tables["plan_demand"].loc[0, "shipped_units"] += 1


def break_a_pack(tables: Tables) -> None:
    tables["plan_transfers"].loc[0, "units"] -= 1


def count_half_a_pack(tables: Tables) -> None:
    frame = tables["plan_transfers"]
    frame["packs"] = frame["packs"].astype(float)
    frame.loc[0, ["packs", "units"]] = [0.5, 2.0]


def send_no_truck(tables: Tables) -> None:
    tables["plan_trucks"] = tables["plan_trucks"].iloc[1:]


def move_on_no_road(tables: Tables) -> None:
    tables["plan_transfers"].loc[0, ["from_fc_id", "to_fc_id"]] = ["B", "A"]


def ship_less_than_nothing(tables: Tables) -> None:
    tables["plan_shipments"].loc[0, "units"] = -1.0


def cheapen_a_line(tables: Tables) -> None:
    tables["plan_shipments"].loc[0, "shipping_cost"] -= 1


def cheapen_handling(tables: Tables) -> None:
    tables["plan_shipments"].loc[0, "handling_cost"] -= 1


def cheapen_a_transfer(tables: Tables) -> None:
    tables["plan_transfers"].loc[0, "cost"] = 0.0


def cheapen_a_truck(tables: Tables) -> None:
    tables["plan_trucks"].loc[0, "cost"] = 0.0


def lose_for_nothing(tables: Tables) -> None:
    tables["plan_demand"].loc[0, "unmet_cost"] += 5


def call_a_late_line_timely(tables: Tables) -> None:
    tables["plan_shipments"]["is_within_sla"] = True


def hurry_a_line(tables: Tables) -> None:
    tables["plan_shipments"].loc[0, "transit_days"] = 0.0


FAULTS: list[tuple[Callable[[Tables], None], str]] = [
    (make_stock_negative, "negative stock"),
    (break_the_balance, "unbalanced"),
    (change_the_opening, "opening stock is wrong"),
    (lose_stock_between_periods, "opening stock is wrong"),
    (invent_an_open_order, "inbound differs"),
    (arrive_without_departure, "transfers_in differs"),
    (drop_a_departure, "transfers_out differs"),
    (drop_a_departure, "transfers_in differs"),
    (ship_without_stock_leaving, "shipped differs"),
    (arrive_in_the_period_of_departure, "arrives at another time"),
    (say_a_later_arrival, "arrives at another time"),
    (ship_on_no_lane, "there is no lane"),
    (serve_a_demand_that_is_not, "shipped differs from the lines: region_id"),
    (want_more, "demand differs"),
    (forget_a_demand, "demand differs"),
    (serve_and_lose_the_same_unit, "shipped and unmet are not the demand"),
    (claim_more_served, "shipped differs from the lines: region_id"),
    (break_a_pack, "not whole packs"),
    (count_half_a_pack, "broken pack"),
    (send_no_truck, "more than the trucks hold"),
    (send_no_truck, "moved without a truck"),
    (move_on_no_road, "there is no transfer lane"),
    (ship_less_than_nothing, "plan_shipments.units is negative"),
    (cheapen_a_line, "plan_shipments.shipping_cost is wrong"),
    (cheapen_handling, "plan_shipments.handling_cost is wrong"),
    (cheapen_a_transfer, "plan_transfers.cost is wrong"),
    (cheapen_a_truck, "plan_trucks.cost is wrong"),
    (lose_for_nothing, "plan_demand.unmet_cost is wrong"),
    (call_a_late_line_timely, "plan_shipments.is_within_sla is wrong"),
    (hurry_a_line, "plan_shipments.transit_days is wrong"),
]


@pytest.mark.parametrize(
    ("plant", "words"), FAULTS, ids=[f"{f.__name__}: {words}" for f, words in FAULTS]
)
def test_a_planted_fault_is_named(busy: Plan, plant: Callable[[Tables], None], words: str) -> None:
    tables = {name: frame.copy() for name, frame in busy.tables.items()}
    plant(tables)
    assert any(problem.startswith(words) for problem in find(busy, tables))


@pytest.mark.parametrize("wrong", [1.1, 0.9])
def test_a_wrong_objective_is_named(busy: Plan, wrong: float) -> None:
    cost = busy.solution.objective
    problems = check_plan(busy_inputs(), busy.tables, wrong * cost)
    assert problems == [f"the plan costs {cost:,.4f}, not {wrong * cost:,.4f} as it claims"]


def lower(table: str, column: str, value: float) -> AllocationInputs:
    return with_values(busy_inputs(), table, **{column: value})


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (lower("centers", "outbound_capacity_units", 15.0), "centre over outbound capacity"),
        (lower("centers", "inbound_capacity_units", 3.0), "centre over inbound capacity"),
        (lower("lanes", "capacity_units", 7.0), "lane over capacity"),
        (lower("transfer_lanes", "capacity_units", 7.0), "transfer lane over capacity"),
        (lower("transfer_lanes", "truck_capacity_m3", 0.7), "more than the trucks hold"),
    ],
    ids=["outbound", "inbound", "lane", "transfer lane", "truck"],
)
def test_a_valid_plan_is_over_a_lower_limit(
    busy: Plan, inputs: AllocationInputs, words: str
) -> None:
    problems = check_plan(inputs, busy.tables, busy.solution.objective)
    assert problems
    assert all(problem.startswith(words) for problem in problems)


def test_inputs_that_changed_after_the_plan_are_noticed(busy: Plan) -> None:
    inputs = busy_inputs()
    inputs.inbound.loc[len(inputs.inbound)] = due("A", 2, period=2)
    problems = check_plan(inputs, busy.tables, busy.solution.objective)
    assert [problem.split(":")[0] for problem in problems] == ["inbound differs from the lines"]


def test_no_more_than_five_lines_are_reported_for_a_rule(busy: Plan) -> None:
    tables = {name: frame.copy() for name, frame in busy.tables.items()}
    tables["plan_demand"]["unmet_units"] += 1
    problems = find(busy, tables)
    assert sum(problem.startswith("shipped and unmet") for problem in problems) == 5
