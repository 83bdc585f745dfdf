"""A plan is a draft, in force, superseded, in force again and removed, on two warehouses."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from chain import SETTINGS, Chain, release
from inventory_allocation.cli import main
from inventory_allocation.dashboard.session import Session, start_session
from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.jobs import allocate as job
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.plan_life import (
    approve_run,
    read_states,
    remove_old_runs,
    roll_back,
)
from inventory_allocation.jobs.run import PLAN_MARTS
from inventory_allocation.jobs.what_if import run_what_if
from inventory_allocation.presentation.connection import connect
from inventory_allocation.warehouse import Warehouse, open_warehouse
from tiny_company import QUICK, make_tiny_company, write_company

ROOT = Path(__file__).parents[3]
VARIABLES = {**QUICK, "plan_retention_days": 30}
INTERMEDIATE = "main_intermediate"


# One story: each test goes on where the one before it ended.
pytestmark = pytest.mark.xdist_group("plan_life")


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    make: Callable[..., Chain] = request.getfixturevalue(
        "new_chain" if request.param == "duckdb" else "new_postgres_chain"
    )
    chain = make(**VARIABLES)
    files = write_company(make_tiny_company(), tmp_path_factory.mktemp("files"))
    load_raw(chain.project, files, replace=False)
    chain.dbt("run")
    return chain


@pytest.fixture
def warehouse(chain: Chain) -> Iterator[Warehouse]:
    chain.use()
    warehouse = open_warehouse(chain.project)
    yield warehouse
    warehouse.close()


def plan(chain: Chain, monkeypatch: pytest.MonkeyPatch, stock: float, **options: bool) -> str:
    """Plan from more stock than there is: other inputs, another run."""
    read = job.read_inputs

    def more(*arguments: object) -> object:
        inputs = read(*arguments)
        units = inputs.stock["available_units"] + stock
        inputs.stock["available_units"] = units
        return inputs

    monkeypatch.setattr(job, "read_inputs", more)
    chain.use()
    warehouse = open_warehouse(chain.project)
    try:
        return job.run_allocation(chain.project, warehouse, SETTINGS, **options).run_id
    finally:
        warehouse.close()
        monkeypatch.undo()


def states(chain: Chain) -> dict[str, str]:
    frame = chain.query(f"select run_id, state from {INTERMEDIATE}.int_allocation__state_runs")
    return dict(zip(frame["run_id"], frame["state"], strict=True))


def shown(chain: Chain) -> set[str]:
    """Runs that the marts show after they are built again."""
    chain.dbt("run", "--select", PLAN_MARTS)
    return set(chain.query("select distinct run_id from main.fct_allocation_plan")["run_id"])


def test_a_plan_lives(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    first = plan(chain, monkeypatch, 0)
    assert states(chain) == {first: "draft"}
    assert shown(chain) == set()
    release(chain)
    start_session(Session(connect(chain.project)))
    script = "from inventory_allocation.dashboard.views import overview\noverview.show()"
    page = AppTest.from_string(script, default_timeout=60).run()
    assert "there is no plan in force" in page.info[0].value

    chain.use()
    warehouse = open_warehouse(chain.project)
    assert approve_run(chain.project, warehouse, first[:6], "agreed") == (first, True)
    assert approve_run(chain.project, warehouse, first) == (first, False)
    with pytest.raises(InputError, match="no plan was in force before"):
        roll_back(chain.project, warehouse)
    warehouse.close()
    assert shown(chain) == {first}

    second = plan(chain, monkeypatch, 5)
    assert states(chain) == {first: "in_force", second: "draft"}
    assert plan(chain, monkeypatch, 5, approve=True) == second
    assert states(chain) == {first: "superseded", second: "in_force"}
    assert shown(chain) == {second}

    chain.use()
    warehouse = open_warehouse(chain.project)
    scenario = run_what_if(chain.project, warehouse, SETTINGS, ["demand.*.demand_units*1.1"]).run_id
    for run_id, refusal in (
        (scenario, "is a what-if"),
        (first, "was in force before: .*rollback"),
        ("nothing", "no run begins with nothing"),
        ("", "several runs begin with"),
    ):
        with pytest.raises(InputError, match=refusal):
            approve_run(chain.project, warehouse, run_id)
    assert roll_back(chain.project, warehouse, note="the strike") == first
    expected = {first: "in_force", second: "superseded", scenario: "scenario"}
    assert read_states(chain.project, warehouse).set_index("run_id")["state"].to_dict() == expected
    assert roll_back(chain.project, warehouse) == second
    assert roll_back(chain.project, warehouse, first[:8]) == first
    with pytest.raises(InputError, match="is in force"):
        roll_back(chain.project, warehouse, first)
    warehouse.close()
    assert shown(chain) == {first}
    runs = chain.query("select * from main.rpt_plan_runs").set_index("run_id")
    assert runs["state"].to_dict() == expected
    assert runs.loc[first, "approved_by"]
    # The inputs of the second plan again: it is put in force, not made again.
    assert plan(chain, monkeypatch, 5, approve=True) == second
    assert states(chain)[second] == "in_force"
    # A plan that starts from it is another run, and is made once, as a draft and in force.
    third = plan(chain, monkeypatch, 6, warm_start=True)
    assert third not in (first, second)
    assert plan(chain, monkeypatch, 6, warm_start=True, approve=True) == third
    made = states(chain)
    assert made[third] == "in_force"
    assert plan(chain, monkeypatch, 6, warm_start=True) == third
    assert states(chain) == made


def test_a_draft_is_approved_on_a_page_where_that_is_allowed(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = plan(chain, monkeypatch, 8)
    release(chain)
    connection = connect(chain.project)
    script = "from inventory_allocation.dashboard.views import plans\nplans.show()"

    start_session(Session(connection))
    page = AppTest.from_string(script, default_timeout=60).run()
    assert "--allow-approval" in page.caption[-1].value
    assert not page.button

    start_session(Session(connection, can_approve=True))
    page = AppTest.from_string(script, default_timeout=60).run()
    page.selectbox[0].select(draft).run()
    assert page.button[0].disabled
    page.text_input[0].input("looked at")
    page.checkbox[0].check().run()
    page.button[0].click().run()
    assert not page.exception
    assert f"Plan {draft} is in force" in page.success[0].value
    assert states(chain)[draft] == "in_force"
    notes = chain.query(f"select note from {INTERMEDIATE}.int_allocation__state_runs")["note"]
    assert "looked at" in set(notes)

    options = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "tests" / "profiles")]
    options += ["--target", chain.target, "--vars", json.dumps(VARIABLES)]
    assert CliRunner().invoke(main, ["rebuild-marts", *options]).exit_code == 0
    assert set(chain.table("fct_allocation_plan")["run_id"]) == {draft}


def test_a_clock_that_went_back_does_not_put_the_new_plan_behind_the_old(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Earlier:
        @staticmethod
        def now(_: object) -> pd.Timestamp:
            return pd.Timestamp.now("UTC") - pd.Timedelta(days=2)

    monkeypatch.setattr("inventory_allocation.jobs.events.datetime", Earlier)
    fourth = plan(chain, monkeypatch, 7, approve=True)
    assert states(chain)[fourth] == "in_force"


def test_a_plan_that_is_not_found_is_a_failed_run_and_changes_nothing(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = chain.query("select * from main.fct_allocation_plan")

    def fail(*_: object, **__: object) -> None:
        raise InventoryAllocationError("the solver found no plan")

    monkeypatch.setattr(job, "make_draft", fail)
    chain.use()
    warehouse = open_warehouse(chain.project)
    with pytest.raises(InventoryAllocationError, match="found no plan"):
        job.run_allocation(chain.project, warehouse, SETTINGS.__class__(gap=0.3))
    warehouse.close()
    monkeypatch.undo()
    found = chain.query(
        f"select state, note from {INTERMEDIATE}.int_allocation__state_runs where state = 'failed'"
    )
    assert found["note"].to_list() == ["the solver found no plan"]
    pd.testing.assert_frame_equal(before, chain.query("select * from main.fct_allocation_plan"))


def test_old_runs_go_but_not_the_plan_in_force_nor_the_one_before(
    chain: Chain, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = read_states(chain.project, warehouse).set_index("run_id")
    before = runs["state"]
    kept = set(runs["approved_at"].dropna().sort_values().index[-2:])
    later = pd.Timestamp.now("UTC") + pd.Timedelta(days=31)

    class Later:
        @staticmethod
        def now(_: object) -> pd.Timestamp:
            return later

    monkeypatch.setattr("inventory_allocation.jobs.plan_life.datetime", Later)
    removed = remove_old_runs(chain.project, warehouse)
    assert set(removed) == set(before.index[before != "failed"]) - kept
    assert "superseded" in set(before[removed])
    assert remove_old_runs(chain.project, warehouse) == []
    after = read_states(chain.project, warehouse).set_index("run_id")["state"]
    assert after.to_dict() == {**before.to_dict(), **dict.fromkeys(removed, "removed")}
    relation = chain.project.source_node("planning", "plan_shipments").relation_name
    left = warehouse.query(f"select distinct run_id from {relation}")["run_id"].to_pylist()
    assert set(left) == kept
