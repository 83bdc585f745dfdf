"""The report of a replay says what its rows say, in the same bytes each time."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inventory_allocation.errors import InputError
from inventory_allocation.jobs.replay_report import check_report_path, write_replay_report
from inventory_allocation.replay import (
    POLICIES,
    describe_replay,
    judge_claims,
    table_cost_parts,
)
from inventory_allocation.replay.measures import BOUND, COST_PARTS, LEAST_SHIPPING

WEEKS = pd.date_range("2026-01-05", periods=12, freq="7D")
FIRST_COUNTED = WEEKS[4]


def make_rows() -> pd.DataFrame:
    """Weeks of 100 units wanted: the plan pays 900 a week, the others 100 more each in turn.

    The second setting of each costs 5 % more and serves 2 units more.
    """
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 5, len(WEEKS))
    tables = []
    for number, name in enumerate(["engine", *sorted(set(POLICIES) - {"engine"})]):
        for setting in (1.0, 2.0):
            for week, day in enumerate(WEEKS):
                shipped = 90.0 + 2 * (setting - 1)
                values = {
                    "shipping_cost": (600 + 100 * number) * (1 + 0.05 * (setting - 1))
                    + noise[week],
                    "unmet_cost": 300.0,
                    "demand_units": 100.0,
                    "shipped_units": shipped,
                    "within_sla_units": shipped,
                    "stock_value": 4000.0 + 100 * setting,
                    "shipped_value": 10 * shipped,
                    "stockout_cells": 10.0,
                    "demand_cells": 80.0,
                    "orders": 50.0,
                    "split_orders": 5.0,
                }
                tables.append(
                    pd.DataFrame(
                        {
                            "company": "small-1",
                            "condition": "usual",
                            "policy": name,
                            "setting": setting,
                            "period_start": day,
                            "measure": list(values),
                            "value": list(values.values()),
                        }
                    )
                )
    # In training shipping would have cost 9 a unit, since 5.
    least = [(day, 900.0 if day < FIRST_COUNTED else 500.0) for day in WEEKS]
    bound = pd.DataFrame(
        [
            (WEEKS[0], BOUND, 5400.0),
            *((day, LEAST_SHIPPING, cost) for day, cost in least),
            *((day, "demand_units", 100.0) for day in WEEKS),
        ],
        columns=["period_start", "measure", "value"],
    ).assign(company="small-1", condition="usual", policy="clairvoyant", setting=0.0)
    return pd.concat([*tables, bound], ignore_index=True)


def test_the_words_are_those_of_the_rows() -> None:
    said = describe_replay(make_rows(), FIRST_COUNTED)
    assert (said["weeks"], said["training_weeks"]) == (8, 4)
    assert (said["first_day"], said["last_day"]) == ("2026-02-02", "2026-03-29")
    # 900 beside 1,000: the cheapest of the simple ones is the first by name.
    assert "10.0% less per unit wanted than base_stock" in said["headline"]
    ours = said["policies"][0]
    assert ours["policy"] == "engine"
    assert ours["setting"] == 1.0
    assert ours["cost_per_demand_unit"] == pytest.approx(9.0, abs=0.05)
    # Twelve weeks of 900 over 5,400.
    assert ours["beside_bound"] == pytest.approx(2.0, abs=0.02)
    assert said["least_shipping"] == 5.0


def test_the_parts_add_up_to_the_cost() -> None:
    parts = table_cost_parts(make_rows(), FIRST_COUNTED).set_index("policy")
    assert parts.loc["engine", "unmet_cost"] == pytest.approx(3.0)
    said = describe_replay(make_rows(), FIRST_COUNTED)["policies"]
    for policy in said:
        total = parts.loc[policy["policy"], COST_PARTS].sum()
        assert total == pytest.approx(policy["cost_per_demand_unit"])


@pytest.mark.parametrize("name", ["page.html", "document.md"])
def test_the_same_rows_in_any_order_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    rows = make_rows()
    files = []
    for number, frame in enumerate([rows, rows.sample(frac=1, random_state=1)]):
        path = tmp_path / str(number) / name
        write_replay_report(frame, FIRST_COUNTED, path)
        files.append(
            {str(p.relative_to(path.parent)): p.read_bytes() for p in path.parent.rglob("*.*")}
        )
    assert files[0] == files[1]
    text = files[0][name].decode()
    assert "10.0% less" in text
    # Every policy has its row, and each figure is there.
    for policy in POLICIES:
        assert policy in text
    beside = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    is_page = name.endswith("html")
    assert text.count("<svg") == (2 if is_page else 0)
    assert len(beside) == (0 if is_page else 2)
    assert set(files[0]) == {name, *beside}


def test_names_that_are_no_page_are_refused() -> None:
    with pytest.raises(InputError, match=r"a report is a file .html or .md, not plan.pdf"):
        check_report_path(Path("plan.pdf"))


def test_nothing_is_claimed_from_one_block_of_weeks() -> None:
    rows = make_rows()
    days = sorted(rows["period_start"].unique())
    claims = judge_claims(rows, days[-4])
    assert set(claims["verdict"]) == {"too few weeks"}
