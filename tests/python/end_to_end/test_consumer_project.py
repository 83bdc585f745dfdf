"""A project of one's own on the wheel: a staging model is replaced, a mart added, a plan made."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from chain import Chain
from tiny_company import QUICK, make_tiny_company, write_company

ROOT = Path(__file__).parents[3]
OVERRIDE = """
select
    sku, product_name, 'all of it' as category, unit_cost, unit_volume_m3, unit_weight_kg,
    {{ inventory_allocation.cast_to('pack_size', 'integer') }} as pack_size, shelf_life_days,
    sku as row_key, sku as raw_row, {{ inventory_allocation.cast_to('null', 'string') }}
    as rejection_reason
from {{ source('raw', 'products') }}
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    directory = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", directory]
    subprocess.run(list(map(str, build)), cwd=ROOT, check=True, capture_output=True)
    (path,) = directory.glob("*.whl")
    return path


def test_the_wheel_holds_the_whole_dbt_project(wheel: Path) -> None:
    found = {name for name in zipfile.ZipFile(wheel).namelist() if "/dbt_project/" in name}
    tracked = subprocess.run(
        ["git", "ls-files", "models", "macros", "seeds", "snapshots", "tests"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    others = ("tests/python/", "tests/bigquery/", "tests/evaluator/", "tests/profiles/")
    wanted = {name for name in tracked if not name.startswith(others)}
    wanted |= {"dbt_project.yml", "profiles.yml.example"}
    assert found == {f"inventory_allocation/dbt_project/{name}" for name in wanted}


@pytest.mark.parametrize("maker", ["new_chain", "new_postgres_chain"])
def test_a_project_on_the_package_builds_and_plans(
    maker: str, wheel: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    new: Callable[..., Chain] = request.getfixturevalue(maker)
    chain = new(**QUICK)
    site, shop = tmp_path / "site", tmp_path / "shop"
    zipfile.ZipFile(wheel).extractall(site)
    profile = ["--profiles-dir", str(ROOT / "tests" / "profiles"), "--target", chain.target]

    def invoke(*command: str) -> str:
        chain.use()
        ended = subprocess.run(
            [sys.executable, "-m", "inventory_allocation.cli", *command],
            cwd=shop if shop.exists() else tmp_path,
            env=os.environ | {"PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=False,
        )
        return f"exit {ended.returncode}: {ended.stdout}{ended.stderr}"

    assert "the name of the package" in invoke("init", "inventory-allocation")
    assert not (tmp_path / "inventory-allocation").exists()
    assert invoke("init", "shop").startswith("exit 0")
    assert "is there already" in invoke("init", ".")
    settings = yaml.safe_load((shop / "dbt_project.yml").read_text())
    products = {"stg_raw__products": {"+enabled": False}}
    settings["models"] = {"inventory_allocation": {"staging": {"raw": products}}}
    (shop / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    (shop / "models" / "stg_raw__products.sql").write_text(OVERRIDE)
    files = write_company(make_tiny_company(weeks=30), tmp_path / "files")
    assert invoke("load-raw", str(files), *profile).startswith("exit 0")
    quick = {name: value for name, value in QUICK.items() if name != "sample_company"}
    ran = invoke("run", "--vars", json.dumps(quick), *profile)
    assert ran.startswith("exit 0"), ran[-2000:]

    products = chain.query("select distinct category from main.dim_products")
    assert products["category"].to_list() == ["all of it"]
    own = chain.query("select fc_id, sum(units) as units from main.rpt_units_by_center group by 1")
    plan = chain.query("select fc_id, sum(units) as units from main.fct_allocation_plan group by 1")
    # Sums of the same numbers in another order.
    units = plan.set_index("fc_id")["units"].to_dict()
    assert own.set_index("fc_id")["units"].to_dict() == pytest.approx(units, rel=1e-12)
    assert len(own) == 2
