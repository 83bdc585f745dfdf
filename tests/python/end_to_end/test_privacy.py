"""A customer that is deleted is gone everywhere; pseudonyms are all that is left of the others."""

from collections.abc import Callable

import pytest

from chain import Chain
from inventory_allocation.jobs.load_raw import load_raw
from tiny_company import QUICK, make_tiny_company, write_company

KEY = "3b1f" * 16


@pytest.fixture(params=["duckdb", "postgres"])
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    make: Callable[..., Chain] = request.getfixturevalue(
        "new_chain" if request.param == "duckdb" else "new_postgres_chain"
    )
    chain = make(**QUICK)
    company = make_tiny_company(weeks=30)
    # A refused row keeps the customer's id in its text.
    company["transactions"].loc[0, "unit_price"] = -1.0
    load_raw(chain.project, write_company(company, tmp_path_factory.mktemp("files")), False)
    return chain


def find(chain: Chain, text: str) -> list[str]:
    """Tables outside raw that hold a text in any column."""
    columns = chain.query(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema not in ('raw', 'private', 'information_schema', 'pg_catalog') "
    )
    found = []
    for schema, table in columns.itertuples(index=False):
        rows = chain.query(f'select * from "{schema}"."{table}"')
        if (
            len(rows)
            and rows.astype(str).apply(lambda column: column.str.contains(text)).any().any()
        ):
            found.append(f"{schema}.{table}")
    return found


def test_a_deleted_customer_is_gone_and_the_others_are_pseudonyms(chain: Chain) -> None:
    chain.dbt("run")
    chain.dbt("snapshot")
    assert "main.fct_customer_rfm" in find(chain, "C007")
    assert "main_snapshots.snp_customer_segments" in find(chain, "C007")
    chain.execute("delete from raw.transactions where customer_id = 'C007'")
    chain.execute("delete from main_snapshots.snp_customer_segments where customer_id = 'C007'")
    chain.dbt("run", "--full-refresh")
    chain.dbt("snapshot")
    assert find(chain, "C007") == []
    assert "main.fct_customer_rfm" in find(chain, "C008")
    plain = chain.query("select count(*) as n, sum(monetary) as money from main.fct_customer_rfm")

    chain.execute("drop table main_snapshots.snp_customer_segments")
    chain.execute("create schema private")
    chain.execute(f"create table private.pseudonym_key as select '{KEY}' as secret_key")
    chain.project.variables["pseudonym_key_table"] = "private.pseudonym_key"
    chain.dbt("run", "--full-refresh")
    chain.dbt("snapshot")
    assert find(chain, "C0[0-9][0-9]") == []
    assert find(chain, KEY) == []
    hidden = chain.query("select count(*) as n, sum(monetary) as money from main.fct_customer_rfm")
    assert hidden.to_dict() == plain.to_dict()
    texts = [path.read_text() for path in (chain.directory / "target").rglob("*.sql")]
    assert texts
    assert not any(KEY in text for text in texts)
