"""What can be seen of the image and of the clouds without either."""

import os
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent


def copied() -> list[tuple[list[str], str]]:
    """Sources and target of each COPY of the last stage that takes from the project."""
    last = (DEPLOY / "docker" / "Dockerfile").read_text().split("\nFROM ")[-1]
    lines = [shlex.split(line) for line in last.splitlines() if line.startswith("COPY ")]
    return [(line[1:-1], line[-1]) for line in lines if not line[1].startswith("--from")]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The project's directory as it is in the image."""
    directory = tmp_path / "project"
    for sources, target in copied():
        for source in sources:
            found = sorted(ROOT.glob(source))
            assert found, f"the Dockerfile copies {source}, which isn't there"
            for path in found:
                into = directory / target.lstrip("/")
                if target.endswith("/"):
                    into = into / path.name
                if path.is_dir():
                    shutil.copytree(path, into, dirs_exist_ok=True)
                else:
                    into.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, into)
    return directory


def test_nothing_that_is_copied_is_ignored() -> None:
    ignored = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    for sources, _ in copied():
        for source in sources:
            assert any(fnmatch(source, pattern) for pattern in kept), source


def test_the_project_of_the_image_plans(image: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "INVENTORY_ALLOCATION_DUCKDB": str(tmp_path / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    ended = subprocess.run(
        [
            *("inventory-allocation", "run", "--profiles-dir", ".", "--log-format", "json"),
            *("--vars", "{backtest_cutoffs: 0, forecast_global_models: [], plan_periods: 1}"),
        ],
        cwd=image,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]


def test_the_stack_is_linted() -> None:
    from cfnlint.api import lint_file

    assert [str(match) for match in lint_file(DEPLOY / "aws" / "nightly.yaml")] == []


@pytest.mark.parametrize("script", sorted(DEPLOY.rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_linted(script: Path) -> None:
    ended = subprocess.run(
        [BIN / "shellcheck", script],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"},
    )
    assert ended.returncode == 0, ended.stdout
