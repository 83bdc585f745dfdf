"""Late, corrected, deleted and repeated rows: incremental tables equal those of a full refresh."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chain import Chain
from inventory_allocation.errors import InventoryAllocationError
from inventory_allocation.jobs.load_raw import load_raw
from tiny_company import LAST_DAY, QUICK, make_tiny_company, write_company

# By schema. Sums of whole numbers and decimals: they are equal to the last digit.
BUILT = {
    "fct_transactions": "main",
    "fct_rejected_rows": "main",
    "int_customers__aggregate_days": "main_intermediate",
    "int_customers__measure_features": "main_intermediate",
    "int_experiments__aggregate_days": "main_intermediate",
}
NIGHTS = 4


def start(rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """A few weeks of a tiny company, some lines without a region, some customers unknown."""
    tables = make_tiny_company(weeks=6, customers=12)
    lines = tables["transactions"]
    lines["region_id"] = lines["region_id"].where(rng.random(len(lines)) < 0.5)
    customers = sorted(set(lines["customer_id"]))[:8]
    tables["customers"] = pd.DataFrame(
        {"customer_id": customers, "region_id": rng.choice(["north", "south"], len(customers))}
    )
    tables["experiments"] = pd.DataFrame(
        [*_enrol("customer", customers[:4], "a"), *_enrol("fc", ["F1", "F2"], "b")]
    )
    return tables


def _enrol(unit_type: str, units: list[str], name: str) -> list[dict[str, object]]:
    """Rows of an experiment."""
    started_on = LAST_DAY - pd.Timedelta(days=10)
    return [
        {
            "experiment_id": name,
            "unit_type": unit_type,
            "unit_id": unit,
            "variant": "treatment" if number % 2 else "control",
            "assignment": "randomised",
            "started_on": started_on,
        }
        for number, unit in enumerate(units)
    ]


def change(tables: dict[str, pd.DataFrame], rng: np.random.Generator) -> None:
    """What a night brings: one or a few of many things, in place."""
    lines = tables["transactions"]
    for what in rng.choice(13, rng.integers(1, 4), replace=False):
        picked = lines.index[rng.random(len(lines)) < 0.1]
        if what == 0:  # late lines, of any day
            late = lines.loc[picked].assign(order_id=lambda rows: rows["order_id"] + "+")
            lines = pd.concat([lines, late], ignore_index=True)
        elif what == 1:  # corrected
            lines.loc[picked, "quantity"] = rng.integers(1, 9, len(picked))
        elif what == 2:  # deleted
            lines = lines.drop(picked).reset_index(drop=True)
        elif what == 3:  # repeated, as they are
            lines = pd.concat([lines, lines.loc[picked]], ignore_index=True)
        elif what == 4:  # contradicted, on another day
            other = lines.loc[picked]
            other = other.assign(ordered_at=other["ordered_at"] - pd.Timedelta(days=3))
            lines = pd.concat([lines, other], ignore_index=True)
        elif what == 5:  # moved to another day
            lines.loc[picked, "ordered_at"] += pd.Timedelta(days=int(rng.integers(-5, 6)))
        elif what == 6:  # broken, or mended
            lines.loc[picked, "unit_price"] = rng.choice([-1.0, 10.0])
        elif what == 7:  # the date is lost
            lines.loc[picked, "ordered_at"] = pd.NaT
        elif what == 8:  # customers move, come and go
            customers = tables["customers"].sample(frac=0.9, random_state=rng)
            moved = rng.choice(["north", "south", "west"], len(customers))
            tables["customers"] = customers.assign(region_id=moved).reset_index(drop=True)
        elif what == 9:  # a category is split, or put together again
            tables["products"] = tables["products"].assign(category=rng.choice(["all", "new"], 2))
        elif what == 10:  # a region has another home
            tables["regions"] = tables["regions"].assign(home_fc_id=rng.choice(["F1", "F2"], 2))
        elif what == 11:  # units come into experiments and go
            rows = [*_enrol("region", ["north"], "c"), *_enrol("customer", ["C007"], "d")]
            kept = tables["experiments"].sample(frac=0.7, random_state=rng)
            tables["experiments"] = pd.concat([kept, pd.DataFrame(rows)]).drop_duplicates(
                ["experiment_id", "unit_id"], ignore_index=True
            )
        else:  # out of order
            lines = lines.sample(frac=1, random_state=rng).reset_index(drop=True)
    tables["transactions"] = lines


def build(chain: Chain, *arguments: str) -> dict[str, pd.DataFrame]:
    chain.dbt("run", "--select", *(f"+{name}" for name in BUILT), *arguments)
    return {name: chain.table(name, schema) for name, schema in BUILT.items()}


def check_history(chain: Chain, seed: int, directory: Path) -> None:
    rng = np.random.default_rng(seed)
    tables = start(rng)
    built = {}
    for night in range(NIGHTS + 1):
        if night:
            change(tables, rng)
        load_raw(chain.project, write_company(tables, directory), replace=True)
        if night and rng.random() < 0.3:  # A run that is cut short between the two tables.
            chain.dbt("run", "--select", "+int_sales__refuse_transactions")
        built = build(chain, *(["--full-refresh"] if night == 0 else []))
    for name, fresh in build(chain, "--full-refresh").items():
        pd.testing.assert_frame_equal(built[name], fresh, obj=f"{name}, seed {seed}")


def list_histories() -> list[tuple[str, list[int]]]:
    """Seeds by warehouse; `make check-histories` asks for more, ten to a test."""
    more = int(os.environ.get("HISTORIES", "0"))
    if not more:
        return [("new_chain", [0, 1]), ("new_postgres_chain", [2])]
    return [
        (maker, list(range(first, min(first + 10, more))))
        for first in range(0, more, 10)
        for maker in ("new_chain", "new_postgres_chain")
    ]


@pytest.mark.parametrize(("maker", "seeds"), list_histories())
def test_incremental_equals_full_refresh(
    maker: str, seeds: list[int], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    new: Callable[..., Chain] = request.getfixturevalue(maker)
    chain = new(**QUICK)
    for seed in seeds:
        check_history(chain, seed, tmp_path)


def test_a_table_alone_is_not_built_from_changed_days(
    new_chain: Callable[..., Chain], tmp_path: Path
) -> None:
    chain = new_chain(**QUICK)
    load_raw(chain.project, write_company(start(np.random.default_rng(1)), tmp_path), replace=False)
    build(chain)
    build(chain)
    with pytest.raises(InventoryAllocationError, match="full-refresh"):
        chain.dbt("run", "--full-refresh", "--select", "fct_transactions")
    assert len(chain.table("fct_transactions"))


def test_a_table_of_an_earlier_version_is_built_again_on_request(
    new_chain: Callable[..., Chain], tmp_path: Path
) -> None:
    chain = new_chain(**QUICK)
    load_raw(chain.project, write_company(start(np.random.default_rng(1)), tmp_path), replace=False)
    built = build(chain)
    chain.execute("alter table main.fct_transactions drop column accepted_fingerprint")
    with pytest.raises(InventoryAllocationError, match="run once dbt run --full-refresh"):
        build(chain)
    again = build(chain, "--full-refresh")
    pd.testing.assert_frame_equal(again["fct_transactions"], built["fct_transactions"])


def test_a_line_that_contradicts_one_of_another_day_takes_it_out_until_it_goes(
    new_chain: Callable[..., Chain], tmp_path: Path
) -> None:
    chain = new_chain(**QUICK)
    tables = make_tiny_company(weeks=3, customers=6)
    lines = tables["transactions"]
    other = lines.iloc[[3]].assign(ordered_at=lines["ordered_at"] - pd.Timedelta(days=3))
    key, customer = lines["order_id"].iloc[3], lines["customer_id"].iloc[3]
    day = lines["ordered_at"].iloc[3].normalize()

    def states(rows: pd.DataFrame) -> tuple[int, list[str]]:
        tables["transactions"] = rows
        load_raw(chain.project, write_company(tables, tmp_path), replace=True)
        built = build(chain)
        accepted, refused = built["fct_transactions"], built["fct_rejected_rows"]
        is_refused = refused["row_key"] == f"{key}|1"
        # The raw rows of that day are the same in all states.
        days = built["int_customers__aggregate_days"]
        bought = days.loc[days["customer_id"] == customer, "ordered_date"]
        assert (pd.to_datetime(bought) == day).sum() == (accepted["order_id"] == key).sum()
        return int((accepted["order_id"] == key).sum()), list(refused[is_refused]["reason"])

    assert states(lines) == (1, [])
    both = pd.concat([lines, other], ignore_index=True)
    assert states(both) == (0, ["conflicting_duplicate", "conflicting_duplicate"])
    assert states(lines) == (1, [])
