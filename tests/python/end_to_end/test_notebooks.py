"""The notebooks run on the sample company, and are committed without output."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from chain import Chain, release
from inventory_allocation.jobs.run import Report

pytestmark = pytest.mark.xdist_group("sample_company")
ROOT = Path(__file__).parents[3]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_six() -> None:
    assert len(NOTEBOOKS) == 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(
    built: Chain, planned: Report, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(built)
    # The notebook looks for a profile of the project, then of the user.
    (tmp_path / ".dbt").mkdir()
    (tmp_path / ".dbt" / "profiles.yml").symlink_to(ROOT / "tests" / "profiles" / "profiles.yml")
    monkeypatch.setenv("HOME", str(tmp_path))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute(env=dict(os.environ))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any(output.output_type != "stream" for output in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_output(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
