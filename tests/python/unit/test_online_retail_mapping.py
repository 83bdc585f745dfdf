"""The mapping of Online Retail II: every special kind of line, and that the counts add up."""

import csv
import importlib.util
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "online_retail_ii"
REAL_SOURCE = ROOT.parent / "shared" / "data" / "online-retail-ii" / "online_retail_ii.parquet"
CONTRACT = ROOT / "models" / "staging" / "raw" / "_raw__sources.yml"
UK = "United Kingdom"
DAY = "2011-12-01 10:00:00"

Line = tuple[str | None, str | None, str | None, int | None, str | None, float | None, Any, Any]

# Invoice, StockCode, Description, Quantity, InvoiceDate, Price, Customer ID, Country; and the rule.
CASES: dict[str, tuple[Line, str]] = {
    "sale": (("500001", "85123A", "WHITE HEART", 12, DAY, 2.0, 13085, UK), "sale"),
    "repeat 1": (("500002", "22423", "CAKESTAND", 2, DAY, 10.0, 13085, UK), "sale"),
    "repeat 2": (("500002", "22423", "CAKESTAND", 2, DAY, 10.0, 13085, UK), "sale"),
    "case variant": (("500003", "85123a", "WHITE HEART", 12, DAY, 3.0, 13086, UK), "sale"),
    "space in the code": (("500004", "47503J ", "TOOLS", 1, DAY, 16.13, 13086, UK), "sale"),
    "letters in the code": (("500005", "DCGS0058", "GUM", 1, DAY, 0.83, None, UK), "sale"),
    "no customer": (("500006", "22423", "CAKESTAND", 1, DAY, 12.0, None, UK), "sale"),
    "odd country": (("500007", "22423", "CAKESTAND", 1, DAY, 12.0, 13087, "Atlantis"), "sale"),
    "no country": (("500008", "22423", "CAKESTAND", 1, DAY, 12.0, 13088, None), "sale"),
    "grouped country": (("500009", "22423", "CAKESTAND", 1, DAY, 12.0, 13089, "Belgium"), "sale"),
    "second country": (
        ("500010", "22423", "CAKESTAND", 1, "2011-12-02 10:00:00", 12.0, 13089, "Denmark"),
        "sale",
    ),
    "unicode": (("500011", "90001", "TASSE À CAFÉ £5 ☕", 4, DAY, 5.0, 13085, "France"), "sale"),
    "quote": (("500012", "90002", "KID'S EASEL", 1, DAY, 2.95, 13085, "EIRE"), "sale"),
    "return": (("C500013", "85123A", "WHITE HEART", -3, DAY, 2.0, 13085, UK), "cancellation"),
    "negative price": (("500014", "22423", "CAKESTAND", 1, DAY, -1.5, 13085, UK), "negative_price"),
    "gift": (("500015", "22423", "CAKESTAND", 1, DAY, 0.0, 13085, UK), "zero_price"),
    "found": (("500016", "22423", "found", 5, DAY, 0.0, None, UK), "zero_price_no_customer"),
    "nan text": (("500017", "90003", "nan", 5, DAY, 0.0, None, UK), "zero_price_no_customer"),
    "no date": (("500018", "22423", "CAKESTAND", 1, "yesterday", 1.0, None, UK), "incomplete"),
    "no code": (("500019", None, "CAKESTAND", 1, DAY, 1.0, None, UK), "incomplete"),
    "write-off": (("500020", "22423", "damaged", -7, DAY, 0.0, None, UK), "write_off"),
    "write-off unknown": (("500021", "22423", "?", -9, DAY, 0.0, None, UK), "write_off"),
    "postage": (("500022", "POST", "POSTAGE", 1, DAY, 18.0, 13085, UK), "postage"),
    "postage returned": (("C500023", "POST", "POSTAGE", -1, DAY, 18.0, 13085, UK), "postage"),
    "dotcom": (("500024", "DOT", "DOTCOM POSTAGE", 1, DAY, 152.8, None, UK), "postage"),
    "carriage": (("500025", "23444", "Next Day Carriage", 1, DAY, 15.0, 13085, UK), "postage"),
    "bank": (("500026", "BANK CHARGES", "Bank Charges", 1, DAY, 42.0, None, UK), "fee"),
    "amazon": (("C500027", "AMAZONFEE", "AMAZON FEE", -1, DAY, 5942.0, None, UK), "fee"),
    "manual": (("500028", "M", "Manual", 1, DAY, 12.75, 13085, UK), "manual"),
    "manual small": (("500029", "m", "Manual", 1, DAY, 2.55, None, UK), "manual"),
    "discount": (("C500030", "D", "Discount", -1, DAY, 18.0, 13085, UK), "discount"),
    "sample": (("500031", "S", "SAMPLES", 1, DAY, 30.0, None, UK), "sample"),
    "voucher": (("500032", "gift_0001_20", "Gift Voucher", 1, DAY, 17.0, None, UK), "voucher"),
    "voucher code": (("500033", "22016", "Gift Voucher", 1, DAY, 83.33, None, UK), "voucher"),
    "adjust": (("500034", "ADJUST2", "Adjustment by P", 1, DAY, 72.0, None, UK), "adjustment"),
    "test": (("500035", "TEST001", "A test product.", 1, DAY, 4.5, None, UK), "test_product"),
    "bad debt": (("A500036", "B", "Adjust bad debt", 1, DAY, -11062.06, None, UK), "bad_debt"),
}
LINES = [line for line, _ in CASES.values()]
COLUMNS = (
    "Invoice varchar, StockCode varchar, Description varchar, Quantity bigint, "
    'InvoiceDate varchar, Price double, "Customer ID" bigint, Country varchar'
)


def load_prepare() -> ModuleType:
    """Import the example's command, which is no package."""
    spec = importlib.util.spec_from_file_location("online_retail_prepare", EXAMPLE / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


prepare = load_prepare()


def write_source(path: Path, lines: Sequence[Line], columns: str = COLUMNS) -> Path:
    """Write lines as a source file."""
    with duckdb.connect() as connection:
        connection.execute(f"create table source ({columns})")
        if lines:
            marks = ", ".join("?" * len(lines[0]))
            connection.executemany(f"insert into source values ({marks})", lines)
        connection.execute(f"copy source to {prepare.quote(path)} (format parquet)")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every case, mapped; the tests only read it."""
    source = write_source(tmp_path_factory.mktemp("retail") / "source.parquet", LINES)
    with duckdb.connect() as connection:
        prepare.build(connection, source)
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[Any]:
    """All rows of a query."""
    return connection.execute(query, list(values)).fetchall()


@pytest.mark.parametrize("case", CASES)
def test_each_line_gets_its_rule(built: duckdb.DuckDBPyConnection, case: str) -> None:
    line, rule = CASES[case]
    found = rows(built, "select distinct rule from source_lines where invoice = ?", line[0])
    assert found == [(rule,)]


def test_counts_add_up_to_the_lines_read(built: duckdb.DuckDBPyConnection) -> None:
    expected: dict[str, int] = {}
    for _, rule in CASES.values():
        expected[rule] = expected.get(rule, 0) + 1
    counts = dict(rows(built, "select rule, lines from mapping_counts"))
    assert counts == expected
    assert sum(counts.values()) == len(LINES)
    mapped = rows(built, "select sum(lines) from mapping_counts where outcome = 'mapped'")
    assert mapped == rows(built, "select count(*) from transactions")


def test_lines_that_are_not_demand_are_not_mapped(built: duckdb.DuckDBPyConnection) -> None:
    outside = {"postage", "fee", "manual", "discount", "sample", "voucher", "adjustment"}
    outside |= {"test_product", "bad_debt", "write_off"}
    expected = sorted(str(line[0]) for line, rule in CASES.values() if rule not in outside)
    assert [row[0] for row in rows(built, "select order_id from transactions order by 1")] == (
        expected
    )


def test_repeated_lines_are_kept_and_numbered(built: duckdb.DuckDBPyConnection) -> None:
    query = "select order_line, sku, quantity from transactions where order_id = '500002'"
    assert sorted(rows(built, query)) == [(1, "22423", 2), (2, "22423", 2)]
    keys = "select count(*) - count(distinct (order_id, order_line)) from transactions"
    assert rows(built, keys) == [(0,)]


def test_codes_are_trimmed_and_put_in_one_case(built: duckdb.DuckDBPyConnection) -> None:
    query = "select sku from transactions where order_id in ('500001', '500003', '500004')"
    assert sorted(row[0] for row in rows(built, query)) == ["47503J", "85123A", "85123A"]


def test_returns_prices_and_customers_pass_unchanged(built: duckdb.DuckDBPyConnection) -> None:
    query = "select quantity, unit_price, customer_id from transactions where order_id = ?"
    assert rows(built, query, "C500013") == [(-3, 2.0, "13085")]
    assert rows(built, query, "500014") == [(1, -1.5, "13085")]
    assert rows(built, query, "500015") == [(1, 0.0, "13085")]
    assert rows(built, query, "500006") == [(1, 12.0, None)]


def test_countries_become_regions(built: duckdb.DuckDBPyConnection) -> None:
    query = "select region_id from transactions where order_id = ?"
    found = {order: rows(built, query, order)[0][0] for order in ("500007", "500008", "500009")}
    assert found == {"500007": "rest_of_world", "500008": "rest_of_world", "500009": "benelux"}
    assert rows(built, "select lines from mapping_notes where note like 'country%'") == [(2,)]
    assert rows(built, "select region_id from customers where customer_id = '13089'") == [
        ("nordics",)
    ]


def test_products_take_real_names_and_ruled_inventions(built: duckdb.DuckDBPyConnection) -> None:
    query = "select product_name, unit_cost, pack_size from products where sku = ?"
    assert rows(built, query, "85123A") == [("WHITE HEART", 1.1, 12)]
    assert rows(built, query, "90001") == [("TASSE À CAFÉ £5 ☕", 2.75, 4)]
    assert rows(built, query, "90003") == [(None, None, 4)]
    assert rows(built, query, "POST") == []


def test_stock_is_five_weeks_of_recent_units(built: duckdb.DuckDBPyConnection) -> None:
    query = "select sum(on_hand_units), count(*) from inventory_snapshots where sku = ?"
    # 12 + 12 sold, 3 returned: 21 units in 12 weeks.
    assert rows(built, query, "85123A") == [(round(5 * 21 / 12), 5)]
    assert rows(built, "select distinct snapshot_date::varchar from inventory_snapshots") == [
        ("2011-12-02",)
    ]


def test_network_is_whole(built: duckdb.DuckDBPyConnection) -> None:
    assert rows(built, "select round(sum(capacity_share), 9), count(*) from fc_inputs") == [(1, 5)]
    assert rows(built, "select count(*) from lanes") == [(5 * 13,)]
    assert rows(built, "select count(*) from transfer_lanes") == [(20,)]
    assert rows(built, "select min(cost_per_unit) > 0.15, max(cost_per_unit) < 0.9 from lanes") == [
        (True, True)
    ]
    unknown = "select region_id from countries except select region_id from regions"
    assert rows(built, unknown) == []
    homes = """
        select regions.region_id from regions
        left join lanes
            on regions.region_id = lanes.region_id and regions.home_fc_id = lanes.fc_id
        where lanes.transit_days > regions.sla_days or lanes.fc_id is null
    """
    assert rows(built, homes) == []


def test_tables_have_the_columns_of_the_contract(built: duckdb.DuckDBPyConnection) -> None:
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"][0]["tables"]
    columns = {table["name"]: [row["name"] for row in table["columns"]] for table in contract}
    for table in prepare.TABLES:
        assert built.table(table).columns == columns[table], table


def test_order_of_the_file_does_not_matter(tmp_path: Path) -> None:
    shuffled = LINES.copy()
    random.Random(7).shuffle(shuffled)
    for name, lines in (("first", LINES), ("second", shuffled)):
        source = write_source(tmp_path / f"{name}.parquet", lines)
        assert prepare.main(["--source", str(source), "--output", str(tmp_path / name)]) == 0
    for table in prepare.TABLES:
        query = f"select * from '{tmp_path}/{{}}/{table}.parquet'"
        with duckdb.connect() as connection:
            first = rows(connection, query.format("first"))
            assert first == rows(connection, query.format("second")), table
            assert first, table


def test_command_writes_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_source(tmp_path / "it's.parquet", LINES)
    output = tmp_path / "it's here"
    assert prepare.main(["--source", str(source), "--output", str(output)]) == 0
    with (output / "mapping_counts.csv").open(encoding="utf-8", newline="") as file:
        assert sum(int(row["lines"]) for row in csv.DictReader(file)) == len(LINES)
    assert {path.stem for path in output.glob("*.parquet")} == set(prepare.TABLES)
    assert "lines read" in capsys.readouterr().out


def test_lines_that_multiply_stop_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "example")
    with (tmp_path / "example" / "network" / "countries.csv").open("a", encoding="utf-8") as file:
        file.write("Belgium,iberia\n")
    monkeypatch.setattr(prepare, "HERE", tmp_path / "example")
    source = write_source(tmp_path / "source.parquet", LINES)
    assert prepare.main(["--source", str(source), "--output", str(tmp_path / "out")]) == 2
    assert "do not add up" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["missing", "not parquet", "lacks columns", "empty", "bad type"])
def test_bad_sources_stop_with_one_paragraph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    source = tmp_path / "source.parquet"
    expected = "There is no file"
    if kind == "not parquet":
        source.write_text("Invoice,StockCode\n", encoding="utf-8")
        expected = "not a readable parquet file"
    elif kind == "lacks columns":
        write_source(source, [], COLUMNS.replace("Price double, ", ""))
        expected = "lacks the columns Price"
    elif kind == "empty":
        write_source(source, [])
        expected = "holds no lines"
    elif kind == "bad type":
        line = ("500001", "85123A", "WHITE HEART", "many", DAY, 2.0, 13085, UK)
        write_source(source, [line], COLUMNS.replace("bigint", "varchar"))  # type: ignore[list-item]
        expected = "can't be mapped"
    assert prepare.main(["--source", str(source), "--output", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert expected in message
    assert message.count("\n") == 1
    assert "Traceback" not in message


@pytest.mark.skipif(not REAL_SOURCE.is_file(), reason="needs Online Retail II; see the README")
def test_real_file(tmp_path: Path) -> None:
    assert prepare.main(["--source", str(REAL_SOURCE), "--output", str(tmp_path)]) == 0
    with duckdb.connect() as connection:
        counts = dict(
            rows(connection, f"select rule, lines from '{tmp_path}/mapping_counts.csv'"),
        )
        assert sum(counts.values()) == 1_044_847
        assert counts["write_off"] == 3_391
        assert counts["negative_price"] == counts["incomplete"] == 0
        query = f"""
            select count(*), count(distinct (order_id, order_line)), count(distinct region_id),
            from '{tmp_path}/transactions.parquet'
        """
        assert rows(connection, query) == [(1_035_543, 1_035_543, 13)]
