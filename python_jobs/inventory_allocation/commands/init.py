"""inventory-allocation init."""

from pathlib import Path

import click

from inventory_allocation.commands.options import EPILOG, find_profiles

__all__ = ["init"]


@click.command(epilog=EPILOG)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--packages-only",
    is_flag=True,
    help="Write packages.yml of a project again, after an upgrade or on another machine.",
)
def init(directory: Path, packages_only: bool) -> None:
    """Start a dbt project of your own that has this one as a package.

    DIRECTORY gets dbt_project.yml, packages.yml, an example of a mart, and profiles.yml.example.
    There you add models, and replace those of the package.

    \b
    Example:
      inventory-allocation init shop
      cd shop
      inventory-allocation run --vars '{sample_company: true}'
    """
    from inventory_allocation.errors import InputError
    from inventory_allocation.jobs.init_project import init_project, write_packages
    from inventory_allocation.warehouse import DbtProject

    if packages_only:
        if not (directory / "dbt_project.yml").exists():
            raise InputError(f"{directory} holds no dbt_project.yml: init without --packages-only")
        files = [write_packages(directory)]
    else:
        files = init_project(directory)
    for path in files:
        click.echo(f"written: {path}")
    DbtProject(directory, find_profiles(directory)).run("deps")
    click.echo(f"ready: cd {directory}, then inventory-allocation load-raw, then run")
