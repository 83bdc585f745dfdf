"""The pages of the dashboard: what they show is what the tables hold, in a browser too."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from streamlit.testing.v1 import AppTest

from chain import SAMPLE, Chain, release
from inventory_allocation.dashboard.session import Session, start_session
from inventory_allocation.jobs.run import Report
from inventory_allocation.presentation.connection import Connection
from inventory_allocation.presentation.words import REASONS
from inventory_allocation.warehouse.readers import open_reader

pytestmark = pytest.mark.xdist_group("sample_company")
ROOT = Path(__file__).parents[3]
PAGES = {
    "overview": "Overview",
    "network": "Map",
    "plan": "Lines of the plan",
    "shortages": "Shortages",
    "constraints": "Constraints",
    "what_if": "What if",
    "plans": "Plans",
    "policies": "Policies",
    "forecasts": "Forecasts",
    "segments": "Segments",
    "monitoring": "Monitoring",
}
expect.set_options(timeout=120_000)
# How many things can be chosen on a page of the sample company, at least.
FILTERS = {
    "Overview": 0,
    "Map": 2,
    "Lines of the plan": 7,
    "Shortages": 1,
    "Constraints": 1,
    "What if": 5,
    "Plans": 0,
    "Policies": 0,
    "Forecasts": 4,
    "Segments": 1,
    "Monitoring": 2,
}
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# Without the last ones it looks for servers of its maker.
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
CHROMIUM_OPTIONS += ["--disable-background-networking", "--disable-component-update"]


@pytest.fixture(params=["duckdb", "postgres"])
def chain(request: pytest.FixtureRequest, planned: Report) -> Chain:
    """The sample company with a plan, shown by the pages of this process."""
    name = "built" if request.param == "duckdb" else "built_on_postgres"
    chain: Chain = request.getfixturevalue(name)
    release(chain)
    start_session(Session(Connection(chain.project, open_reader(chain.project))))
    return chain


def open_page(name: str) -> AppTest:
    script = f"from inventory_allocation.dashboard.views import {name}\n{name}.show()"
    return run(AppTest.from_string(script, default_timeout=300))


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    assert not page.warning, page.warning
    return page


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens(chain: Chain, name: str) -> None:
    page = open_page(name)
    assert page.title[0].value == PAGES[name]
    assert not [note for note in page.info if "Nothing to show" in note.value]


def test_the_overview_has_the_figures_of_the_plan(chain: Chain) -> None:
    kpis = chain.query("select * from main.rpt_plan_summary where level = 'total'")
    kpis = kpis.set_index("metric")
    shown = open_page("overview").metric
    assert [metric.value for metric in shown] == [
        f"{kpis.loc['cost', 'value']:,.0f}",
        f"{kpis.loc['fill_rate', 'value']:.1%}",
        f"{kpis.loc['share_within_sla', 'value']:.1%}",
        f"{kpis.loc['shipping_cost_per_unit', 'value']:,.2f}",
    ]
    saved = kpis.loc["cost", "baseline_value"] - kpis.loc["cost", "value"]
    assert shown[0].delta == f"-{saved:,.0f} to greedy"


def test_filters_of_the_plan_are_those_of_the_table(chain: Chain) -> None:
    lines = chain.table("fct_allocation_plan")
    center, reason = lines["fc_id"].iloc[0], lines["reason_code"].iloc[-1]
    begin = "SPO"
    page = open_page("plan")
    assert metrics(page)["Lines"] == f"{len(lines):,}"
    page.multiselect[0].select(center)
    page.multiselect[3].select(reason)
    page.text_input[0].input(begin)
    run(page)
    kept = lines[
        (lines["fc_id"] == center)
        & (lines["reason_code"] == reason)
        & lines["sku"].str.startswith(begin)
    ]
    assert len(kept) > 0
    assert metrics(page)["Lines"] == f"{len(kept):,}"
    assert metrics(page)["Units"] == f"{kept['units'].sum():,.0f}"
    shown = page.dataframe[0].value
    assert shown["units"].sum() == pytest.approx(kept["units"].nlargest(200).sum())
    assert shown["why"].str.contains(REASONS[reason], regex=False).all()


def test_the_pages_of_the_plan_hold_each_line_once(chain: Chain) -> None:
    lines = chain.table("fct_allocation_plan")
    page = open_page("plan")
    keys = ["fc_id", "region_id", "segment", "sku", "period_start"]
    sku = lines["sku"].value_counts().index[0]
    page.text_input[0].input(sku)
    shown = []
    for number in range(1, -(-int((lines["sku"] == sku).sum()) // 200) + 1):
        page.number_input[0].set_value(number)
        shown.append(run(page).dataframe[0].value)
    found = pd.concat(shown)[keys].sort_values(keys, ignore_index=True)
    expected = lines.loc[lines["sku"] == sku, keys].sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_every_reason_of_the_plan_has_words(chain: Chain) -> None:
    assert set(chain.table("fct_allocation_plan")["reason_code"]) <= set(REASONS)


def test_shortages_add_up_to_what_is_not_served(chain: Chain) -> None:
    demand = chain.table("fct_planned_demand")
    page = open_page("shortages")
    expected = demand.groupby("binding_reason")["unmet_units"].sum().sort_values(ascending=False)
    table = page.dataframe[0].value.set_index("binding_reason")["unmet_units"]
    pd.testing.assert_series_equal(table, expected, check_names=False, check_dtype=False)
    page.multiselect[0].select(expected.index[-1])
    shown = run(page).dataframe[1].value
    assert set(shown["binding_reason"]) == {expected.index[-1]}


def test_the_history_of_a_sku_is_what_was_sold(chain: Chain) -> None:
    history = chain.table("fct_demand_history")
    page = open_page("forecasts")
    page.selectbox[0].select("sku")
    run(page)
    sku = page.selectbox[1].value
    shown = page.dataframe[0].value.set_index("period_start")["units"].dropna()
    sold = history[history["sku"] == sku].groupby("period_start")["units"].sum().tail(104)
    pd.testing.assert_series_equal(
        shown.sort_index(), sold, check_names=False, check_dtype=False, check_index_type=False
    )


def test_a_what_if_changes_the_plan_and_writes_nothing(chain: Chain) -> None:
    planning = chain.project.source_node("planning", "plan_runs").relation_name
    runs = chain.query(f"select count(*) as n from {planning}")["n"].iloc[0]
    release(chain)
    page = open_page("what_if")
    assert page.button[0].disabled
    page.slider[0].set_value(130)
    page.slider[4].set_value(10)
    assert "`demand.*.demand_units*1.3`" in run(page).markdown[0].value
    page.button[0].click()
    run(page)
    figures = page.dataframe[-1].value.set_index("figure")
    assert figures.loc["Cost", "scenario"] > figures.loc["Cost", "in_force"] * 1.1
    summary = chain.query("select * from main.rpt_plan_summary where level = 'total'")
    cost = summary.set_index("metric").loc["cost", "value"]
    assert figures.loc["Cost", "in_force"] == pytest.approx(cost)
    assert chain.query(f"select count(*) as n from {planning}")["n"].iloc[0] == runs


def test_a_what_if_that_cannot_be_read_says_how_to_write_it(chain: Chain) -> None:
    page = open_page("what_if")
    page.text_area[0].input("demand + 3")
    page.run()
    page.button[0].click().run()
    assert not page.exception
    assert "write TABLE.KEY.COLUMN" in page.info[0].value


@pytest.fixture
def address(built: Chain, planned: Report, tmp_path: Path) -> Iterator[str]:
    """The dashboard served by the command, for the sample company on DuckDB."""
    release(built)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "inventory_allocation.cli", "dashboard", "--no-open"]
    where = ["--project-dir", ROOT, "--profiles-dir", ROOT / "tests" / "profiles"]
    where += ["--port", str(port), "--vars", "{sample_company: true}"]
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, *where], cwd=tmp_path, stdout=output, stderr=output, env=dict(os.environ)
        )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").close()
                break
            except urllib.error.URLError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
    assert "Traceback" not in log.read_text()


def wait(page: Page) -> None:
    """Wait until a page has run, without an error."""
    # A change takes a moment to reach the server.
    page.wait_for_timeout(200)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def use_filters(page: Page) -> int:
    """Use everything on a page that can be chosen, by the keyboard where it can; give how many."""
    used = 0
    for name, keys in {
        "stMultiSelect": ["ArrowDown", "Enter", "Escape"],
        "stSelectbox": ["ArrowDown", "Enter"],
        "stTextInput": ["S", "Enter"],
        "stNumberInput": ["ArrowUp", "Enter"],
    }.items():
        for position in range(page.get_by_test_id(name).count()):
            field = page.get_by_test_id(name).nth(position).locator("input").first
            if field.is_visible() and field.is_enabled():
                field.focus()
                for key in keys:
                    page.keyboard.press(key)
                used += 1
                wait(page)
    for position in range(page.get_by_role("slider").count()):
        slider = page.get_by_role("slider").nth(position)
        if slider.is_visible():
            slider.press("ArrowRight")
            used += 1
            wait(page)
    for name, part in {"stButtonGroup": "button", "stCheckbox": "label"}.items():
        for position in range(page.get_by_test_id(name).count()):
            page.get_by_test_id(name).nth(position).locator(part).last.click()
            used += 1
            wait(page)
    return used


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_in_a_browser_every_page_and_filter_works_without_an_error(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        errors: list[str] = []
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "request",
            lambda request: (
                errors.append(request.url)
                if not request.url.startswith((address, "data:", "blob:"))
                else None
            ),
        )
        # The first page that a server shows is opened by its address, as from a bookmark.
        page.goto(f"{address}/shortages")
        expect(page.get_by_role("heading", level=1, name="Shortages", exact=True)).to_be_visible()
        wait(page)
        used: dict[str, int] = {}
        for title in PAGES.values():
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
            expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
            # A page may not have begun to run when its heading is there.
            for _ in range(4):
                wait(page)
                page.wait_for_timeout(1_000)
                used[title] = max(used.get(title, 0), use_filters(page))
                if used[title] >= FILTERS[title]:
                    break
            assert used[title] >= FILTERS[title], title
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="What if").click()
        demand = page.get_by_role("slider", name="Demand, % of the forecast")
        demand.press("ArrowRight")
        wait(page)
        page.get_by_role("button", name="Plan it").click()
        expect(page.get_by_text("Fill rate", exact=True).first).to_be_visible()
        wait(page)

        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()
        expect(page.get_by_role("heading", level=1, name="What if")).to_be_visible()
        wait(page)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0
        # A page that is opened by its address makes Streamlit try two that don't exist.
        assert [error for error in errors if "404" not in error] == []
        browser.close()


def test_a_page_says_that_a_build_is_at_work(built: Chain, planned: Report) -> None:
    release(built)
    start_session(Session(Connection(built.project, open_reader(built.project))))
    before = metrics(open_page("overview"))
    hold = "import sys, duckdb\nopened = duckdb.connect(sys.argv[1])\nprint(flush=True)\ninput()"
    command = [sys.executable, "-c", hold, str(built.database)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as builder:
        assert builder.stdout is not None
        builder.stdout.readline()
        page = open_page("overview")
        assert "A build is at work" in page.info[0].value
        assert metrics(page) == before
        builder.communicate("\n")
    assert not open_page("overview").info


def test_no_warehouse_and_no_tables_are_said(new_chain) -> None:
    empty = new_chain(sample_company=True, **SAMPLE)
    start_session(Session(Connection(empty.project, open_reader(empty.project))))
    assert "make demo" in open_page("overview").info[0].value
    import duckdb

    duckdb.connect(str(empty.database)).close()
    assert "dbt build" in open_page("overview").info[0].value
