"""Fits of segments are kept from build to build, on DuckDB and on a real Postgres."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from chain import Chain
from inventory_allocation.cli import main
from inventory_allocation.jobs.load_raw import load_raw
from inventory_allocation.jobs.model_life import request_refit_on_drift
from inventory_allocation.warehouse import open_warehouse
from tiny_company import LAST_DAY, QUICK, make_tiny_company, write_company

SEGMENTS = "+dim_customer_segments"
VARIABLES = QUICK | {"segment_count": 3}
ROOT = Path(__file__).parents[3]
CENTERS = "main_intermediate.int_customers__segment_centers_fitted"
CONTEST = ["is_accepted", "score", "champion_version", "champion_score", "verdict", "data_hash"]


def list_models(chain: Chain) -> dict[str, str]:
    """State of each fit of segments, by the day it was made."""
    rows = chain.query("select * from main.fct_model_registry where model_name = 'segments'")
    return dict(zip(rows["version"].str[:10], rows["state"], strict=True))


def invoke(*command: str, exit_code: int = 0) -> str:
    """Run `inventory-allocation models ...` as a user types it."""
    where = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT / "tests" / "profiles")]
    variables = ["--vars", "{sample_company: false}"]
    result = CliRunner().invoke(main, ["models", *command, *where, *variables])
    assert result.exit_code == exit_code, result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize("maker", ["new_chain", "new_postgres_chain"])
def test_a_build_fits_when_it_is_due_and_assigns_in_between(
    maker: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    new: Callable = request.getfixturevalue(maker)
    chain = new(**VARIABLES)
    tables = make_tiny_company(customers=40)
    newcomer = tables["transactions"]["customer_id"] == "C001"
    late = tables["transactions"]["ordered_at"] > LAST_DAY - pd.Timedelta(days=50)
    # One customer is not there yet when the first fit is made.
    tables["transactions"] = tables["transactions"][~newcomer | late]
    load_raw(chain.project, write_company(tables, tmp_path), replace=False)

    def build(days_back: int, *arguments: str) -> pd.DataFrame:
        as_of = LAST_DAY - pd.Timedelta(days=days_back)
        chain.project.variables["as_of"] = f"{as_of:%Y-%m-%d}"
        chain.dbt("run", "--select", SEGMENTS, *arguments)
        chain.dbt("snapshot", "--select", "snp_customer_segments")
        return chain.table("dim_customer_segments").set_index("customer_id")

    def fits() -> list[str]:
        found = chain.query(f"select distinct fitted_on from {CENTERS}")
        return sorted(f"{day:%Y-%m-%d}" for day in pd.to_datetime(found["fitted_on"]))

    first = build(55)
    assert "C001" not in first.index
    between = build(28)
    assert fits() == ["2026-05-04"]
    assert set(between["segment"]) <= set(first["segment"]) | {"thin history"}
    fitted = between[between["fitted_at"].notna()]
    assert set(pd.to_datetime(fitted["fitted_at"])) == {pd.Timestamp("2026-05-04")}
    assert between.loc["C001", "segment_id"] != 0
    # A table of before there were contests gets their columns, and its fit stays in force.
    for column in CONTEST:
        chain.execute(f"alter table {CENTERS} drop column {column}")
    again = build(27)
    new = chain.query(f"select * from {CENTERS} where champion_version is not null")
    assert set(pd.to_datetime(new["fitted_on"])) == {pd.Timestamp("2026-06-01")}
    assert fits() == ["2026-05-04", "2026-06-01"]
    # Each customer has a spell for each change of its segment, the last one open.
    spells = chain.query("select * from main_snapshots.snp_customer_segments")
    labels = pd.concat([frame["segment_id"] for frame in (first, between, again)], axis=1)
    changes = labels.bfill(axis=1).diff(axis=1).iloc[:, 1:].ne(0).sum(axis=1)
    assert spells["customer_id"].value_counts().to_dict() == (changes + 1).to_dict()
    now = spells[spells["dbt_valid_to"].isna()].set_index("customer_id")["segment_id"]
    assert now.to_dict() == again["segment_id"].to_dict()
    assert changes.sum() > 0
    if maker == "new_postgres_chain":  # The rest asks nothing more of a warehouse.
        return
    build(27)
    assert fits() == ["2026-05-04", "2026-06-01"]
    # The night after a drift is seen asks for a fit, once; it competes and is registered.
    chain.dbt("run", "--select", "+fct_model_registry", "+fct_alerts")
    assert list_models(chain) == {"2026-05-04": "superseded", "2026-06-01": "in_force"}
    chain.execute(
        "insert into main.fct_alerts (alert_id, check_name, entity, first_seen, last_seen, "
        "days_seen, is_resolved, severity) values ('a', 'segment_drift', 'all', '2026-06-05', "
        "'2026-06-05', 1, false, 'warning')"
    )
    chain.use()
    warehouse = open_warehouse(chain.project)
    assert request_refit_on_drift(chain.project, warehouse) == "segment_drift of all"
    assert request_refit_on_drift(chain.project, warehouse) is None
    chain.project.variables["segment_refit_on_drift"] = False
    warehouse.close()
    build(20)
    assert fits() == ["2026-05-04", "2026-06-01", "2026-06-08"]
    chain.dbt("run", "--select", "fct_model_registry")
    states = list_models(chain)
    assert states.pop("2026-05-04") == "superseded"
    in_force = [day for day, state in states.items() if state == "in_force"]
    assert set(states.values()) in ({"in_force", "superseded"}, {"in_force", "rejected"})
    # Back to the first fit by one command, from the next build on.
    assert "is in force from the next build on" in invoke("rollback", "2026-05-04")
    rolled = build(20)
    assert set(rolled["fitted_at"].dropna()) == {pd.Timestamp("2026-05-04")}
    chain.dbt("run", "--select", "fct_model_registry")
    assert list_models(chain)["2026-05-04"] == "in_force"
    assert f"fit {in_force[0]}" in invoke("rollback", in_force[0])
    assert "no fit begins with 2020" in invoke("rollback", "2020", exit_code=2)
    assert "is in force" in invoke("rollback", "2026-05-04", exit_code=2)
    assert "superseded" in invoke("list")
    # An earlier day finds the fit that held then.
    back = build(28)
    pd.testing.assert_frame_equal(back, between)
    fresh = build(27, "--full-refresh")
    assert fits() == ["2026-06-01"]
    assert len(fresh) == len(again)
