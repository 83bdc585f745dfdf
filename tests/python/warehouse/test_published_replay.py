"""A replay in the warehouse says what the measures say."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from chain import release
from inventory_allocation.dashboard.session import Session, start_session
from inventory_allocation.jobs.publish_replay import publish_replay
from inventory_allocation.presentation.connection import connect
from inventory_allocation.replay import judge_claims, table_policies
from inventory_allocation.replay.measures import ALL_SKUS, BOUND, COST_PARTS
from inventory_allocation.warehouse import open_warehouse

COUNTED = pd.Timestamp("2026-02-02")
MODELS = ("+rpt_policy_comparison", "+rpt_policy_claims")
UNITS = (
    *("demand_units", "shipped_units", "within_sla_units", "demand_cells", "shipped_value"),
    *("replanned_units", "planned_or_placed_units"),
)


def make_rows() -> pd.DataFrame:
    """Two companies, three policies with two settings each, six weeks of which four count."""
    rng = np.random.default_rng(0)
    weeks = pd.date_range("2026-01-19", periods=6, freq="7D")
    keys = [
        (company, policy, setting, week, cluster, measure)
        for company in ("small-1", "small-2")
        for policy in ("engine", "nearest_greedy", "min_max")
        for setting in (1.0, 2.5)
        for week in weeks
        for cluster in (0, 1, ALL_SKUS)
        for measure in (*COST_PARTS, *UNITS, "stock_value", "lost_units", "stockout_cells")
    ]
    columns = ["company", "policy", "setting", "period_start", "cluster", "measure"]
    rows = pd.DataFrame(keys, columns=columns)
    rows["value"] = rng.uniform(1, 9, len(rows))
    rows["condition"] = "usual"
    bound = rows.iloc[:1].assign(policy="clairvoyant", setting=0.0, cluster=ALL_SKUS, measure=BOUND)
    return pd.concat([rows, bound], ignore_index=True)


@pytest.mark.parametrize("kind", ["new_chain", "new_postgres_chain"])
def test_the_tables_say_what_the_rows_say(kind: str, request: pytest.FixtureRequest) -> None:
    new_chain: Callable = request.getfixturevalue(kind)
    chain = new_chain()
    rows = make_rows()
    claims = judge_claims(rows, COUNTED)
    chain.dbt("run", "--select", *MODELS)
    warehouse = open_warehouse(chain.project)
    try:
        run_id, is_new = publish_replay(chain.project, warehouse, rows, claims, COUNTED)
        again = publish_replay(chain.project, warehouse, rows, claims, COUNTED)
    finally:
        warehouse.close()
    assert is_new
    assert again == (run_id, False)
    chain.dbt("build", "--select", *MODELS)
    table = chain.table("rpt_policy_comparison")
    said = chain.table("rpt_policy_claims")
    keys = ["policy", "setting"]
    assert set(table["condition"]) == {"usual"}
    expected = table_policies(rows, COUNTED).sort_values(keys, ignore_index=True)
    found = table.sort_values(keys, ignore_index=True)
    assert set(found["companies"]) == {"small-1, small-2"}
    shared = [name for name in expected if name in found and expected[name].notna().all()]
    assert {"cost_per_demand_unit", "fill_rate", "turnover", "nervousness", "is_chosen"} < set(
        shared
    )
    pd.testing.assert_frame_equal(found[shared], expected[shared], check_dtype=False, rtol=1e-6)
    parts = found[[f"{part}_per_demand_unit" for part in COST_PARTS]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(found["cost_per_demand_unit"].to_numpy())
    merged = said.merge(claims, on="claim", suffixes=("", "_said"))
    assert len(merged) == len(claims)
    assert (merged["verdict"] == merged["verdict_said"]).all()
    assert merged["effect"].to_numpy() == pytest.approx(
        merged["effect_said"].to_numpy(), nan_ok=True
    )

    release(chain)
    start_session(Session(connect(chain.project)))
    script = "from inventory_allocation.dashboard.views import policies\npolicies.show()"
    page = AppTest.from_string(script, default_timeout=60).run()
    assert not page.exception
    shown = page.dataframe[0].value.set_index("policy")["cost_per_demand_unit"]
    chosen = expected[expected["is_chosen"]].set_index("policy")["cost_per_demand_unit"]
    assert shown.to_dict() == pytest.approx(chosen.to_dict())
    assert set(page.dataframe[-1].value["verdict"]) == set(claims["verdict"])
