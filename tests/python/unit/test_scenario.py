"""What-if: changes are read, made where they say, and refused with a remedy."""

import numpy as np
import pytest
from allocation_cases import EXACT, busy_inputs

from inventory_allocation.allocation import AllocationInputs, allocate
from inventory_allocation.allocation.scenario import apply_changes, parse_change
from inventory_allocation.errors import InputError
from inventory_allocation.jobs.allocate import identify_run
from inventory_allocation.jobs.what_if import read_scenario_file


def change(*texts: str) -> AllocationInputs:
    return apply_changes(busy_inputs(), [parse_change(text) for text in texts])


def test_a_factor_changes_the_row_that_is_named_and_no_other() -> None:
    changed = change("fulfillment_centers.A.outbound_capacity_units*1.5").centers
    before = busy_inputs().centers
    assert changed.set_index("fc_id").loc["A", "outbound_capacity_units"] == 24
    assert changed.drop(columns="outbound_capacity_units").equals(
        before.drop(columns="outbound_capacity_units")
    )
    # Unlimited stays unlimited.
    assert np.isnan(changed.set_index("fc_id").loc["B", "outbound_capacity_units"])


@pytest.mark.parametrize(
    ("text", "table", "column", "values"),
    [
        ("lanes.A>r1.cost_per_unit+0.5", "lanes", "cost_per_unit", [1.5, 9, 1]),
        ("lanes.A>*.cost_per_unit-2", "lanes", "cost_per_unit", [0, 7, 1]),
        ("lanes.*.capacity_units = 3", "lanes", "capacity_units", [3, 3, 3]),
        ("stock.B>s1.available_units=0", "stock", "available_units", [40, 0]),
        ("transfer_lanes.A>B.lead_periods+1", "transfer_lanes", "lead_periods", [2]),
        ("products.s1.pack_size*2", "products", "pack_size", [8]),
        ("inbound_shipments.A>s1.units*0", "inbound", "units", [0]),
        ("vars.late_cost_per_unit=2.5", "parameters", "late_cost_per_unit", [2.5]),
        ("vars.close_centers=1", "parameters", "close_centers", [True]),
    ],
)
def test_a_change_is_made_where_it_says(
    text: str, table: str, column: str, values: list[float]
) -> None:
    assert getattr(change(text), table)[column].to_list() == values


def test_changes_are_made_one_after_the_other() -> None:
    demand = change("demand.*.demand_units*2", "demand.r2>*>s1.demand_units+1").demand
    twice = busy_inputs().demand["demand_units"] * 2
    assert demand["demand_units"].to_list() == (twice + (demand["region_id"] == "r2")).to_list()


def test_an_id_may_hold_dots_and_dashes() -> None:
    read = parse_change("stock.FC-1.a>SKU.9-x.available_units-3")
    assert (read.key, read.column, read.operator, read.value) == (
        ("FC-1.a", "SKU.9-x"),
        "available_units",
        "-",
        3.0,
    )


def test_a_scenario_is_planned_from_the_changed_inputs() -> None:
    before = allocate(busy_inputs(), EXACT).solution.objective
    after = allocate(change("lanes.*.cost_per_unit+1"), EXACT)
    assert after.problems == []
    assert after.solution.objective > before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "write TABLE.KEY.COLUMN"),
        ("fulfillment_centers.A.outbound_capacity_units*much", "much is no number"),
        ("fulfillment_centers.A.outbound_capacity_units*inf", "finite"),
        ("warehouses.A.capacity*2", "there is no table warehouses"),
        ("fulfillment_centers.Z.outbound_capacity_units*2", "no row of fulfillment_centers"),
        ("fulfillment_centers.A.capacity*2", "no such column"),
        ("fulfillment_centers.A.fc_id*2", "no such column"),
        ("lanes.A.cost_per_unit*2", "named by fc_id > region_id"),
        ("vars.plan_periods=2", "no such column"),
        ("products.s1.unit_weight_kg=a", "a is no number"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_with_a_remedy(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        change(text)


def test_a_scenario_is_never_the_run_of_the_plan_from_the_same_inputs() -> None:
    plan, plan_inputs = identify_run(busy_inputs(), EXACT)
    scenario, scenario_inputs = identify_run(busy_inputs(), EXACT, ("vars.x=1",))
    assert plan_inputs == scenario_inputs
    assert plan != scenario


@pytest.mark.parametrize("content", ["- a.b*2\n- c.d=1\n", "set:\n  - a.b*2\n  - c.d=1\n"])
def test_a_file_holds_a_list_of_changes(content: str, tmp_path) -> None:
    path = tmp_path / "scenario.yml"
    path.write_text(content)
    assert read_scenario_file(path) == ["a.b*2", "c.d=1"]


@pytest.mark.parametrize("content", ["just text", "set: {a: 1}", "- 1\n", "[unclosed"])
def test_a_file_that_holds_something_else_is_refused(content: str, tmp_path) -> None:
    path = tmp_path / "scenario.yml"
    path.write_text(content)
    with pytest.raises(InputError, match=r"scenario\.yml"):
        read_scenario_file(path)
    with pytest.raises(InputError, match=r"none\.yml cannot be read"):
        read_scenario_file(tmp_path / "none.yml")
