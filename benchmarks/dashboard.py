"""Seconds from asking for the dashboard to its first view, in Chromium, cold and warm.

Run `make demo` first: it reads the warehouse of the sample company, and a copy of it whose plan has
a million lines. The server starts anew for each cold view; a warm view is another page of it.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).parents[1]
GOALS = {"sample company": 3.0, "a million lines": 5.0}
LINES = 1_000_000
OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
OPTIONS += ["--disable-background-networking", "--disable-component-update"]
PAGES = ["Map", "Lines of the plan", "Shortages", "Forecasts"]


def enlarge(path: Path) -> None:
    """Repeat the plan for other SKUs until it has a million lines."""
    with duckdb.connect(str(path)) as connection:
        for table in ("fct_allocation_plan", "fct_planned_demand"):
            (rows,) = connection.execute(f"select count(*) from main.{table}").fetchall()[0]
            times = -(-LINES // rows)
            connection.execute(
                f"create or replace table main.{table} as select t.* replace "
                "(case when n = 0 then sku else sku || '-' || n end as sku) "
                f"from main.{table} as t, range({times}) as r(n)"
            )


@contextmanager
def serve(path: Path) -> Iterator[str]:
    """Serve the dashboard of a warehouse."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "inventory_allocation.cli", "dashboard", "--no-open"]
    command += ["--port", str(port), "--profiles-dir", str(ROOT / "tests" / "profiles")]
    environment = os.environ | {"INVENTORY_ALLOCATION_DUCKDB": str(path)}
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health").close()
                break
            except urllib.error.URLError:
                if server.poll() is not None:
                    raise SystemExit("the dashboard did not start") from None
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def view(browser: Browser, address: str) -> tuple[float, dict[str, float]]:
    """Seconds to the overview with its charts, in a browser that holds nothing, then to pages."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(60_000)
    begun = time.perf_counter()
    page.goto(address)
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2, timeout=60_000)
    expect(page.get_by_text("All figures of the plan")).to_be_visible()
    first = time.perf_counter() - begun
    others = {}
    for title in PAGES:
        begun = time.perf_counter()
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
        table = page.get_by_test_id("stDataFrame").filter(visible=True).first
        expect(table).to_be_visible(timeout=60_000)
        others[title] = time.perf_counter() - begun
    context.close()
    return first, others


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warehouse", type=Path, default=ROOT / "warehouse.duckdb")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or not arguments.warehouse.exists():
        raise SystemExit("this needs Chromium, and the warehouse that `make demo` makes")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for name, goal in GOALS.items():
            path = Path(folder) / name.replace(" ", "_") / "warehouse.duckdb"
            path.parent.mkdir()
            shutil.copyfile(arguments.warehouse, path)
            if name != "sample company":
                enlarge(path)
            firsts, pages = [], []
            for _ in range(arguments.repeats):
                with serve(path) as address:
                    first, others = view(browser, address)
                    firsts.append(first)
                    pages.append(others)
            print(
                f"{name}: first view {statistics.median(firsts):.2f} s "
                f"(goal {goal:.0f}; {', '.join(f'{first:.2f}' for first in firsts)}); then "
                + ", ".join(
                    f"{title} {statistics.median(other[title] for other in pages):.2f} s"
                    for title in PAGES
                )
            )
        browser.close()


if __name__ == "__main__":
    main()
