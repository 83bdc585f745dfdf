"""The whole chain on the sample company: on an empty warehouse, with a plan, with shuffled rows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from chain import SAMPLE, SETTINGS
from inventory_allocation.allocation import SolveSettings
from inventory_allocation.jobs.allocate import run_allocation
from inventory_allocation.jobs.generate import write_company
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.plan_experiment import read_as_of, read_unit_history
from inventory_allocation.jobs.run import PLAN_MARTS, Report
from inventory_allocation.jobs.segment_figures import write_segment_figures
from inventory_allocation.jobs.what_if import run_what_if
from inventory_allocation.sample_company import Company, generate_company
from inventory_allocation.warehouse import open_warehouse

# One process builds the sample company, for all tests of it.
pytestmark = pytest.mark.xdist_group("sample_company")
MARTS = [
    "fct_transactions",
    "fct_rejected_rows",
    "fct_customer_rfm",
    "dim_customer_segments",
    "dim_segments",
    "fct_segment_validation",
    "fct_customer_value",
    "fct_customer_value_parameters",
    "fct_experiment_results",
    "fct_experiment_balance",
    "fct_demand_history",
    "fct_demand_forecasts",
    "fct_forecast_backtests",
    "fct_forecast_accuracy",
    "dim_products",
    "dim_customers",
    "dim_regions",
    "dim_fulfillment_centers",
    "fct_allocation_plan",
    "fct_transfer_plan",
    "rpt_plan_summary",
    "rpt_stockout_risk",
    "rpt_plan_exceptions",
]


@pytest.fixture(scope="module")
def company() -> Company:
    return generate_company("small", 7)


def test_dbt_build_alone_passes_before_any_plan(empty_plan: dict[str, int]) -> None:
    assert set(empty_plan.values()) == {0}


def test_the_seeds_are_what_the_generator_makes(company: Company, tmp_path: Path) -> None:
    write_company(company, tmp_path)
    seeds = Path(__file__).parents[3] / "seeds" / "sample_company"
    for path in sorted(tmp_path.glob("*.csv")):
        assert path.read_bytes() == (seeds / f"sample_{path.name}").read_bytes(), path.name


def test_every_dirty_row_is_refused_for_its_reason(built, company: Company) -> None:
    planted = company.truth["dirty_rows"].groupby(["source_table", "reason"])["count"].sum()
    found = built.query(
        "select source_table, reason, count(*) as n from main.fct_rejected_rows group by 1, 2"
    ).set_index(["source_table", "reason"])["n"]
    pd.testing.assert_series_equal(
        found.sort_index().astype("int64"), planted.sort_index().astype("int64"), check_names=False
    )


def test_rfm_equals_pandas(built) -> None:
    lines = built.table("fct_transactions")
    lines = lines[lines["customer_id"].notna()]
    sales = lines[lines["quantity"] > 0]
    as_of = pd.Timestamp("2026-06-28")
    expected = sales.groupby("customer_id").agg(
        frequency=("order_id", "nunique"),
        last=("ordered_date", "max"),
        first=("ordered_date", "min"),
    )
    rfm = built.table("fct_customer_rfm").set_index("customer_id")
    assert set(rfm.index) == set(expected.index)
    rfm = rfm.loc[expected.index]
    assert (rfm["frequency"] == expected["frequency"]).all()
    assert (rfm["recency_days"] == (as_of - expected["last"]).dt.days).all()
    assert (rfm["tenure_days"] == (as_of - expected["first"]).dt.days).all()
    money = lines.groupby("customer_id")["revenue"].sum().loc[expected.index]
    np.testing.assert_allclose(rfm["monetary"], money)


def test_segments_find_the_hidden_customer_types(built, company: Company) -> None:
    found = built.table("dim_customer_segments").merge(
        company.truth["customer_types"], on="customer_id"
    )
    assert adjusted_rand_score(found["customer_type"], found["segment"]) > 0.7


def test_segments_of_the_sample_are_trusted_and_thin_histories_are_apart(
    built, company: Company
) -> None:
    verdict = built.query(
        "select value, verdict from main.fct_segment_validation where check_name = 'verdict'"
    )
    assert verdict["value"].tolist() == [1.0]
    assert verdict["verdict"].iloc[0].startswith("trust the segments")
    found = built.table("dim_customer_segments").merge(built.table("fct_customer_rfm"))
    is_thin = found["segment"] == "thin history"
    assert (is_thin == (found["repeat_purchase_days"] == 0)).all()
    sizes = built.table("dim_segments")
    assert sizes["customers"].sum() == len(found)
    assert sizes["revenue_share"].sum() == pytest.approx(1)


def test_customer_value_predicts_a_quarter_it_has_not_seen_better_than_the_past_rate(built) -> None:
    holdout = built.query(
        "select parameter, value from main.fct_customer_value_parameters where model = 'holdout'"
    ).set_index("parameter")["value"]
    assert holdout["mean_absolute_error"] < holdout["naive_mean_absolute_error"]
    assert holdout["predicted_purchases"] == pytest.approx(holdout["actual_purchases"], rel=0.15)
    value = built.table("fct_customer_value")
    assert value["probability_alive"].between(0, 1).all()
    assert (value["expected_value"] >= 0).all()


def test_the_planted_effect_of_the_letter_is_found_and_that_on_few_regions_is_not(
    built, company: Company
) -> None:
    planted = company.truth["planted"].query("fact == 'experiment'").set_index("entity")["value"]
    results = built.table("fct_experiment_results").query("metric == 'orders'")
    found = results[results["method"] == "cuped"].set_index("experiment_id")
    letter = found.loc["loyalty-letter"]
    assert letter["p_holm"] < 0.05
    lower, upper = letter["effect_lower"], letter["effect_upper"]
    assert lower < planted["loyalty-letter"] * letter["control_mean"] < upper
    regions = found.loc["geo-free-delivery"]
    assert regions["verdict"].startswith("no difference shown; effects above")
    assert regions["power"] < 0.2
    balance = built.table("fct_experiment_balance")
    assert balance["is_balanced"].all()


def test_the_history_of_units_is_that_of_pandas(built) -> None:
    built.use()
    warehouse = open_warehouse(built.project)
    try:
        as_of = read_as_of(built.project, warehouse)
        found = read_unit_history(built.project, warehouse, "region", "late_share", 28, as_of)
    finally:
        warehouse.close()
    lines = built.table("fct_transactions")
    age = (as_of - pd.to_datetime(lines["ordered_date"])).dt.days
    for suffix, first in (("", 0), ("_before", 28)):
        window = lines[(age >= first) & (age < first + 28)]
        expected = window.groupby("region_id")["revenue"].sum()
        revenue = found.set_index("unit_id")[f"revenue{suffix}"]
        np.testing.assert_allclose(revenue, expected.reindex(revenue.index, fill_value=0))
        timed = window[window["promised_at"].notna() & window["delivered_at"].notna()]
        timed = timed[timed["quantity"] > 0]
        late = timed.groupby("region_id")["is_late"].mean()
        share = found.set_index("unit_id")[f"late_share{suffix}"]
        np.testing.assert_allclose(share, late.reindex(share.index))


def test_every_segment_gets_a_figure_the_same_each_time(built, tmp_path: Path) -> None:
    built.use()
    warehouse = open_warehouse(built.project)
    try:
        files = write_segment_figures(built.project, warehouse, tmp_path / "one")
        again = write_segment_figures(built.project, warehouse, tmp_path / "two")
    finally:
        warehouse.close()
    assert len(files) == len(built.table("dim_segments"))
    assert [path.read_bytes() for path in files] == [path.read_bytes() for path in again]
    assert "thin history" in files[0].read_text()


def test_demand_history_holds_every_sold_unit_and_no_gap(built) -> None:
    history = built.query(
        "select sum(units) as units, count(*) as n, "
        "count(distinct (segment, sku, region_id, period_start)) as keys "
        "from main.fct_demand_history"
    ).iloc[0]
    sold = built.query(
        "select sum(quantity) as units from main.fct_transactions where quantity > 0"
    ).iloc[0]
    assert history["units"] == sold["units"]
    assert history["n"] == history["keys"]


def test_stockouts_are_the_weeks_in_which_demand_was_lost(built, company: Company) -> None:
    truth = company.truth["true_demand"]
    since = built.query(
        "select min(snapshot_date) as d from main_staging.stg_raw__inventory_snapshots"
    )
    truth = truth[pd.to_datetime(truth["week_start"]) >= pd.Timestamp(since["d"].iloc[0])]
    lost = truth[truth["lost_units"] > 0]
    flagged = built.query(
        "select distinct sku, period_start from main_intermediate.int_demand__flag_stockouts"
    )
    keys = set(zip(flagged["sku"], pd.to_datetime(flagged["period_start"]), strict=True))
    hits = [
        key in keys for key in zip(lost["sku"], pd.to_datetime(lost["week_start"]), strict=True)
    ]
    assert np.mean(hits) > 0.95


def test_forecasts_beat_the_seasonal_naive_and_cover(built) -> None:
    accuracy = (
        built.table("fct_forecast_accuracy")
        .query("demand_class == 'all'")
        .groupby(["level", "model"])[["wape", "rmsse", "coverage"]]
        .mean()
    )
    for level in ("model_series", "sku"):
        assert (
            accuracy.at[(level, "ensemble"), "wape"]
            < accuracy.at[(level, "seasonal_naive"), "wape"]
        )
    assert 0.92 < accuracy.at[("model_series", "ensemble"), "coverage"] < 0.98


def test_forecasts_cover_the_grain_of_the_contract(built) -> None:
    forecasts = built.table("fct_demand_forecasts")
    assert (forecasts.groupby(["segment", "sku", "region_id"]).size() == 13).all()
    quantiles = forecasts[[c for c in forecasts if c.startswith("q0_")]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= -1e-9).all()
    assert (quantiles >= 0).all()


def test_the_plan_is_proven_and_beats_greedy(built, planned: Report) -> None:
    run = built.query("select * from main_sample_planning.plan_runs").iloc[0]
    assert planned.published is not None
    assert run["run_id"] == planned.published.run_id
    assert 0 <= run["gap"] <= 0.005
    assert run["objective"] < run["greedy_objective"]
    assert planned.published.plan is not None
    assert planned.published.plan.problems == []


def test_the_plan_marts_show_the_run_in_force(built, planned: Report) -> None:
    plan = built.table("fct_allocation_plan")
    assert set(plan["run_id"]) == {planned.published.run_id}
    assert plan["reason_code"].notna().all()
    for name in (
        "fct_transfer_plan",
        "rpt_plan_summary",
        "rpt_stockout_risk",
        "rpt_plan_exceptions",
    ):
        assert len(built.table(name)) > 0, name


def test_the_same_inputs_write_nothing_again(built, planned: Report) -> None:
    before = built.query("select * from main_sample_planning.plan_runs")
    warehouse = open_warehouse(built.project)
    try:
        again = run_allocation(built.project, warehouse, SETTINGS)
    finally:
        warehouse.close()
    assert again.plan is None
    assert again.run_id == planned.published.run_id
    pd.testing.assert_frame_equal(
        before, built.query("select * from main_sample_planning.plan_runs")
    )


def test_a_what_if_is_a_run_of_its_own_and_leaves_the_plan_in_force(built, planned: Report) -> None:
    changes = ["fulfillment_centers.*.outbound_capacity_units*1.5"]
    warehouse = open_warehouse(built.project)
    try:
        found, again = (
            run_what_if(built.project, warehouse, SolveSettings(gap=0.05), changes)
            for _ in range(2)
        )
        alone = run_allocation(built.project, warehouse, SETTINGS)
    finally:
        warehouse.close()
    assert found.are_inputs_the_same
    assert found.base_run_id == alone.run_id == planned.published.run_id
    assert again.run_id == found.run_id != found.base_run_id
    runs = built.query("select * from main_sample_planning.plan_runs").set_index("run_id")
    assert runs["status"].to_dict() == {
        found.run_id: "scenario",
        found.base_run_id: "plan",
    }
    assert changes[0] in runs.loc[found.run_id, "parameters"]
    costs = found.figures.set_index("figure").loc["cost"]
    assert costs["in_force"] == pytest.approx(runs.loc[found.base_run_id, "objective"], rel=1e-6)
    assert costs["scenario"] == pytest.approx(runs.loc[found.run_id, "objective"], rel=1e-6)
    # More capacity costs no more than the gap may hide.
    assert runs.loc[found.run_id, "lower_bound"] <= costs["in_force"]
    built.dbt("run", "--select", "int_allocation__choose_current_run")
    current = built.query("select run_id from main_intermediate.int_allocation__choose_current_run")
    assert current["run_id"].to_list() == [found.base_run_id]


def test_shuffled_rows_give_identical_tables(
    built, planned: Report, company: Company, new_chain: Callable, tmp_path: Path
) -> None:
    """The same rows, shuffled, loaded from files into schema raw: every mart is the same."""
    shuffled = Company(
        raw={
            name: frame.sample(frac=1, random_state=5).reset_index(drop=True)
            for name, frame in company.raw.items()
        },
        truth=company.truth,
    )
    write_company(shuffled, tmp_path)
    chain = new_chain(sample_company=False, **SAMPLE)
    load_raw(chain.project, tmp_path, replace=False)
    chain.dbt("run")
    chain.plan()
    chain.dbt("run", "--select", PLAN_MARTS)
    for mart in MARTS:
        ours, theirs = chain.table(mart), built.table(mart)
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True, obj=mart)
