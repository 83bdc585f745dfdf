"""Fits of segments are kept from build to build, on DuckDB and on a real Postgres."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from inventory_allocation.jobs.load_raw import load_raw
from tiny_company import LAST_DAY, make_tiny_company, write_company

SEGMENTS = "+dim_customer_segments"
VARIABLES = {
    "sample_company": False,
    "segment_min_customers": 20,
    "segment_bootstraps": 2,
    "segment_count": 3,
}


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
        found = chain.query(
            "select distinct fitted_on from main_intermediate.int_customers__segment_centers_fitted"
        )
        return sorted(f"{day:%Y-%m-%d}" for day in pd.to_datetime(found["fitted_on"]))

    first = build(55)
    assert "C001" not in first.index
    between = build(28)
    assert fits() == ["2026-05-04"]
    assert set(between["segment"]) <= set(first["segment"]) | {"thin history"}
    fitted = between[between["fitted_at"].notna()]
    assert set(pd.to_datetime(fitted["fitted_at"])) == {pd.Timestamp("2026-05-04")}
    assert between.loc["C001", "segment_id"] != 0
    again = build(27)
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
    # An earlier day finds the fit that held then.
    back = build(28)
    pd.testing.assert_frame_equal(back, between)
    fresh = build(27, "--full-refresh")
    assert fits() == ["2026-06-01"]
    assert len(fresh) == len(again)
