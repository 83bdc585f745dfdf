"""The chain on the sample company, run once for all tests."""

from collections.abc import Callable

import pytest

from chain import SAMPLE, SETTINGS
from inventory_allocation.jobs.run import Report, run_chain


@pytest.fixture(scope="session")
def built(new_chain: Callable):
    """The chain after one `dbt build`, before any plan."""
    chain = new_chain(sample_company=True, **SAMPLE)
    chain.dbt("build")
    return chain


@pytest.fixture(scope="session")
def empty_plan(built) -> dict[str, int]:
    """Rows of the plan marts before any plan."""
    names = ["fct_allocation_plan", "fct_transfer_plan", "rpt_plan_summary", "rpt_plan_exceptions"]
    return {name: len(built.table(name)) for name in names}


@pytest.fixture(scope="session")
def built_on_postgres(new_postgres_chain: Callable):
    """The same company on Postgres, with a plan."""
    chain = new_postgres_chain(sample_company=True, **SAMPLE)
    chain.build_with_plan()
    return chain


@pytest.fixture(scope="session")
def planned(built, empty_plan: dict[str, int]) -> Report:
    built.use()
    return run_chain(built.project, SETTINGS, lambda *_: None)
