"""Missing, sparse, broken and absurd input runs, is refused for a reason, or says what to do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inventory_allocation.errors import InputError, InventoryAllocationError
from inventory_allocation.jobs.load_raw import init_raw, load_raw
from inventory_allocation.warehouse import open_warehouse
from tiny_company import LAST_DAY, make_tiny_company, write_company

VARIABLES = {
    "sample_company": False,
    "backtest_cutoffs": 2,
    "forecast_global_models": ["autoregression"],
    "forecast_periods": 4,
    "plan_periods": 2,
    "segment_min_customers": 20,
    "segment_bootstraps": 2,
    "segment_permutations": 9,
}
Tables = dict[str, pd.DataFrame]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare dbt its own artifacts and log: nobody reads them, and they take a tenth of the time."""
    monkeypatch.setenv("DBT_WRITE_JSON", "false")
    monkeypatch.setenv("DBT_LOG_LEVEL_FILE", "none")


@pytest.fixture
def build(new_chain: Callable, tmp_path: Path) -> Callable:
    """Load tables and run the models."""

    def run(tables: Tables, **variables: object):
        chain = new_chain(**(VARIABLES | variables))
        load_raw(chain.project, write_company(tables, tmp_path / "files"), replace=False)
        chain.dbt("run")
        return chain

    return run


def reasons(chain) -> dict[str, int]:
    found = chain.query("select reason, count(*) as n from main.fct_rejected_rows group by 1")
    return dict(zip(found["reason"], found["n"], strict=True))


def line(**values: object) -> dict[str, object]:
    """An order line like the others, with some values changed."""
    usual = {
        "order_id": "X1",
        "order_line": 1,
        "ordered_at": LAST_DAY,
        "customer_id": "C001",
        "sku": "A",
        "quantity": 1,
        "unit_price": 10.0,
        "region_id": "north",
    }
    return usual | values


def with_lines(tables: Tables, *lines: dict[str, object]) -> Tables:
    more = pd.DataFrame(list(lines))
    return tables | {"transactions": pd.concat([tables["transactions"], more])}


def test_a_complete_company_plans_and_an_error_in_writing_leaves_the_plan_in_force(
    build: Callable,
) -> None:
    chain = build(make_tiny_company())
    first = chain.plan()
    assert first.plan is not None
    before = chain.query("select * from planning.plan_runs")
    # A table the plan no longer fits: the run is written whole or not at all.
    chain.execute("update raw.inventory_snapshots set on_hand_units = on_hand_units + 1")
    chain.dbt("run")
    chain.execute("alter table planning.plan_kpis rename column value to other")
    with pytest.raises(Exception, match="value"):
        chain.plan()
    pd.testing.assert_frame_equal(before, chain.query("select * from planning.plan_runs"))
    runs = chain.query("select distinct run_id from planning.plan_shipments")
    assert set(runs["run_id"]) == {first.run_id}


def test_only_transactions_are_needed_for_segments_and_forecasts(build: Callable) -> None:
    chain = build({"transactions": make_tiny_company()["transactions"]})
    assert chain.query("select count(*) as n from main.fct_demand_forecasts")["n"].iloc[0] > 0
    assert chain.query("select bool_and(is_inferred) as x from main.dim_products")["x"].iloc[0]
    assert chain.query("select bool_and(is_inferred) as x from main.dim_regions")["x"].iloc[0]
    assert chain.query("select min(pack_size) as x from main.dim_products")["x"].iloc[0] == 1
    with pytest.raises(InputError, match="fulfillment_centers"):
        chain.plan()


def test_no_lanes_come_from_distance_and_home_is_the_cheapest(build: Callable) -> None:
    tables = make_tiny_company()
    del tables["lanes"], tables["transfer_lanes"]
    chain = build(tables)
    homes = chain.table("dim_regions").set_index("region_id")["home_fc_id"]
    assert homes.to_dict() == {"north": "F1", "south": "F2"}
    published = chain.plan()
    assert published.plan is not None
    assert published.plan.tables["plan_transfers"].empty


def test_no_lanes_and_no_coordinates_is_a_clear_error(build: Callable) -> None:
    tables = make_tiny_company()
    del tables["lanes"]
    tables["regions"] = tables["regions"].drop(columns=["latitude", "longitude"])
    with pytest.raises(InputError, match="lanes"):
        build(tables).plan()


def test_no_stock_is_an_error_of_the_allocation_only(build: Callable) -> None:
    tables = make_tiny_company()
    del tables["inventory_snapshots"]
    with pytest.raises(InputError, match="inventory_snapshots"):
        build(tables).plan()


def test_stock_of_nothing_and_demand_far_above_capacity_still_plan(build: Callable) -> None:
    tables = make_tiny_company()
    tables["fulfillment_centers"]["outbound_capacity_units"] = [1.0, 0.0]
    published = build(tables).plan()
    demand = published.plan.tables["plan_demand"]
    assert demand["shipped_units"].sum() <= 2 + 1e-6
    assert "outbound_capacity" in set(demand["binding_reason"])


def test_regions_and_centres_without_a_lane_are_exceptions(build: Callable) -> None:
    tables = make_tiny_company()
    tables["lanes"] = tables["lanes"].query("region_id == 'north' and fc_id == 'F1'")
    exceptions = build(tables).plan().plan.tables["plan_exceptions"]
    found = set(zip(exceptions["rule"], exceptions["entity"], strict=True))
    assert ("region_without_lane", "south") in found
    assert ("centre_without_lane", "F2") in found


def test_service_targets_price_and_signals_and_experiments_may_be_there(build: Callable) -> None:
    tables = make_tiny_company()
    tables["service_targets"] = pd.DataFrame(
        {"segment": ["champions"], "target_service_level": [0.99], "unmet_cost_per_unit": [50.0]}
    )
    tables["external_signals"] = pd.DataFrame(
        {
            "signal_date": [LAST_DAY],
            "signal_name": ["promotion"],
            "value": [1.0],
            "is_known_ahead": [True],
        }
    )
    chain = build(tables)
    signals = chain.query(
        "select signal, verdict from main.fct_forecast_diagnostics "
        "where test = 'variance_inflation' order by signal"
    )
    # One of the last day has nothing to say yet.
    assert signals["signal"].tolist() == ["average price", "promotion"]
    assert "never changed" in signals["verdict"].iloc[1]
    levels = chain.query(
        "select distinct segment, target_service_level as x "
        "from main_intermediate.int_allocation__demand"
    ).set_index("segment")["x"]
    assert all(levels[s] == (0.99 if s == "champions" else 0.95) for s in levels.index)
    assert chain.plan().plan is not None


def test_what_forecasts_depend_on_is_a_table_for_those_who_ask(
    new_chain: Callable, tmp_path: Path
) -> None:
    few = {"forecast_global_models": [], "backtest_cutoffs": 1, "forecast_periods": 2}
    chain = new_chain(**(VARIABLES | few), forecast_sensitivity=True)
    load_raw(chain.project, write_company(make_tiny_company(), tmp_path), replace=False)
    chain.dbt("run", "--select", "+fct_forecast_sensitivity")
    table = chain.query("select * from main.fct_forecast_sensitivity").set_index("scenario")
    assert set(table["kind"]) == {"base", "ablation", "parameter", "shock", "holdout"}
    assert table.at["as it is", "wape_change"] == 0
    held_out = table.at["learnt from other fc_id, only the total has a say", "wape"]
    assert 0 < held_out < 2


def test_dirty_lines_are_refused_and_the_rest_plans(build: Callable) -> None:
    tables = with_lines(
        make_tiny_company(),
        line(order_id=None),
        line(order_id="X2", unit_price=-1),
        line(order_id="X3", unit_price="inf"),
        line(order_id="X4", unit_price="NaN"),
        line(order_id="X5", quantity=10**9),
        line(order_id="X6", ordered_at="1970-01-01"),
        line(order_id="X7", ordered_at="2199-01-01"),
        line(order_id="X8"),
        line(order_id="X8"),
        line(order_id="X9"),
        line(order_id="X9", quantity=2),
        line(order_id="free", unit_price=0),
        line(order_id="unknown", sku="never seen", customer_id=None, region_id=None),
    )
    stock = tables["inventory_snapshots"]
    tables["inventory_snapshots"] = pd.concat([stock, stock.head(1).assign(fc_id="ghost")])
    chain = build(tables)
    assert reasons(chain) == {
        "null_key": 1,
        "negative_price": 1,
        "not_a_number": 2,
        "absurd_quantity": 1,
        "too_old": 1,
        "future_date": 1,
        "duplicate": 1,
        "conflicting_duplicate": 2,
        "unknown_reference": 1,
    }
    kept = set(chain.query("select order_id from main.fct_transactions")["order_id"])
    assert {"free", "unknown", "X8"} <= kept
    regions = chain.query("select region_id from main.fct_transactions where order_id = 'unknown'")
    assert regions["region_id"].iloc[0] == "unassigned"
    # Demand of a region nobody knows has no lane, and says so.
    exceptions = chain.plan().plan.tables["plan_exceptions"]
    assert "unassigned" in set(exceptions.query("rule == 'region_without_lane'")["entity"])


ODD_NAMES = [
    "a 'quoted' one",
    "x; drop table raw.transactions; --",
    "two\nlines",
    "Ünï|cødé%",
    "L" * 10_000,
]


def test_odd_sku_names_run_through(build: Callable) -> None:
    """Each sells, costs and is stocked as SKU A is."""
    tables = make_tiny_company(weeks=20, customers=12)
    for table in ("transactions", "products", "inventory_snapshots"):
        rows = tables[table]
        of_a = rows[rows["sku"] == "A"]
        odd = pd.concat(of_a.assign(sku=name) for name in ODD_NAMES)
        if table == "transactions":
            odd["order_line"] = odd.groupby("order_id").cumcount() + 1
        tables[table] = pd.concat([rows[rows["sku"] != "A"], odd])
    chain = build(tables)
    published = chain.plan()
    assert set(ODD_NAMES) <= set(published.plan.tables["plan_shipments"]["sku"])
    assert reasons(chain) == {}


def test_one_customer_one_sku_one_period(build: Callable) -> None:
    tables = make_tiny_company()
    tables["transactions"] = pd.DataFrame([line(order_id="only", quantity=5)])
    tables["products"] = tables["products"].head(1)
    chain = build(tables)
    segments = chain.table("dim_customer_segments")
    assert list(segments["segment"]) == ["unassigned"]
    forecast = chain.query("select mean from main.fct_demand_forecasts")["mean"]
    # Nearly: some of the models lean to less where little is known.
    np.testing.assert_allclose(forecast, 5.0, rtol=0.02)
    assert chain.plan().plan is not None


def test_no_customers_at_all_build_and_get_a_verdict(build: Callable) -> None:
    tables = make_tiny_company(weeks=20, customers=12)
    tables["transactions"] = tables["transactions"].drop(columns="customer_id")
    chain = build(tables)
    assert chain.table("dim_customer_segments").empty
    assert chain.table("fct_customer_value").empty
    verdict = chain.query(
        "select verdict from main.fct_segment_validation where check_name = 'verdict'"
    )["verdict"]
    assert verdict.tolist() == ["no segments: fewer than 20 customers with a history"]
    segments = chain.query("select distinct segment from main.fct_demand_forecasts")["segment"]
    assert segments.tolist() == ["unassigned"]


@pytest.mark.parametrize("period", ["day", "month"])
def test_days_and_months_plan_too(build: Callable, period: str) -> None:
    chain = build(make_tiny_company(weeks=30, customers=20), period=period)
    starts = pd.to_datetime(
        chain.query("select distinct period_start as p from main.fct_demand_forecasts")["p"]
    )
    assert len(starts) == 4
    if period == "month":
        assert (starts.dt.day == 1).all()
    assert chain.plan().plan is not None


def test_empty_transactions_stop_the_build(new_chain: Callable) -> None:
    chain = new_chain(**VARIABLES)
    init_raw(chain.project)
    with pytest.raises(InputError, match=r"raw\.transactions is empty"):
        chain.dbt("run")


def test_missing_tables_columns_and_types_are_named(new_chain: Callable) -> None:
    chain = new_chain(**VARIABLES)
    with pytest.raises(InputError, match=r"raw\.transactions is missing .*init-raw"):
        chain.dbt("run")
    init_raw(chain.project)
    chain.execute("alter table raw.lanes drop column transit_days")
    with pytest.raises(InputError, match=r"raw\.lanes\.transit_days is missing .*init-raw"):
        chain.dbt("run")
    chain.execute("insert into raw.lanes (fc_id, region_id) values ('F', 'R')")
    init_raw(chain.project)
    lanes = chain.query("select * from raw.lanes")
    assert len(lanes) == 1
    assert "transit_days" in lanes
    chain.execute("alter table raw.lanes drop column fc_id")
    with pytest.raises(InputError, match=r"raw\.lanes\.fc_id is missing and required"):
        init_raw(chain.project)
    chain.execute("alter table raw.transactions alter column quantity type varchar")
    with pytest.raises(InputError, match=r"raw\.transactions\.quantity has type"):
        init_raw(chain.project)


def test_load_raw_keeps_rows_unless_told_and_names_what_does_not_fit(
    new_chain: Callable, tmp_path: Path
) -> None:
    chain = new_chain(**VARIABLES)
    files = write_company(make_tiny_company(weeks=5), tmp_path / "files")
    (files / "notes.txt").write_text("nothing")
    loaded = load_raw(chain.project, files, replace=False)
    assert loaded.ignored == ["notes.txt"]
    with pytest.raises(InputError, match="--replace"):
        load_raw(chain.project, files, replace=False)
    again = load_raw(chain.project, files, replace=True)
    assert again.rows == loaded.rows
    (files / "transactions.csv").write_text("order_id,order_line\nO1,not a number\n")
    with pytest.raises(InputError, match=r"transactions\.csv does not fit"):
        load_raw(chain.project, files, replace=True)
    kept = chain.query("select count(*) as n from raw.transactions")["n"].iloc[0]
    assert kept == loaded.rows["transactions"]
    with pytest.raises(InputError, match="no file named after a raw table"):
        load_raw(chain.project, tmp_path / "files" / "..", replace=True)


def test_a_file_that_another_process_holds_is_a_clear_error(new_chain: Callable) -> None:
    import subprocess
    import sys

    chain = new_chain(**VARIABLES)
    hold = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); "
        "print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(chain.database)], stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline().strip() == "held"
            chain.use()
            with pytest.raises(InventoryAllocationError, match="another process"):
                open_warehouse(chain.project)
        finally:
            holder.kill()
