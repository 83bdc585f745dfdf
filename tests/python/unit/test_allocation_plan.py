"""The tables of a plan: what is in them, why, and beside what a simple rule would do."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from allocation_cases import (
    EXACT,
    SEEDS,
    busy_inputs,
    decide,
    due,
    hold,
    lane,
    lines_of,
    make_frame,
    make_inputs,
    move,
    product,
    random_inputs,
    random_plan,
    start_of,
    want,
    with_values,
)
from pandas.testing import assert_frame_equal

from inventory_allocation.allocation import AllocationInputs, Plan, allocate, check_plan
from inventory_allocation.allocation.cost import cost_parts
from inventory_allocation.allocation.greedy import plan_greedily
from inventory_allocation.allocation.inputs import index_inputs
from inventory_allocation.allocation.plan import Flows
from inventory_allocation.allocation.tables import table_flows

SOURCES = Path(__file__).parents[3] / "models/staging/planning/_planning__sources.yml"
STAMPS = {"run_id", "loaded_at"}


@pytest.fixture(scope="module")
def busy() -> Plan:
    return allocate(busy_inputs(), EXACT)


def one_demand_row(plan: Plan) -> "pd.Series[float]":
    return plan.tables["plan_demand"].iloc[0]


# What the tables look like.


def declared_columns() -> dict[str, list[str]]:
    tables = yaml.safe_load(SOURCES.read_text())["sources"][0]["tables"]
    return {
        table["name"]: [c["name"] for c in table["columns"] if c["name"] not in STAMPS]
        for table in tables
    }


def test_the_tables_have_the_columns_that_the_sources_declare(busy: Plan) -> None:
    declared = declared_columns()
    for name, frame in busy.tables.items():
        assert list(frame.columns) == declared[name], name
    # These are written by the commands.
    assert set(declared) - set(busy.tables) == {"plan_runs", "plan_events"}


def test_required_columns_are_filled(busy: Plan) -> None:
    tables = yaml.safe_load(SOURCES.read_text())["sources"][0]["tables"]
    for table in tables:
        required = [
            column["name"]
            for column in table["columns"]
            if column.get("config", {}).get("meta", {}).get("required")
            and column["name"] not in STAMPS
        ]
        if table["name"] in busy.tables:
            assert busy.tables[table["name"]][required].notna().all().all(), table["name"]


def test_a_plan_that_does_nothing_has_the_same_columns() -> None:
    plan = allocate(
        make_inputs(demand=[want("r", 5)], lanes=[lane("A", "r", 1)], stock=[hold("A", 0)]), EXACT
    )
    declared = declared_columns()
    for name, frame in plan.tables.items():
        assert list(frame.columns) == declared[name], name
    assert plan.tables["plan_shipments"].empty
    assert plan.problems == []


@pytest.mark.parametrize("seed", [9, 16, 22])
def test_any_order_of_rows_gives_the_same_plan(seed: int) -> None:
    inputs = random_inputs(seed)
    shuffled = {
        field.name: getattr(inputs, field.name).sample(frac=1.0, random_state=seed)
        for field in fields(AllocationInputs)
    }
    tables = allocate(AllocationInputs(**shuffled), EXACT).tables
    for name, frame in random_plan(seed).tables.items():
        assert_frame_equal(tables[name], frame, check_exact=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_demand_is_what_is_shipped_and_what_is_unmet(seed: int) -> None:
    demand = random_plan(seed).tables["plan_demand"]
    inputs = random_inputs(seed)
    assert (demand["shipped_units"] + demand["unmet_units"]).to_numpy() == pytest.approx(
        demand["demand_units"].to_numpy()
    )
    assert demand["demand_units"].sum() == pytest.approx(inputs.demand["demand_units"].sum())
    is_short = demand["unmet_units"] > 1e-5
    assert demand.loc[is_short, ["binding_reason", "fix"]].notna().all().all()
    assert demand.loc[demand["unmet_units"] <= 0, "binding_reason"].isna().all()


@pytest.mark.parametrize("seed", SEEDS)
def test_closing_stock_is_what_came_less_what_went(seed: int) -> None:
    stock = random_plan(seed).tables["plan_inventory"]
    closing = (
        stock["opening"]
        + stock["inbound"]
        + stock["ordered"]
        + stock["transfers_in"]
        - stock["transfers_out"]
        - stock["shipped"]
        - stock["expired"]
    )
    assert stock["closing"].to_numpy() == pytest.approx(closing.to_numpy())
    assert stock["closing"].min() >= -1e-6
    carried = stock.groupby(["fc_id", "sku"])["closing"].shift()
    later = carried.notna()
    assert stock.loc[later, "opening"].to_numpy() == pytest.approx(carried[later].to_numpy())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_costs_of_the_kpis_add_up_to_the_objective(seed: int) -> None:
    plan = random_plan(seed)
    kpis = plan.tables["plan_kpis"].query("level == 'total'").set_index("metric")
    for column, total in (
        ("value", plan.solution.objective),
        ("baseline_value", plan.greedy_objective),
    ):
        parts = kpis[kpis.index.str.startswith("cost_")][column]
        assert parts.sum() == pytest.approx(kpis.loc["cost", column])
        assert kpis.loc["cost", column] == pytest.approx(total, rel=1e-9)


def test_the_kpis_are_those_of_the_lines(busy: Plan) -> None:
    ship, demand = busy.tables["plan_shipments"], busy.tables["plan_demand"]
    kpis = busy.tables["plan_kpis"].set_index(["metric", "level", "key"])["value"]
    total = demand["demand_units"].sum()
    moving = ship["shipping_cost"].sum() + ship["handling_cost"].sum()
    in_time = ship.loc[ship["is_within_sla"], "units"].sum()
    assert kpis["fill_rate", "total", "total"] == pytest.approx(ship["units"].sum() / total)
    assert kpis["share_within_sla", "total", "total"] == pytest.approx(in_time / total)
    assert kpis["shipping_cost_per_unit", "total", "total"] == pytest.approx(
        moving / ship["units"].sum()
    )
    moved = busy.tables["plan_transfers"]
    assert kpis["cost_shipping", "total", "total"] == pytest.approx(ship["shipping_cost"].sum())
    assert kpis["cost_transfer", "total", "total"] == pytest.approx(moved["cost"].sum())
    assert kpis["cost_truck", "total", "total"] == pytest.approx(
        busy.tables["plan_trucks"]["cost"].sum()
    )
    assert kpis["cost_unmet", "total", "total"] == pytest.approx(demand["unmet_cost"].sum())
    for segment, part in demand.groupby("segment"):
        share = part["shipped_units"].sum() / part["demand_units"].sum()
        assert kpis["fill_rate", "segment", segment] == pytest.approx(share)
    for fc, part in ship.groupby("fc_id"):
        assert kpis["shipped_units", "fc", fc] == pytest.approx(part["units"].sum())


def test_segments_treated_alike_get_the_same_share() -> None:
    plan = allocate(
        make_inputs(
            demand=[want("r", 10, segment="gold"), want("r", 30, segment="silver")],
            lanes=[lane("A", "r", 1)],
            stock=[hold("A", 20)],
        ),
        EXACT,
    )
    demand = plan.tables["plan_demand"].set_index("segment")
    assert demand["shipped_units"].to_dict() == pytest.approx({"gold": 5, "silver": 15})
    ship = plan.tables["plan_shipments"].set_index("segment")
    assert ship["units"].to_dict() == pytest.approx({"gold": 5, "silver": 15})
    assert ship["shipping_cost"].to_dict() == pytest.approx({"gold": 5, "silver": 15})
    assert plan.problems == []


@pytest.mark.parametrize(
    "better", [{"unmet": 101.0}, {"level": 0.99}], ids=["dearer when unmet", "higher target"]
)
def test_segments_with_other_terms_are_served_by_them(better: dict[str, float]) -> None:
    plan = allocate(
        make_inputs(
            demand=[
                want("r", 10, segment="gold", **better),  # type: ignore[arg-type]
                want("r", 30, segment="silver", level=0.3),
            ],
            lanes=[lane("A", "r", 1)],
            stock=[hold("A", 20)],
            service=1,
        ),
        EXACT,
    )
    served = plan.tables["plan_demand"].set_index("segment")["shipped_units"]
    assert served["gold"] >= 9 - 1e-6
    assert served.sum() == pytest.approx(20)


def test_the_chance_of_a_stock_out_is_that_of_the_normal_tail() -> None:
    # 6 + 4 units of demand that deviate by 3 + 1, and 4 units left: one deviation of room.
    plan = allocate(
        make_inputs(
            demand=[want("r", 6, deviation=3), want("q", 4, deviation=1)],
            lanes=[lane("A", "r", 1), lane("A", "q", 1)],
            stock=[hold("A", 14)],
        ),
        EXACT,
    )
    chance = plan.tables["plan_inventory"]["stockout_probability"]
    assert chance.to_list() == pytest.approx([0.158655], rel=1e-5)


# Why demand is not served.


def binding_reason(inputs: AllocationInputs) -> tuple[str, float]:
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    row = one_demand_row(plan)
    return str(row["binding_reason"]), float(row["unmet_units"])


def test_too_little_stock_is_the_reason() -> None:
    inputs = make_inputs(demand=[want("r", 10)], lanes=[lane("A", "r", 1)], stock=[hold("A", 4)])
    assert binding_reason(inputs) == ("stock", pytest.approx(6))


def test_outbound_capacity_is_the_reason() -> None:
    inputs = make_inputs(
        demand=[want("r", 10)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 20)],
        centers={"A": 7},
    )
    assert binding_reason(inputs) == ("outbound_capacity", pytest.approx(3))
    price = lines_of(
        allocate(inputs, EXACT), "plan_constraints", constraint_type="outbound_capacity"
    )
    assert price["shadow_price"].to_list() == pytest.approx([99])


def test_lane_capacity_is_the_reason() -> None:
    inputs = make_inputs(
        demand=[want("r", 10)], lanes=[lane("A", "r", 1, capacity=7)], stock=[hold("A", 20)]
    )
    assert binding_reason(inputs) == ("lane_capacity", pytest.approx(3))


def test_a_region_without_a_lane_is_the_reason_and_an_error() -> None:
    inputs = make_inputs(
        demand=[want("a", 10), want("r", 5)], lanes=[lane("A", "r", 1)], stock=[hold("A", 20)]
    )
    assert binding_reason(inputs) == ("no_lane", pytest.approx(10))
    rows = lines_of(allocate(inputs, EXACT), "plan_exceptions", rule="region_without_lane")
    assert rows[["severity", "entity"]].to_numpy().tolist() == [["error", "a"]]
    assert rows.index[0] == 0  # errors come first


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_sku_that_no_centre_in_reach_has_is_the_reason(elsewhere: bool) -> None:
    inputs = make_inputs(
        demand=[want("r", 10, sku="gone"), want("r", 1)],
        lanes=[lane("A", "r", 1)],
        stock=[hold("A", 20), *([hold("B", 20, sku="gone")] if elsewhere else [])],
    )
    assert binding_reason(inputs) == ("no_stock", pytest.approx(10))


def test_demand_that_costs_more_to_serve_than_to_lose_is_left() -> None:
    inputs = make_inputs(
        demand=[want("r", 10, unmet=2)], lanes=[lane("A", "r", 3)], stock=[hold("A", 20)]
    )
    assert binding_reason(inputs) == ("cost", pytest.approx(10))


# Why a centre serves.


def served_by(inputs: AllocationInputs, fc: str) -> "pd.Series[float]":
    plan = allocate(inputs, EXACT)
    assert plan.problems == []
    return lines_of(plan, "plan_shipments", fc_id=fc).iloc[0]


def choose(**changes: object) -> AllocationInputs:
    """A serves a region for 1, B for 2.5."""
    given: dict[str, object] = {
        "demand": [want("r", 10)],
        "lanes": [lane("A", "r", 1), lane("B", "r", 2.5)],
        "stock": [hold("A", 20), hold("B", 20)],
    }
    return make_inputs(**{**given, **changes})  # type: ignore[arg-type]


def test_the_only_lane_has_no_runner_up() -> None:
    line = served_by(choose(lanes=[lane("A", "r", 1)]), "A")
    assert line["reason_code"] == "only_lane"
    assert line["runner_up_fc_id"] is None
    assert np.isnan(line["regret"])


def test_the_cheapest_centre_serves_and_the_other_would_cost_the_difference() -> None:
    line = served_by(choose(), "A")
    assert (line["reason_code"], line["runner_up_fc_id"]) == ("cheapest", "B")
    assert line["regret"] == pytest.approx(1.5)


def test_the_best_of_two_others_is_the_runner_up() -> None:
    inputs = choose(
        lanes=[lane("A", "r", 1), lane("B", "r", 4), lane("C", "r", 3)],
        stock=[hold(fc, 20) for fc in "ABC"],
    )
    line = served_by(inputs, "A")
    assert (line["runner_up_fc_id"], line["regret"]) == ("C", pytest.approx(2))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stock": [hold("A", 4), hold("B", 20)]}, "cheaper_centre_short_of_stock"),
        ({"centers": {"A": 4, "B": None}}, "cheaper_centre_at_capacity"),
        (
            {"lanes": [lane("A", "r", 1, capacity=4), lane("B", "r", 2.5)]},
            "cheaper_lane_at_capacity",
        ),
        (
            {
                "lanes": [lane("A", "r", 1, in_time=False), lane("B", "r", 2.5)],
                "late": 3,
            },
            "within_sla",
        ),
        (
            {
                "demand": [want("r", 10, deviation=5, level=0.95, home="A")],
                "stock": [hold("A", 10), hold("B", 20)],
                "stock_target": 4,
            },
            "protects_stock_target",
        ),
    ],
)
def test_the_reason_says_what_keeps_the_cheaper_centre(
    changes: dict[str, object], reason: str
) -> None:
    line = served_by(choose(**changes), "B")
    assert (line["reason_code"], line["runner_up_fc_id"]) == (reason, "A")


def test_stock_kept_for_a_later_period_is_short_and_not_a_stock_target() -> None:
    inputs = choose(
        demand=[want("r", 10), want("q", 10, period=1)],
        lanes=[lane("A", "r", 1), lane("B", "r", 2.5), lane("A", "q", 1)],
        stock=[hold("A", 10), hold("B", 20)],
        periods=2,
    )
    assert served_by(inputs, "B")["reason_code"] == "cheaper_centre_short_of_stock"


def test_a_demand_served_whole_by_one_centre_has_the_regret_of_the_other() -> None:
    # B's stock is worth 9.5 more to q, which only B serves, than the 0.5 it would save here.
    inputs = choose(
        demand=[want("r", 10), want("q", 25, unmet=10)],
        lanes=[lane("A", "r", 1), lane("B", "r", 0.5), lane("B", "q", 0.5)],
    )
    line = served_by(inputs, "A")
    assert line["reason_code"] == "cheaper_centre_short_of_stock"
    assert line["regret"] == pytest.approx(9.5 - 0.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_has_a_reason_and_no_line_a_negative_regret(seed: int) -> None:
    lines = random_plan(seed).tables["plan_shipments"]
    assert set(lines["reason_code"]) <= {
        "only_lane",
        "cheapest",
        "cheaper_centre_closed",
        "cheaper_centre_short_of_stock",
        "cheaper_centre_at_capacity",
        "cheaper_lane_at_capacity",
        "cheaper_centre_overridden",
        "cheaper_centre_emits_more",
        "as_in_plan_in_force",
        "keeps_orders_whole",
        "override",
        "within_sla",
        "protects_stock_target",
    }
    others = lines[lines["reason_code"] != "only_lane"]
    # A closed centre is no runner-up.
    if not random_inputs(seed).parameters["close_centers"].iloc[0]:
        assert others["runner_up_fc_id"].notna().all()
    assert (others["runner_up_fc_id"] != others["fc_id"]).all()
    assert others["regret"].min() >= -1e-7


# Exceptions.


def test_a_centre_without_a_lane_is_an_exception() -> None:
    plan = allocate(choose(centers={"A": None, "B": None, "Z": None}), EXACT)
    rows = lines_of(plan, "plan_exceptions", rule="centre_without_lane")
    assert rows["entity"].to_list() == ["Z"]


def test_a_centre_whose_lanes_lead_where_nothing_is_wanted_is_no_exception() -> None:
    inputs = choose(lanes=[lane("A", "r", 1), lane("B", "quiet", 1)])
    plan = allocate(inputs, EXACT)
    assert lines_of(plan, "plan_exceptions", rule="centre_without_lane").empty


def test_exceptions_name_what_binds_what_is_missed_and_what_is_not_served() -> None:
    overrides = make_frame("overrides", [decide("o1", "fix", 9, fc="B")])
    inputs = replace(
        choose(
            lanes=[lane("A", "r", 1, capacity=4), lane("B", "r", 2.5, in_time=False)],
            stock=[hold("A", 20), hold("B", 3)],
            late=3,
            service=1,
        ),
        overrides=overrides,
    )
    found = allocate(inputs, EXACT).tables["plan_exceptions"].set_index("rule")
    assert found.loc["lane_capacity_binding", "entity"] == "A > r"
    assert found.loc["sla_target_missed", "value"] == pytest.approx(4)
    assert found.loc["sla_target_missed", "threshold"] == pytest.approx(9)
    assert found.loc["service_target_missed", "value"] == pytest.approx(7)
    assert found.loc["unmet_demand", "value"] == pytest.approx(3)
    assert found.loc["penalty_order", "entity"] == "late before service"
    missed = found.loc["override_missed"]
    assert (missed["entity"], missed["value"], missed["threshold"]) == ("o1", 3, 9)
    assert missed["suggested_action"] == (
        "can't hold together with: B has only so many units of s1"
    )


def test_what_is_given_up_first_is_said_in_order_of_price(
    caplog: pytest.LogCaptureFixture,
) -> None:
    demand = [want("r", 10, unmet=7, deviation=2, home="A"), want("q", 1, unmet=9)]
    inputs = choose(demand=demand, service=2, late=3, stock_target=0.5)
    order = (
        "service target 2.00, arrival within the SLA 3.00, serving demand 7.00 to 9.00, "
        "override 1,000.00"
    )
    with caplog.at_level("INFO", "inventory_allocation.allocation"):
        allocate(inputs, EXACT)
        assert f"given up first where not all can be had: stock target 0.50, {order}" in caplog.text
        caplog.clear()
        # By chance: 7 x (0.3989 - 0.1978) / 0.5 for the first half deviation, from a table of the
        # normal loss function; 7 x (0.0020 - 0.0004) / 0.5 for the last of three.
        allocate(with_values(inputs, "parameters", stock_target_mode="expected_loss"), EXACT)
        assert f"stock target 0.02 to 2.82, {order}" in caplog.text
        caplog.clear()
        # Nothing is given up of what there isn't.
        allocate(with_values(inputs, "parameters", stock_target_mode="none"), EXACT)
        assert f"given up first where not all can be had: {order}" in caplog.text


def test_demand_that_is_free_to_lose_is_an_exception() -> None:
    plan = allocate(choose(demand=[want("r", 10, unmet=0)], service=2, late=1), EXACT)
    rows = lines_of(plan, "plan_exceptions", rule="penalty_order")
    assert rows["entity"].to_list() == ["unmet demand is free"]


# The greedy plan.


def greedy_tables(inputs: AllocationInputs) -> tuple[dict[str, pd.DataFrame], float, Flows]:
    network = index_inputs(inputs)
    flows = plan_greedily(network)
    tables = table_flows(network, flows)
    return tables, sum(cost_parts(network, flows).values()), flows


@pytest.mark.parametrize("seed", SEEDS)
def test_the_greedy_plan_is_valid_and_never_beats_the_plan(seed: int) -> None:
    decided, plan = random_inputs(seed), random_plan(seed)
    # It knows no overrides and no plan in force.
    inputs = replace(
        decided,
        overrides=decided.overrides.iloc[:0],
        plan_in_force=decided.plan_in_force.iloc[:0],
    )
    tables, cost, _ = greedy_tables(inputs)
    assert check_plan(inputs, tables, cost) == []
    assert cost == pytest.approx(plan.greedy_objective)
    if decided.overrides.empty and decided.plan_in_force.empty:
        assert plan.solution.lower_bound <= plan.solution.objective + 1e-6 <= cost + 1e-5


def test_the_greedy_plan_serves_from_the_nearest_centre_with_stock() -> None:
    inputs = choose(
        lanes=[lane("A", "r", 1, distance=300), lane("B", "r", 2.5, distance=200)],
        stock=[hold("A", 20), hold("B", 4)],
    )
    ship = greedy_tables(inputs)[0]["plan_shipments"].set_index("fc_id")["units"]
    assert ship.to_dict() == pytest.approx({"B": 4, "A": 6})


def test_the_greedy_plan_serves_the_dearest_to_lose_first() -> None:
    inputs = choose(
        demand=[want("r", 10, segment="a", unmet=5), want("r", 10, segment="b", unmet=9)],
        stock=[hold("A", 12)],
        lanes=[lane("A", "r", 1)],
    )
    served = greedy_tables(inputs)[0]["plan_demand"].set_index("segment")["shipped_units"]
    assert served.to_dict() == pytest.approx({"a": 2, "b": 10})


def test_the_greedy_plan_keeps_what_arrives_while_nothing_is_wanted() -> None:
    inputs = choose(demand=[want("r", 5, period=1)], inbound=[due("A", 5)], stock=[], periods=2)
    tables, cost, _ = greedy_tables(inputs)
    assert cost == pytest.approx(5)
    assert tables["plan_shipments"]["units"].sum() == pytest.approx(5)


def test_a_plan_beats_the_greedy_one_where_looking_ahead_pays() -> None:
    # The near centre is the only one for q, so it should not be used up by r.
    inputs = choose(
        demand=[want("q", 10, unmet=50), want("r", 10, unmet=60)],
        lanes=[
            lane("A", "r", 1, distance=1),
            lane("B", "r", 2, distance=2),
            lane("A", "q", 1, distance=1),
        ],
        stock=[hold("A", 10), hold("B", 10)],
    )
    plan = allocate(inputs, EXACT)
    assert plan.solution.objective == pytest.approx(30)
    assert plan.greedy_objective == pytest.approx(10 + 500)


def test_the_lines_of_a_busy_plan_are_dated_and_priced(busy: Plan) -> None:
    moves = busy.tables["plan_transfers"]
    assert moves["units"].to_list() == (4 * moves["packs"]).to_list()
    assert moves["cost"].to_numpy() == pytest.approx(0.2 * moves["units"].to_numpy())
    assert (moves["arrives_on"] - moves["period_start"]).dt.days.to_list() == [7] * len(moves)
    late = lines_of(busy, "plan_shipments", fc_id="A", region_id="r2")
    assert late["shipping_cost"].sum() == pytest.approx(late["units"].sum() * (9 + 0.5 * 2))
    assert not late["is_within_sla"].any()
    assert busy.tables["plan_inventory"]["period_start"].min() == start_of(0)


def test_a_plan_for_one_of_everything_is_the_arithmetic() -> None:
    inputs = make_inputs(
        demand=[want("r", 8)],
        lanes=[lane("A", "r", 2, handling=1)],
        stock=[hold("A", 10)],
        products=[product("s1", holding=0.5)],
    )
    plan = allocate(inputs, EXACT)
    assert plan.solution.objective == pytest.approx(8 * 3 + 2 * 0.5)
    assert plan.problems == []


def test_a_longer_horizon_never_turns_a_transfer_around() -> None:
    inputs = make_inputs(
        demand=[want("r", 4, period=t) for t in range(4)],
        lanes=[lane("B", "r", 1)],
        stock=[hold("A", 30)],
        products=[product("s1", pack=4)],
        transfer_lanes=[move("A", "B", 0.5), move("B", "A", 0.5)],
        periods=4,
    )
    plan = allocate(inputs, EXACT)
    assert set(plan.tables["plan_transfers"]["from_fc_id"]) == {"A"}
    assert plan.tables["plan_transfers"]["packs"].sum() == 3
    dearer = with_values(inputs, "transfer_lanes", cost_per_unit=150.0)
    assert allocate(dearer, EXACT).tables["plan_transfers"].empty
