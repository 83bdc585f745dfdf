"""The report has the numbers of the tables, in HTML and in PDF, the same on two warehouses."""

import io
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from pypdf import PdfReader

from chain import SAMPLE, Chain, release
from inventory_allocation.errors import InputError
from inventory_allocation.jobs.plan_report import write_report
from inventory_allocation.jobs.run import Report
from inventory_allocation.presentation.connection import connect

pytestmark = pytest.mark.xdist_group("sample_company")


class Page(HTMLParser):
    """Tables of a page by the heading before them, and what it would load."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.loads: list[str] = []
        self._heading, self._inside, self.words = "", "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "h2":
            self._heading = ""
        if tag == "tr":
            self.tables.setdefault(self._heading, []).append([])
        if tag in ("td", "th"):
            self.tables[self._heading][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._inside == "h2":
            self._heading += data
        if self._inside in ("td", "th"):
            self.tables[self._heading][-1][-1] += data


def write(chain: Chain, form: str, path: Path) -> bytes:
    release(chain)
    write_report(connect(chain.project), form, path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def html(built: Chain, planned: Report, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(built, "html", tmp_path_factory.mktemp("report") / "plan.html")


@pytest.fixture(scope="module")
def page(html: bytes) -> Page:
    return Page(html.decode())


def test_figures_are_those_of_the_table(built: Chain, page: Page) -> None:
    kpis = built.query("select * from main.rpt_plan_summary where level = 'total'")
    kpis = kpis.set_index("metric")
    rows = {row[0]: row[1:] for row in page.tables["Cost and service"]}
    assert rows["Cost"] == [
        f"{kpis.loc['cost', name]:,.0f}" for name in ("value", "baseline_value")
    ]
    shares = kpis.loc["fill_rate", ["value", "baseline_value"]]
    assert rows["Fill rate"] == [f"{share:.1%}" for share in shares]
    saved = 1 - kpis.loc["cost", "value"] / kpis.loc["cost", "baseline_value"]
    assert f"{saved:.1%} less than serving each region from its nearest centre" in page.words


def test_tables_are_those_of_the_warehouse(built: Chain, page: Page) -> None:
    lines = built.table("fct_allocation_plan")
    units = lines.groupby("fc_id")["units"].sum()
    shown = {row[0]: row[1] for row in page.tables["Centres"][1:]}
    assert shown == {center: f"{value:,.0f}" for center, value in units.items()}
    segments = built.table("dim_segments").set_index("segment")
    rows = page.tables["Customers"][1:]
    assert {row[0]: row[1] for row in rows} == {
        name: f"{count:,.0f}" for name, count in segments["customers"].items()
    }
    demand = built.table("fct_planned_demand")
    dearest = demand.groupby(["sku", "region_id"])["unmet_cost"].sum().sort_values().index[-1]
    assert tuple(page.tables["Shortages"][1][:2]) == dearest


def test_the_page_holds_all_it_needs(page: Page) -> None:
    assert [load for load in page.loads if not load.startswith("#")] == []


def test_the_pdf_says_what_the_page_says(built: Chain, page: Page, tmp_path: Path) -> None:
    document = PdfReader(io.BytesIO(write(built, "pdf", tmp_path / "plan.pdf")))
    text = "".join("".join(sheet.extract_text().split()) for sheet in document.pages)
    for heading, rows in page.tables.items():
        assert "".join(heading.split()) in text
        for row in rows:
            missing = [cell for cell in row if "".join(cell.split()) not in text]
            assert missing == [], (heading, row)


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_the_same_rows_give_the_same_bytes(
    built: Chain, planned: Report, built_on_postgres: Chain, tmp_path: Path, form: str
) -> None:
    first = write(built, form, tmp_path / "one")
    assert write(built, form, tmp_path / "two") == first
    assert write(built_on_postgres, form, tmp_path / "three") == first


def test_without_tables_the_remedy_is_named_and_nothing_is_written(
    new_chain, tmp_path: Path
) -> None:
    chain = new_chain(sample_company=True, **SAMPLE)
    duckdb.connect(str(chain.database)).close()
    with pytest.raises(InputError, match="Run `dbt build` first"):
        write(chain, "html", tmp_path / "plan.html")
    assert list(tmp_path.iterdir()) == []
