"""The command line: help, exit codes, one clear paragraph for an error."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from inventory_allocation.cli import main
from inventory_allocation.commands.experiment import experiment_plan
from inventory_allocation.commands.options import find_profiles
from inventory_allocation.errors import InputError
from inventory_allocation.experiments.columns import METRICS as ANALYSED
from inventory_allocation.jobs.plan_experiment import METRICS

COMMANDS = [
    "demo",
    "run",
    "allocate",
    "export-inputs",
    "what-if",
    "init-raw",
    "load-raw",
    "generate",
    "segment-figures",
    "experiment plan",
]


def invoke(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_an_example_and_names_the_exit_codes(command: str) -> None:
    result = invoke(*command.split(), "--help")
    assert result.exit_code == 0
    assert "  Example:\n" in result.output
    assert f"inventory-allocation {command}" in result.output
    assert "2 wrong input" in result.output


def test_experiments_are_planned_for_the_metrics_that_are_analysed() -> None:
    choices = next(p.type.choices for p in experiment_plan.params if p.name == "metric")
    assert list(choices) == list(METRICS) == ANALYSED


def test_debug_shows_the_traceback_of_a_nested_command(tmp_path: Path) -> None:
    arguments = ["experiment", "plan", "x", "--unit-type", "fc", "--units", str(tmp_path / "no")]
    assert invoke(*arguments).exit_code == 2
    assert isinstance(invoke("--debug", *arguments).exception, InputError)


def test_help_lists_every_command() -> None:
    output = invoke("--help").output
    assert all(command.split()[0] in output for command in COMMANDS)


def test_wrong_input_is_a_paragraph_and_exit_code_2(tmp_path: Path) -> None:
    result = invoke("run", "--project-dir", str(tmp_path))
    assert result.exit_code == 2
    assert "dbt_project.yml" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("text", ["[1, 2]", "{a: b: c"])
def test_vars_that_are_no_mapping_are_wrong_input(text: str) -> None:
    result = invoke("run", "--vars", text)
    assert result.exit_code == 2
    assert "--vars" in result.output


def test_an_unknown_option_is_exit_code_2() -> None:
    assert invoke("run", "--nonsense").exit_code == 2


def test_an_unforeseen_error_is_exit_code_1_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("inventory_allocation.jobs.generate.write_company", fail)
    result = invoke("generate", "--output", str(tmp_path))
    assert result.exit_code == 1
    assert "the disk is full" in result.output
    assert "--debug" in result.output
    assert "Traceback" not in result.output
    with pytest.raises(RuntimeError):
        CliRunner().invoke(
            main, ["--debug", "generate", "--output", str(tmp_path)], catch_exceptions=False
        )


def test_generate_writes_the_company_and_says_how_much(tmp_path: Path) -> None:
    result = invoke("generate", "--output", str(tmp_path), "--format", "parquet")
    assert result.exit_code == 0
    assert "transactions" in result.output
    assert (tmp_path / "transactions.parquet").exists()
    assert (tmp_path / "truth" / "true_demand.parquet").exists()


def test_the_projects_own_profile_comes_first_and_the_example_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
    project.mkdir()
    home.mkdir()
    monkeypatch.setattr(Path, "home", lambda: home)
    assert find_profiles(project) is None
    (project / "profiles.yml.example").write_text("example: {}\n")
    folder = find_profiles(project)
    assert folder is not None
    assert (folder / "profiles.yml").read_text() == "example: {}\n"
    (home / ".dbt").mkdir()
    (home / ".dbt" / "profiles.yml").write_text("mine: {}\n")
    assert find_profiles(project) is None
    (project / "profiles.yml").write_text("own: {}\n")
    assert find_profiles(project) == project
