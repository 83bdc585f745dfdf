"""Options that commands share."""

import functools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import yaml

from inventory_allocation.errors import InputError

__all__ = ["EPILOG", "find_profiles", "project_options", "solve_options", "warm_start_option"]

EPILOG = "Exit codes: 0 done, 1 failed, 2 wrong input or usage."


def find_profiles(directory: Path = Path()) -> Path | None:
    """The project's own profiles.yml, else the user's, else the example."""
    if (directory / "profiles.yml").exists():
        return directory
    if (Path.home() / ".dbt" / "profiles.yml").exists():
        return None
    example = directory / "profiles.yml.example"
    if not example.exists():
        return None
    folder = directory / "target" / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(example, folder / "profiles.yml")
    click.echo("no profiles.yml found: using profiles.yml.example (DuckDB)", err=True)
    return folder


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which project, profile and vars; the command gets a DbtProject."""

    @click.option(
        "--project-dir",
        type=click.Path(path_type=Path),
        default=Path(),
        help="Where dbt_project.yml is.",
    )
    @click.option("--profiles-dir", type=click.Path(path_type=Path), help="Where profiles.yml is.")
    @click.option("--target", help="Target of the profile.")
    @click.option("--vars", "variables", default="{}", help="Vars of the project, as YAML.")
    @functools.wraps(command)
    def wrapped(
        project_dir: Path,
        profiles_dir: Path | None,
        target: str | None,
        variables: str,
        **arguments: Any,
    ) -> Any:
        from inventory_allocation.warehouse import DbtProject

        try:
            values = yaml.safe_load(variables) or {}
        except yaml.YAMLError as error:
            raise InputError(f"--vars is no YAML: {error}") from error
        if not isinstance(values, dict):
            raise InputError("--vars must be a YAML mapping, such as '{plan_periods: 4}'")
        # Files need no project.
        if arguments.get("inputs") is not None:
            return command(project=None, **arguments)
        profiles = profiles_dir or find_profiles(project_dir)
        project = DbtProject(project_dir, profiles, target, values)
        return command(project=project, **arguments)

    return wrapped


def solve_options(
    command: Callable[..., Any] | None = None, *, gap: float = 0.005
) -> Callable[..., Any]:
    """Options of the solver, with a default for the gap; the command gets SolveSettings."""
    if command is None:
        return functools.partial(solve_options, gap=gap)

    @click.option(
        "--gap",
        type=click.FloatRange(0, 1),
        default=gap,
        show_default=True,
        help="Relative gap at which the solver may stop.",
    )
    @click.option(
        "--time-limit",
        type=click.FloatRange(min=1),
        default=300.0,
        show_default=True,
        help="Seconds for the solver.",
    )
    @click.option(
        "--route",
        type=click.Choice(["auto", "mip", "relax_and_round", "column_generation"]),
        default="auto",
        show_default=True,
        help="How to solve; auto chooses by size.",
    )
    @click.option(
        "--threads",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Threads of route column_generation, 0 for all cores; the plan is the same for any.",
    )
    @click.option("--seed", type=int, default=0, show_default=True, help="Seed of the solver.")
    @click.option(
        "--solver",
        default="highs",
        show_default=True,
        help="Another solver that PuLP finds, for the program as one: cbc, gurobi, scip, ...",
    )
    @functools.wraps(command)
    def wrapped(
        gap: float,
        time_limit: float,
        route: str,
        seed: int,
        threads: int,
        solver: str,
        **arguments: Any,
    ) -> Any:
        from inventory_allocation.allocation import SolveSettings

        settings = SolveSettings(gap, time_limit, route, seed, threads, solver)
        return command(settings=settings, **arguments)

    return wrapped


warm_start_option = click.option(
    "--warm-start",
    is_flag=True,
    help="Start the search from the plan in force: quicker, and another plan within the gap.",
)
